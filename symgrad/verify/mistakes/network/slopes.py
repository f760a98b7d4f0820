"""What can go wrong with the derivative of an activation on an edge."""

from collections.abc import Callable, Iterator

import sympy as sp

from symgrad.model.activations import ELEMENTWISE
from symgrad.model.functions import A, Pointwise, Z, derivative, function_of, slope
from symgrad.model.graph import Edge
from symgrad.verify.mistakes.network.edits import Change, Changes, Scene

RIVALS = ("sigmoid", "tanh", "relu", "softplus")

Slope = Callable[[sp.Expr, sp.Expr, sp.Expr], sp.Expr]


def slopes(change: Slope, only: str = "") -> Changes:
    """Let another expression stand for the derivative of an activation.

    Parameters
    ----------
    change
        The expression, from the argument z, the value a and the derivative.
    """

    def changes(scene: Scene, edge: Edge) -> Iterator[Change]:
        for function, outer, inner in _functions(scene, edge):
            true = function.fdiff()
            z, a = function.args[0], function
            yield from _changed(outer, inner, change(z, a, true), true, type(function).row.name)

    return changes


def _changed(outer: Slope, inner: sp.Expr, wrong: sp.Expr, true: sp.Expr, name: str) -> Iterator[Change]:
    if wrong != true:
        yield outer(inner, wrong, true), name


def _functions(scene: Scene, edge: Edge) -> Iterator[tuple[Pointwise, Slope, sp.Expr]]:
    """Yield the activations in a term through which an access acts, and how a slope makes the partial."""
    body = scene.term(edge).body
    access = scene.term(edge).accesses[edge.access]
    for function in sorted(body.atoms(Pointwise), key=sp.default_sort_key):
        if function.has(access):
            value = sp.Dummy("value", real=True)
            rest = body.xreplace({function: value})
            beside, weight = slope(rest, access), slope(rest, value)
            inner = slope(function.args[0], access)
            yield function, _composed(beside, weight, value, function), inner


def _composed(beside: sp.Expr, weight: sp.Expr, value: sp.Symbol, function: sp.Expr) -> Slope:
    back = {value: function}
    return lambda inner, wrong, _: (beside + weight * wrong * inner).xreplace(back)


def rival_slopes(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Let the derivative of another activation stand, at z or written in the value."""
    for function, outer, inner in _functions(scene, edge):
        own = type(function).row
        for name in RIVALS:
            row = ELEMENTWISE[name]
            if row != own:
                z, a = function.args[0], function
                form = derivative(row)
                yield outer(inner, form.xreplace({Z: z, A: function_of(row)(z)}), z), name
                if form.has(A):
                    yield outer(inner, form.xreplace({Z: z, A: a}), z), name


def misplaced_slopes(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Take the derivative at the value instead of the argument, or its short form at the argument."""
    for function, outer, inner in _functions(scene, edge):
        form, z, a = derivative(type(function).row), function.args[0], function
        yield outer(inner, form.xreplace({Z: a, A: function.func(a)}), z), "the value {child}"
        if form.has(A):
            yield outer(inner, form.xreplace({A: z, Z: z}), z), "{parent} in the place of {child}"


def slope_parts(scene: Scene, edge: Edge) -> Iterator[Change]:
    """Lose a part of a derivative: a factor, a summand, a power, or the sign inside."""
    for function, outer, inner in _functions(scene, edge):
        true = function.fdiff()
        for part in _reduced(true):
            yield outer(inner, part, true), part


def _reduced(expression: sp.Expr) -> Iterator[sp.Expr]:
    if expression.is_Mul:
        for factor in expression.args:
            if not factor.is_number:
                yield expression / factor
    for total in sorted(expression.atoms(sp.Add), key=sp.default_sort_key):
        if len(total.args) == 2:
            first, second = total.args
            yield expression.xreplace({total: first - second})
    for power in sorted(expression.atoms(sp.Pow), key=sp.default_sort_key):
        if power.exp == 2:
            yield expression.xreplace({power: power.base})
