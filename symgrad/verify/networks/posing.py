"""A network at given sizes: every node and every delta as a step of one tape.

What is claimed of a network is put beside the deltas that were derived, entry by entry, over the leaves of
the network.  Where its sizes are symbols it is posed at two choices of small sizes, of which as many differ
as can: a transposed matrix then does not fit, and a number does not pass for a size.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.instancing import Instance, as_leaf, at_sizes
from symgrad.derive.kinks import off_kinks
from symgrad.derive.paths import Link, links
from symgrad.derive.scalars import evaluate
from symgrad.derive.sizes import different_sizes
from symgrad.derive.views import View
from symgrad.derive.written import entry
from symgrad.exact.tapes import Slot, Tape
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.instances import entries, numbered
from symgrad.model.model import Model
from symgrad.verify.evidence.domain import Array, Domain, leaf_key

# Arrays of slots, and of the names of entries.
Slots = npt.NDArray[Any]
Names = npt.NDArray[Any]

CLASSES = 2


@dataclass(frozen=True)
class Posed:
    """A network at given sizes.

    Attributes
    ----------
    sizes
        The number of every size.
    names
        For every node of the layer view, the names of its entries at the level that is spoken.
    tape
        Where everything is computed.
    values, deltas
        For every node of the layer view, the steps that compute its entries, and ∂J/∂ them.
    domain
        What is known of the leaves; their keys are the names of entries.
    scalars
        For every node of the layer view, the names of its entries in `forward`.
    forward
        The network in scalars.
    known
        The steps that compute what is read there.
    """

    view: View
    sizes: Mapping[str, int]
    names: Mapping[str, Names]
    tape: Tape
    values: Mapping[str, Slots]
    deltas: Mapping[str, Slots]
    domain: Domain
    scalars: Mapping[str, Names]
    forward: Graph
    known: Mapping[sp.Expr, Slot]

    @cached_property
    def links(self) -> Mapping[str, tuple[Link, ...]]:
        """The single steps of the chain rule from every scalar."""
        return links(self.forward)

    @property
    def model(self) -> Model:
        """The network."""
        return self.view.model

    @cached_property
    def places(self) -> Mapping[str, tuple[str, tuple[int, ...]]]:
        """For every entry by its name, the node of the layer view and its subscripts."""
        found = ((name, at) for name, array in self.names.items() for at in entries(array.shape))
        return {str(self.names[name][at]): (name, at) for name, at in found}

    def delta(self, wrt: str) -> Slots:
        """Return ∂J/∂wrt at the level that is spoken, entry by entry."""
        if self.view.level == "layer":
            return self.deltas[wrt]
        owner, at = self.places[wrt]
        return scalar(self.deltas[owner][at])

    def entries(self, wrt: str) -> tuple[str, ...]:
        """Return the names of the entries of a node at the level that is spoken."""
        return tuple(self.names[wrt].flat) if self.view.level == "layer" else (wrt,)

    @property
    def table(self) -> dict[str, Slots]:
        """The value of every node by its name at the level that is spoken."""
        if self.view.level == "layer":
            return dict(self.values)
        return {name: scalar(self.values[owner][at]) for name, (owner, at) in self.places.items()}


def scalar(value: Any) -> Slots:
    """Return one value as an array without axes."""
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def entrywise(change: Callable[..., Slot], *arrays: Slots) -> Slots:
    """Return an array of what becomes of the entries of others, one without axes included."""
    whole = np.empty(arrays[0].shape, dtype=object)
    for at in np.ndindex(whole.shape):
        whole[at] = change(*(array[at] for array in arrays))
    return whole


def posed(view: View, data: Collection[str] = ()) -> Iterator[Posed]:
    """Yield a network at the sizes of its neuron view, or at two choices where it is spoken of in layers.

    Parameters
    ----------
    data
        Leaves that have the values of the example.
    """
    for sizes in _choices(view):
        yield posed_at(view, sizes, data)


def _choices(view: View) -> list[dict[str, int]]:
    if view.level == "neuron":
        return [dict(view.sizes)]
    first, second = different_sizes(view.model), different_sizes(view.model, 1)
    return [first] if first == second else [first, second]


def posed_at(view: View, sizes: Mapping[str, int], data: Collection[str] = ()) -> Posed:
    """Return a network at given sizes, some of its leaves with the values of the example."""
    graph = Graph(tuple(as_leaf(node) for node in view.model.graph.nodes), view.model.loss)
    backward = deltas(view.model.graph, (), view.model.loss)
    instance = at_sizes(view.model.graph, backward, sizes)
    shapes = {node.name: shape_at(node, sizes) for node in graph.nodes}
    names = {node.name: _names(view, node, shapes[node.name], sizes) for node in graph.nodes}
    tape = Tape()
    example = view.model.example
    given = {
        numbered(node, at): tape.number(entry(example[node.name], at))
        if node.name in data
        else tape.leaf(names[node.name][at])
        for node in graph.nodes
        if node.is_leaf
        for at in entries(shapes[node.name])
    }
    known = _decided(instance, tape)
    found = evaluate(instance.backward, tape, given, known)
    values = {name: _array(instance.entries[name], shapes[name], found) for name in shapes}
    zero = tape.number(0)
    slopes = {entry: found[delta] for entry, delta in instance.delta.items()}
    gradients = {name: _array(instance.entries[name], shapes[name], slopes, zero) for name in shapes}
    domain = Domain(tuple(_leaves(view.model.graph, graph, names)))
    scalars = {name: np.array(instance.entries[name], dtype=object).reshape(shapes[name]) for name in shapes}
    return Posed(view, sizes, names, tape, values, gradients, domain, scalars, instance.forward, known)


def shape_at(node: Node, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return the shape of a node at given sizes."""
    table = {size(name): sp.Integer(number) for name, number in sizes.items()}
    return tuple(int(extent.xreplace(table)) for extent in node.shape)


