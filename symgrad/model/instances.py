"""The neuron view: a graph at given sizes, every entry of every node a scalar of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import prod

import sympy as sp

from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref, map_refs, reindex
from symgrad.model.graph import Adjoint, Axis, Graph, Node, Term

ENTRY_LIMIT = 200_000

NameOf = Callable[[Node, tuple[int, ...]], str]
Names = Mapping[tuple[str, tuple[int, ...]], str]


def numbered(node: Node, at: tuple[int, ...]) -> str:
    """Name an entry after its node and its subscripts, counted from 1: ``W1_2_3``."""
    return "_".join([node.name, *(str(k + 1) for k in at)])


def instantiate(
    graph: Graph, sizes: Mapping[str, int], name_of: NameOf = numbered, done: Iterable[Node] = ()
) -> Graph:
    """Turn axes into numbers.

    Parameters
    ----------
    sizes
        A number for each symbolic size.
    name_of
        How an entry is named, from its node and its subscripts (counted from 0).
    done
        Entries that were written out before, of the same nodes at the same sizes.

    Raises
    ------
    DefinitionError
        If a size is missing or not positive, two entries would bear one name, or a computed subscript
        runs out of its axis.
    LimitError
        If there would be more than 200,000 scalars or products.
    """
    table = _table(graph, sizes)
    _refuse_large(graph, table)
    numbers = {node.name: tuple(int(s.xreplace(table)) for s in node.shape) for node in graph.nodes}
    names = {(n.name, at): name_of(n, at) for n in graph.nodes for at in entries(numbers[n.name])}
    _refuse_collisions(names)
    known = {scalar.name: scalar for scalar in done}
    nodes: list[Node] = []
    for node in graph.nodes:
        own = [known.get(names[node.name, at]) for at in entries(numbers[node.name])]
        found = [scalar for scalar in own if scalar is not None]
        nodes += found if len(found) == len(own) else _scalars(node, table, numbers, names)
    loss = names.get((graph.loss, ())) if graph.loss else None
    return Graph.of_legal(nodes, loss)


def entries(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the subscripts of an array of that shape, the last one fastest."""
    return product(*map(range, shape))


def size_symbols(graph: Graph) -> tuple[sp.Symbol, ...]:
    """Return the symbolic sizes of a graph, in alphabetical order."""
    found = {s for node in graph.nodes for size in node.shape for s in size.free_symbols}
    for node in graph.nodes:
        for term in node.terms:
            found |= {s for axis in term.bound for s in axis.size.free_symbols}
            written = (term.body, *term.write, *(i for r in term.accesses for i in r.index))
            found |= {s for part in written for s in part.free_symbols - set(term.sizes)}
    return tuple(sorted(found, key=str))


def _positive(name: str, sizes: Mapping[str, int]) -> int:
    if name not in sizes:
        raise DefinitionError(f"the size {name} has no number; give one, as in --size {name}=3")
    if sizes[name] < 1:
        raise DefinitionError(f"the size {name} is {sizes[name]}; sizes are integers ≥ 1")
    return sizes[name]


def number_of_products(graph: Graph, sizes: Mapping[str, int]) -> int:
    """Return how many terms a graph would have in the neuron view, without writing them."""
    return _products(graph, _table(graph, sizes))


def _products(graph: Graph, table: Mapping[sp.Symbol, sp.Integer]) -> int:
    return sum(_product(term.bound, table) for node in graph.nodes for term in node.terms)


def _table(graph: Graph, sizes: Mapping[str, int]) -> dict[sp.Symbol, sp.Integer]:
    return {symbol: sp.Integer(_positive(str(symbol), sizes)) for symbol in size_symbols(graph)}


def _refuse_large(graph: Graph, table: Mapping[sp.Symbol, sp.Integer]) -> None:
    scalars = sum(_product(node.axes, table) for node in graph.nodes)
    products = _products(graph, table)
    for count, what in ((scalars, "scalars"), (products, "products")):
        if count > ENTRY_LIMIT:
            raise LimitError(
                f"the neuron view would have {count:,} {what}, more than {ENTRY_LIMIT:,}; use the layer view"
            )


def _product(axes: tuple[Axis, ...], table: Mapping[sp.Symbol, sp.Integer]) -> int:
    return prod(int(axis.size.xreplace(table)) for axis in axes)


def _refuse_collisions(names: Names) -> None:
    owner: dict[str, tuple[str, tuple[int, ...]]] = {}
    for entry, name in names.items():
        if name in owner:
            raise DefinitionError(f"{owner[name][0]} and {entry[0]} would both have an entry named {name!r}")
        owner[name] = entry


def _scalars(
    node: Node,
    table: Mapping[sp.Symbol, sp.Integer],
    numbers: Mapping[str, tuple[int, ...]],
    names: Names,
) -> Iterator[Node]:
    landed: dict[tuple[int, ...], list[Term]] = {at: [] for at in entries(numbers[node.name])}
    for term in node.terms:
        for write, body in _unrolled(term, table):
            if write not in landed:
                raise DefinitionError(f"{node.name}: a term lands outside its axes, at {_shown(write)}")
            named = map_refs(body, lambda r: _entry(node, r, names))
            if named != 0 or node.reduce != "sum":
                landed[write].append(Term((), (), named))
    for at, terms in landed.items():
        adjoint = _adjoint(node, at, names)
        yield replace(node, name=names[node.name, at], axes=(), terms=tuple(terms), adjoint=adjoint)


def _entry(node: Node, ref: Ref, names: Names) -> Ref:
    at = tuple(int(i) for i in ref.index)
    if (ref.name, at) not in names:
        raise DefinitionError(f"{node.name}: {ref.name} is read outside its axes, at {_shown(at)}")
    return Ref(names[ref.name, at])


def _shown(at: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, at))}] (counted from 0)"


def _adjoint(node: Node, at: tuple[int, ...], names: Names) -> Adjoint | None:
    """Return what an entry of a delta is the delta of; the axes of a vector loss stand in front.

    None where that node is not in the graph.
    """
    if node.adjoint is None:
        return None
    front = next((k for k in range(len(at) + 1) if (node.adjoint.of, at[k:]) in names), None)
    if front is None:
        return None
    loss = names.get((node.adjoint.loss, at[:front]), node.adjoint.loss)
    return Adjoint(loss, names[node.adjoint.of, at[front:]])


def _unrolled(term: Term, table: Mapping[sp.Symbol, sp.Integer]) -> Iterator[tuple[tuple[int, ...], sp.Expr]]:
    shape = tuple(int(axis.size.xreplace(table)) for axis in term.bound)
    for at in entries(shape):
        values = {**table, **{axis.symbol: sp.Integer(k) for axis, k in zip(term.bound, at, strict=True)}}
        yield tuple(int(w.xreplace(values)) for w in term.write), reindex(term.body, values)
