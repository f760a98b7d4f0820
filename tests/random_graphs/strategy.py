"""Random legal graphs with a scalar loss, small enough that every oracle can have its say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from symgrad.model.expressions import Ref, size
from symgrad.model.graph import Graph, Kind, Node, Term
from tests.interpreter import DECIMALS, Arithmetic, shape
from tests.random_graphs.growing import SAMPLES, Growing
from tests.random_graphs.shown import show
from tests.random_graphs.steps import STEPS
from tests.random_graphs.values import numbers, values

LOSSES: tuple[Callable[[sp.Expr, sp.Expr], sp.Expr], ...] = (
    lambda y, t: y,
    lambda y, t: y**2 / 2,
    lambda y, t: y * t,
    lambda y, t: (y - t) ** 2 / 2,
)


@dataclass(frozen=True)
class Drawn:
    """A random graph, numbers for its sizes, and the seed of the values of its leaves."""

    graph: Graph
    sizes: Mapping[str, int]
    seed: int

    def __repr__(self) -> str:
        return f"\n{show(self.graph, self.sizes)}\nleaves from seed {self.seed}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The leaves that can be varied."""
        return tuple(n.name for n in self.graph.nodes if n.is_leaf and n.targets is None)

    def leaves(self, arithmetic: Arithmetic = DECIMALS) -> dict[str, np.ndarray]:
        """Return values of all leaves: fractions so wide that no two meet at a kink by accident."""
        source = Random(self.seed)
        leaves = (node for node in self.graph.nodes if node.is_leaf)
        return {node.name: values(self.graph, node, self.sizes, source, arithmetic) for node in leaves}

    def direction(self, name: str, arithmetic: Arithmetic = DECIMALS) -> np.ndarray:
        """Return a direction in which a leaf may move."""
        return numbers(Random(self.seed + 1), shape(self.graph[name].axes, self.sizes), arithmetic)


def _loss(g: Growing) -> None:
    """Add up the last definition and some of those that nobody reads."""
    read = {access.name for node in g.nodes.values() for term in node.terms for access in term.accesses}
    ends = [node for node in g.readable if not node.is_leaf and node.name not in read]
    chosen = [*ends[-1:], *(node for node in ends[:-1] if not g.seldom())]
    terms = tuple(_error(g, node) for node in chosen)
    g.keep(Node("J", terms=terms), 0.0)


def _error(g: Growing, node: Node) -> Term:
    error = g.one_of(LOSSES)
    symbols = error(sp.Symbol("y"), sp.Symbol("t")).free_symbols
    target = g.leaf(node.shape, Kind.TARGET) if sp.Symbol("t") in symbols else node
    mean = sp.Integer(1) / SAMPLES if SAMPLES in node.shape else sp.Integer(1)
    return Term((), node.axes, mean * error(node.ref, Ref(target.name, node.index)))


@st.composite
def graphs(
    draw: Any, most: int = 5, steps: Sequence[Callable[[Growing], None]] = STEPS, samples: bool = False
) -> Drawn:
    """Draw a graph of at most so many steps, sizes of 1 to 3, a seed; with `samples` an input has them."""
    sizes = {name: draw(st.integers(1, 3)) for name in ("N", "D", "E")}
    g = Growing(draw, sizes)
    if samples:
        g.leaf((SAMPLES, size("D")))
    for _ in range(draw(st.integers(1, most))):
        g.one_of(steps)(g)
    _loss(g)
    return Drawn(g.graph("J"), sizes, draw(st.integers(0, 999)))
