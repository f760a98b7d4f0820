"""Directional derivatives, Graph → Graph: the transpose of the δ recursion.

Every edge ``x[read] → z[write]`` is used in its own direction::

    z_v[write] += Σ_B x_v[read] · ∂body/∂x[read]

where ``x_v`` is the derivative of x along the direction v.  The partials are those of the δ recursion, so
there is no further calculus; over a graph with its deltas this is the R operator, H v without H.
(Forward mode: Griewank, Walther 2008, chapter 3; over the backward pass: Pearlmutter 1994.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symgrad.derive.deltas import letters_and_sizes
from symgrad.errors import DefinitionError, unknown
from symgrad.model.expressions import Ref
from symgrad.model.graph import Edge, Graph, Kind, Node, Term
from symgrad.model.names import LONGEST

SPARE = 6


@dataclass(frozen=True)
class Tangents:
    """A graph with directional derivatives.

    Attributes
    ----------
    graph
        The nodes and, behind them, one tangent for each node that a direction reaches.
    tangent
        For the name of a node, the name of its tangent.
    """

    graph: Graph
    tangent: Mapping[str, str]


def tangents(graph: Graph, directions: Mapping[str, str]) -> Tangents:
    """Derive every node along directions.

    Parameters
    ----------
    graph
        Any graph, derived ones too.
    directions
        For some nodes, the node that holds the direction in which they move; its axes are theirs.  A node
        with a direction moves along that only, whatever its definition says.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    DefinitionError
        If a direction has other sizes than its node.
    """
    for name, direction in directions.items():
        _check_direction(graph, name, direction)
    moved = [name for name in _reached(graph, directions) if name not in directions]
    names = {**directions, **dict(zip(moved, free_names(graph, (f"{n}_v" for n in moved)), strict=True))}
    made = tuple(_tangent(graph, name, names) for name in moved)
    return Tangents(Graph((*graph.nodes, *made), graph.loss), names)


def with_directions(graph: Graph, names: Iterable[str]) -> tuple[Graph, dict[str, str]]:
    """Add a direction for each of some nodes, a leaf ``v_w`` with the axes of w; say which is whose."""
    wanted = [_known(graph, name) for name in dict.fromkeys(names)]
    chosen = free_names(graph, (f"v_{node.name}" for node in wanted))
    leaves = [Node(new, node.axes, Kind.INPUT) for new, node in zip(chosen, wanted, strict=True)]
    table = {node.name: new for node, new in zip(wanted, chosen, strict=True)}
    return Graph((*graph.nodes, *leaves), graph.loss), table


def free_names(graph: Graph, wanted: Iterable[str]) -> list[str]:
    """Return names that the graph uses for no node, letter or size yet, numbered where taken."""
    taken = {*graph.by_name, *map(str, letters_and_sizes(graph))}
    found: list[str] = []
    for name in wanted:
        candidate, count = name[:LONGEST], 0
        while candidate in taken:
            count += 1
            candidate = f"{name[: LONGEST - SPARE]}_{count}"
        taken.add(candidate)
        found.append(candidate)
    return found


def push(edge: Edge, tangent: str) -> Term:
    """Return the term that an edge adds to its child's tangent: the jvp through this edge."""
    return Term(edge.write, edge.bound, Ref(tangent, edge.read) * edge.partial)


def _known(graph: Graph, name: str) -> Node:
    if name not in graph:
        raise unknown("node", name, graph.by_name)
    return graph[name]


def _check_direction(graph: Graph, name: str, direction: str) -> None:
    node, along = _known(graph, name), _known(graph, direction)
    if node.shape != along.shape:
        raise DefinitionError(
            f"the direction {direction} has the shape {along.shape}; {name} has {node.shape}"
        )


def _reached(graph: Graph, start: Iterable[str]) -> list[str]:
    """Return the nodes that depend on some nodes, those included, in the order of the graph."""
    found, waiting = set[str](), list(start)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += [edge.child for edge in graph.out_edges[here]]
    return [node.name for node in graph.nodes if node.name in found]


def _tangent(graph: Graph, name: str, names: Mapping[str, str]) -> Node:
    node = graph[name]
    inward = (edge for edge in graph.in_edges[name] if edge.parent in names)
    terms = tuple(push(edge, names[edge.parent]) for edge in inward)
    return Node(names[name], node.axes, terms=terms, auxiliary=node.auxiliary)
