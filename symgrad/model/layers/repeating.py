"""Equal layers on top of one another: a recurrence along the axis of layers, whose length is a size.

A block is written once, for one layer.  Everything that it makes gets the axis l, and where it reads what
it is given it reads the layer below, l − 1; below the first layer is the input.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from symgrad.errors import DefinitionError
from symgrad.model.activations import Activation
from symgrad.model.draft import Draft
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.initial import Initial, split
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Size

Block = Callable[[Draft, Node], Node]


@layer("repeat", "a block of layers L times, every time with parameters of its own")
def repeat(draft: Draft, x: Node, layers: Size, block: Block) -> Node:
    """Add ``a[l,…] = F(a[l−1,…]; W[l,…])`` for the layers l = 0 … L − 1, a[−1] = x; the result is a[L−1].

    Parameters
    ----------
    layers
        How many: a number, or a name such as ``"L"``, and then everything holds for any depth.
    block
        A function ``(draft, h) → Node`` that adds layers to h and returns a node of the shape of h.
        Parameters that it makes get an axis of layers in front, ``W[l,i,j]``; nodes from outside are shared.

    Raises
    ------
    DefinitionError
        If the block changes the shape, does not read what it is given, or adds losses.
    """
    if not callable(block):
        raise DefinitionError(f"the block is a function (draft, h) → node, not {block!r}")
    extent = draft.extent(layers, "L")
    below = draft.enter(Node(draft.apart("below"), x.axes))
    before, parts = frozenset(draft.nodes), dict(draft.parts)
    out = block(draft, below)
    made = tuple(draft.nodes.pop(name) for name in tuple(draft.nodes) if name not in before)
    _check_block(draft, below, out, made)
    if draft.parts != parts:
        raise DefinitionError("the block adds a loss or a penalty; add it behind the layers")
    del draft.nodes[below.name]
    beside = (axis for node in made for axes in _all_axes(node) for axis in axes)
    touched = _touched(made, below)
    places = {node.name: _place(draft, node) for node in made if node.name in touched}
    lift = _Lift(Axis(draft.letters("l", beside)[0], extent), below, out, x, places)
    draft.enter(*map(lift.node, made))
    return draft.define("last", "[...] a[P,...]", a=draft.nodes[out.name], P=extent - 1)


@layer("stack", "L equal dense layers, of the width of what they are given")
def stack(
    draft: Draft,
    x: Node,
    layers: Size,
    *,
    function: str | Activation = "tanh",
    residual: bool = False,
    bias: bool = True,
) -> Node:
    """Add ``a[l,…,i] = tanh(Σ_j W[l,i,j] a[l−1,…,j] + b[l,i])``, with ``a[l−1,…,i] + …`` if `residual`."""

    def block(draft: Draft, h: Node) -> Node:
        z: Node = draft.dense(h, h.shape[-1], bias=bias, activation=function)
        return draft.add(h, z) if residual else z

    return repeat.build(draft, x, layers, block)


def _all_axes(node: Node) -> Iterator[tuple[Axis, ...]]:
    yield node.axes
    yield from (term.bound for term in node.terms)


def _place(draft: Draft, node: Node) -> int:
    return len(draft.front_of(node)) if node.is_leaf else 0


def _check_block(draft: Draft, below: Node, out: Node, made: Iterable[Node]) -> None:
    if not any(node is out for node in made):
        raise DefinitionError("the block adds no layer to what it is given; return what its last layer does")
    if out.shape != below.shape:
        shapes = draft.shown(below, out)
        raise DefinitionError(f"the block changes the shape: {shapes}; a repeated block keeps it")
    if out.name not in _touched((node for node in made if not node.is_leaf), below):
        raise DefinitionError(f"{out.name} does not depend on what the block is given")


def _touched(made: Iterable[Node], below: Node) -> frozenset[str]:
    """Return the nodes that differ from layer to layer: new leaves, and what reads them or `below`."""
    nodes = tuple(made)
    found = {below.name, *(node.name for node in nodes if node.is_leaf)}
    while more := {node.name for node in nodes if node.name not in found and _reads(node, found)}:
        found |= more
    return frozenset(found - {below.name})


def _reads(node: Node, names: Iterable[str]) -> bool:
    return any(ref.name in names for term in node.terms for ref in term.accesses)


@dataclass(frozen=True)
class _Lift:
    """How definitions of one layer become definitions of all.

    Attributes
    ----------
    axis
        The axis of layers.
    below, out, x
        What the block is given and what it returns, and what stands below the first layer.
    places
        Where that axis stands in every node that gets it: in front, and behind the samples in an input.
    """

    axis: Axis
    below: Node
    out: Node
    x: Node
    places: Mapping[str, int]

    def node(self, node: Node) -> Node:
        """Return a node with the axis of layers."""
        place = self.places.get(node.name)
        if place is None:
            return node
        axes = (*node.axes[:place], self.axis, *node.axes[place:])
        terms = tuple(new for term in node.terms for new in self._terms(term))
        if node.reduce != "sum" and len(terms) > len(node.terms):
            raise DefinitionError(
                f"{node.name} is a maximum over what the block is given; put a layer before it in the block"
            )
        return replace(node, axes=axes, terms=terms)

    def _terms(self, term: Term) -> tuple[Term, ...]:
        """Return a term over all layers, the one of the first layer apart where it reads what is below."""
        own = self.out.axes
        bottom = Initial((self.axis, *own), 0, Ref(self.x.name, (axis.symbol for axis in own)))
        write, bound = (self.axis.symbol, *term.write), (self.axis, *term.bound)
        return split(Term(write, bound, map_refs(term.body, self._ref)), {self.out.name: bottom})

    def _ref(self, ref: Ref) -> Ref:
        here = self.axis.symbol
        if ref.name == self.below.name:
            return Ref(self.out.name, (here - 1, *ref.index))
        place = self.places.get(ref.name)
        return ref if place is None else ref.at((*ref.index[:place], here, *ref.index[place:]))
