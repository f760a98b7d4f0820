"""Second derivatives against a witness that uses no edges: `sympy.diff`, twice, of the instantiated loss."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import sympy as sp

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, as_leaf, names_of, rows_of
from symgrad.derive.rewrite import sums_to_one
from symgrad.derive.scalars import formula
from symgrad.derive.second import Derived
from symgrad.derive.witnesses import against_witness
from symgrad.errors import LimitError
from symgrad.model.expressions import quantity
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.instances import instantiate

CLAIM = "second derivative"


@dataclass(frozen=True)
class Question:
    """What a derived node is to be.

    Attributes
    ----------
    graph
        The network, nothing derived in it.
    of
        What is derived.
    wrt
        By what, in the order in which the axes stand.
    ends
        For a Gauss–Newton product, where the network is cut.
    """

    graph: Graph
    of: str
    wrt: tuple[str, ...]
    ends: tuple[str, ...] = ()


Witness = Callable[["Scalars", Question, str], Iterable[sp.Expr]]
"""Gives the expressions of the entries of what was derived for a node."""


@dataclass(frozen=True)
class Scalars:
    """The network as scalars, some of its nodes cut: these are leaves then."""

    graph: Graph
    cut: frozenset[str]
    sizes: Mapping[str, int]
    directions: Mapping[str, str]

    @cached_property
    def scalars(self) -> Graph:
        """The scalar graph."""
        return instantiate(cut(self.graph, self.cut), self.sizes)

    def entries(self, name: str) -> tuple[sp.Symbol, ...]:
        """Return the entries of a node."""
        return tuple(map(quantity, names_of(self.graph[name], self.sizes)))

    def value(self, entry: str) -> sp.Expr:
        """Return an entry as an expression in the leaves."""
        return formula(self.scalars, entry)

    def along(self, name: str) -> tuple[sp.Symbol, ...]:
        """Return the entries of the direction of a node."""
        direction = replace(self.graph[name], name=self.directions[name])
        return tuple(map(quantity, names_of(direction, self.sizes)))


def cut(graph: Graph, names: Iterable[str]) -> Graph:
    """Return a graph in which some nodes are given."""
    chosen = frozenset(names)
    return Graph(tuple(_leaf(n) if n.name in chosen else as_leaf(n) for n in graph.nodes), graph.loss)


def _leaf(node: Node) -> Node:
    return node if node.is_leaf else Node(node.name, node.axes, Kind.INPUT)


def _slope(expression: sp.Expr, by: sp.Symbol) -> sp.Expr:
    """Return `sympy.diff` off the kinks: there a derivative that jumps is constant."""
    derived = sp.diff(expression, by)
    return derived.xreplace(dict.fromkeys(derived.atoms(sp.DiracDelta), sp.Integer(0)))


def first_derivatives(at: Scalars, asked: Question, _: str) -> Iterable[sp.Expr]:
    """Yield ∂of/∂wrt, entry by entry."""
    (wrt,) = asked.wrt
    for entry in at.entries(asked.of):
        value = at.value(str(entry))
        yield from (_slope(value, by) for by in at.entries(wrt))


def second_derivatives(at: Scalars, asked: Question, _: str) -> Iterable[sp.Expr]:
    """Yield ∂²of/∂first∂second."""
    first, second = asked.wrt
    loss = at.value(asked.of)
    for one, other in product(at.entries(first), at.entries(second)):
        yield _slope(_slope(loss, one), other)


def hessian_products(at: Scalars, asked: Question, wrt: str) -> Iterable[sp.Expr]:
    """Yield Σ ∂²of/∂wrt∂u · v_u over all nodes u that move."""
    loss = at.value(asked.of)
    moving = [pair for name in asked.wrt for pair in zip(at.entries(name), at.along(name), strict=True)]
    for one in at.entries(wrt):
        slope = _slope(loss, one)
        yield sp.Add(*(_slope(slope, other) * v for other, v in moving))


def gauss_newton_products(at: Scalars, asked: Question, wrt: str) -> Iterable[sp.Expr]:
    """Yield Jᵀ H_L J v: J from the network alone, H_L from the loss over the cut."""
    above = replace(at, cut=at.cut | set(asked.ends))
    loss = above.value(asked.of)
    ends = [entry for name in asked.ends for entry in at.entries(name)]
    value = {entry: at.value(str(entry)) for entry in ends}
    moving = [pair for name in asked.wrt for pair in zip(at.entries(name), at.along(name), strict=True)]
    pushed = {end: sp.Add(*(_slope(value[end], u) * v for u, v in moving)) for end in ends}
    curved = {
        end: sp.Add(*(_slope(_slope(loss, end), other).xreplace(value) * pushed[other] for other in ends))
        for end in ends
    }
    for one in at.entries(wrt):
        yield sp.Add(*(_slope(value[end], one) * curved[end] for end in ends))


def prove(
    asked: Question, derived: Derived, witness: Witness, sizes: Mapping[str, int]
) -> dict[str, Finding]:
    """Compare every entry of what was derived with its witness, by exact normal forms at given sizes.

    Returns
    -------
    dict
        A finding for each result, by the name of the node that it belongs to.
    """
    given = frozenset(asked.wrt)
    at = Scalars(asked.graph, given, sizes, derived.directions)
    try:
        whole = instantiate(cut(derived.graph, given), sizes)
    except LimitError as error:
        return dict.fromkeys(derived.results, Finding(CLAIM, "unknown", "none", str(error), sizes))
    entries = {result: names_of(derived.graph[result], sizes) for result in derived.results.values()}
    expected = {
        entry: expression
        for name, result in derived.results.items()
        for entry, expression in zip(entries[result], witness(at, asked, name), strict=True)
    }
    groups = tuple(g for node in asked.graph.nodes if sums_to_one(node) for g in rows_of(node, sizes))
    instance = Instance(sizes, whole, whole, entries, {e: e for e in expected}, groups, expected)
    found = against_witness(instance, list(entries), assumed=bool(derived.assumptions))
    return {name: replace(found[result], claim=CLAIM) for name, result in derived.results.items()}
