"""Real numbers with an error: what lies in a ball that excludes 0 is not 0, and that is a proof.

A value is a fraction for as long as that is short, then a ball.  What a ball does not decide, the sign of
what may be 0, raises `UndecidedError`: a higher precision may decide it.
"""

from collections.abc import Hashable
from fractions import Fraction

import sympy

from symgrad.exact.algebra import Algebra
from symgrad.exact.enclosures import Enclosure, Enclosures, binary, enclosures, size
from symgrad.exact.values import ExactError, Number, Value

EXACT_BITS = 256
LARGEST = 10**9
LARGEST_EXPONENT = 1 << 64
LARGEST_DEGREE = 64


class UndecidedError(ExactError):
    """A ball is too wide, or a number beyond all bounds, to go on with."""


class KinkError(UndecidedError):
    """Terms cancel to 0 at this point, which tells nothing of the points around it."""


class Ball(Value):
    """A real number.

    Attributes
    ----------
    exact
        The fraction that it is, or None.
    cancelled
        Whether it is 0 because terms cancel at this point.  What is 0 because a factor is, as relu(z) for
        z < 0, is 0 around the point too.
    """

    __slots__ = ("_balls", "_enclosure", "cancelled", "exact")

    def __init__(
        self,
        balls: "Balls",
        exact: Fraction | None,
        enclosure: Enclosure = None,
        *,
        cancelled: bool = False,
    ) -> None:
        self._balls, self.exact, self._enclosure = balls, exact, enclosure
        self.cancelled = cancelled

    @property
    def algebra(self) -> "Balls":
        return self._balls

    @property
    def enclosure(self) -> Enclosure:
        """What it lies in."""
        if self._enclosure is None and self.exact is not None:
            self._enclosure = self._balls.arithmetic.rational(self.exact)
        return self._enclosure

    @property
    def signum(self) -> int | None:
        """−1, 0 or 1; None where the ball does not decide."""
        if self.exact is not None:
            return (self.exact > 0) - (self.exact < 0)
        return self._balls.arithmetic.sign(self.enclosure)

    @property
    def size(self) -> int:
        """The order of magnitude of the middle of the ball in bits, to within one; 0 where that is 0."""
        if self.exact is None:
            return size(*self._balls.arithmetic.parts(self.enclosure))
        return self.exact.numerator.bit_length() - self.exact.denominator.bit_length() if self.exact else 0

    @property
    def middle(self) -> Fraction:
        """The middle of the ball, a fraction."""
        return binary(*self._balls.arithmetic.parts(self.enclosure)) if self.exact is None else self.exact

    def is_zero(self) -> bool:
        """Whether it is 0 for certain."""
        return self.signum == 0

    def text(self, digits: int) -> tuple[str, str]:
        """Return a decimal number and the radius of a ball around it."""
        return self._balls.arithmetic.text(self.enclosure, digits)

    def __repr__(self) -> str:
        return " ± ".join(self.text(10))


