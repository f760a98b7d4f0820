"""A recurrence written out: ``h[n,t,i]`` becomes ``h_1[n,i]``, ``h_2[n,i]``, …; the rest stays as it is."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product, takewhile

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs, reindex
from symgrad.model.graph import Graph
from symgrad.model.instances import size_symbols
from symgrad.model.model import Model
from symgrad.model.nodes import Adjoint, Axis, Node, Term
from symgrad.model.terms import summed


@dataclass(frozen=True)
class _Cut:
    """Which axis of which node is written out, and what sizes are known by that."""

    places: Mapping[str, int]
    sizes: Mapping[sp.Expr, sp.Expr]

    def axes(self, node: Node) -> tuple[Axis, ...]:
        """Return the axes that a node keeps."""
        kept = (axis for k, axis in enumerate(node.axes) if k != self.places.get(node.name))
        return self.sized(kept)

    def sized(self, axes: Iterator[Axis] | tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(Axis(axis.letter, axis.size.xreplace(self.sizes)) for axis in axes)

    def at(self, ref: Ref) -> Ref:
        """Return what an access reads, its subscript along the axis a number by now."""
        place = self.places.get(ref.name)
        if place is None:
            return ref
        rest = (i for k, i in enumerate(ref.index) if k != place)
        return Ref(copy_name(ref.name, int(ref.index[place])), rest)


def copy_name(name: str, at: int) -> str:
    """Return the name of a node at one place of the axis; people count from 1."""
    return f"{name}_{at + 1}"


def unroll(graph: Graph, along: str, length: int) -> Graph:
    """Write the recurrences along one axis out.

    Parameters
    ----------
    along
        The letter of the axis.
    length
        How many places it has; must be its size where that is a number.

    Raises
    ------
    DefinitionError
        If there is no recurrence along that axis, or it has another length.
    """
    places = _places(graph, along)
    cut = _Cut(places, _length({graph[n].axes[k].size for n, k in places.items()}, along, length))
    return Graph(tuple(new for node in graph.nodes for new in _copies(node, cut, length)), graph.loss)


def unroll_model(model: Model, along: str, length: int) -> Model:
    """Write the recurrences of a model along one axis out.

    An output along that axis becomes as many outputs; sizes, example values and names of neurons stay,
    as far as what they belong to does.

    Raises
    ------
    DefinitionError
        As `unroll` does.
    """
    graph = unroll(model.graph, along, length)
    cut = {node.name for node in model.graph.nodes} - set(graph.by_name)
    outputs = ([copy_name(o, at) for at in range(length)] if o in cut else [o] for o in model.outputs)
    left = {str(symbol) for symbol in size_symbols(graph)}
    return replace(
        model,
        graph=graph,
        sizes={name: number for name, number in model.sizes.items() if name in left},
        samples=model.samples if model.samples in left else None,
        outputs=tuple(name for several in outputs for name in several),
        entries={name: entry for name, entry in model.entries.items() if name not in cut},
    )


def _places(graph: Graph, along: str) -> dict[str, int]:
    """Return the nodes of the recurrences along an axis, and which of their axes it is."""
    names = [name for group in graph.groups if group.along == along for name in group.names]
    if not names:
        known = sorted({group.along for group in graph.groups if group.along})
        raise DefinitionError(
            f"there is no recurrence along {along}; there are: {', '.join(known) or 'none'}"
        )
    return {n: [axis.letter for axis in graph[n].axes].index(along) for n in names}


def _length(sizes: set[sp.Expr], along: str, length: int) -> dict[sp.Expr, sp.Expr]:
    if length < 1:
        raise DefinitionError(f"the length of {along} is {length}; it is an integer ≥ 1")
    for size in sizes:
        if not size.is_Atom:
            raise DefinitionError(
                f"the axis {along} has the length {size}, which follows from other sizes; "
                f"take the neuron view at chosen sizes instead (--level neuron)"
            )
        if size.is_Integer and size != length:
            raise DefinitionError(f"the axis {along} has the length {size}, not {length}")
    if len(sizes) > 1:
        several = " and ".join(sorted(map(str, sizes)))
        raise DefinitionError(
            f"recurrences along {along} have the lengths {several}; give each an axis letter of its own"
        )
    return {size: sp.Integer(length) for size in sizes if size.is_Symbol}


def _copies(node: Node, cut: _Cut, length: int) -> Iterator[Node]:
    terms = [new for term in node.terms for new in _expanded(node, term, cut)]
    place = cut.places.get(node.name)
    if place is None:
        yield replace(node, axes=cut.axes(node), terms=tuple(terms))
        return
    for at in range(length):
        mine = (t for t in terms if t.write[place] == at)
        own = tuple(replace(t, write=t.write[:place] + t.write[place + 1 :]) for t in mine)
        name = copy_name(node.name, at)
        yield replace(node, name=name, axes=cut.axes(node), terms=own, adjoint=_adjoint(node, at, cut))


def _adjoint(node: Node, at: int, cut: _Cut) -> Adjoint | None:
    mine = node.adjoint
    return replace(mine, of=copy_name(mine.of, at)) if mine and mine.of in cut.places else mine


def _expanded(node: Node, term: Term, cut: _Cut) -> Iterator[Term]:
    """Yield a term once for every place of the letters that stand in a subscript along the axis."""
    along = [r.index[cut.places[r.name]] for r in term.accesses if r.name in cut.places]
    along += [term.write[cut.places[node.name]]] if node.name in cut.places else []
    letters = {symbol for subscript in along for symbol in subscript.free_symbols} & set(term.sizes)
    _check_count(node, term, letters)
    cut_out = [axis for axis in cut.sized(term.bound) if axis.symbol in letters]
    kept = tuple(axis for axis in cut.sized(term.bound) if axis.symbol not in letters)
    for at in product(*(range(int(axis.size)) for axis in cut_out)):
        table = {**cut.sizes, **{a.symbol: sp.Integer(k) for a, k in zip(cut_out, at, strict=True)}}
        body = map_refs(reindex(term.body, table), cut.at)
        yield Term(tuple(w.xreplace(table) for w in term.write), kept, body)


def _check_count(node: Node, term: Term, cut: Collection[sp.Symbol]) -> None:
    """Refuse a maximum that counts over other letters before one that is written out: it would count anew."""
    order = [axis for axis in summed(term) if node.reduce == "argmax"]
    outer = [axis.letter for axis in takewhile(lambda axis: axis.symbol not in cut, order)]
    inner = [axis.letter for axis in order[len(outer) :]]
    if outer and inner:
        raise DefinitionError(
            f"{node.name} counts over {', '.join(outer)} before {inner[0]}; to write {inner[0]} out, let it "
            f"come first, as in max({', '.join((*inner, *outer))}, …)"
        )
