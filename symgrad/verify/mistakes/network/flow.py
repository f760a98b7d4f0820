"""The δ recursion in floats, at many points at once, with partials that may be changed.

A mistaken derivation is a right one with another partial on some edge.  What it gives is computed here for
all entries and all points in a few array operations an edge; what looks like the claim is confirmed exactly
by `symgrad.verify.mistakes.exactly`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from symgrad.exact.floats import Floats, Sample
from symgrad.exact.tapes import Slot, run
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Edge, Graph
from symgrad.model.order import Group
from symgrad.verify.mistakes.network.channels import Channel, channel, flattened, size_numbers, subscript_at
from symgrad.verify.networks.posing import Posed, Slots

Floating = npt.NDArray[np.float64]
Key = tuple[str, int, int]

Label = Callable[[Edge], Any]

POINTS = 24
DELTA = "∂"


@dataclass(frozen=True)
class Flow:
    """Values and deltas of a network in floats, at some points.

    Attributes
    ----------
    values
        For every node of the layer view, its entries counted through, behind an axis of points; under
        ``∂name`` its deltas.
    """

    posed: Posed
    values: Mapping[str, Floating]
    labels: dict[Key, Floating] = field(default_factory=dict[Key, Floating], compare=False)

    @property
    def graph(self) -> Graph:
        """The layer view."""
        return self.posed.model.graph

    @cached_property
    def above(self) -> frozenset[str]:
        """Everything that the loss depends on."""
        return self.graph.ancestors(self.posed.model.loss)

    @cached_property
    def channels(self) -> Mapping[Key, Channel]:
        """The edges at the sizes posed, those on a way to the loss."""
        edges = (edge for name in self.above for edge in self.graph.in_edges[name])
        return {edge.key: channel(edge, self.posed) for edge in edges}

    def label(self, edge: Edge) -> Floating:
        """Return the partial of an edge, for all points and all values of its letters."""
        if edge.key not in self.labels:
            self.labels[edge.key] = self.evaluated(edge.partial, self.channels[edge.key])
        return self.labels[edge.key]

    def evaluated(self, expression: sp.Expr, channel: Channel) -> Floating:
        """Return an expression in the letters of an edge, for all points and all values of the letters."""
        algebra = Floats()
        memo: dict[sp.Expr, Sample] = {s: algebra.of(values) for s, values in channel.letters.items()}
        memo |= {size(name): algebra.number(number) for name, number in self.posed.sizes.items()}
        for ref in expression.atoms(Ref):
            memo[ref] = algebra.of(self.read(ref, channel))
        for whole in expression.atoms(sp.floor):
            at = subscript_at(whole.xreplace(size_numbers(self.posed.sizes)), channel.letters, len(channel))
            memo[whole] = algebra.of(at)
        for one in expression.atoms(Equal):
            u, v = (translate(side, algebra, memo).array for side in one.args)
            memo[one] = algebra.of(u == v)
        found = translate(expression, algebra, memo).array
        return np.broadcast_to(found, (self.points, len(channel)))

    def read(self, ref: Ref, channel: Channel) -> Floating:
        """Return the values of an access, 0 outside of the axes of its node."""
        shape = self.posed.values[ref.name.removeprefix(DELTA)].shape
        flat = flattened(ref.index, shape, channel.letters, self.posed.sizes, len(channel))
        return np.where(flat < 0, 0.0, self.values[ref.name][:, flat])

    @cached_property
    def points(self) -> int:
        """How many points there are."""
        return next(iter(self.values.values())).shape[0]

    def deltas(self, changed: Mapping[Key, Floating], wanted: Collection[str]) -> dict[str, Floating]:
        """Return the deltas of some nodes where some edges carry other partials."""
        known = {name: self.values[DELTA + name] for name in self.kept(changed)}
        return pulled_back(self, self.label, known, changed, wanted)

    def kept(self, changed: Iterable[Key]) -> list[str]:
        """Return the nodes above which nothing was changed: their deltas stay as they are."""
        parents = [self.channels[key].edge.parent for key in changed]
        moved = self.graph.ancestors(*parents) | {n for p in parents for n in self.companions.get(p, ())}
        return [name for name in self.above if name not in moved]

    @cached_property
    def companions(self) -> Mapping[str, tuple[str, ...]]:
        """For every node of a recurrence, the nodes of that recurrence."""
        return {name: group.names for group in self.graph.groups if group.along for name in group.names}


def pulled_back(
    flow: Flow, label: Label, known: dict[str, Any], changed: Mapping[Key, Any], wanted: Collection[str]
) -> dict[str, Any]:
    """Carry out the δ recursion from what is known down to the wanted nodes.

    Parameters
    ----------
    label
        The partial of an edge for all values of its letters, floats or exact values.
    known
        The deltas of some nodes, that of the loss at least.
    changed
        Other partials for some edges.
    """
    graph = flow.graph
    found = dict(known)
    needed = _towards(graph, wanted)
    for group in reversed(graph.groups):
        missing = [
            name for name in group.names if name in flow.above and name in needed and name not in found
        ]
        for _ in range(rounds(flow.posed, group)):
            for name in reversed(missing):
                found[name] = _pull(flow, name, found, label, changed)
    return {name: found[name] for name in wanted}


def pulled_once(
    flow: Flow, name: str, label: Label, known: Mapping[str, Any], changed: Mapping[Key, Any]
) -> Any:
    """Return the delta of a node by the deltas of what it goes into, with other partials for some edges."""
    return _pull(flow, name, known, label, changed)


def _towards(graph: Graph, wanted: Iterable[str]) -> set[str]:
    """Return the wanted nodes and everything that depends on them."""
    found, waiting = set[str](), list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [edge.child for edge in graph.out_edges[name]]
    return found


def rounds(posed: Posed, group: Group) -> int:
    """Return after how many rounds nothing moves any more: each settles one step of a recurrence."""
    lengths = (
        length
        for name in group.names
        for axis, length in zip(posed.model.graph[name].axes, posed.values[name].shape, strict=True)
        if axis.letter == group.along
    )
    return max(lengths, default=1)


def _pull(flow: Flow, name: str, found: Mapping[str, Any], label: Label, changed: Mapping[Key, Any]) -> Any:
    edges = [edge for edge in flow.graph.out_edges[name] if edge.child in found and edge.key in flow.channels]
    labels = {edge.key: changed[edge.key] if edge.key in changed else label(edge) for edge in edges}
    parts = [flow.channels[edge.key].pulled(labels[edge.key], found[edge.child]) for edge in edges]
    return reduce(np.add, parts) if parts else np.zeros((1, flow.posed.values[name].size))


def flow(posed: Posed, points: Sequence[Mapping[str, Any]] | None = None) -> Flow:
    """Evaluate a network in floats, at random points of its domain or at given ones.

    Raises
    ------
    ExactError
        If floats cannot follow a step of it.
    """
    chosen = points or [posed.domain.point(Random(seed)) for seed in range(POINTS)]
    slots = {**posed.values, **{DELTA + name: array for name, array in posed.deltas.items()}}
    return Flow(posed, sampled(posed, chosen, slots))


def sampled(
    posed: Posed, points: Sequence[Mapping[str, Any]], slots: Mapping[str, Slots]
) -> dict[str, Floating]:
    """Return arrays of slots in floats, their entries counted through, the points along the first axis."""
    algebra = Floats()
    for key in points[0]:
        algebra.define(key, algebra.of([float(point[key]) for point in points]))
    flat: list[Slot] = [slot for array in slots.values() for slot in array.flat]
    with np.errstate(all="ignore"):
        found = iter(run(posed.tape, algebra, *flat))
    columns = {name: [next(found) for _ in range(array.size)] for name, array in slots.items()}
    return {name: _stacked(values, len(points)) for name, values in columns.items()}


def _stacked(values: Sequence[Sample], points: int) -> Floating:
    columns = [np.broadcast_to(value.array, (points,)) for value in values]
    return np.stack(columns, axis=1) if columns else np.zeros((points, 0))
