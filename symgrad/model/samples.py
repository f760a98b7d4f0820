"""The loss of one sample: the same graph without its sample axis."""

from dataclasses import replace

import sympy as sp

from symgrad.model.expressions import index, map_refs
from symgrad.model.graph import Axis, Graph, Node, Term


def one_sample(graph: Graph, letter: str) -> Graph:
    """Return the graph for a single sample: the axis is dropped and its size is 1.

    A node without that axis (a parameter) stays as it is.
    """
    sizes = {axis.size for node in graph.nodes for axis in node.axes if axis.letter == letter}
    ones = {size: sp.Integer(1) for size in sizes if size.is_Symbol}
    places = {node.name: [k for k, a in enumerate(node.axes) if a.letter != letter] for node in graph.nodes}
    return Graph(tuple(_dropped(node, letter, places, ones) for node in graph.nodes), graph.loss)


def _dropped(node: Node, letter: str, places: dict[str, list[int]], ones: dict[sp.Expr, sp.Expr]) -> Node:
    axes = tuple(axis for axis in node.axes if axis.letter != letter)
    return replace(
        node, axes=axes, terms=tuple(_term(term, node, letter, places, ones) for term in node.terms)
    )


def _term(
    term: Term, node: Node, letter: str, places: dict[str, list[int]], ones: dict[sp.Expr, sp.Expr]
) -> Term:
    kept = places[node.name]
    bound: tuple[Axis, ...] = tuple(axis for axis in term.bound if axis.letter != letter)
    body = map_refs(term.body.xreplace(ones), lambda r: r.at(r.index[k] for k in places[r.name]))
    return Term(tuple(term.write[k] for k in kept), bound, body.xreplace({index(letter): sp.Integer(0)}))
