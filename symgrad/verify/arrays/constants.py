"""What a float constant in code stands for: 0.16666666666666666 is 1/6, 0.7978845608028654 is √(2/π).

A float is read as the number that whoever wrote it meant: a short decimal, the simplest fraction that rounds
to it, or one of these times a power of π, under a root, or as a logarithm.  What is none of these is itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

import sympy

from symgrad.exact.tapes import Slot, Tape

SHORT_DIGITS = 12
LARGEST_DENOMINATOR = 10_000
_LARGEST_WITHIN = 100
_ROUNDING = Fraction(4, 2**53)


@dataclass(frozen=True)
class _Form:
    """A way to write a number by a fraction q: what gives q from the number, and the number from q."""

    fraction: Callable[[float], float]
    number: Callable[[Tape, Slot], Slot]


def pi(tape: Tape) -> Slot:
    """π as a leaf of a tape."""
    return tape.leaf(sympy.pi, positive=True)


_FORMS = (
    _Form(lambda x: x / math.pi, lambda tape, q: q * pi(tape)),
    _Form(lambda x: x * math.pi, lambda tape, q: q / pi(tape)),
    _Form(lambda x: x * x, lambda tape, q: tape.sqrt(q)),
    _Form(lambda x: x * x * math.pi, lambda tape, q: tape.sqrt(q) / tape.sqrt(pi(tape))),
    _Form(lambda x: x * x / math.pi, lambda tape, q: tape.sqrt(q) * tape.sqrt(pi(tape))),
    _Form(lambda x: math.log(abs(x)) if x else 0.0, lambda tape, q: tape.exp(q)),
    _Form(lambda x: math.exp(x) if abs(x) < 100 else 0.0, lambda tape, q: tape.log(q)),
)


def constant(tape: Tape, value: float) -> Slot | None:
    """Return the number that a float stands for; None where it is nothing but itself."""
    found = fraction_of(value)
    if found is not None:
        return tape.number(found)
    for form in _FORMS:
        inner = simplest(form.fraction(value))
        if inner is not None and max(abs(inner.numerator), inner.denominator) <= _LARGEST_WITHIN:
            return _signed(tape, form.number(tape, tape.number(inner)), value)
    return None


def _signed(tape: Tape, size: Slot, value: float) -> Slot:
    """Roots and exponentials are positive; a negative float is the negative of one."""
    name = tape.steps[size.place][0]
    return -size if value < 0 and name in ("power", "exp", "times") and _positive(size) else size


def _positive(size: Slot) -> bool:
    name, places, _ = size.tape.steps[size.place]
    if name == "times":
        return all(_positive(size.tape.slot(place)) for place in places)
    exact = size.exact
    return exact > 0 if exact is not None else name in ("power", "exp", "leaf", "raised")


@cache
def fraction_of(value: float) -> Fraction | None:
    """Return the fraction a finite float stands for: a short decimal or a simple fraction, else None."""
    written = Decimal(repr(value))
    if len(written.as_tuple().digits) <= SHORT_DIGITS:
        return Fraction(written)
    found = simplest(value)
    if found is not None and found.denominator <= LARGEST_DENOMINATOR:
        return found
    scale = 10 ** max(0, -(math.frexp(value)[1] * 3 // 10))
    return _scaled(Fraction(value) * scale, scale)


def _scaled(exact: Fraction, scale: int) -> Fraction | None:
    """A simple fraction of a power of ten, as 1e-8/3."""
    found = simplest(float(exact)) if scale > 1 else None
    return found / scale if found is not None and found.denominator <= LARGEST_DENOMINATOR else None


def simplest(value: float) -> Fraction | None:
    """Return the simplest fraction within a few roundings of a float, if it is simple."""
    exact = Fraction(value)
    margin = abs(exact) * _ROUNDING
    found = _between(exact - margin, exact + margin) if exact else exact
    return found if found.denominator <= LARGEST_DENOMINATOR and abs(found.numerator) < 10**9 else None


def _between(low: Fraction, high: Fraction) -> Fraction:
    """The simplest fraction of an interval without 0: Stern and Brocot's tree, by continued fractions."""
    if low < 0:
        return -_between(-high, -low)
    whole = low.numerator // low.denominator
    if low == whole:
        return Fraction(whole)
    if whole + 1 <= high:
        return Fraction(whole + 1)
    return whole + 1 / _between(1 / (high - whole), 1 / (low - whole))
