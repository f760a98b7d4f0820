"""Real numbers enclosed: what an implementation has to offer, and the two that there are.

python-flint's balls (Johansson, *Arb: efficient arbitrary-precision midpoint-radius interval arithmetic*,
2017) where it is installed, else the intervals of mpmath.  Every result contains the exact one.
"""

from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from math import ceil
from typing import Any, Protocol

import sympy
from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import mpi_pow_int, to_str

from symgrad.exact.values import ExactError

Enclosure = Any  # flint.arb, or an interval of mpmath; both are untyped

GUARD = 32
LARGEST_EXPONENT = 1 << 17
# Two digits of a radius may have been rounded down.
ROUNDED = "1.06"


class Enclosures(Protocol):
    """Arithmetic on enclosures at one precision."""

    name: str
    bits: int

    def rational(self, number: Fraction) -> Enclosure:
        """Enclose a fraction."""
        ...

    def plus(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """a + b."""
        ...

    def times(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """a * b."""
        ...

    def raised(self, a: Enclosure, exponent: int) -> Enclosure:
        """An integer power of what does not contain 0."""
        ...

    def root(self, a: Enclosure, degree: int) -> Enclosure:
        """The positive root of what is positive."""
        ...

    def applied(self, function: str, a: Enclosure) -> Enclosure:
        """exp, log, sin, cos or erf; log of what is positive."""
        ...

    def constant(self, key: sympy.NumberSymbol) -> Enclosure:
        """A number such as π."""
        ...

    def sign(self, a: Enclosure) -> int | None:
        """Return −1, 0 or 1, or None where the enclosure does not decide."""
        ...

    def below(self, a: Enclosure, bound: int) -> bool:
        """Whether the absolute value is surely below a bound."""
        ...

    def parts(self, a: Enclosure) -> tuple[int, int]:
        """Return mantissa and exponent of 2 of the middle. ExactError for what has none."""
        ...

    def text(self, a: Enclosure, digits: int) -> tuple[str, str]:
        """Return a decimal number and a radius, which together enclose what `a` does."""
        ...


def _surrounding(key: sympy.NumberSymbol, bits: int) -> tuple[Fraction, Fraction]:
    """Return fractions below and above a number such as π."""
    value = Fraction(*map(int, sympy.Rational(sympy.N(key, ceil(bits / 3) + 10)).as_numer_denom()))
    slack = abs(value) / 2 ** (bits + 4)
    return value - slack, value + slack


def size(mantissa: int, exponent: int) -> int:
    """Return the exponent of 2 next above the absolute value of a number; 0 for 0."""
    return mantissa.bit_length() + exponent if mantissa else 0


def binary(mantissa: int, exponent: int) -> Fraction:
    """Return a number of which the exponent is within bounds."""
    if abs(exponent) > LARGEST_EXPONENT:
        raise ExactError("a number beyond all bounds")
    return mantissa * Fraction(2) ** exponent


class Arbs:
    """Balls of python-flint."""

    name = "arb"

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self._flint = import_module("flint")

    def _working(self) -> Any:
        return self._flint.ctx.workprec(self.bits)

    def rational(self, number: Fraction) -> Enclosure:
        with self._working():
            return self._flint.arb(self._flint.fmpq(number.numerator, number.denominator))

    def plus(self, a: Enclosure, b: Enclosure) -> Enclosure:
        with self._working():
            return a + b

    def times(self, a: Enclosure, b: Enclosure) -> Enclosure:
        with self._working():
            return a * b

    def raised(self, a: Enclosure, exponent: int) -> Enclosure:
        with self._working():
            return a ** self._flint.fmpz(exponent)

    def root(self, a: Enclosure, degree: int) -> Enclosure:
        with self._working():
            return a.root(degree)

    def applied(self, function: str, a: Enclosure) -> Enclosure:
        with self._working():
            return getattr(a, function)()

    def constant(self, key: sympy.NumberSymbol) -> Enclosure:
        low, high = (self.rational(number) for number in _surrounding(key, self.bits))
        with self._working():
            return low.union(high)

    def sign(self, a: Enclosure) -> int | None:
        if a > 0 or a < 0:
            return 1 if a > 0 else -1
        return 0 if a.is_zero() else None

    def below(self, a: Enclosure, bound: int) -> bool:
        return bool(abs(a) < bound)

    def parts(self, a: Enclosure) -> tuple[int, int]:
        middle = a.mid()
        if not middle.is_finite():
            raise ExactError("a number beyond all bounds")
        mantissa, exponent = middle.man_exp()
        return int(mantissa), int(exponent)

    def text(self, a: Enclosure, digits: int) -> tuple[str, str]:
        with self._working():
            middle = a.mid().str(digits, radius=False)
            radius = (a - self._flint.arb(middle)).abs_upper() * self._flint.arb(ROUNDED)
            return middle, radius.str(2, radius=False)


class Intervals:
    """Intervals of mpmath, with an error function of their own."""

    name = "mpmath.iv"

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self._iv = MPIntervalContext()
        self._iv.prec = bits + GUARD

    def rational(self, number: Fraction) -> Enclosure:
        return self._iv.mpf(number.numerator) / self._iv.mpf(number.denominator)

    def plus(self, a: Enclosure, b: Enclosure) -> Enclosure:
        return a + b

    def times(self, a: Enclosure, b: Enclosure) -> Enclosure:
        return a * b

    def raised(self, a: Enclosure, exponent: int) -> Enclosure:
        power = self._iv.make_mpf(mpi_pow_int(a._mpi_, abs(exponent), self._iv.prec))
        return power if exponent >= 0 else 1 / power

    def root(self, a: Enclosure, degree: int) -> Enclosure:
        return self._iv.sqrt(a) if degree == 2 else self._iv.exp(self._iv.log(a) / degree)

    def applied(self, function: str, a: Enclosure) -> Enclosure:
        return self._erf(a) if function == "erf" else getattr(self._iv, function)(a)

    def constant(self, key: sympy.NumberSymbol) -> Enclosure:
        low, high = (self.rational(number) for number in _surrounding(key, self.bits))
        return self._hull(low, high)

    def sign(self, a: Enclosure) -> int | None:
        if a > 0 or a < 0:
            return 1 if a > 0 else -1
        return 0 if a.a == 0 and a.b == 0 else None

    def below(self, a: Enclosure, bound: int) -> bool:
        return abs(a).b < bound

    def parts(self, a: Enclosure) -> tuple[int, int]:
        sign, mantissa, exponent, _ = a.mid._mpi_[0]
        if not mantissa and exponent:
            raise ExactError("a number beyond all bounds")
        return (-mantissa if sign else mantissa), exponent

    def text(self, a: Enclosure, digits: int) -> tuple[str, str]:
        middle = to_str(a.mid._mpi_[0], digits, strip_zeros=False)
        radius = abs(a - self._iv.mpf(middle)).b * self._iv.mpf(ROUNDED)
        return middle, to_str(radius._mpi_[1], 2)

    def _hull(self, low: Enclosure, high: Enclosure) -> Enclosure:
        return self._iv.mpf([low.a, high.b])

    def _erf(self, a: Enclosure) -> Enclosure:
        """erf is odd and increases, so its values at the ends enclose the others."""
        return self._hull(self._erf_at(a.a), self._erf_at(a.b))

    def _erf_at(self, x: Enclosure) -> Enclosure:
        if x == 0:
            return x
        if x < 0:
            return -self._erf_at(-x)
        scale = self._iv.exp(-x * x) / self._iv.sqrt(self._iv.pi)
        if x * x > self.bits:
            return self._hull(1 - scale / x, self._iv.mpf(1))
        return 2 * scale * self._series(x)

    def _series(self, x: Enclosure) -> Enclosure:
        """Sum 2ⁿ x²ⁿ⁺¹ / (2n + 1)!! (Abramowitz, Stegun 1964, 7.1.6); the rest is less than the last term."""
        square, term, total, n = x * x, x, x, 0
        small = self._iv.mpf(2) ** -(self.bits + GUARD)
        while not (term < small * total and 2 * n + 3 > 4 * square):
            n += 1
            term = term * 2 * square / (2 * n + 1)
            total = total + term
        return total + self._iv.mpf([0, term.b])


@lru_cache(maxsize=64)
def enclosures(bits: int) -> Enclosures:
    """Return the arithmetic at a precision: of python-flint where it is installed, else of mpmath."""
    return Arbs(bits) if find_spec("flint") else Intervals(bits)
