"""A network at many points, with everything that can be derived wrong of it carried out there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.exact.balls import Ball, Balls
from symgrad.exact.tapes import Slot, run
from symgrad.exact.values import ExactError
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Node
from symgrad.model.instances import numbered
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.mistakes.network.catalogue import Mutant, mutants_of
from symgrad.verify.mistakes.network.edits import Scene
from symgrad.verify.mistakes.network.flow import DELTA, Flow, flow
from symgrad.verify.networks.posing import Posed, Slots, drawn_id

SOUND = 1e-9
BITS = 128
DIGITS = 25
GRID = 64
FEW = 8
WIDEST = 2
SMALLEST = 1e-300

Floating = npt.NDArray[np.float64]
Point = Mapping[str, Fraction]


def points_of(here: Posed, seed: int, count: int) -> Iterator[Point]:
    """Yield points whose numbers are exact in binary."""
    bound = Domain(tuple(array for array in here.domain.arrays if array.kind != "free"))
    free = [array for array in here.domain.arrays if array.kind == "free"]
    for k in range(count):
        random = Random(f"{seed}/{k}")
        drawn = bound.point(random)
        point = {key: value for array in bound.arrays for key, value in _exact(array, drawn)}
        yield point | {key: _free(array, random) for array in free for key in array.leaves}


def _free(array: Array, random: Random) -> Fraction:
    return Fraction(random.choice((-1, 1)) * random.randint(1, WIDEST * GRID), GRID * _spread(array))


def _exact(array: Array, drawn: Point) -> Iterator[tuple[str, Fraction]]:
    """Yield the entries of an array as binary fractions; what adds up to 1 still does."""
    rounded = {key: Fraction(round(drawn[key] * GRID), GRID) for key in array.leaves}
    if array.kind == "distribution":
        width = array.shape[-1]
        for end in range(width, len(array.leaves) + 1, width):
            *before, last = array.leaves[end - width : end]
            rounded[last] = 1 - sum((rounded[key] for key in before), Fraction(0))
    yield from rounded.items()


def _spread(array: Array) -> int:
    """Return the power of 2 by which free numbers are made smaller where many of them are added up."""
    many = array.shape[-1] if len(array.shape) > 1 else 1
    return 1 << (many.bit_length() // 2) if many > FEW else 1


def _enclosed(here: Posed, point: Point) -> dict[str, Floating]:
    """Return values and deltas of all nodes, each the float64 next to a ball of 128 bits."""
    algebra = Balls(BITS)
    for key, value in point.items():
        algebra.define(key, algebra.number(value))
    wanted = {**here.values, **{DELTA + name: array for name, array in here.deltas.items()}}
    slots = _slots(wanted.values())
    found = iter(run(here.tape, algebra, *slots))
    return {name: _floats([next(found) for _ in array.flat], array.shape) for name, array in wanted.items()}


def _slots(arrays: Iterable[Slots]) -> list[Slot]:
    return [slot for array in arrays for slot in array.ravel().tolist()]


def _floats(balls: Sequence[Ball], shape: tuple[int, ...]) -> Floating:
    return np.array([float(ball.text(DIGITS)[0]) for ball in balls], dtype=np.float64).reshape(shape)


@dataclass(frozen=True)
class Effect:
    """A mistake in one gradient, and how far it is off at each point."""

    mutant: Mutant
    wrt: str
    off: Floating


@dataclass(frozen=True)
class Trial:
    """A network at the points that are tried, with all its mistaken derivations there.

    Attributes
    ----------
    here
        The network.
    tried
        The points.
    """

    here: Posed
    tried: tuple[Point, ...]
    _known: dict[int, dict[str, Floating] | None] = field(default_factory=dict[int, Any], repr=False)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters, by the names of the layer view."""
        return tuple(node.name for node in self.here.model.graph.parameters)

    @cached_property
    def flow(self) -> Flow:
        """Values and deltas in floats."""
        return flow(self.here, self.tried)

    @cached_property
    def scales(self) -> Mapping[str, Floating]:
        """The largest entry of every gradient at each point; where that is 0, of all gradients."""
        own = {n: np.abs(self.flow.values[DELTA + n]).max(axis=1, initial=0.0) for n in self.parameters}
        whole = np.maximum.reduce([*own.values(), np.full(len(self.tried), SMALLEST)])
        return {name: np.where(scale > SOUND * whole, scale, whole) for name, scale in own.items()}

    @cached_property
    def finite(self) -> npt.NDArray[np.bool_]:
        """At which points every gradient is a number."""
        return np.logical_and.reduce(
            [np.isfinite(self.flow.values[DELTA + name]).all(axis=1) for name in self.parameters]
        )

    def difference(self, name: str, other: Floating) -> Floating:
        """Return how far another gradient is off at each point; what is no number is off by infinity."""
        true = self.flow.values[DELTA + name]
        with np.errstate(all="ignore"):
            off = np.abs(np.broadcast_to(other, true.shape) - true).max(axis=1, initial=0.0)
            return np.where(np.isnan(off), np.inf, off / self.scales[name])

    def certified(self, k: int) -> dict[str, Floating] | None:
        """Return all values at a point, enclosed and rounded; None where floats do not get nine digits."""
        if k not in self._known:
            self._known[k] = self._certified(k)
        return self._known[k]

    def _certified(self, k: int) -> dict[str, Floating] | None:
        try:
            found = _enclosed(self.here, self.tried[k])
        except ExactError:
            return None
        off = (self.difference(name, found[DELTA + name].reshape(1, -1))[k] for name in self.parameters)
        return found if max(off, default=0.0) < SOUND else None

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Every mistake in every gradient that it can touch."""
        scene = Scene(self.here)
        with np.errstate(all="ignore"):
            return tuple(
                Effect(mutant, name, self.difference(name, gradient))
                for mutant in mutants_of(scene)
                for name, gradient in self._mistaken(scene, mutant).items()
            )

    def _mistaken(self, scene: Scene, mutant: Mutant) -> Mapping[str, Floating]:
        """Return every gradient that a mistake can touch, as it gives it."""
        touched = scene.below(tuple(edit.edge.parent for edit in mutant.edits))
        channels = self.flow.channels
        changed = {e.edge.key: self.flow.evaluated(e.partial, channels[e.edge.key]) for e in mutant.edits}
        return self.flow.deltas(changed, [name for name in self.parameters if name in touched])


def words(mutant: Mutant) -> str:
    """Return what happened in a mistaken derivation, with the names of its edge."""
    edge = mutant.edits[0].edge
    named = mutant.text.replace("{child}", edge.child).replace("{parent}", edge.parent)
    return named.replace("{detail}", str(mutant.detail))


def given_of(here: Posed, found: Mapping[str, Floating], name: str) -> Floating:
    """Return the values of a leaf; labels as the places of the ones in their one-hot form."""
    graph = here.model.graph
    node = graph[name]
    if node.targets == "labels":
        hot = next(n for n in graph.nodes if n.targets == "labels" and not n.is_leaf and _compares(n, name))
        return found[hot.name].argmax(axis=-1).astype(np.float64)
    if is_whole(graph, name):
        ids = [drawn_id(numbered(node, at)) for at in np.ndindex(found[name].shape)]
        return np.array(ids, dtype=np.float64).reshape(found[name].shape)
    return found[name]


def _compares(node: Node, name: str) -> bool:
    """Whether a definition asks whether a label, or an id, is equal to something."""
    indicators = (one for term in node.terms for one in term.body.atoms(Equal))
    return any(ref.name == name for one in indicators for ref in one.atoms(Ref))


def is_whole(graph: Graph, name: str) -> bool:
    """Whether a leaf holds integers: labels or ids."""
    return any(_compares(node, name) for node in graph.nodes)
