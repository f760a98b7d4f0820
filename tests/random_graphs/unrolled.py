"""A graph with its recurrences written out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy as sp

from symgrad.model.expressions import reindex
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.unroll import unroll
from tests.interpreter import environment, extent

Table = Mapping[sp.Expr, sp.Expr]


def written_out(graph: Graph, sizes: Mapping[str, int]) -> Graph:
    """Return the graph unrolled along one axis after the other, until no recurrence is left.

    Its sizes stay symbols, unless the length of a recurrence is an expression in others.
    """
    if any(not length.is_Atom for _, length in lengths(graph)):
        graph = in_numbers(graph, sizes)
    while along := next(iter(lengths(graph)), None):
        letter, length = along
        graph = unroll(graph, letter, extent(length, sizes))
    return graph


def lengths(graph: Graph) -> list[tuple[str, sp.Expr]]:
    """Return the axes of the recurrences, each with its length."""
    groups = (group for group in graph.groups if group.along)
    nodes = ((group.along, graph[name]) for group in groups for name in group.names)
    return [(along, axis.size) for along, node in nodes for axis in node.axes if axis.letter == along]


def in_numbers(graph: Graph, sizes: Mapping[str, int]) -> Graph:
    """Return the graph at given sizes, its axes kept."""
    table = {symbol: sp.Integer(number) for symbol, number in environment(sizes).items()}
    return Graph(tuple(_sized(node, table) for node in graph.nodes), graph.loss)


def _sized(node: Node, table: Table) -> Node:
    terms = (
        Term(tuple(w.xreplace(table) for w in t.write), _axes(t.bound, table), reindex(t.body, table))
        for t in node.terms
    )
    return replace(node, axes=_axes(node.axes, table), terms=tuple(terms))


def _axes(axes: Iterable[Axis], table: Table) -> tuple[Axis, ...]:
    return tuple(Axis(axis.letter, axis.size.xreplace(table)) for axis in axes)
