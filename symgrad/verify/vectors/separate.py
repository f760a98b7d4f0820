"""Test vectors that separate: a few inputs on which every usual mistake shows.

A backward pass in another language cannot be run on exact numbers.  So inputs are chosen at which the right
gradient, enclosed in balls, differs visibly from that of every mistaken derivation of the catalogue that has
an effect at all: all of them are carried out at many points, and as few points are kept as will do (greedy
set cover; Chvátal 1979).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from symgrad.derive.sizes import different_sizes
from symgrad.derive.views import View
from symgrad.errors import CheckError, DefinitionError
from symgrad.model.model import Model
from symgrad.verify.mistakes.network.flow import DELTA
from symgrad.verify.networks.posing import posed
from symgrad.verify.vectors.trial import Effect, Floating, Trial, given_of, is_whole, points_of, words

POINTS = 8
ROUNDS = 4
VISIBLE = 1e-6
EFFECT = 1e-9
TOLERANCE = 1e-7
TIMES = 2


Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Vector:
    """Inputs, and what comes out, as float64; every figure is the certified value, rounded.

    Attributes
    ----------
    leaves
        Inputs, targets and parameters, by the names of the layer view; exact.
    loss
        The loss.
    outputs, gradients
        The outputs, and ∂loss/∂parameter.
    tolerances
        By how much an entry of each gradient may be off.
    """

    leaves: Mapping[str, Floating]
    loss: float
    outputs: Mapping[str, Floating]
    gradients: Mapping[str, Floating]
    tolerances: Mapping[str, float]


@dataclass(frozen=True)
class Caught:
    """A mistake in one gradient, and what shows it.

    Attributes
    ----------
    kind, text
        Which mistake it is.
    wrt
        The parameter whose gradient it changes.
    by
        The numbers of the vectors at which it shows, counted from 0.
    difference
        The largest difference at one of them, relative to the largest entry of the gradient.
    """

    kind: str
    text: str
    wrt: str
    by: tuple[int, ...]
    difference: float


@dataclass(frozen=True)
class Separating:
    """Test vectors of a network.

    Attributes
    ----------
    network
        Its name.
    loss
        The name of the loss.
    sizes
        The number of every size.
    axes
        The sizes of the axes of every array, as the network names them.
    whole
        The leaves that are integers: labels and ids.
    vectors
        The vectors.
    caught
        Every mistake that has an effect, once for each gradient that it changes.
    without_effect
        The mistakes that change no gradient of this network, in words.
    """

    network: str
    loss: str
    sizes: Mapping[str, int]
    axes: Mapping[str, tuple[str, ...]]
    whole: frozenset[str]
    vectors: tuple[Vector, ...]
    caught: tuple[Caught, ...]
    without_effect: tuple[str, ...]


def separating(model: Model, *, seed: int = 0) -> Separating:
    """Return test vectors that separate the right gradients from the usual mistakes.

    Sizes that the model leaves open are small, and neighbours differ.

    Parameters
    ----------
    seed
        Of the points that are tried.

    Raises
    ------
    CheckError
        If no points were found that show every mistake which has an effect.
    DefinitionError
        If the network has no parameters.
    LimitError
        If the network is too large to be evaluated entry by entry.
    """
    if not model.graph.parameters:
        raise DefinitionError(f"{model.name} has no parameter; test vectors are for gradients by parameters")
    sized = replace(model, sizes={**different_sizes(model), **model.sizes})
    here = next(posed(View(sized, "neuron")))
    for number in range(1, ROUNDS + 1):
        trial = Trial(here, tuple(points_of(here, seed, number * POINTS)))
        chosen = _chosen(trial)
        if chosen is not None:
            return chosen
    raise CheckError(
        f"{model.name}: no {ROUNDS * POINTS} points show every mistake that has an effect; take another seed"
    )


def _chosen(trial: Trial) -> Separating | None:
    """Return the vectors of a trial; None if its points do not show every mistake that has an effect."""
    usable = trial.finite.copy()
    while usable.any():
        rows = [row for row in trial.effects if (row.off[usable] > EFFECT).any()]
        if not all((row.off[usable] > VISIBLE).any() for row in rows):
            return None
        kept = _cover(rows, usable)
        unsound = [k for k in kept if trial.certified(k) is None]
        if not unsound:
            return _made(trial, rows, kept)
        usable[unsound] = False
    return None


def _cover(rows: Sequence[Effect], usable: Mask) -> list[int]:
    """Choose points, each the one that shows most of the mistakes which no earlier one shows; twice over."""
    shows = np.array([row.off > VISIBLE for row in rows]).reshape(len(rows), len(usable)) & usable
    kept: list[int] = []
    for _ in range(TIMES):
        missing = shows.any(axis=1)
        while missing.any():
            best = int(shows[missing].sum(axis=0).argmax())
            missing &= ~shows[:, best]
            shows[:, best] = False
            kept.append(best)
    return kept or [int(usable.argmax())]


def _made(trial: Trial, rows: Sequence[Effect], kept: Sequence[int]) -> Separating:
    vectors = tuple(_vector(trial, k, found) for k in kept if (found := trial.certified(k)) is not None)
    caught = tuple(_caught(row, row.off[list(kept)]) for row in rows)
    effective = {id(row.mutant) for row in rows}
    idle = dict.fromkeys(words(row.mutant) for row in trial.effects if id(row.mutant) not in effective)
    model = trial.here.model
    names = (*vectors[0].leaves, *vectors[0].outputs)
    axes = {name: tuple(map(str, model.graph[name].shape)) for name in names}
    whole = frozenset(name for name in vectors[0].leaves if is_whole(model.graph, name))
    sizes = dict(trial.here.sizes)
    return Separating(model.name, model.loss, sizes, axes, whole, vectors, caught, tuple(idle))


def _caught(row: Effect, off: Floating) -> Caught:
    by = tuple(int(k) for k in np.flatnonzero(off > VISIBLE))
    return Caught(row.mutant.kind, words(row.mutant), row.wrt, by, float(off.max()))


def _vector(trial: Trial, k: int, found: Mapping[str, Floating]) -> Vector:
    model = trial.here.model
    given = {node.name: given_of(trial.here, found, node.name) for node in model.graph.nodes if node.is_leaf}
    outputs = {name: found[name] for name in model.outputs if name in found and name != model.loss}
    gradients = {name: found[DELTA + name] for name in trial.parameters}
    tolerances = {name: float(TOLERANCE * trial.scales[name][k]) for name in trial.parameters}
    return Vector(given, float(found[model.loss]), outputs, gradients, tolerances)
