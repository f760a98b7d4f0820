"""Numbers with many digits: rational for as long as they can be, decimal from the first exp on.

At rational points every sum, product and quotient is exact.  A value becomes a decimal number, of 50
digits and some to spare, where a transcendental function is applied, or where its fraction has grown
past `EXACT_BITS`; whether that has happened, every value says of itself.
"""

import decimal
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import ExactError, Number, Value, is_short

DIGITS = 50
SPARE = 15
EXACT_BITS = 20_000
LARGEST = 10**9

MpNumber = Any  # mpmath is untyped


class Real(Value):
    """A real number: a `Fraction` where it is known exactly, else an mpmath number.

    Unlike normal forms, real numbers have an order and a truth value.

    Attributes
    ----------
    number
        The fraction or the mpmath number.
    """

    __slots__ = ("number", "_algebra")

    def __init__(self, number: Fraction | MpNumber, algebra: "Decimals") -> None:
        self.number = number
        self._algebra = algebra

    @property
    def algebra(self) -> "Decimals":
        """The algebra this value belongs to."""
        return self._algebra

    @property
    def exact(self) -> bool:
        """Whether the number is a fraction, nothing rounded."""
        return isinstance(self.number, Fraction)

    @property
    def signum(self) -> int:
        """−1, 0 or 1."""
        return (self.number > 0) - (self.number < 0)

    def is_zero(self) -> bool:
        """Whether the number is zero; for a decimal number, to all its digits."""
        return not self.number

    def decimal(self, digits: int) -> decimal.Decimal:
        """Return the number rounded to so many significant digits."""
        text = self._algebra.context.nstr(self._algebra.rounded(self), digits + SPARE)
        wide = decimal.Context(prec=digits, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
        return wide.plus(decimal.Decimal(text))

    def __float__(self) -> float:
        return float(self.number)

    def __bool__(self) -> bool:
        return not self.is_zero()

    def __lt__(self, other: object) -> bool:
        difference = self - other
        return difference.signum < 0

    def __gt__(self, other: object) -> bool:
        difference = self - other
        return difference.signum > 0

    def __repr__(self) -> str:
        return str(self.number) if self.exact else str(self.decimal(self._algebra.digits))


class Decimals(Algebra[Real]):
    """Real numbers at rational points: exact rationals, and decimals where these do not suffice.

    Kinks are decided by the value: step(0) = 0.  A decimal sum whose terms cancel to more than all of these
    digits is 0, so that what is 0 by an identity is 0 here.

    Parameters
    ----------
    digits
        Significant digits of the decimal numbers.
    """

    def __init__(self, digits: int = DIGITS) -> None:
        self.digits = digits
        self.context = mpmath.MPContext()
        self.context.dps = digits + SPARE
        self.negligible = self.context.mpf(10) ** -(digits + SPARE // 2)
        self._known: dict[Hashable, Real] = {}

    def number(self, number: Number) -> Real:
        """A rational number."""
        return Real(Fraction(number), self)

    def rounded(self, a: Real) -> MpNumber:
        """The value as an mpmath number."""
        if isinstance(a.number, Fraction):
            return self.context.mpf(a.number.numerator) / a.number.denominator
        return a.number

    def plus(self, a: Real, b: Real) -> Real:
        """a + b."""
        if isinstance(a.number, Fraction) and isinstance(b.number, Fraction):
            return self._kept(a.number + b.number)
        one, other = self.rounded(a), self.rounded(b)
        whole = one + other
        gone = abs(whole) < self.negligible * abs(one)
        return Real(self.context.mpf(0) if gone else whole, self)

    def times(self, a: Real, b: Real) -> Real:
        """a * b."""
        if isinstance(a.number, Fraction) and isinstance(b.number, Fraction):
            return self._kept(a.number * b.number)
        if any(factor.exact and factor.is_zero() for factor in (a, b)):
            return self.number(0)
        return Real(self.rounded(a) * self.rounded(b), self)

    def raised(self, a: Real, exponent: int) -> Real:
        """An integer power. ExactError for a negative power of zero."""
        if exponent < 0 and a.is_zero():
            raise ExactError("a division by zero")
        if isinstance(a.number, Fraction) and is_short(a.number, exponent):
            return self._kept(a.number**exponent)
        return Real(self.rounded(a) ** exponent, self)

    def leaf(self, key: Hashable, *, positive: bool = False) -> Real:
        """What the leaf was defined as, or a number such as π. ExactError for a leaf without a value."""
        if isinstance(key, sympy.NumberSymbol):
            return Real(self.context.mpf(str(sympy.N(key, self.context.dps))), self)
        if key not in self._known:
            raise ExactError(f"{key} has no value")
        return self._known[key]

    def define(self, key: Hashable, value: Real) -> None:
        """Let the leaf `key` be `value`."""
        self._known[key] = value

    def shift(self, a: Real, b: Real) -> Real:
        """The larger of two values."""
        return self.maximum(a, b)

    def exp(self, u: Real) -> Real:
        """exp(u), exact at 0."""
        if abs(u.number) > LARGEST:
            raise ExactError(f"exp of {u.decimal(3)} is beyond all bounds")
        return self.number(1) if u.is_zero() else self._by(self.context.exp, u)

    def log(self, u: Real) -> Real:
        """log(u) for u > 0, exact at 1."""
        if u.signum <= 0:
            raise ExactError(f"log of {u.decimal(6)}; it is defined for numbers > 0")
        return self.number(0) if u.number == 1 else self._by(self.context.log, u)

    def power(self, base: Real, exponent: Fraction) -> Real:
        """base**exponent for base ≥ 0, exact where the root is."""
        if base.signum < 0 or (base.is_zero() and exponent <= 0):
            raise ExactError(f"{base.decimal(6)} to the power {exponent} is not defined")
        root = _exact_root(base.number, exponent.denominator) if isinstance(base.number, Fraction) else None
        if root is not None:
            return self._kept(root**exponent.numerator)
        return Real(self.context.root(self.rounded(base), exponent.denominator) ** exponent.numerator, self)

    def sin(self, u: Real) -> Real:
        """sin(u)."""
        return self.number(0) if u.is_zero() else self._by(self.context.sin, u)

    def cos(self, u: Real) -> Real:
        """cos(u)."""
        return self.number(1) if u.is_zero() else self._by(self.context.cos, u)

    def erf(self, u: Real) -> Real:
        """erf(u)."""
        return self.number(0) if u.is_zero() else self._by(self.context.erf, u)

    def tanh(self, u: Real) -> Real:
        """tanh(u)."""
        return self.number(0) if u.is_zero() else self._by(self.context.tanh, u)

    def step(self, u: Real) -> Real:
        """1 if u > 0, else 0."""
        return self.number(int(u.signum > 0))

    def sign(self, u: Real) -> Real:
        """−1, 0 or 1."""
        return self.number(u.signum)

    def abs(self, u: Real) -> Real:
        """The absolute value."""
        return -u if u.signum < 0 else u

    def maximum(self, a: Real, b: Real) -> Real:
        """The larger of two values, the first of equal ones."""
        return b if (b - a).signum > 0 else a

    def minimum(self, a: Real, b: Real) -> Real:
        """The smaller of two values, the first of equal ones."""
        return b if (a - b).signum > 0 else a

    def _by(self, function: Callable[[MpNumber], MpNumber], u: Real) -> Real:
        return Real(function(self.rounded(u)), self)

    def _kept(self, number: Fraction) -> Real:
        """Keep a fraction that is short enough, else round it."""
        bits = number.numerator.bit_length() + number.denominator.bit_length()
        whole = Real(number, self)
        return whole if bits <= EXACT_BITS else Real(self.rounded(whole), self)


def _exact_root(number: Fraction, degree: int) -> Fraction | None:
    above, whole = sympy.integer_nthroot(number.numerator, degree)
    below, whole_below = sympy.integer_nthroot(number.denominator, degree)
    return Fraction(int(above), int(below)) if whole and whole_below else None
