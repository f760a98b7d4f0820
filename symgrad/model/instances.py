"""The neuron view: a graph at given sizes, every entry of every node a scalar of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from operator import itemgetter

import sympy as sp

from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref
from symgrad.model.graph import Adjoint, Axis, Graph, Node, Term
from symgrad.model.names import check_name

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
    if name_of is not numbered:
        _check_names(graph, names)
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
                f"the neuron view would have {count:,} {what}, more than {ENTRY_LIMIT:,}; "
                "use the layer view or smaller sizes"
            )


def _product(axes: tuple[Axis, ...], table: Mapping[sp.Symbol, sp.Integer]) -> int:
    return prod(int(axis.size.xreplace(table)) for axis in axes)


def _refuse_collisions(names: Names) -> None:
    owner: dict[str, tuple[str, tuple[int, ...]]] = {}
    for entry, name in names.items():
        if name in owner:
            raise DefinitionError(f"{owner[name][0]} and {entry[0]} would both have an entry named {name!r}")
        owner[name] = entry


def _check_names(graph: Graph, names: Names) -> None:
    """Refuse names of entries that no node may have; those of deltas are never typed."""
    for (node, _), name in names.items():
        if graph[node].adjoint is None:
            check_name(name, "node")


def _scalars(
    node: Node,
    table: Mapping[sp.Symbol, sp.Integer],
    numbers: Mapping[str, tuple[int, ...]],
    names: Names,
) -> Iterator[Node]:
    landed: dict[tuple[int, ...], list[Term]] = {at: [] for at in entries(numbers[node.name])}
    for term in node.terms:
        for write, named in _unrolled(node, term, table, names):
            if write not in landed:
                raise DefinitionError(f"{node.name}: a term lands outside its axes, at {_shown(write)}")
            if named != 0 or node.reduce != "sum":
                landed[write].append(Term((), (), named))
    for at, terms in landed.items():
        adjoint = _adjoint(node, at, names)
        yield replace(node, name=names[node.name, at], axes=(), terms=tuple(terms), adjoint=adjoint)


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


def _unrolled(
    node: Node, term: Term, table: Mapping[sp.Symbol, sp.Integer], names: Names
) -> Iterator[tuple[tuple[int, ...], sp.Expr]]:
    """Yield where a term lands and its body over entries, for all values of its letters."""
    letters = [axis.symbol for axis in term.bound]
    write = [_subscript(w, letters, table) for w in term.write]
    read = {r: [_subscript(i, letters, table) for i in r.index] for r in term.accesses}
    loose = [k for k, letter in enumerate(letters) if letter in term.body.free_symbols]
    given = {symbol: table[symbol] for symbol in term.body.free_symbols if symbol in table}
    for at in entries(tuple(int(axis.size.xreplace(table)) for axis in term.bound)):
        places = {ref: (ref.name, tuple(i(at) for i in index)) for ref, index in read.items()}
        known: dict[sp.Expr, sp.Expr] = {r: Ref(names[p]) for r, p in places.items() if p in names}
        known |= given | {letters[k]: sp.Integer(at[k]) for k in loose}
        body = term.body.xreplace(known)
        _refuse_outside(node, body, {ref: place for ref, place in places.items() if ref not in known})
        yield tuple(w(at) for w in write), body


def _refuse_outside(node: Node, body: sp.Expr, places: Mapping[Ref, tuple[str, tuple[int, ...]]]) -> None:
    """Refuse a body that still reads what has no entry, if it is not multiplied by zero."""
    for name, at in (place for ref, place in places.items() if body.has(ref)):
        raise DefinitionError(f"{node.name}: {name} is read outside its axes, at {_shown(at)}")


def _subscript(
    subscript: sp.Expr, letters: Sequence[sp.Symbol], table: Mapping[sp.Symbol, sp.Integer]
) -> Callable[[tuple[int, ...]], int]:
    """Return a subscript as a function of the values of the letters; most are letters or sums of them."""
    if subscript in letters:
        return itemgetter(letters.index(subscript))
    expression = sp.expand(subscript.xreplace(table))
    parts = expression.as_coefficients_dict()
    if any((part != 1 and part not in letters) or not times.is_Integer for part, times in parts.items()):
        return lambda at: int(
            expression.xreplace({s: sp.Integer(k) for s, k in zip(letters, at, strict=True)})
        )
    steps = [(letters.index(part), int(times)) for part, times in parts.items() if part != 1]
    constant = int(parts.get(sp.Integer(1), 0))
    return lambda at: constant + sum(at[k] * times for k, times in steps)
