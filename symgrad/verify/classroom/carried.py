"""What follows from a person's own figures.

Each figure stands for all numbers that round to it.  A quantity is computed from the figures that stand
before it, and from what lies between them, in interval arithmetic; so an error that is carried forward makes
no second one, and rounding on the way none at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import sympy as sp

from symgrad.derive.scalars import defined
from symgrad.exact.intervals import Interval, Intervals
from symgrad.exact.values import ExactError
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Node

Values = Mapping[str, Interval | None]


@dataclass(frozen=True)
class Carried:
    """Quantities computed from some figures.

    Attributes
    ----------
    graph
        The definitions.
    algebra
        The intervals.
    own
        The quantities that the person's figures are of.
    play
        By how much whatever was computed on the way, and not written down, may be off.
    computed
        Every quantity as it follows from what stands before it; None where it has no value.
    used
        Every quantity as those behind it take it: the person's own figure where there is one.
    """

    graph: Graph
    algebra: Intervals
    own: frozenset[str]
    play: Interval
    computed: Values
    used: Values

    def open_to(self, wanted: str) -> tuple[Node, ...]:
        """Return the definitions that a quantity depends on, not beyond the person's figures."""
        found: dict[str, None] = {}
        waiting = [wanted]
        while waiting:
            here = waiting.pop()
            if here in found or self.graph[here].is_leaf or (here in self.own and here != wanted):
                continue
            found[here] = None
            waiting += [ref.name for term in self.graph[here].terms for ref in term.accesses]
        return tuple(node for node in self.graph.nodes if node.name in found)

    def with_changes(
        self, changes: Mapping[str, Node], wanted: str, among: Iterable[Node]
    ) -> Interval | None:
        """Return a quantity with other definitions of some of those it depends on, from `open_to`."""
        values = dict(self.used)
        moved: set[str] = set()
        for node in among:
            new = changes.get(node.name, node)
            if node.name in changes or any(r.name in moved for t in new.terms for r in t.accesses):
                values[node.name] = _loose(_value(new, self.algebra, values), self.play)
                moved.add(node.name)
        return values[wanted] if wanted in moved else None


def carried(
    graph: Graph,
    leaves: Mapping[str, Fraction],
    own: Mapping[str, tuple[Fraction, Fraction]],
    slack: Decimal = Decimal(0),
) -> Carried:
    """Compute every quantity from a person's figures.

    Parameters
    ----------
    graph
        The definitions, parents first.
    leaves
        The values that are given.
    own
        The figures, from the smallest to the largest number that each may stand for.
    slack
        By how much whatever was computed on the way, and not written down, may be off.
    """
    algebra = Intervals()
    computed: dict[str, Interval | None] = {}
    used: dict[str, Interval | None] = {}
    play = algebra.between(-Fraction(slack), Fraction(slack))
    for node in graph.nodes:
        value = algebra.number(leaves[node.name]) if node.is_leaf else _value(node, algebra, used)
        computed[node.name] = value
        loose = value if node.is_leaf else _loose(value, play)
        used[node.name] = algebra.between(*own[node.name]) if node.name in own else loose
    return Carried(graph, algebra, frozenset(own), play, computed, used)


def _loose(value: Interval | None, play: Interval) -> Interval | None:
    return None if value is None else value + play


def _value(node: Node, algebra: Intervals, values: Values) -> Interval | None:
    known: dict[sp.Expr, Interval] = {}
    for ref in {ref for term in node.terms for ref in term.accesses}:
        value = values[ref.name]
        if value is None:
            return None
        known[Ref(ref.name)] = value
    try:
        return defined(node, algebra, known)
    except ExactError:
        return None
