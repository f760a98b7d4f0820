"""The value of a formula over numbers of any kind: floats, fractions, elements of an exact algebra."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from numbers import Rational
from operator import add, mul, sub, truediv
from typing import Any

import numpy as np

from symgrad.model.syntax import (
    Call,
    Chain,
    Constant,
    Fold,
    Formula,
    Indicator,
    Name,
    Neg,
    Number,
    Power,
    Prime,
    Reduce,
    Relation,
    Slice,
    Span,
    Transpose,
)
from symgrad.verify.formulas.convolving import convolved, correlated
from symgrad.verify.formulas.folding import along_axis, along_letter, applied
from symgrad.verify.formulas.grids import (
    Grid,
    Objects,
    entrywise,
    exactly,
    fits,
    grid,
    mapped,
    product,
    scaled,
    spread,
    transposed,
)
from symgrad.verify.formulas.indexing import named, run_of
from symgrad.verify.formulas.setting import Beyond, Functions, Setting, misplaced, placed, whole

LONGEST_SPAN = 1_000
ONE = Fraction(1)


def evaluate(
    formula: Formula,
    table: Mapping[str, Any],
    functions: Functions,
    *,
    axes: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    beyond: Mapping[str, Beyond] | None = None,
) -> Objects:
    """Return the value of a formula.

    Parameters
    ----------
    table
        The value of every name that it holds: a number, or an array of numbers.
    functions
        What every function that it holds is over these numbers, derivatives as ``sigmoid'``; for an exact
        algebra, `symgrad.verify.formulas.elementary.Elementary`.
    axes
        The index letters that stay free; they are the first axes of the result.
    sizes
        How far letters run, where no subscript tells.
    beyond
        What stands beyond the ends of axes, where that is something.

    Returns
    -------
    numpy.ndarray
        Objects, without axes for a number.  What the formula says in numbers alone is a fraction.

    Raises
    ------
    ShapeError
        If shapes do not fit, a letter leaves its axis (terms at a shifted one, ``d[i - k]``, are 0 there), or
        one is free that should not be.
    ZeroDivisionError, ExactError
        If there is no value at these numbers.
    """
    runs = {letter: range(size) for letter, size in (sizes or {}).items()}
    setting = Setting(table, functions, runs, beyond or {})
    for letter in axes:
        setting = setting.over(letter, run_of(letter, formula, setting))
    value = entrywise(mul, _value(formula, setting), grid(ONE))
    free = [letter for letter in value.letters if letter not in axes]
    if free:
        raise misplaced(formula, f"the index {free[0]} is free; sum over it, or name it on the left side")
    array = spread(value, tuple(axes), value.rank)
    return np.broadcast_to(array, (*(len(setting.runs[letter]) for letter in axes), *value.shape))


def _value(formula: Formula, setting: Setting) -> Grid:
    match formula:
        case Number(value):
            return grid(value)
        case Constant(name):
            return _constant(name, setting)
        case Name(_, subscripts):
            places = [None if isinstance(at, Slice) else _value(at, setting) for at in subscripts]
            return named(formula, places, setting)
        case Neg(operand):
            return _negative(_value(operand, setting))
        case Power():
            return _power(formula, setting)
        case Chain():
            return _chain(formula, setting)
        case Prime(function, argument, order):
            return mapped(setting.functions[function + "'" * order], _value(argument, setting))
        case Transpose(operand):
            return placed(formula, transposed, _value(operand, setting))
        case Slice():
            raise misplaced(formula, "found a whole axis where no subscript stands")
        case _:
            return _joined(formula, setting)


def _joined(formula: Call | Indicator | Fold | Reduce | Span, setting: Setting) -> Grid:
    functions = setting.functions
    match formula:
        case Call(name, args):
            values = (_value(arg, setting) for arg in args)
            return placed(formula, lambda *given: applied(name, functions, *given), *values)
        case Indicator(left, relation, right):
            compared = _RELATIONS[relation](functions)
            sides = (_value(left, setting), _value(right, setting))
            return placed(formula, lambda a, b: entrywise(compared, a, b), *sides)
        case Fold(kind, operand, axis, keep):
            value = _value(operand, setting)
            return placed(formula, lambda v: along_axis(kind, v, axis, keep, functions), value)
        case Reduce():
            return _reduced(formula, setting)
        case Span():
            return _spanned(formula, setting)


def _negative(value: Grid) -> Grid:
    return replace(value, array=np.asarray(-value.array, dtype=object))


def _constant(name: str, setting: Setting) -> Grid:
    match name:
        case "e":
            return grid(setting.functions["exp"](ONE))
        case "ones":
            return Grid(grid(ONE).array, whole="ones")
        case "eye":
            return Grid(grid(ONE).array, whole="eye")
        case _:
            return grid(setting.functions[name]())


def _reduced(reduction: Reduce, setting: Setting) -> Grid:
    for letter in reduction.letters:
        setting = setting.over(letter, run_of(letter, reduction.body, setting))
    value = _value(reduction.body, setting)
    for letter in reduction.letters:
        run, outer = setting.runs[letter], value
        value = placed(
            reduction,
            lambda v, at=letter, over=run: along_letter(reduction.kind, v, at, over, setting.functions),
            outer,
        )
    return value


def _spanned(span: Span, setting: Setting) -> Grid:
    first, end = (_end(formula, setting) for formula in (span.first, span.end))
    if end - first > LONGEST_SPAN:
        raise misplaced(span, f"a sum over {end - first} entries; at most {LONGEST_SPAN} are added up")
    run = range(first, end)
    value = _value(span.body, setting.over(span.letter, run))
    if not run:
        return grid(Fraction(0))
    return placed(span, lambda v: along_letter(span.kind, v, span.letter, run, setting.functions), value)


def _end(formula: Formula, setting: Setting) -> int:
    value = _value(formula, setting)
    number = None if value.array.ndim else whole(value.array[()])
    if number is None:
        raise misplaced(formula, "a sum starts and ends at whole numbers, or at sizes")
    return number


def _chain(chain: Chain, setting: Setting) -> Grid:
    first, *rest = chain.operands
    result, before = _value(first, setting), first
    for operator, operand in zip(chain.operators, rest, strict=True):
        place = Chain((operator,), (before, operand), operand.column or chain.column)
        result = placed(place, _OPERATIONS[operator], result, _value(operand, setting))
        before = operand
    return result


def _beside(left: Grid, right: Grid) -> Grid:
    """The product of matrices where it fits, else entry by entry where the shapes are equal."""
    alike = left.shape == right.shape and not fits(left, right)
    return scaled(mul, left, right) if alike else product(left, right)


_OPERATIONS: Mapping[str, Callable[[Grid, Grid], Grid]] = {
    "+": lambda a, b: entrywise(add, a, b),
    "-": lambda a, b: entrywise(sub, a, b),
    "*": lambda a, b: scaled(mul, a, b),
    "/": lambda a, b: scaled(truediv, a, b),
    "@": product,
    "⋆": correlated,
    "∗": convolved,
    "·": _beside,
    " ": _beside,
}


def _power(power: Power, setting: Setting) -> Grid:
    exponent = _value(power.exponent, setting)
    if power.base == Constant("e"):
        return mapped(setting.functions["exp"], exponent)
    general = setting.functions["power"]
    base = _value(power.base, setting)
    return placed(power, lambda b, x: entrywise(lambda u, v: _raised(u, v, general), b, x), base, exponent)


def _raised(base: Any, exponent: Any, general: Callable[..., Any]) -> Any:
    """A power; what is no integer power is left to the table, so that exact numbers stay exact."""
    if isinstance(exponent, Rational) and exponent.denominator == 1:
        return base ** int(exponent.numerator)
    return general(base, exponent)


Compared = Callable[[Any, Any], Any]

_RELATIONS: Mapping[Relation, Callable[[Functions], Compared]] = {
    ">": lambda functions: lambda a, b: functions["step"](a - b),
    "<": lambda functions: lambda a, b: functions["step"](b - a),
    "≥": lambda functions: lambda a, b: 1 - functions["step"](b - a),
    "≤": lambda functions: lambda a, b: 1 - functions["step"](a - b),
    "=": lambda functions: lambda a, b: _equal(a, b, functions),
    "≠": lambda functions: lambda a, b: 1 - _equal(a, b, functions),
}


def _equal(a: Any, b: Any, functions: Functions) -> Any:
    one, other = exactly(a), exactly(b)
    if one is not None and other is not None:
        return Fraction(one == other)
    return (1 - functions["step"](a - b)) * (1 - functions["step"](b - a))
