"""How many operations a gradient takes: as trees, as one graph, along paths, by the δ recursion.

An operation is ``+ − · ÷``, a power, or a call of a function; a sign costs nothing, and a number made of
numbers and sizes is known.  All is counted as the definitions and the derived formulas stand, in the latter
what does not depend on what is summed before the sum, without writing anything out::

    tree(z)  = Σ_terms (operations of the body + Σ tree of what it reads) + additions
    paths(x) = Σ_edges paths(z),   each path a product of partials over named nodes, the products added up

What is counted are the formulas of the view: the layer view multiplies ``y[i] y[j]`` where the neuron
view squares y1.  A count is a formula where sizes are open.  It holds if all entries of an array are
alike; where they are not (computed subscripts, recurrences), the entries are counted one by one, at
numbers for all sizes.
(Griewank, Walther 2008, section 3.3: a gradient costs a small multiple of its function.)
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeAlias

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.jacobians import jacobian
from symgrad.derive.outside import outside
from symgrad.derive.paths import links
from symgrad.derive.rewrite import Knowledge, simplify
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Edge, Graph, Node, Term

Count: TypeAlias = sp.Expr
ZERO, ONE = sp.Integer(0), sp.Integer(1)


@lru_cache(maxsize=50_000)
def operations(body: sp.Expr) -> int:
    """Return the operations of an expression as it stands."""
    if isinstance(body, Ref) or not body.atoms(Ref):
        return 0
    return _own(body) + sum(map(operations, _parts(body)))


def _own(body: sp.Expr) -> int:
    """Return the operations between the parts of an expression."""
    if body.is_Mul:
        return len(_factors(body)) - 1 + int(_only_divides(body))
    if body.is_Pow:
        return 1 + int(_divides(body) and body.exp != -1)
    joins = body.is_Add or isinstance(body, sp.Max | sp.Min)
    return len(body.args) - 1 if joins else 1


def _parts(body: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return what an expression is computed from; of a quotient what stands above the line and below."""
    if body.is_Mul:
        return tuple(1 / factor if _divides(factor) else factor for factor in _factors(body))
    return tuple(body.args)


def _factors(body: sp.Expr) -> list[sp.Expr]:
    """Return the factors of a product, all constants as one, a sign as none."""
    moving = [factor for factor in body.args if factor.atoms(Ref)]
    constant = sp.Mul(*(factor for factor in body.args if not factor.atoms(Ref)))
    return moving if constant in (1, -1) else [constant, *moving]


def _divides(factor: sp.Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.could_extract_minus_sign())


def _only_divides(product: sp.Expr) -> bool:
    """Whether nothing stands above the line of a product but a sign."""
    return all(map(_divides, _factors(product)))


def _read(body: sp.Expr) -> Counter[str]:
    """Return how often each node stands in an expression."""
    return Counter(part.name for part in sp.preorder_traversal(body) if isinstance(part, Ref))


@dataclass(frozen=True)
class Tally:
    """Counts over a graph with numbers for some of its sizes.

    Attributes
    ----------
    sizes
        The numbers; the counts are formulas in the other sizes.
    """

    graph: Graph
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])

    @cached_property
    def _table(self) -> Mapping[sp.Expr, sp.Expr]:
        return {size(name): sp.Integer(number) for name, number in self.sizes.items()}

    def extent(self, axes: Iterable[Axis]) -> Count:
        """Return how many values some letters take together."""
        return sp.prod([axis.size.xreplace(self._table) for axis in axes])

    def once(self, node: Node) -> Count:
        """Return the operations of one entry of a node, everything that it reads being known."""
        parts = [self._added(term) * (operations(self._body(term)) + 1) for term in node.terms]
        return sp.expand(sp.Add(*parts) - 1) if parts else ZERO

    def total(self, names: Iterable[str]) -> Count:
        """Return the operations of some nodes, each entry computed once."""
        nodes = map(self.graph.by_name.__getitem__, names)
        return sp.expand(sp.Add(*(self.extent(node.axes) * self.once(node) for node in nodes)))

    @cached_property
    def trees(self) -> Mapping[str, Count]:
        """For every node, the operations of one entry written out over the leaves, nothing shared."""
        found: dict[str, Count] = {}
        for node in self.graph.nodes:
            read = (
                self._added(term) * times * found[name]
                for term in node.terms
                for name, times in _read(term.body).items()
            )
            found[node.name] = sp.expand(self.once(node) + sp.Add(*read))
        return found

    def _added(self, term: Term) -> Count:
        """Return how many values a term adds to an entry."""
        return self.extent(axis for axis in term.bound if axis.symbol not in term.write)

    def _body(self, term: Term) -> sp.Expr:
        return term.body.xreplace(self._table)

    def cases(self, edge: Edge) -> Iterator[tuple[Count, sp.Expr]]:
        """Yield how many edges lead from an entry, with their partial; a Kronecker delta is settled."""
        number = self.extent(axis for axis in edge.bound if axis.symbol not in edge.read)
        partial = edge.partial.xreplace(self._table)
        kronecker = next((e for e in sorted(partial.atoms(Equal), key=str) if not e.atoms(Ref)), None)
        if kronecker is None:
            yield number, partial
            return
        alike = number / self.extent(axis for axis in edge.bound if axis.symbol == kronecker.args[0])
        yield alike, partial.xreplace({kronecker: ONE})
        yield number - alike, partial.xreplace({kronecker: ZERO})


