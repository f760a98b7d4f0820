"""The paths from the loss to a node: counted first, then listed, each with its product.

People count paths between *named* nodes.  The auxiliaries of a function (exp and normaliser of softmax)
are eliminated exactly: all routes from a child to a parent that run through auxiliaries only make one
`Link`.  The sum over all paths of the product of the partials along them is the gradient
(Bauer 1974; Goodfellow, Bengio, Courville 2016, section 6.5).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain, islice, product

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.errors import LimitError, RecurrenceError, unknown
from symgrad.model.graph import Edge, Graph, Group, Term
from symgrad.model.terms import through

LIST_LIMIT = 10_000

Route = tuple[Edge, ...]


@dataclass(frozen=True, eq=False)
class Link:
    """All routes between two named nodes, child first; each route runs through auxiliaries only.

    A graph makes each link once, so that links are told apart by what they are and not by what they hold.
    """

    child: str
    parent: str
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Path:
    """A chain of links from the loss to a node."""

    links: tuple[Link, ...]
    start: str

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The named nodes, loss first."""
        return (self.start, *(link.parent for link in self.links))


def links(
    graph: Graph, keep: Iterable[str] = (), auxiliaries: bool = False
) -> Mapping[str, tuple[Link, ...]]:
    """Return, for every node, its links to its parents, in the order of the graph.

    Parameters
    ----------
    keep
        Auxiliary nodes that count as named all the same, because somebody asked for them.
    auxiliaries
        Whether all auxiliary nodes count as named.

    Raises
    ------
    LimitError
        If one node has more than 10,000 routes through auxiliaries.
    """
    inner = frozenset() if auxiliaries else _auxiliaries(graph) - frozenset(keep)
    return kept(graph, ("links", inner), lambda: _links(graph, inner))


def _auxiliaries(graph: Graph) -> frozenset[str]:
    return kept(graph, "auxiliaries", lambda: frozenset(n.name for n in graph.nodes if n.auxiliary))


def _links(graph: Graph, inner: frozenset[str]) -> Mapping[str, tuple[Link, ...]]:
    order = {node.name: k for k, node in enumerate(graph.nodes)}
    table: dict[str, tuple[Link, ...]] = {}
    for node in graph.nodes:
        if node.name not in inner:
            routes: dict[str, list[Route]] = {}
            for number, route in enumerate(_routes(graph, node.name, inner)):
                if number == LIST_LIMIT:
                    raise LimitError(f"{node.name} has more than {LIST_LIMIT:,} routes through auxiliaries")
                routes.setdefault(route[-1].parent, []).append(route)
            table[node.name] = tuple(
                Link(node.name, parent, tuple(routes[parent]))
                for parent in sorted(routes, key=order.__getitem__)
            )
    return table


def _routes(graph: Graph, name: str, inner: frozenset[str]) -> Iterator[Route]:
    for edge in graph.in_edges[name]:
        if edge.parent in inner:
            for rest in _routes(graph, edge.parent, inner):
                yield (edge, *rest)
        else:
            yield (edge,)


def links_into(graph: Graph, wrt: str, loss: str) -> Mapping[str, tuple[Link, ...]]:
    """Return, for every node, the links to it on ways from the loss; `wrt` counts as named."""
    top, end = _ends(graph, wrt, loss)
    inner = _auxiliaries(graph) - {top, end}
    return kept(graph, ("links into", top, inner), lambda: _links_into(links(graph, (top, end)), graph, top))


def _links_into(
    table: Mapping[str, tuple[Link, ...]], graph: Graph, top: str
) -> Mapping[str, tuple[Link, ...]]:
    above, found = graph.ancestors(top), dict[str, list[Link]]()
    for link in (link for name, downward in table.items() if name in above for link in downward):
        found.setdefault(link.parent, []).append(link)
    return {name: tuple(upward) for name, upward in found.items()}


def count(
    graph: Graph,
    wrt: str,
    loss: str | None = None,
    auxiliaries: bool = False,
    ways: Callable[["Link"], int] = lambda link: 1,
) -> int:
    """Count the paths from the loss to a node, without listing them, in linear time.

    Parameters
    ----------
    ways
        How often a path along a link counts.

    Raises
    ------
    DefinitionError
        If a recurrence lies between them: the number of paths depends on its length.
    """
    top, end = _ends(graph, wrt, loss)
    return _counts(links(graph, (top, end), auxiliaries), end, ways).get(top, 0)


def count_products(graph: Graph, wrt: str, loss: str | None = None, auxiliaries: bool = False) -> int:
    """Count the products of all paths: a link with two routes, as in z = h + W h, makes two of each."""
    return count(graph, wrt, loss, auxiliaries, lambda link: len(link.routes))


def product_counts(graph: Graph, loss: str) -> dict[str, int]:
    """Count the products from the loss to every node, auxiliaries named, in one run from the loss down."""
    number = dict.fromkeys(graph.by_name, 0)
    number[loss] = 1
    for node in reversed(graph.nodes):
        for edge in graph.in_edges[node.name] if number[node.name] else ():
            number[edge.parent] += number[node.name]
    return number


