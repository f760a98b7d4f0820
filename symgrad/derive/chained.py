"""The products of the partials along all paths to a node, what paths have in common multiplied once.

Paths to the weights of one neuron differ in their last link only: the products to a node that is reached
through one link are those to the child of that link, carried one link further.
"""

from collections.abc import Callable, Iterator
from functools import partial
from math import prod

from symgrad.derive.jacobians import along, jacobian
from symgrad.derive.kept import kept
from symgrad.derive.paths import Link, Path, check_limit, count, links_into, paths, start
from symgrad.derive.rewrite import Knowledge
from symgrad.model.graph import Edge, Graph, Term
from symgrad.model.terms import through

Rewrite = Callable[[Graph, tuple[Edge, ...]], Edge]
Products = tuple[Term, ...]


def chained(graph: Graph, wrt: str, loss: str, limit: int, change: Rewrite | None = None) -> Products:
    """Return the products along all paths from the loss to a node, in the order of the graph.

    Parameters
    ----------
    limit
        How many paths there may be, and how many products.
    change
        Makes one edge of all the edges of a link.

    Raises
    ------
    LimitError
        If there are more.
    """
    last = _only_ways(graph, wrt, loss)
    base = last[0].child if last else wrt
    number, many = kept(graph, ("numbers", loss, base, change), lambda: _numbers(graph, base, loss, change))
    check_limit(number, f"paths from {loss}", wrt, limit)
    each = prod(len(edges_of(graph, link, change)) for link in last)
    check_limit(many * each, "products", wrt, limit)
    found = kept(graph, ("chained", loss, base, change), lambda: _listed(graph, base, loss, change))
    for link in last[:-1]:
        further = partial(_further, graph, found, link, change)
        found = kept(graph, ("chained", loss, link.parent, change), further)
    return _further(graph, found, last[-1], change) if last else found


def _only_ways(graph: Graph, wrt: str, loss: str) -> tuple[Link, ...]:
    """Return the last links of all paths, as many as they have in common, the very last behind."""
    above, found = links_into(graph, wrt, loss), list[Link]()
    while wrt != loss and len(above.get(wrt, ())) == 1:
        found += above[wrt]
        wrt = found[-1].child
    return tuple(reversed(found))


def _numbers(graph: Graph, wrt: str, loss: str, change: Rewrite | None) -> tuple[int, int]:
    """Count paths and products."""
    products = count(graph, wrt, loss, ways=lambda link: len(edges_of(graph, link, change)))
    return count(graph, wrt, loss), products


def _listed(graph: Graph, wrt: str, loss: str, change: Rewrite | None) -> Products:
    found = paths(graph, wrt, loss, limit=count(graph, wrt, loss))
    return tuple(p for path in found for p in products_along(graph, path, change))


def products_along(graph: Graph, path: Path, change: Rewrite | None = None) -> Iterator[Term]:
    """Yield the products along a path, one for each choice of edges."""
    edges = tuple(edges_of(graph, link, change) for link in path.links)
    return along(graph, edges, start(graph, path))


def _further(graph: Graph, found: Products, link: Link, change: Rewrite | None) -> Products:
    edges = edges_of(graph, link, change)
    return tuple(through(product, edge) for product in found for edge in edges)


def edges_of(graph: Graph, link: Link, change: Rewrite | None = None) -> tuple[Edge, ...]:
    """Return the edges of a link, found once for all paths along it."""

    def found() -> tuple[Edge, ...]:
        edges = jacobian(graph, link, Knowledge.of_graph(graph))
        return edges if change is None else (change(graph, edges),)

    return kept(graph, ("step", link, change), found)
