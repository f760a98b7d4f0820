"""The local Jacobian of a link: all routes between two named nodes put together into one edge.

For softmax that is ``∂p[n,i]/∂z[n,j] = p[n,i] (δ_ij − p[n,j])``: two routes, through exp and through
the normaliser, with the auxiliaries eliminated.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

import sympy as sp

from symgrad.derive.compact import compact
from symgrad.derive.paths import Link, Route
from symgrad.derive.rewrite import Knowledge
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Edge, Graph, Term
from symgrad.model.terms import fresh, letters, rename, through


def jacobian(graph: Graph, link: Link, knowledge: Knowledge) -> tuple[Edge, ...]:
    """Return the link as one edge; as several where routes sum over different auxiliary indices.

    Partials are written over named nodes and the values they hold.
    """
    edges = tuple(_route_edge(graph, link, route) for route in link.routes)
    several = len(edges) > 1 and all(map(_over_letters, edges))
    joined = _joined(edges, graph[link.parent].axes) if several else edges
    return tuple(replace(edge, partial=knowledge.named(edge.partial)) for edge in joined)


def _over_letters(edge: Edge) -> bool:
    """Whether an edge covers its child: it lands at distinct letters that run over all of the axes."""
    sizes = {axis.symbol: axis.size for axis in edge.bound}
    whole = all(sizes.get(w) == size for w, size in zip(edge.write, edge.shape, strict=True))
    return whole and len(set(edge.write)) == len(edge.write)


def _route_edge(graph: Graph, link: Link, route: Route) -> Edge:
    """Compose the edges of a route into one, from the child's own letters."""
    if len(route) == 1:
        return route[0]
    child = graph[link.child]
    product = reduce(through, route, Term(child.index, child.axes, sp.Tuple(sp.Tuple(*child.index))))
    write, *factors = product.body
    where = (product.write, tuple(write), product.bound)
    return Edge(link.parent, link.child, 0, 0, *where, sp.Mul(*factors), child.shape)


def _joined(edges: tuple[Edge, ...], axes: tuple[Axis, ...]) -> tuple[Edge, ...]:
    """Put routes on common letters; a subscript in which they differ gets a letter and a Kronecker delta."""
    edges = _aligned(edges)
    taken = {axis.letter for edge in edges for axis in edge.bound}
    supply = fresh(taken)
    shared = [len({edge.read[k] for edge in edges}) == 1 for k in range(len(axes))]
    new = {k: Axis(next(supply), axis.size) for k, axis in enumerate(axes) if not shared[k]}
    moved = [_on_letters(edge, new) for edge in edges]
    if len({(edge.read, edge.write, frozenset(edge.bound)) for edge in moved}) > 1:
        return edges
    return (replace(moved[0], partial=compact(sp.Add(*(edge.partial for edge in moved)))),)


def _aligned(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """Give all edges the landing letters of the first."""
    first = edges[0]
    return (first, *(_with_write(edge, first) for edge in edges[1:]))


def _with_write(edge: Edge, first: Edge) -> Edge:
    names = {str(old): str(new) for old, new in zip(edge.write, first.write, strict=True)}
    supply = fresh(set(names.values()) | {axis.letter for axis in edge.bound})
    clash = {
        a.letter: next(supply) for a in edge.bound if a.letter in names.values() and a.letter not in names
    }
    return _renamed(edge, {**clash, **names})


def _renamed(edge: Edge, names: dict[str, str]) -> Edge:
    term = rename(Term(edge.write, edge.bound, sp.Tuple(edge.partial, *edge.read)), names)
    partial, *read = term.body
    return replace(edge, read=tuple(read), write=term.write, bound=term.bound, partial=partial)


def _on_letters(edge: Edge, new: dict[int, Axis]) -> Edge:
    own = set(edge.write)
    for k, axis in new.items():
        at = edge.read[k]
        free = at not in own and any(at == bound.symbol for bound in edge.bound)
        if free:
            edge = _renamed(edge, {str(at): axis.letter})
        else:
            read = (*edge.read[:k], axis.symbol, *edge.read[k + 1 :])
            edge = replace(
                edge, read=read, bound=(*edge.bound, axis), partial=edge.partial * Equal(axis.symbol, at)
            )
    return edge


def along(graph: Graph, edges: tuple[tuple[Edge, ...], ...], product: Term) -> Iterator[Term]:
    """Yield the products along a chain of links, each link given by its edges."""
    if not edges:
        yield product
        return
    for edge in edges[0]:
        yield from along(graph, edges[1:], through(product, edge))


__all__ = ["along", "jacobian", "letters"]
