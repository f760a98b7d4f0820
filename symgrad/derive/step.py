"""A training step as one graph: forward pass, deltas, update, and the loss at the new parameters.

An update rule is some more definitions, so everything that can be asked of a network can be asked of a
step of its training: how the loss after the step depends on the step size, on the data, on the old
parameters.  New values are called ``W1_new``, ``J_new``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.layers import leaf, pointwise
from symgrad.model.model import Model
from symgrad.model.naming import Entry
from symgrad.model.optimizers import Optimizer, optimizer, symbol


def training_step(model: Model, rule: str = "sgd", *, trained: Iterable[str] = ()) -> Model:
    """Return the model of one step: its loss is ``J_new``, its options (the step size) are inputs.

    Parameters
    ----------
    rule
        A row of the table of optimizers.
    trained
        The parameters that change; all without.

    Raises
    ------
    UnknownNameError
        If there is no such optimizer.
    DefinitionError
        If a name of the step is taken in the model, or there is no parameter.
    """
    row = optimizer(rule)
    names = tuple(trained) or tuple(node.name for node in model.graph.parameters)
    if not names:
        raise DefinitionError(f"{model.name} has no parameters, so there is no step; say what it trains")
    backward = simplify(deltas(model.graph, names, model.loss), names).backward
    options = tuple(leaf(name, Kind.INPUT) for name in (*row.options, *(["step"] if row.counts else [])))
    updates = [node for name in names for node in _updated(model, row, name, backward.delta[name])]
    again = _again(model.graph, names, model.loss)
    graph = Graph((*backward.graph.nodes, *options, *updates, *again), new(model.loss))
    example = {**model.example, **_option_values(model, row)} if model.example else {}
    entries = {**model.entries, **{new(name): _renamed(entry) for name, entry in model.entries.items()}}
    return replace(
        model,
        name=f"{model.name}_step",
        title=f"one step of {rule}: {model.title}",
        graph=graph,
        entries=entries,
        example=example,
        outputs=(),
    )


def new(name: str) -> str:
    """Return the name of a value after the step."""
    return f"{name}_new"


def _updated(model: Model, row: Optimizer, name: str, delta: str) -> Iterable[Node]:
    """Yield the states and the new value of one parameter, all from old values."""
    parameter = model.graph[name]
    sign = -1 if model.maximise else 1
    table: dict[sp.Expr, sp.Expr] = {
        symbol("w"): parameter.ref,
        symbol("g"): sign * Ref(delta, parameter.index),
    }
    table |= {symbol(option): Ref(option) for option in (*row.options, "step")}
    for state in row.states:
        held = leaf(f"{state}_{name}", Kind.STATE, *parameter.axes)
        table[symbol(state)] = held.ref
        yield held
    for target, formula in row.updates:
        made = new(name if target == "w" else f"{target}_{name}")
        node = pointwise(made, parameter.axes, formula.xreplace(table))
        table[symbol(target)] = node.ref
        yield node


def _again(graph: Graph, names: tuple[str, ...], loss: str) -> tuple[Node, ...]:
    """Return the forward pass once more, over the new parameters; what they do not reach is not repeated."""
    moved = _moved(graph, names)
    copies = [_copy(node, moved) for node in graph.nodes if node.name in moved and node.name not in names]
    above = Graph((*graph.nodes, *_placeholders(graph, names), *copies)).ancestors(new(loss))
    return tuple(node for node in copies if node.name in above)


def _moved(graph: Graph, names: tuple[str, ...]) -> frozenset[str]:
    """Return what reads some nodes, those included; around a recurrence it takes more than one round."""
    moved, before = set(names), 0
    while before < len(moved):
        before = len(moved)
        for node in graph.nodes:
            if any(ref.name in moved for term in node.terms for ref in term.accesses):
                moved.add(node.name)
    return frozenset(moved)


def _placeholders(graph: Graph, names: tuple[str, ...]) -> tuple[Node, ...]:
    return tuple(replace(graph[name], name=new(name)) for name in names)


def _copy(node: Node, moved: frozenset[str]) -> Node:
    def shifted(ref: Ref) -> sp.Expr:
        return Ref(new(ref.name), ref.index) if ref.name in moved else ref

    terms = tuple(Term(t.write, t.bound, map_refs(t.body, shifted)) for t in node.terms)
    return replace(node, name=new(node.name), terms=terms)


def _renamed(entry: Entry) -> Entry:
    return replace(entry, template=new(entry.template), before=tuple(map(new, entry.before)))


def _option_values(model: Model, row: Optimizer) -> Mapping[str, Fraction]:
    values = {name: Fraction(str(value)) for name, value in row.options.items()}
    values |= {"step": Fraction(1)} if row.counts else {}
    return {**values, "learning_rate": model.learning_rate}
