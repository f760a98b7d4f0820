"""Weights that `train` keeps with rows for columns: products that read them turned only are faster so.

``x Wᵀ`` with W as (out, in) reads W against its memory; a copy as (in, out), made once before training and
read back behind it, does not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.ordering import nest
from symgrad.kernels.pieces import plain
from symgrad.kernels.plan import Part
from symgrad.kernels.schedule import choose
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Assign, Statements
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Node, Term


def turnable(spec: KernelSpec, parts: Iterable[Part], parameters: Iterable[str]) -> tuple[str, ...]:
    """Return those of some parameters that are matrices and that every reader reads turned."""
    ways: dict[str, set[bool]] = {}
    for part in parts:
        for name, way in _ways(spec, part):
            ways.setdefault(name, set()).add(way)
    return tuple(n for n in parameters if len(spec.graph[n].axes) == MATRIX and ways.get(n) == {True})


def _ways(spec: KernelSpec, part: Part) -> Iterator[tuple[str, bool]]:
    """Yield for everything that is read whether it is a turned matrix in a product."""
    for piece in part.pieces:
        for summand in piece.summands:
            found = choose(spec, piece, summand).contraction if summand.summed else None
            sides = (found.left, found.right) if found else ()
            yield from ((side.ref.name, side.turned and side.lead == ()) for side in sides)
            inside = (summand.factor,) if found else (summand.factor, summand.inner)
            yield from ((ref.name, False) for value in inside for ref in value.atoms(Ref))
        yield from ((ref.name, False) for term in piece.landings for ref in term.body.atoms(Ref))


def turned(spec: KernelSpec, names: Iterable[str]) -> KernelSpec:
    """Return the spec of the same network with some matrices, and their deltas, turned."""
    new = {name: turned_name(name) for name in names}
    found = new | {spec.delta[name]: spec.delta[name] for name in new}
    graph = Graph(tuple(_node(node, found) for node in spec.graph.nodes), spec.graph.loss)
    trained = None if spec.trained is None else tuple(new.get(n, n) for n in spec.trained)
    delta = {new.get(n, n): d for n, d in spec.delta.items()}
    describe = _describer(spec, frozenset(found.values()))
    return replace(spec, graph=graph, delta=delta, trained=trained, describe=describe)


def _describer(spec: KernelSpec, changed: frozenset[str]) -> Callable[[Node], str]:
    """Return what writes the formulas as they were, and says which of their arrays are turned."""
    write = spec.describe or plain

    def told(node: Node) -> str:
        formula = write(spec.graph.by_name.get(node.name, node))
        return f"{formula}, turned" if node.name in changed else formula

    return told


def turned_name(name: str) -> str:
    """Return what a turned matrix is called."""
    return f"{name}_turned"


def plain_name(name: str) -> str:
    """Return what a matrix is called that may be turned."""
    return name.removesuffix("_turned")


def _node(node: Node, found: dict[str, str]) -> Node:
    terms = tuple(_term(term, found) for term in node.terms)
    if node.name not in found:
        return replace(node, terms=terms)
    terms = tuple(replace(term, write=term.write[::-1]) for term in terms)
    return replace(node, name=found[node.name], axes=node.axes[::-1], terms=terms)


def _term(term: Term, found: dict[str, str]) -> Term:
    def change(ref: Ref) -> Ref:
        return Ref(found[ref.name], ref.index[::-1]) if ref.name in found else ref

    return replace(term, body=map_refs(term.body, change))


def copied(spec: KernelSpec, name: str) -> Statements:
    """Return the statements that turn a matrix before training."""
    rows, columns = spec.axes(spec.graph[name])
    there, here = _places(spec, name)
    room = Allocate(turned_name(name), (columns.size, rows.size))
    return room, *nest((rows, columns), (Assign(there, here),))


def restored(spec: KernelSpec, name: str) -> Statements:
    """Return the statements that turn it back."""
    there, here = _places(spec, name)
    return nest(spec.axes(spec.graph[name]), (Assign(here, there),))


def _places(spec: KernelSpec, name: str) -> tuple[Ref, Ref]:
    index = spec.graph[name].index
    return Ref(turned_name(name), index[::-1]), Ref(name, index)