def _counts(
    table: Mapping[str, tuple[Link, ...]], end: str, ways: Callable[[Link], int] = lambda link: 1
) -> dict[str, int]:
    number = {end: 1}
    for name, downward in table.items():
        leading = [link for link in downward if link.parent in number]
        if leading and name != end:
            number[name] = sum(ways(link) * number[link.parent] for link in leading)
    return number


def paths(
    graph: Graph,
    wrt: str,
    loss: str | None = None,
    *,
    limit: int = LIST_LIMIT,
    first: int | None = None,
    auxiliaries: bool = False,
) -> tuple[Path, ...]:
    """List the paths from the loss to a node, in the order of the graph.

    Parameters
    ----------
    first
        List only so many of them, however many there are.

    Raises
    ------
    LimitError
        If there are more than `limit` and `first` is not given; the message says how many.
    UnknownNameError
        If a name is not a node of the graph.
    DefinitionError
        If a recurrence lies between them: its paths are those at a given length.
    """
    top, end = _ends(graph, wrt, loss)
    table = links(graph, (top, end), auxiliaries)
    number = _counts(table, end)
    if first is None:
        check_limit(number.get(top, 0), f"paths from {top}", wrt, limit)
    return tuple(Path(steps, top) for steps in islice(_walk(table, number, top, end), first))


def paths_along(table: Mapping[str, tuple[Link, ...]], top: str, end: str) -> Iterator[Path]:
    """Yield the paths from one node to another along links, in the order of the graph."""
    return (Path(steps, top) for steps in _walk(table, _counts(table, end), top, end))


def check_limit(number: int, what: str, wrt: str, limit: int) -> None:
    """Refuse too many paths or products, and say how many there are.

    Raises
    ------
    LimitError
        If there are more than `limit`.
    """
    if number > limit:
        raise LimitError(
            f"there are {number:,} {what} to {wrt}, more than the limit of {limit:,}; "
            f"raise it with --limit N, list the first K paths with --first K (first=K) or, at given values, "
            f"the K largest with --largest K (largest=K), or use the delta style, which needs no paths"
        )


def _walk(
    table: Mapping[str, tuple[Link, ...]], number: Mapping[str, int], top: str, end: str
) -> Iterator[tuple[Link, ...]]:
    """Walk down depth first, into nodes from which there is a way to the end."""
    if top == end:
        yield ()
        return
    taken: list[Link] = []
    waiting = [iter(table[top])]
    while waiting:
        link = next((link for link in waiting[-1] if number.get(link.parent, 0)), None)
        if link is None:
            waiting.pop()
            del taken[-1:]
        elif link.parent == end:
            yield (*taken, link)
        else:
            taken.append(link)
            waiting.append(iter(table[link.parent]))


def _ends(graph: Graph, wrt: str, loss: str | None) -> tuple[str, str]:
    top = loss or graph.loss or ""
    for name in (top, wrt):
        if name not in graph:
            raise unknown("node", name, graph.by_name)
    _refuse_recurrence(graph, top, wrt)
    return top, wrt


def _refuse_recurrence(graph: Graph, top: str, wrt: str) -> None:
    """Refuse to follow paths through a recurrence, whose number depends on its length."""
    circles = [group for group in graph.groups if group.along is not None]
    if not circles:
        return
    above = graph.ancestors(top)
    for group in circles:
        if group.names[0] in above and wrt in graph.ancestors(group.names[0]):
            raise RecurrenceError(
                f"{' and '.join(group.names)} {'form' if group.names[1:] else 'forms'} "
                f"a recurrence along {group.along}; "
                f"its paths are counted at a given length: take the neuron view ({_length(graph, group)}"
                f'--level neuron), or write it out with net.unroll("{group.along}", 3)'
            )


def _length(graph: Graph, group: Group) -> str:
    """Return how the length of a recurrence is given, ``--size T=3``, where it has a name."""
    length = next(axis.size for axis in graph[group.names[0]].axes if axis.letter == group.along)
    return f"--size {length}=3 " if length.is_Symbol else ""


def start(graph: Graph, path: Path) -> Term:
    """Return the empty product at the loss; bodies of products are tuples of factors."""
    return Term(graph[path.start].index, graph[path.start].axes, sp.Tuple())


def products(graph: Graph, path: Path) -> Iterator[Term]:
    """Yield the products of a path as tuples of factors, one for each choice of routes."""
    for choice in product(*(link.routes for link in path.links)):
        yield reduce(through, chain.from_iterable(choice), start(graph, path))


def path_sum(graph: Graph, wrt: str, loss: str | None = None, *, limit: int = LIST_LIMIT) -> tuple[Term, ...]:
    """Return the gradient as the sum over all paths: one term for each product.

    Raises
    ------
    LimitError
        If there are more than `limit` products.
    """
    check_limit(count_products(graph, wrt, loss), "products of partials", wrt, limit)
    found = (p for path in paths(graph, wrt, loss, limit=limit) for p in products(graph, path))
    return tuple(Term(p.write, p.bound, sp.Mul(*p.body)) for p in found)
