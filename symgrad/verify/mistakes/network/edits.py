"""What can go wrong on one edge: other partials in the place of the right one.

Each function here yields partials for an edge, with a word for what is different.  The rows of the catalogue
say which mistake that is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.model.expressions import Ref, refs, size
from symgrad.model.functions import Equal, Pointwise
from symgrad.model.graph import Edge, Graph, Kind, Node, Term
from symgrad.verify.mistakes.network.flow import DELTA
from symgrad.verify.networks.posing import Posed

Change = tuple[sp.Expr, str | sp.Expr]
Changes = Callable[["Scene", Edge], Iterator[Change]]


@dataclass(frozen=True)
class Scene:
    """A network at given sizes, as far as mistakes depend on it."""

    posed: Posed

    @property
    def graph(self) -> Graph:
        """The layer view."""
        return self.posed.model.graph

    @property
    def loss(self) -> str:
        """What is derived."""
        return self.posed.model.loss

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges on a way to the loss, those near it first."""
        above = self.graph.ancestors(self.loss)
        names = [node.name for node in reversed(self.graph.nodes) if node.name in above]
        return tuple(edge for name in names for edge in self.graph.in_edges[name])

    def term(self, edge: Edge) -> Term:
        """Return the term that an edge stands in."""
        return self.graph[edge.child].terms[edge.term]

    def below(self, names: tuple[str, ...]) -> frozenset[str]:
        """Return some nodes with everything that they depend on, of a recurrence all of it."""
        circles = [group.names for group in self.graph.groups if group.along]
        whole = {name for names_ in circles if set(names_) & set(names) for name in names_}
        return self.graph.ancestors(*names, *whole)

    def upwards(self, name: str) -> frozenset[str]:
        """Return everything that depends on a node."""
        above = (node.name for node in self.graph.nodes if name in self.graph.ancestors(node.name))
        return frozenset(above) - {name}

    def length(self, extent: sp.Expr) -> int:
        """Return the number of a size."""
        numbers = {size(name): sp.Integer(number) for name, number in self.posed.sizes.items()}
        return int(extent.xreplace(numbers))

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a node."""
        return self.posed.values[name].shape


def above(graph: Graph, name: str) -> list[str]:
    """Return a node, or of an auxiliary what it goes into."""
    if not graph[name].auxiliary:
        return [name]
    children = dict.fromkeys(edge.child for edge in graph.out_edges[name])
    return list(dict.fromkeys(found for child in children for found in above(graph, child)))


def through_time(graph: Graph, edge: Edge) -> bool:
    """Whether an edge leads from one step of a recurrence to another."""
    within = edge.parent in graph.recurrent and edge.child in graph.recurrent
    return within and any(not at.is_Symbol for at in (*edge.read, *edge.write))


def nothing(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Leave the edge out."""
    yield sp.Integer(0), ""


