"""A training step as one graph: forward pass, deltas, update, and the loss at the new parameters.

An update rule is some more definitions, so everything that can be asked of a network can be asked of a
step of its training: how the loss after the step depends on the step size, on the data, on the old
parameters.  New values are called ``W1_new``, ``J_new``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import leaf, pointwise
from symgrad.model.model import Model
from symgrad.model.naming import Entry
from symgrad.model.optimizers import optimizer
from symgrad.model.rules import Between, Optimizer, symbol


def training_step(model: Model, rule: str | Optimizer = "sgd", *, trained: Iterable[str] = ()) -> Model:
    """Return the model of one step: its loss is ``J_new``, its options (the step size) are inputs.

    Parameters
    ----------
    rule
        A row of the table of optimizers, or what `symgrad.model.optimizers.optimizer` made of one.
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
    options = tuple(leaf(name, Kind.INPUT) for name in (*row.options, *_counters(row)))
    gradients = {name: backward.delta[name] for name in names}
    shared = tuple(_shared(model, row, gradients))
    updates = [node for name in names for node in _updated(model, row, name, gradients[name])]
    again = _again(model.graph, names, model.loss)
    graph = Graph((*backward.graph.nodes, *options, *shared, *updates, *again), new(model.loss))
    example = {**model.example, **_option_values(model, row)} if model.example else {}
    entries = {**model.entries, **{new(name): _renamed(entry) for name, entry in model.entries.items()}}
    return replace(
        model,
        name=f"{model.name}_step",
        title=f"one step of {row.name}: {model.title}",
        graph=graph,
        entries=entries,
        example=example,
        outputs=(),
    )


def new(name: str) -> str:
    """Return the name of a value after the step."""
    return f"{name}_new"


def _counters(row: Optimizer) -> tuple[str, ...]:
    return tuple(name for name in ("step", "epoch") if row.reads(name))


def _shared(model: Model, row: Optimizer, gradients: Mapping[str, str]) -> Iterable[Node]:
    """Yield what all entries share: the norm of all gradients, and the equations of the rule for numbers."""
    if row.reads("norm"):
        squares = [
            (model.graph[name].axes, Ref(d, model.graph[name].index) ** 2) for name, d in gradients.items()
        ]
        yield Node("norm_squared", terms=tuple(Term((), axes, square) for axes, square in squares))
        yield pointwise("norm", (), sp.sqrt(Ref("norm_squared")))
    equations = tuple((e.target, e.value) for e in row.shared)
    yield from _set(equations, (), _given(row), partial(_now, row))


def _set(
    equations: Sequence[tuple[str, sp.Expr]],
    axes: tuple[Axis, ...],
    table: dict[sp.Expr, sp.Expr],
    called: Callable[[str], str],
) -> Iterable[Node]:
    """Yield a node for the last value of everything that equations set; earlier ones are put in for names."""
    last = {target: k for k, (target, _) in enumerate(equations)}
    for k, (target, formula) in enumerate(equations):
        value = formula.replace(Between, lambda *given: Between(*given).primal).xreplace(table)
        if k == last[target]:
            yield (node := pointwise(called(target), axes, value))
            value = node.ref
        table[symbol(target)] = value


def _given(row: Optimizer) -> dict[sp.Expr, sp.Expr]:
    return {symbol(name): Ref(name) for name in (*row.options, "step", "epoch", "norm")}


def _now(row: Optimizer, target: str) -> str:
    """Return what a number is called that all entries share: anew where an option has its name."""
    return f"{target}_now" if target in (*row.options, "epoch") else target


def _updated(model: Model, row: Optimizer, name: str, delta: str) -> Iterable[Node]:
    """Yield the states and the new value of one parameter, all from old values."""
    parameter = model.graph[name]
    sign = -1 if model.maximise else 1
    table: dict[sp.Expr, sp.Expr] = {
        symbol("w"): parameter.ref,
        symbol("g"): sign * Ref(delta, parameter.index),
    }
    table |= _given(row)
    table |= {symbol(e.target): Ref(_now(row, e.target)) for e in row.shared}
    for state in row.states:
        held = leaf(f"{state}_{name}", Kind.STATE, *parameter.axes)
        table[symbol(state)] = held.ref
        yield held

    def called(target: str) -> str:
        return new(name if target == "w" else f"{target}_{name}")

    yield from _set(row.updates, parameter.axes, table, called)


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
    values |= {name: Fraction(name == "step") for name in _counters(row)}
    return {**values, "learning_rate": model.learning_rate}