class Balls(Algebra[Ball]):
    """Real numbers at rational points, enclosed.

    Parameters
    ----------
    bits
        The precision.
    arithmetic
        The implementation; by default `enclosures(bits)`.
    kinks
        Whether conditions may be 0 by cancellation; their indicator is 0 then.

    Raises
    ------
    UndecidedError
        From every operation that a ball does not decide: a quotient by what may be 0, and the like.
    KinkError
        From a condition, a divisor and the like that is 0 by cancellation at this point, unless `kinks`.
    """

    def __init__(self, bits: int = 128, arithmetic: Enclosures | None = None, *, kinks: bool = False) -> None:
        self.bits, self.kinks = bits, kinks
        self.arithmetic = arithmetic or enclosures(bits)
        self._known: dict[Hashable, Ball] = {}

    def number(self, number: Number) -> Ball:
        return Ball(self, Fraction(number))

    def plus(self, a: Ball, b: Ball) -> Ball:
        if a.exact == 0 or b.exact == 0:
            return max(a, b, key=_rank)
        if a.exact is not None and b.exact is not None:
            whole = self._kept(a.exact + b.exact)
            return Ball(self, whole.exact, cancelled=True) if whole.exact == 0 else whole
        return Ball(self, None, self.arithmetic.plus(a.enclosure, b.enclosure))

    def times(self, a: Ball, b: Ball) -> Ball:
        if a.exact == 0 or b.exact == 0:
            return min(a, b, key=_rank)
        if a.exact is not None and b.exact is not None:
            return self._kept(a.exact * b.exact)
        return Ball(self, None, self.arithmetic.times(a.enclosure, b.enclosure))

    def raised(self, a: Ball, exponent: int) -> Ball:
        if exponent < 0:
            self._check_divisor(a)
        if a.exact == 0 and exponent > 0:
            return a
        if a.exact is not None and _length(a.exact) * abs(exponent) <= EXACT_BITS:
            return self.number(a.exact**exponent)
        if abs(exponent) > LARGEST_EXPONENT:
            raise UndecidedError("an exponent beyond all bounds")
        return Ball(self, None, self.arithmetic.raised(a.enclosure, exponent))

    def leaf(self, key: Hashable, *, positive: bool = False) -> Ball:
        """What the leaf was defined as, or a number such as π. ExactError for a leaf without a value."""
        if isinstance(key, sympy.NumberSymbol):
            return Ball(self, None, self.arithmetic.constant(key))
        if key not in self._known:
            raise ExactError(f"{key} has no value")
        return self._known[key]

    def define(self, key: Hashable, value: Ball) -> None:
        self._known[key] = value

    def shift(self, a: Ball, b: Ball) -> Ball:
        """The larger of two values, or either where they are close."""
        return b if (b - a).signum == 1 else a

    def exp(self, u: Ball) -> Ball:
        if u.exact == 0:
            return self.number(1)
        if not self.arithmetic.below(u.enclosure, LARGEST):
            raise UndecidedError("exp of a number beyond all bounds")
        return self._applied("exp", u)

    def log(self, u: Ball) -> Ball:
        self._check_positive(u, "the logarithm")
        return self.number(0) if u.exact == 1 else self._applied("log", u)

    def power(self, base: Ball, exponent: Fraction) -> Ball:
        if base.exact == 0 and exponent > 0:
            return base
        self._check_positive(base, f"the power {exponent}")
        if exponent.denominator > LARGEST_DEGREE:
            return self.exp(exponent * self.log(base))
        root = Ball(self, None, self.arithmetic.root(base.enclosure, exponent.denominator))
        return root.raised(exponent.numerator)

    def sin(self, u: Ball) -> Ball:
        return u if u.exact == 0 else self._applied("sin", u)

    def cos(self, u: Ball) -> Ball:
        return self.number(1) if u.exact == 0 else self._applied("cos", u)

    def erf(self, u: Ball) -> Ball:
        return u if u.exact == 0 else self._applied("erf", u)

    def step(self, u: Ball) -> Ball:
        if u.signum is None:
            raise UndecidedError("a condition that may be 0")
        self._check_generic(u)
        return self.number(int(u.signum > 0))

    def check_zero(self, value: Ball, message: str) -> None:
        if value.signum:
            raise ExactError(message)

    def _check_generic(self, a: Ball) -> None:
        if a.cancelled and not self.kinks:
            raise KinkError("what a condition, a quotient or a logarithm is taken of is 0 at this point")

    def _check_divisor(self, a: Ball) -> None:
        self._check_generic(a)
        if a.signum is None:
            raise UndecidedError("a division by what may be 0")
        if a.signum == 0:
            raise ExactError("a division by zero")

    def _check_positive(self, u: Ball, what: str) -> None:
        self._check_generic(u)
        if u.signum is None:
            raise UndecidedError(f"{what} of what may be 0")
        if u.signum <= 0:
            raise ExactError(f"{what} of {u.text(6)[0]}; it is defined for numbers > 0")

    def _applied(self, function: str, u: Ball) -> Ball:
        return Ball(self, None, self.arithmetic.applied(function, u.enclosure))

    def _kept(self, number: Fraction) -> Ball:
        """Keep a fraction that is short, else enclose it."""
        exact = Ball(self, number)
        return exact if _length(number) <= EXACT_BITS else Ball(self, None, exact.enclosure)


def _rank(value: Ball) -> int:
    """What remains of a sum, and what does not of a product: 0 by a factor, 0 by cancellation, another."""
    return int(value.cancelled) if value.exact == 0 else 2


def _length(number: Fraction) -> int:
    return number.numerator.bit_length() + number.denominator.bit_length()