@dataclass
class Paths:
    """The paths from the loss to an entry of a node.

    Attributes
    ----------
    number
        How many there are.
    factors
        The factors of all of them that are not 1 or −1.
    inside
        The operations of these factors.
    bare
        The paths without such a factor.
    """

    number: Count = ZERO
    factors: Count = ZERO
    inside: Count = ZERO
    bare: Count = ZERO

    @property
    def operations(self) -> Count:
        """What it takes to multiply every path out and to add the products up; without a path nothing."""
        if self.number == 0:
            return ZERO
        products = self.factors - (self.number - self.bare)
        return sp.expand(self.inside + products + self.number - 1)

    def extend(self, to: "Paths", number: Count, partial: sp.Expr) -> None:
        """Carry all paths along edges with one partial to a parent."""
        plain = partial in (1, -1)
        to.number = sp.expand(to.number + number * self.number)
        to.factors = sp.expand(to.factors + number * (self.factors + (0 if plain else self.number)))
        to.inside = sp.expand(to.inside + number * (self.inside + operations(partial) * self.number))
        to.bare = sp.expand(to.bare + (number * self.bare if plain else ZERO))


def paths_of(tally: Tally, loss: str, edges: Mapping[str, tuple[Edge, ...]]) -> Mapping[str, Paths]:
    """Return the paths from the loss to an entry of every node, counted along the edges from children."""
    found = {name: Paths() for name in edges}
    found[loss] = Paths(ONE, bare=ONE)
    for node in reversed(tally.graph.nodes):
        for edge in edges.get(node.name, ()) if found[node.name].number != 0 else ():
            for number, partial in tally.cases(edge):
                if number != 0 and partial != 0:
                    found[node.name].extend(found[edge.parent], number, partial)
    return found


def edges_between_named(graph: Graph) -> Mapping[str, tuple[Edge, ...]]:
    """Return for every node the edges from its named parents, auxiliaries eliminated; others have none."""
    knowledge, table = Knowledge.of_graph(graph), links(graph)
    found = {name: tuple(e for link in to for e in jacobian(graph, link, knowledge))
             for name, to in table.items()}  # fmt: skip
    return {node.name: found.get(node.name, ()) for node in graph.nodes}


def are_alike(graph: Graph) -> bool:
    """Whether all entries of every array are computed and read alike: every subscript is a whole axis."""
    terms = [(node, term) for node in graph.nodes for term in node.terms]
    return not graph.recurrent and all(_is_even(graph, node, term) for node, term in terms)


def _is_even(graph: Graph, node: Node, term: Term) -> bool:
    places = ((node.name, term.write), *((r.name, r.index) for r in term.accesses))
    whole = all(_is_whole(term.bound, subscripts, graph[name].axes) for name, subscripts in places)
    compared = {e: ONE for e in term.body.atoms(Equal) if e.atoms(Ref)}
    return whole and not term.body.xreplace(compared).free_symbols & set(term.sizes)


def _is_whole(bound: Iterable[Axis], subscripts: tuple[sp.Expr, ...], axes: tuple[Axis, ...]) -> bool:
    sizes: dict[sp.Expr, sp.Expr] = {axis.symbol: axis.size for axis in bound}
    return len(set(subscripts)) == len(subscripts) and [sizes.get(at) for at in subscripts] == [
        axis.size for axis in axes
    ]


def lead_alike(graph: Graph, edges: Mapping[str, tuple[Edge, ...]]) -> bool:
    """Whether between two nodes there is one kind of edge at most, the same for all of their entries."""
    return all(
        len({edge.parent for edge in into}) == len(into)
        and all(
            _is_whole(edge.bound, at, graph[name].axes)
            for edge in into
            for name, at in ((edge.child, edge.write), (edge.parent, edge.read))
        )
        for into in edges.values()
    )


def backward(graph: Graph, loss: str) -> tuple[Graph, Mapping[str, str]]:
    """Return the graph with the simplified deltas of all parameters, factors before sums, and their names."""
    names = [node.name for node in graph.parameters]
    found = simplify(deltas(graph, names, loss), names).backward
    made = outside(found.graph, (node.name for node in found.graph.nodes if node.name not in graph))
    return made, {name: found.delta[name] for name in names}
