"""Layered networks as such: the nested form and the generic δ recursion, read off the graph.

A graph is a stack of layers if every layer is ``z = W a + b`` with an activation on top and reads the
layer before it alone.  Whatever else it is, the answer is a `Refusal` with the reason.  The lines are
those of one sample, its vectors as columns.
"""

from dataclasses import dataclass
from itertools import pairwise

from symgrad.model.activations import SOFTMAX
from symgrad.model.contraction import contract
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.terms import gather, summed
from symgrad.model.trees import Leaf, MatMul, Transpose
from symgrad.notation.arrange import function_name


@dataclass(frozen=True)
class Refusal:
    """Why there is no such line."""

    reason: str


@dataclass(frozen=True)
class Layer:
    """One layer ``value = function(weight below + bias)``.

    Attributes
    ----------
    bias
        None without one; `shared` says that it is one number for the layer.
    function
        How the activation is written, None for the identity.
    """

    weight: str
    below: str
    pre: str
    value: str
    bias: str | None
    shared: bool
    function: str | None

    @property
    def template(self) -> tuple[object, ...]:
        """What two layers have in common if they differ in their names only."""
        return self.bias is None, self.shared, self.function


@dataclass(frozen=True)
class Stack:
    """The layers of a network, the first one first."""

    layers: tuple[Layer, ...]
    loss: str | None


def stack(graph: Graph) -> Stack | Refusal:
    """Read the layers off a graph."""
    forward = [node for node in graph.nodes if node.adjoint is None and not node.is_leaf]
    found = [layer for node in forward if (layer := _layer(node, graph)) is not None]
    if not found:
        return Refusal("there is no layer of the form W a + b")
    reason = _broken(found, graph) or _foreign(found, forward, graph)
    return Refusal(reason) if reason else Stack(tuple(found), graph.loss)


def _layer(node: Node, graph: Graph) -> Layer | None:
    products = [term for term in node.terms if summed(term)]
    others = [term for term in node.terms if not summed(term)]
    if len(products) != 1 or len(others) > 1:
        return None
    names = _product(products[0], node, graph)
    bias = _bias(others[0], graph) if others else None
    if names is None or (others and bias is None):
        return None
    value, function = _activation(node, graph)
    shared = bias is not None and not bias.axes
    return Layer(*names, node.name, value, bias.name if bias else None, shared, function)


def _product(term: Term, node: Node, graph: Graph) -> tuple[str, str] | None:
    """Return the names of the weight and of the layer below."""
    solved = gather(term, node.axes)
    tree = None if solved is None else contract(solved)
    match tree:
        case MatMul(Leaf(below), Transpose(Leaf(weight))) | MatMul(Leaf(weight), Leaf(below, _, None)):
            return (weight, below) if graph[weight].kind is Kind.PARAMETER else None
        case _:
            return None


def _bias(term: Term, graph: Graph) -> Node | None:
    node = graph[term.body.name] if term.accesses == (term.body,) else None
    return node if node is not None and node.kind is Kind.PARAMETER else None


def _activation(node: Node, graph: Graph) -> tuple[str, str | None]:
    """Return the node of the activation and how the function is written."""
    for user in _users(node.name, graph):
        if user.auxiliary:
            return _through_auxiliaries(user, graph) or (node.name, None)
        if user.function is not None and user.terms[0].accesses == (node.ref,):
            return user.name, function_name(type(user.terms[0].body))
    return node.name, None


def _through_auxiliaries(node: Node, graph: Graph) -> tuple[str, str | None] | None:
    users = _users(node.name, graph)
    return next(((u.name, SOFTMAX) for u in users if u.function == SOFTMAX), None)


def _users(name: str, graph: Graph) -> list[Node]:
    return [
        n
        for n in graph.nodes
        if n.adjoint is None and any(r.name == name for t in n.terms for r in t.accesses)
    ]


def _broken(layers: list[Layer], graph: Graph) -> str | None:
    """Return where the layers are no chain."""
    if not graph[layers[0].below].is_leaf:
        return f"{layers[0].pre} reads {layers[0].below}, which is no input"
    for lower, upper in pairwise(layers):
        if upper.below != lower.value:
            return f"{upper.pre} reads {upper.below}, not the layer before it, {lower.value}"
    return None


def _foreign(layers: list[Layer], forward: list[Node], graph: Graph) -> str | None:
    """Return what stands beside the layers: another node, or a second reader of a layer."""
    known = {name for layer in layers for name in (layer.pre, layer.value)} | {graph.loss}
    for node in forward:
        if node.name not in known and not node.auxiliary:
            return f"{node.name} belongs to no layer"
    for lower, upper in pairwise(layers):
        readers = {n.name for n in _users(lower.value, graph)} | {n.name for n in _users(lower.pre, graph)}
        extra = sorted(n for n in readers - {upper.pre, lower.value} if not graph[n].auxiliary)
        if extra:
            return f"{extra[0]} reads {lower.value} past the layer {upper.pre}"
    return None