def _names(view: View, node: Node, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Names:
    own = view.model.neuron_names(sizes)
    array = np.empty(shape, dtype=object)
    for at in entries(shape):
        array[at] = own(node, at) if view.level == "neuron" else leaf_key(node.name, at)
    return array


def _array(
    own: tuple[str, ...], shape: tuple[int, ...], found: Mapping[str, Slot], absent: Slot | None = None
) -> Slots:
    array = np.empty(len(own), dtype=object)
    array[:] = [found.get(entry, absent) for entry in own]
    return array.reshape(shape)


def _decided(instance: Instance, tape: Tape) -> dict[sp.Expr, Slot]:
    """Let ids be numbers: the indicators that compare them are 0 or 1."""
    leaves = {node.name for node in instance.forward.nodes if node.is_leaf}
    terms = (term for node in instance.backward.nodes for term in node.terms)
    found = {indicator for term in terms for indicator in term.body.atoms(Equal)}
    asked = [one for one in found if all(r.name in leaves for r in one.atoms(Ref))]
    names = {r.name for one in asked for r in one.atoms(Ref)}
    numbers: dict[sp.Expr, sp.Expr] = {Ref(name): sp.Integer(drawn_id(name)) for name in names}
    sides = {one: tuple(side.xreplace(numbers) for side in one.args) for one in asked}
    return {one: tape.number(int(u == v)) for one, (u, v) in sides.items()}


def drawn_id(entry: str) -> int:
    """Return the number that an id is at every point, from the name of its entry."""
    return Random(entry).randrange(CLASSES)


def _leaves(given: Graph, graph: Graph, names: Mapping[str, Names]) -> Iterator[Array]:
    for node in graph.nodes:
        if node.is_leaf:
            labels = node.targets == "labels" and given[node.name].is_leaf
            kind, args = ("ids", (Fraction(CLASSES),)) if labels else _kind(node)
            own = names[node.name]
            yield Array(node.name, own.shape, kind, args, keys=tuple(own.flat))


def _kind(node: Node) -> tuple[str, tuple[Any, ...]]:
    """Return the word for what is known of a leaf, and what it takes."""
    if node.drawn is not None:
        return "keep", (Fraction(int(node.drawn.p), int(node.drawn.q)),)
    if node.kind is not Kind.TARGET or node.targets == "free":
        return "free", ()
    return ("one_hot" if node.targets == "labels" else node.targets or "free"), ()


def kinks(view: View) -> tuple[str, ...]:
    """Return the places that a statement about the network leaves out, in words."""
    return off_kinks(view.model.graph)
