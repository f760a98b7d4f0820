"""What a formula may not be, so that no formula can hang the program: numbers, exponents, subscripts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from symgrad.model.lexer import complain
from symgrad.model.syntax import Chain, Formula, Name, Neg, Number, Power, Slice, children

MAX_EXPONENT = 64
MAX_ROOT = 1_000
MAX_BITS = 14_000
TOO_LARGE = "the numbers and powers of the formula are too large together; name a part of it"
EXPONENT = f"found an exponent beyond ±{MAX_EXPONENT}; write the power as a product"

_STEPS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": Fraction.__add__,
    "-": Fraction.__sub__,
    "*": Fraction.__mul__,
    "/": Fraction.__truediv__,
    **dict.fromkeys(("@", "·", "⋆", "∗", " "), Fraction.__mul__),
}


@dataclass(frozen=True)
class Measure:
    """How large a formula is.

    Attributes
    ----------
    bits
        A bound for the size of any number that exact arithmetic can make of it.
    value
        Its value, where it is plain arithmetic with numbers.
    """

    bits: int
    value: Fraction | None = None


def check_size(formula: Formula) -> Measure:
    """Refuse numbers beyond about four thousand digits and constant exponents beyond ±64."""
    inner = [check_size(child) for child in children(formula)]
    bits = _bits(formula, inner)
    if bits > MAX_BITS:
        raise complain(formula.column, TOO_LARGE)
    return Measure(bits, _value(formula, [measure.value for measure in inner]))


def exponent_is_small(value: Fraction) -> bool:
    """Return whether a constant exponent is within the limits."""
    return abs(value) <= MAX_EXPONENT and value.denominator <= MAX_ROOT


def _bits(formula: Formula, inner: list[Measure]) -> int:
    if isinstance(formula, Number):
        return formula.value.numerator.bit_length() + formula.value.denominator.bit_length() - 1
    if isinstance(formula, Power):
        return inner[0].bits * _times(formula.exponent, inner[1].value) + inner[1].bits
    return max(1, sum(measure.bits for measure in inner))


def _times(exponent: Formula, value: Fraction | None) -> int:
    if value is None:
        return MAX_EXPONENT
    if not exponent_is_small(value):
        raise complain(exponent.column, EXPONENT)
    return max(1, ceil(abs(value)))


def _value(formula: Formula, inner: list[Fraction | None]) -> Fraction | None:
    if isinstance(formula, Number):
        return formula.value
    numbers = [value for value in inner if value is not None]
    if not inner or len(numbers) < len(inner):
        return None
    match formula:
        case Neg():
            return -numbers[0]
        case Power():
            return _raised(*numbers)
        case Chain(operators):
            return _chained(operators, numbers)
        case _:
            return None


def _raised(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1 or (base == 0 and exponent < 0):
        return None
    return Fraction(base**exponent.numerator)


def _chained(operators: tuple[str, ...], values: list[Fraction]) -> Fraction | None:
    total = values[0]
    for operator, value in zip(operators, values[1:], strict=True):
        if operator == "/" and value == 0:
            return None
        total = _STEPS[operator](total, value)
    return total


def check_subscript(subscript: Formula, sizes: Collection[str] = ()) -> None:
    """Refuse a subscript that is not affine in its letters with integer factors, numbers or `sizes`."""
    if _degree(subscript, sizes) > 1:
        raise complain(
            subscript.column, "a subscript is a sum of index letters with integer factors, as in 2*i + k - 1"
        )


def _degree(formula: Formula, sizes: Collection[str]) -> int:
    """Return the degree in the letters, 2 for whatever is not a polynomial with integer factors."""
    match formula:
        case Number(value):
            return 0 if value.denominator == 1 else 2
        case Slice():
            return 0
        case Name(name):
            return int(name not in sizes)
        case Neg(operand):
            return _degree(operand, sizes)
        case Chain(operators, operands):
            degrees = [_degree(operand, sizes) for operand in operands]
            return 2 if "/" in operators else max(degrees) if formula.additive else sum(degrees)
        case _:
            return 2
