"""One step of gradient descent as a scalar graph, simultaneous or with already updated parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.views import View
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.instances import instantiate, numbered


@dataclass(frozen=True)
class Way:
    """How a step is made.

    Attributes
    ----------
    rate
        The step size.
    trained
        The parameters that change, by their names in the layer view.
    updated
        Whether deltas read the parameters that the step has changed already.
    """

    rate: Fraction
    trained: tuple[str, ...]
    updated: bool = False


def step_graph(view: View, way: Way) -> tuple[Graph, Mapping[str, str]]:
    """Return a step as a scalar graph, and the name of the new value of each parameter.

    Raises
    ------
    DefinitionError
        If the already updated parameters are to be used, and there is no order in which they could be.
    """
    model = view.model
    backward = simplify(deltas(model.graph, way.trained, model.loss), way.trained).backward
    return _with_updates(view, backward, way)


def reading_graph(view: View, way: Way) -> Graph:
    """Return the step with every delta that a figure may be of, none of them merged into others."""
    return _with_updates(view, deltas(view.model.graph, (), view.model.loss), way)[0]


def _with_updates(view: View, backward: Backward, way: Way) -> tuple[Graph, Mapping[str, str]]:
    model = view.model
    new = {name: f"{name}_next" for name in way.trained if name in backward.delta}
    step = way.rate if model.maximise else -way.rate
    updates = [_update(model.graph[name], new[name], backward.delta[name], step) for name in new]
    nodes = [_reading_new(node, new) if way.updated else node for node in backward.graph.nodes]
    layer = Graph((*nodes, *updates), model.loss)
    names = view.model.neuron_names(view.sizes)

    def name_of(node: Node, at: tuple[int, ...]) -> str:
        if node.adjoint is not None and node.name not in model.graph:
            return f"∂{model.loss}/∂{names(model.graph[node.adjoint.of], at)}"
        return names(node, at) if node.name in model.graph else numbered(node, at)

    carried = {
        names(model.graph[node], at): numbered(layer[new[node]], at)
        for node, at in view.places.values()
        if node in new
    }
    return instantiate(layer, view.sizes, name_of), carried


def _update(node: Node, name: str, delta: str, step: Fraction) -> Node:
    old, gradient = node.ref, Ref(delta, node.index)
    body = old + sp.Rational(step.numerator, step.denominator) * gradient
    return Node(name, node.axes, terms=(Term(node.index, node.axes, body),))


def _reading_new(node: Node, new: Mapping[str, str]) -> Node:
    """Let a delta read the already updated parameters."""
    if node.adjoint is None or node.kind is not Kind.DEFINED:
        return node

    def moved(ref: Ref) -> sp.Expr:
        return Ref(new[ref.name], ref.index) if ref.name in new else ref

    terms = tuple(Term(t.write, t.bound, map_refs(t.body, moved)) for t in node.terms)
    return replace(node, terms=terms)
