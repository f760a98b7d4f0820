"""Intervals of floats, rounded outwards: what can be said where numbers are known to a few digits only.

For numbers known to many digits there are balls; an interval may be wide, and a kink inside it leaves both
branches open.  (Moore 1966.)
"""

import math
from collections.abc import Callable, Hashable
from fractions import Fraction

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import ExactError, Number, Value

ULPS = 4
"""By how many units in the last place a library's elementary function may be off."""


class Interval(Value):
    """The numbers from `low` to `high`."""

    __slots__ = ("low", "high", "_algebra")

    def __init__(self, low: float, high: float, algebra: "Intervals") -> None:
        self.low, self.high, self._algebra = low, high, algebra

    @property
    def algebra(self) -> "Intervals":
        """The algebra this value belongs to."""
        return self._algebra

    @property
    def width(self) -> float:
        """How far its ends are apart."""
        return self.high - self.low

    def is_zero(self) -> bool:
        """Whether it is the number 0."""
        return self.low == self.high == 0

    def meets(self, other: "Interval") -> bool:
        """Whether the two have a number in common."""
        return self.low <= other.high and other.low <= self.high

    def __repr__(self) -> str:
        return f"[{self.low!r}, {self.high!r}]"


class Intervals(Algebra[Interval]):
    """Interval arithmetic in float64, every bound rounded outwards.

    ExactError where a value may not exist for some number of an interval: a quotient by an interval with 0 in
    it, a logarithm of one that is not positive.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Interval] = {}

    def between(self, low: Fraction, high: Fraction) -> Interval:
        """Return the interval from one number to another."""
        return Interval(_below(low), _above(high), self)

    def number(self, number: Number) -> Interval:
        """A rational number, exact where it is a float."""
        return self.between(Fraction(number), Fraction(number))

    def plus(self, a: Interval, b: Interval) -> Interval:
        """a + b."""
        if a.is_zero() or b.is_zero():
            return b if a.is_zero() else a
        return self._made(a.low + b.low, a.high + b.high)

    def times(self, a: Interval, b: Interval) -> Interval:
        """a * b."""
        if abs(a.low) == 1 == abs(a.high) and a.low == a.high:
            a, b = b, a
        if abs(b.low) == 1 == abs(b.high) and b.low == b.high:
            return a if b.low > 0 else Interval(-a.high, -a.low, self)
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        return self._made(*_ends(corners))

    def raised(self, a: Interval, exponent: int) -> Interval:
        """An integer power."""
        if exponent < 0:
            if a.low <= 0 <= a.high:
                raise ExactError("division by an interval with 0 in it")
            return self.raised(self._made(1 / a.high, 1 / a.low), -exponent)
        low, high = sorted((_powered(a.low, exponent), _powered(a.high, exponent)))
        if exponent and exponent % 2 == 0 and a.low < 0 < a.high:
            return Interval(0.0, _up(high), self)
        return self._made(low, high)

    def leaf(self, key: Hashable, *, positive: bool = False) -> Interval:
        """What the leaf was defined as; an interval of all numbers is none."""
        if key not in self._known:
            raise ExactError(f"{key} has no value")
        return self._known[key]

    def define(self, key: Hashable, value: Interval) -> None:
        """Let the leaf `key` be `value`."""
        self._known[key] = value

    def shift(self, a: Interval, b: Interval) -> Interval:
        """The larger of two values."""
        return Interval(max(a.low, b.low), max(a.high, b.high), self)

    def maximum(self, a: Interval, b: Interval) -> Interval:
        """The larger of two values."""
        return self.shift(a, b)

    def minimum(self, a: Interval, b: Interval) -> Interval:
        """The smaller of two values."""
        return Interval(min(a.low, b.low), min(a.high, b.high), self)

    def exp(self, u: Interval) -> Interval:
        """exp(u)."""
        return self._rising(_exp, u)

    def log(self, u: Interval) -> Interval:
        """log(u) for u > 0."""
        if u.low <= 0:
            raise ExactError("the logarithm of an interval that is not positive")
        return self._rising(math.log, u)

    def power(self, base: Interval, exponent: Fraction) -> Interval:
        """base**exponent for base >= 0."""
        if base.low < 0 or (base.low == 0 and exponent < 0):
            raise ExactError("a power of an interval that is not positive")
        low, high = sorted((base.low ** float(exponent), base.high ** float(exponent)))
        return self._wide(low, high)

    def sin(self, u: Interval) -> Interval:
        """sin(u), between its values at the ends where no extremum lies between them."""
        return self._wave(u, 0.5)

    def cos(self, u: Interval) -> Interval:
        """cos(u), as sin."""
        return self._wave(u, 0.0)

    def erf(self, u: Interval) -> Interval:
        """erf(u)."""
        return self._rising(math.erf, u)

    def step(self, u: Interval) -> Interval:
        """The indicator of u > 0: 0, 1, or from 0 to 1 where both may be."""
        return Interval(float(u.low > 0), float(u.high > 0), self)

    def abs(self, u: Interval) -> Interval:
        """The absolute value."""
        ends = sorted((abs(u.low), abs(u.high)))
        return Interval(0.0 if u.low < 0 < u.high else ends[0], ends[1], self)

    def _rising(self, function: Callable[[float], float], u: Interval) -> Interval:
        return self._wide(function(u.low), function(u.high))

    def _wave(self, u: Interval, phase: float) -> Interval:
        """sin (phase ½) or cos (phase 0) of an interval; extrema stand at phase + whole numbers, times π."""
        function = math.sin if phase else math.cos
        first, last = (end / math.pi - phase for end in (u.low, u.high))
        if math.floor(last + 1e-9) > math.floor(first - 1e-9):
            return Interval(-1.0, 1.0, self)
        low, high = sorted((function(u.low), function(u.high)))
        return self._wide(low, high)

    def _made(self, low: float, high: float) -> Interval:
        if math.isnan(low) or math.isnan(high):
            raise ExactError("an interval without bounds")
        return Interval(_down(low), _up(high), self)

    def _wide(self, low: float, high: float) -> Interval:
        return self._made(low - _slack(low), high + _slack(high))


def _ends(numbers: list[float]) -> tuple[float, float]:
    """Return the smallest and the largest number; NaN where one is."""
    return (math.nan, math.nan) if any(map(math.isnan, numbers)) else (min(numbers), max(numbers))


def _exp(u: float) -> float:
    return math.exp(u) if u < 709.0 else math.inf


def _powered(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:
        return math.copysign(math.inf, base if exponent % 2 else 1.0)


def _slack(number: float) -> float:
    return ULPS * math.ulp(number) if math.isfinite(number) else 0.0


def _down(number: float) -> float:
    return math.nextafter(number, -math.inf)


def _up(number: float) -> float:
    return math.nextafter(number, math.inf)


def _below(number: Fraction) -> float:
    near = _nearest(number)
    return near if math.isinf(near) or Fraction(near) <= number else _down(near)


def _above(number: Fraction) -> float:
    near = _nearest(number)
    return near if math.isinf(near) or Fraction(near) >= number else _up(near)


def _nearest(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
