"""Where the neurons of a layered network stand in a drawing, and along which lines paths run.

One circle is one neuron, its pre-activation and its activation together; columns are layers, by the longest
path from the inputs; neurons stand in the reader's order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.derive.paths import Link
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Kind

STEP_X, STEP_Y, MARGIN = 165, 78, 52

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A link between two neurons and the weights that it carries."""

    source: str
    target: str
    weights: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """What is drawn: the links of the named nodes, the weights in colour, their numbers of paths."""

    graph: Graph
    table: Mapping[str, tuple[Link, ...]]
    wrt: tuple[str, ...]

    @cached_property
    def signals(self) -> tuple[str, ...]:
        """The nodes that lie in circles, in the order of the graph."""
        drawn = (Kind.INPUT, Kind.DEFINED)
        return tuple(name for name in self.table if self.graph[name].kind in drawn)

    @cached_property
    def circle(self) -> Mapping[str, str]:
        """For every signal the first node of its circle: an activation shares that of its pre-activation."""
        children: dict[str, int] = {}
        for link in (link for down in self.table.values() for link in down):
            children[link.parent] = children.get(link.parent, 0) + 1
        found: dict[str, str] = {}
        for name in self.signals:
            parents = [link.parent for link in self.table[name]]
            alone = len(parents) == 1 and children[parents[0]] == 1 and name != self.graph.loss
            joins = alone and found.get(parents[0]) == parents[0] and not self.graph[parents[0]].is_leaf
            found[name] = parents[0] if joins else name
        return found

    @cached_property
    def circles(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes of every circle."""
        return {
            head: tuple(n for n in self.signals if self.circle[n] == head)
            for head in dict.fromkeys(self.circle.values())
        }

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The links between circles."""
        near = {name: set(_factors(self.graph, name)) for name in self.graph.by_name}
        found: list[Line] = []
        for link in (link for name in self.signals for link in self.table[name]):
            if link.parent in self.circle and self.circle[link.parent] != self.circle[link.child]:
                pairs = [pair for route in link.routes for edge in route for pair in near[edge.child]]
                ends = {edge.parent for route in link.routes for edge in route}
                weights = dict.fromkeys(weight for weight, other in pairs if other in ends)
                found.append(Line(link.parent, link.child, tuple(sorted(weights))))
        return tuple(found)

    @cached_property
    def column(self) -> Mapping[str, int]:
        """The column of every circle: the longest path to it from a node without parents."""
        found: dict[str, int] = dict.fromkeys(self.circles, 0)
        for line in self.lines:
            source, target = self.circle[line.source], self.circle[line.target]
            found[target] = max(found[target], found[source] + 1)
        return found

    @cached_property
    def reach(self) -> tuple[frozenset[str], ...]:
        """For every weight in colour, the nodes that depend on it: its paths run through them only."""
        return tuple(self._above(name) for name in self.wrt)

    def _above(self, wrt: str) -> frozenset[str]:
        found = {wrt}
        for name, down in self.table.items():
            found |= {name} if any(link.parent in found for link in down) else set()
        return frozenset(found)

    def ranks(self, line: Line) -> list[int]:
        """Return which of the weights in colour have a path along that line."""
        inside = ({line.source, line.target} <= reach for reach in self.reach)
        own = (name in line.weights for name in self.wrt)
        return [k for k, (path, weight) in enumerate(zip(inside, own, strict=True)) if path or weight]

    @cached_property
    def slots(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The circles of each column from top to bottom, each alone; more than one are drawn as ⋮."""
        asked = [next((x for x in self.lines if name in x.weights), None) for name in self.wrt]
        ends = {n for x in asked if x is not None for n in (x.source, x.target)}
        first = dict(reversed(self.bare))
        keep = {self.circle[n] for n in ends | {*self.wrt, *first.values()} if n in self.circle}
        columns = [[c for c in self.circles if self.column[c] == k] for k in range(self.width)]
        return tuple(tuple(_collapsed(column, keep)) for column in columns)

    @cached_property
    def bare(self) -> tuple[tuple[str, str], ...]:
        """The weights in colour that lie on no line into some node, such as biases, each with that node."""
        weights = [n for n in self.wrt if n not in self.circle]
        on = {(weight, line.target) for line in self.lines for weight in line.weights}
        read = ((x.parent, x.child) for down in self.table.values() for x in down if x.parent in weights)
        return tuple(pair for pair in read if pair not in on)

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(self.column.values()) + 1

    @cached_property
    def shown(self) -> frozenset[str]:
        """The circles that are drawn."""
        return frozenset(slot[0] for column in self.slots for slot in column if len(slot) == 1)

    @cached_property
    def places(self) -> Mapping[str, Point]:
        """Where each circle that is drawn has its centre."""
        rows = max(map(len, self.slots))
        return {
            slot[0]: (MARGIN + STEP_X * k, MARGIN + STEP_Y * (row + (rows - len(column)) / 2))
            for k, column in enumerate(self.slots)
            for row, slot in enumerate(column)
        }


def _factors(graph: Graph, name: str) -> Iterator[tuple[str, str]]:
    """Yield every parameter of a definition with each node that it multiplies there."""
    for body in (term.body for term in graph[name].terms):
        for whole in body.atoms(sp.Mul):
            names = [part.name for part in whole.args if isinstance(part, Ref)]
            weights = [n for n in names if graph[n].kind is Kind.PARAMETER]
            yield from ((weight, other) for weight in weights for other in names if other != weight)


def _collapsed(column: Sequence[str], keep: set[str]) -> Iterator[tuple[str, ...]]:
    hidden: list[str] = []
    for k, name in enumerate(column):
        if k < 3 or k == len(column) - 1 or name in keep:
            yield from [tuple(hidden)] if hidden else []
            hidden = []
            yield (name,)
        else:
            hidden.append(name)
