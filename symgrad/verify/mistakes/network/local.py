"""One edge or some paths that went wrong, found without a guess at what stands there.

Where one edge carries another partial l′, the claim differs from the gradient by (l′ − l)·D, and D is known:
l′ follows at every point, and is looked up among everything that could stand there.  Where paths are missing
or counted twice, the claim is a sum of path products with other coefficients, which one linear solve finds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
import sympy as sp

from symgrad.derive.paths import Path, count, paths
from symgrad.exact.floats import Floats, Sample
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Edge, Kind
from symgrad.verify.mistakes.network.bench import Bench, finite, same
from symgrad.verify.mistakes.network.catalogue import Edit, Mutant, bent
from symgrad.verify.mistakes.network.channels import Channel
from symgrad.verify.mistakes.network.edits import same_role
from symgrad.verify.mistakes.network.flow import DELTA, Floating
from symgrad.verify.mistakes.network.mend import Exchange, Mend, at_place
from symgrad.verify.mistakes.network.ratio import rational

MOST_PATHS = 16
SIMPLE = frozenset(Fraction(*pair) for pair in ((0, 1), (-1, 1), (2, 1), (1, 2), (3, 1), (-2, 1), (-1, 2)))


@dataclass(frozen=True)
class Place:
    """One edge of the neuron view, and the partial that a claim must have there."""

    channel: Channel
    number: int
    right: Floating
    found: Floating

    @property
    def edge(self) -> Edge:
        """The edge of the layer view."""
        return self.channel.edge

    def edit(self, partial: sp.Expr) -> Edit:
        """Return the edge with another partial at this place only."""
        here = [
            Equal(letter, sp.Integer(int(at[self.number]))) for letter, at in self.channel.letters.items()
        ]
        return Edit(self.edge, self.edge.partial + sp.Mul(*here) * (partial - self.edge.partial))


def one_edge(bench: Bench, wrt: str, claim: Floating) -> Iterator[tuple[Mutant, Place, tuple[Mend, ...]]]:
    """Yield the single edges of the neuron view that explain a claim, with the place and what mends it."""
    known = _library(bench)
    for place in _places(bench, wrt, claim):
        for kind, text, partial, cost in _named(bench, place, known):
            mutant = Mutant(kind, text, (place.edit(partial),), cost)
            yield mutant, place, tuple(_exchanged(bench, place, partial))


def _exchanged(bench: Bench, place: Place, partial: sp.Expr) -> Iterator[Mend]:
    """Yield the name that belongs where another value stands for a partial that is a value itself."""
    own = place.edge.partial
    if isinstance(own, Ref) and isinstance(partial, Ref):
        wrong, right = (at_place(bench, place.channel, place.number, one) for one in (partial, own))
        yield Exchange(wrong, right)


def _places(bench: Bench, wrt: str, claim: Floating) -> Iterator[Place]:
    tangent = bench.tangent(wrt)
    apart = claim - bench.truth(wrt)
    kept = finite(apart)
    if kept.sum() < 6:
        return
    for edge in bench.scene.edges:
        here = bench.flow.channels[edge.key]
        if edge.parent in tangent and len(here):
            yield from _places_of(bench, here, tangent[edge.parent], apart)


def _places_of(bench: Bench, here: Channel, tangent: Floating, apart: Floating) -> Iterator[Place]:
    delta = bench.flow.values[DELTA + here.edge.child][:, here.write.places]
    moved = delta[:, None, :] * tangent[:, :, here.read.places]
    square = (moved**2).sum(axis=1)
    with np.errstate(all="ignore"):
        times = (moved * apart[:, :, None]).sum(axis=1) / square
        rest = np.abs(apart[:, :, None] - times[:, None, :] * moved).max(axis=1)
    size = np.abs(apart).max(axis=1, keepdims=True)
    fits = np.isfinite(times).all(axis=0) & (rest <= 1e-9 * size + 1e-300).all(axis=0)
    right = bench.flow.label(here.edge)
    for number in np.flatnonzero(fits):
        yield Place(here, int(number), right[:, number], right[:, number] + times[:, number])


Library = tuple[list[tuple[str, tuple[int, ...]]], Floating]


def _library(bench: Bench) -> Library:
    """Return everything that could stand on an edge: the entries of all named nodes."""
    nodes = [n for n in bench.scene.graph.nodes if not n.auxiliary and n.name in bench.flow.above]
    keys = [(n.name, at) for n in nodes for at in np.ndindex(bench.posed.values[n.name].shape)]
    return keys, np.concatenate([bench.flow.values[node.name] for node in nodes], axis=1)


def _named(bench: Bench, place: Place, known: Library) -> Iterator[tuple[str, str, sp.Expr, float]]:
    """Yield what a partial is that was found: kind, words, the partial, and how far-fetched it is."""
    edge, found, right = place.edge, place.found[:, None], place.right[:, None]
    activation = bent(bench.scene, edge)
    if same(found, np.ones_like(found)):
        kind = "missing_activation_derivative" if activation else "missing_chain_factor"
        yield kind, "∂{child}/∂{parent} was left out", sp.Integer(1), 1.6
    if same(found, right**2):
        kind = "extra_activation_derivative" if activation else "extra_chain_factor"
        yield kind, "∂{child}/∂{parent} was multiplied in twice", edge.partial**2, 1.7
    yield from _multiples(edge, found, right)
    keys, values = known
    with np.errstate(all="ignore"):
        equal = (np.abs(values - found) <= 1e-9 * np.abs(found)).all(axis=0)
    for k in np.flatnonzero(equal):
        yield _other_value(bench, place, *keys[k])


def _multiples(edge: Edge, found: Floating, right: Floating) -> Iterator[tuple[str, str, sp.Expr, float]]:
    with np.errstate(all="ignore"):
        times = rational(float((found / right)[0, 0]))
    if times is None or times not in SIMPLE or not same(found, float(times) * right, right):
        return
    kind, words = coefficient(times)
    yield (
        kind,
        "∂{child}/∂{parent} " + words,
        sp.Rational(times.numerator, times.denominator) * edge.partial,
        1.6,
    )


def coefficient(times: Fraction) -> tuple[str, str]:
    """Return the kind of mistake by which something counts so often, and how it is said."""
    if times == 0:
        return "forgot_sum_over_paths", "was left out"
    if times == -1:
        return "wrong_sign", "has the other sign"
    if times in (2, Fraction(1, 2)):
        return "factor_2", "was counted twice" if times == 2 else "was halved"
    return "constant_factor", f"was multiplied by {times}"


def _other_value(
    bench: Bench, place: Place, name: str, at: tuple[int, ...]
) -> tuple[str, str, sp.Expr, float]:
    own = place.edge.partial
    activation = bent(bench.scene, place.edge)
    ref = Ref(name, map(sp.Integer, at))
    shown = str(bench.posed.names[name][at])
    text = f"{shown} stands for ∂{{child}}/∂{{parent}}"
    if isinstance(own, Ref):
        right = at_place(bench, place.channel, place.number, own)
        text = f"{shown} stands in the place of {right} = ∂{{child}}/∂{{parent}}"
        return _kind_of_value(bench, own, name), text, ref, 1.8
    return ("wrong_activation_derivative" if activation else "wrong_operand"), text, ref, 2.2


def _kind_of_value(bench: Bench, own: Ref, name: str) -> str:
    if own.name == name:
        return "wrong_operand"
    return "wrong_layer" if same_role(bench.scene.graph, own.name, name) else "wrong_operand"


@dataclass(frozen=True)
class Counted:
    """The paths to a node with the number of times that a claim counts each."""

    paths: tuple[Path, ...]
    times: tuple[Fraction, ...]

    @property
    def wrong(self) -> tuple[tuple[Path, Fraction], ...]:
        """The paths that are not counted once."""
        return tuple((p, c) for p, c in zip(self.paths, self.times, strict=True) if c != 1)


def counted_paths(bench: Bench, wrt: str, claim: Floating) -> Counted | None:
    """Solve for the number of times that a claim counts every path; None where no simple numbers do."""
    view = bench.posed.view
    if view.level != "neuron" or not 1 < count(view.graph, wrt, view.model.loss) <= MOST_PATHS:
        return None
    listed = paths(view.graph, wrt, view.model.loss)
    matrix = path_values(bench, listed)
    kept = finite(matrix, claim)
    if kept.sum() < len(listed) + 4:
        return None
    solution, _, rank, _ = np.linalg.lstsq(matrix[kept], claim[kept, 0], rcond=None)
    times = [rational(float(c)) if abs(c) > 1e-9 else Fraction(0) for c in solution]
    simple = [c for c in times if c is not None and (c == 1 or c in SIMPLE)]
    if rank < len(listed) or len(simple) < len(times):
        return None
    again = matrix @ np.array([float(c) for c in simple])
    return Counted(listed, tuple(simple)) if same(again[:, None], claim) else None


def path_values(bench: Bench, listed: Sequence[Path]) -> Floating:
    """Return the product along every path, at all points."""
    algebra = Floats()
    flat = {name: bench.posed.names[name].reshape(-1) for name in bench.posed.names}
    memo: dict[sp.Expr, Sample] = {
        Ref(entry): algebra.of(bench.flow.values[name][:, k])
        for name, entries in flat.items()
        for k, entry in enumerate(entries)
    }
    links = {link for path in listed for link in path.links}
    value = {
        link: algebra.total(
            prod((translate(edge.partial, algebra, memo) for edge in route), start=algebra.number(1))
            for route in link.routes
        ).array
        for link in links
    }
    shape = (bench.flow.points,)
    columns = [
        np.broadcast_to(prod((value[link] for link in path.links), start=np.float64(1)), shape)
        for path in listed
    ]
    return np.stack(columns, axis=1)


def ways_out(bench: Bench, wrt: str, listed: Sequence[Path], wrong: Sequence[Path]) -> str:
    """Return the nodes through which exactly the wrong paths come to a shared parameter, if there are."""
    owner, _ = bench.place(wrt)
    if bench.scene.graph[owner].kind is not Kind.PARAMETER:
        return ""
    uses = {path.nodes[-2] for path in listed}
    lost = {path.nodes[-2] for path in wrong}
    whole = all(path in wrong for path in listed if path.nodes[-2] in lost)
    return ", ".join(sorted(lost)) if whole and lost < uses else ""