def turned(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Give the partial the other sign."""
    yield -edge.partial, ""


def times(number: sp.Rational) -> Changes:
    """Multiply the partial by a number."""

    def changes(scene: Scene, edge: Edge) -> Iterator[Change]:
        yield number * edge.partial, ""

    return changes


def factors_lost(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Leave one factor of the partial out, or all of it."""
    factors = [f for f in sp.Mul.make_args(edge.partial) if f.atoms(Ref) or _is_root(f)]
    for factor in factors:
        yield edge.partial / factor, factor


def _is_root(factor: sp.Expr) -> bool:
    """Whether a factor is a root of a size, as 1/√D is."""
    return factor.is_Pow and not factor.exp.is_integer and bool(factor.free_symbols)


def factors_doubled(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Multiply one factor of the partial in twice."""
    for factor in sp.Mul.make_args(edge.partial):
        if factor.atoms(Ref):
            yield edge.partial * factor, factor


def signs_inside(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Turn the sign between two summands of the partial."""
    for total in sorted(edge.partial.atoms(sp.Add), key=sp.default_sort_key):
        if len(total.args) == 2:
            first, second = total.args
            yield edge.partial.xreplace({total: first - second}), total


def transposed(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Exchange two subscripts of a parameter."""
    for ref in _read(scene, edge, Kind.PARAMETER):
        for swapped in _swapped(ref):
            if _fits(scene, edge, swapped):
                yield edge.partial.xreplace({ref: swapped}), ref.name


def _swapped(ref: Ref) -> Iterator[Ref]:
    for k in range(len(ref.index)):
        for m in range(k + 1, len(ref.index)):
            index = list(ref.index)
            index[k], index[m] = index[m], index[k]
            if index[k] != index[m]:
                yield ref.at(index)


def _read(scene: Scene, edge: Edge, *kinds: Kind) -> list[Ref]:
    return [ref for ref in refs(edge.partial) if not kinds or scene.graph[ref.name].kind in kinds]


def _fits(scene: Scene, edge: Edge, ref: Ref) -> bool:
    """Whether plain letters run over as many entries as the axes at which they stand."""
    lengths = {axis.symbol: scene.length(axis.size) for axis in edge.bound}
    shape = scene.shape(ref.name)
    return all(lengths.get(i, n) == n for i, n in zip(ref.index, shape, strict=True))


def other_letters(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Read a value at another index of the edge."""
    for ref in _read(scene, edge):
        for k, letter in enumerate(ref.index):
            for axis in edge.bound:
                moved = ref.at((*ref.index[:k], axis.symbol, *ref.index[k + 1 :]))
                if axis.symbol not in ref.index and _fits(scene, edge, moved) and letter.is_Symbol:
                    yield edge.partial.xreplace({ref: moved}), f"{moved} stands where {ref} belongs"


def other_layers(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Read the node of the same role in another layer."""
    for ref, name in _rivals(scene, edge):
        if same_role(scene.graph, name, ref.name):
            yield (
                edge.partial.xreplace({ref: Ref(name, ref.index)}),
                f"{name} stands where {ref.name} belongs",
            )


def other_operands(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Read another node of the same shape."""
    for ref, name in _rivals(scene, edge):
        if not same_role(scene.graph, name, ref.name):
            yield (
                edge.partial.xreplace({ref: Ref(name, ref.index)}),
                f"{name} stands where {ref.name} belongs",
            )


def _rivals(scene: Scene, edge: Edge) -> Iterator[tuple[Ref, str]]:
    for ref in _read(scene, edge):
        own = scene.graph[ref.name]
        for node in scene.graph.nodes:
            if _alike(own, node) and scene.shape(node.name) == scene.shape(ref.name):
                yield ref, node.name


def _alike(one: Node, other: Node) -> bool:
    """Whether one could be taken for the other: both parameters, or both no parameters."""
    parameters = (one.kind is Kind.PARAMETER) == (other.kind is Kind.PARAMETER)
    apart = one.name != other.name and not other.auxiliary and other.reduce == "sum"
    return parameters and apart and bool(one.axes)


def same_role(graph: Graph, one: str, other: str) -> bool:
    """Whether two nodes are the same in two layers, by their letters, or gates of one recurrence."""
    return _letter(one) == _letter(other) or (_gate(graph, one) == _gate(graph, other) != "")


def _letter(name: str) -> str:
    return name.rstrip("0123456789_")


def _gate(graph: Graph, name: str) -> str:
    """Return what a node is in a gate: its value, what goes into it, or a weight of it; else no text."""
    if name in graph.recurrent:
        terms = graph[name].terms
        plain = len(terms) == 1 and isinstance(terms[0].body, Pointwise)
        return "gate" if plain else f"sum of {len(terms)}" if len(terms) > 2 else ""
    children = [edge.child for edge in graph.out_edges[name]]
    weight = graph[name].kind is Kind.PARAMETER and len(children) == 1 and children[0] in graph.recurrent
    return f"weight of rank {len(graph[name].axes)}" if weight else ""


def updated(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Read a parameter after its update; the step size is left open."""
    for ref in _read(scene, edge, Kind.PARAMETER):
        if edge.parent != ref.name:
            yield edge.partial.xreplace({ref: ref + Ref(DELTA + ref.name, ref.index)}), ref.name


def flipped(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Turn a kernel round along the letters that count its entries, or along one of them."""
    for ref in _read(scene, edge, Kind.PARAMETER):
        sliding = [k for k, i in enumerate(ref.index) if i.is_Symbol and _slides(scene, edge, i)]
        for chosen in (
            [sliding, *([k] for k in sliding)] if len(sliding) > 1 else [sliding] if sliding else []
        ):
            ends = scene.graph[ref.name].shape
            turned_ = [ends[k] - 1 - i if k in chosen else i for k, i in enumerate(ref.index)]
            yield edge.partial.xreplace({ref: ref.at(turned_)}), ref.name


def _slides(scene: Scene, edge: Edge, letter: sp.Symbol) -> bool:
    """Whether a letter moves a window: it stands in a sum of letters in some subscript."""
    term = scene.term(edge)
    subscripts = [i for ref in term.accesses for i in ref.index] + list(term.write)
    return any(i.is_Add and letter in i.free_symbols for i in subscripts)


def window_flipped(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Read what a kernel slides over from the other end of the window."""
    for ref in _read(scene, edge):
        sliding = {i for w in ref.index if w.is_Add for i in w.free_symbols if _counts(edge, i)}
        lengths = {axis.symbol: axis.size for axis in edge.bound}
        back = {i: lengths[i] - 1 - i for i in sliding}
        if sliding and scene.graph[edge.parent].kind is Kind.PARAMETER:
            yield edge.partial.xreplace({ref: ref.at(w.xreplace(back) for w in ref.index)}), edge.parent


def _counts(edge: Edge, letter: sp.Symbol) -> bool:
    return letter in edge.read


def one_of_a_sum(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Take one summand, the first or the last, of what is summed on the way to a shared parameter."""
    if scene.graph[edge.parent].kind is not Kind.PARAMETER:
        return
    kept = {s for subscript in edge.read for s in subscript.free_symbols}
    for axis in edge.bound:
        if axis.symbol not in kept and scene.length(axis.size) > 1:
            for place in (sp.Integer(0), axis.size - 1):
                yield Equal(axis.symbol, place) * edge.partial, f"{axis.letter} = {place + 1}"
    summed = [axis for axis in edge.bound if axis.symbol not in kept]
    if len(summed) > 1:
        first = sp.Mul(*(Equal(axis.symbol, sp.Integer(0)) for axis in summed))
        yield first * edge.partial, " and ".join(f"{axis.letter} = 1" for axis in summed)
