"""Degrees of values, as an algebra: what the error bound of an evaluation modulo a prime needs.

A value is a fraction whose denominator is a product of powers of what was divided by.  Divisors are
numbered in the order in which they are met, and of a denominator only the range of these numbers and the
largest power are kept.  Sums are brought to a common denominator, so the degree of a deep network grows with
its size, not exponentially with its depth, and every step takes the same time.
"""

from collections.abc import Hashable, Iterable
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from symgrad.exact.algebra import Algebra
from symgrad.exact.primefield import error_bound
from symgrad.exact.residues import Residues
from symgrad.exact.values import Number, Value

# exp of a small multiple of a known argument is a power of that one's generator; 480 covers them all.
EXPONENT = 480
# The exponential of a known logarithm is a power of its argument, at most the third.
CUBE = 3
# A random residue is taken for a small fraction, and a condition decided by it, less often than this.
MISTAKEN = 2.0**-36


class Below(NamedTuple):
    """A denominator: the divisors numbered from `first` to `last`, each to at most that power."""

    first: int
    last: int
    power: int

    def common(self, other: "Below") -> "Below":
        """Return a common denominator."""
        return self._with(other, max(self.power, other.power))

    def times(self, other: "Below") -> "Below":
        """Return the product; the powers of divisors that both have are added."""
        apart = self.last < other.first or other.last < self.first
        return self.common(other) if apart else self._with(other, self.power + other.power)

    def _with(self, other: "Below", power: int) -> "Below":
        if not (self.power and other.power):
            return self if self.power else other
        return Below(min(self.first, other.first), max(self.last, other.last), power)


WHOLE = Below(0, 0, 0)


class Degree(Value):
    """Upper bounds of the degrees of a fraction, in leaves and abstracted functions.

    Attributes
    ----------
    above
        The degree of the numerator.
    below
        The denominator.
    """

    __slots__ = ("above", "below", "field")

    def __init__(self, field: "Degrees", above: int, below: Below = WHOLE) -> None:
        self.field, self.above, self.below = field, above, below

    @property
    def algebra(self) -> "Degrees":
        return self.field

    @property
    def whole(self) -> int:
        """The degrees of numerator and denominator together."""
        return self.above + self.field.degree(self.below)

    def is_zero(self) -> bool:
        return False


class Degrees(Algebra[Degree]):
    """The algebra of degrees, for residues with open sides.

    Attributes
    ----------
    functions
        How many applications of functions were met.
    conditions
        How many of these were conditions.
    deepest
        The largest degree of an argument of a function.
    """

    def __init__(self) -> None:
        self.functions = 0
        self.conditions = 0
        self.deepest = 0
        self._of_exp = 0
        self._of_log = 0
        self._sums = [0]
        self._numbers: dict[int, tuple[Degree, int]] = {}
        self._defined: dict[Hashable, Degree] = {}

    def collisions(self) -> int:
        """Return a degree that covers two different arguments of functions agreeing by chance."""
        return 2 * self.deepest * self.functions**2

    def chance(self, degree: int, field: Residues) -> float:
        """Bound the chance that two different values, their difference of that degree, agree at one point.

        Schwartz (1980) and Zippel (1979), with room for arguments of functions that agree by chance.
        """
        bound = error_bound(degree + self.collisions(), field.prime, choices=field.choices)
        return min(1.0, float(bound) + self.conditions * MISTAKEN)

    def degree(self, below: Below) -> int:
        """Return the degree of a denominator."""
        return below.power * (self._sums[below.last + 1] - self._sums[below.first]) if below.power else 0

    def number(self, number: Number) -> Degree:
        return Degree(self, 0)

    def plus(self, a: Degree, b: Degree) -> Degree:
        return self.total((a, b))

    def total(self, values: Iterable[Degree]) -> Degree:
        given = list(values)
        common = reduce(Below.common, (value.below for value in given), WHOLE)
        whole = self.degree(common)
        return Degree(self, max((v.above + whole - self.degree(v.below) for v in given), default=0), common)

    def times(self, a: Degree, b: Degree) -> Degree:
        both = a.below.times(b.below)
        spare = self.degree(both) - self.degree(a.below) - self.degree(b.below)
        return Degree(self, a.above + b.above + spare, both)

    def raised(self, a: Degree, exponent: int) -> Degree:
        if exponent >= 0:
            below = a.below._replace(power=a.below.power * exponent)
            return Degree(self, a.above * exponent, below if exponent else WHOLE)
        place = self._divisor(a)
        return Degree(self, -exponent * self.degree(a.below), Below(place, place, -exponent))

    def leaf(self, key: Hashable, *, positive: bool = False) -> Degree:
        return self._defined.get(key, Degree(self, 1))

    def define(self, key: Hashable, value: Degree) -> None:
        self._defined[key] = value

    def check_zero(self, value: Degree, message: str) -> None:
        """Nothing has a value here; the point of a prime field decides."""

    def shift(self, a: Degree, b: Degree) -> Degree:
        return self._function(self.plus(a, b), 1)

    def exp(self, u: Degree) -> Degree:
        self._of_exp = max(self._of_exp, u.whole)
        degree = EXPONENT + CUBE * self._of_log
        return self._over(self._function(u, degree), degree)

    def log(self, u: Degree) -> Degree:
        self._of_log = max(self._of_log, u.whole)
        degree = 1 + 2 * self._of_exp
        return self._over(self._function(u, degree), degree)

    def power(self, base: Degree, exponent: Fraction) -> Degree:
        if not base.whole:
            return self.number(0)
        return self.raised(self._function(base, 1), exponent.numerator)

    def sin(self, u: Degree) -> Degree:
        return self._over(self._function(u, 2), 2)

    def cos(self, u: Degree) -> Degree:
        return self._over(self._function(u, 2), 2)

    def erf(self, u: Degree) -> Degree:
        return self._function(u, 1)

    def step(self, u: Degree) -> Degree:
        self.conditions += 1
        return self._function(u, 1)

    def _function(self, argument: Degree, degree: int) -> Degree:
        """Return a new indeterminate, or a power of one."""
        self.functions += 1
        self.deepest = max(self.deepest, argument.whole)
        return Degree(self, degree)

    def _over(self, above: Degree, degree: int) -> Degree:
        """Return a fraction with a denominator of its own."""
        place = self._divisor(Degree(self, degree))
        return Degree(self, above.above, Below(place, place, 1))

    def _divisor(self, a: Degree) -> int:
        """Number what is divided by; the same value is the same divisor every time."""
        if id(a) not in self._numbers:
            self._numbers[id(a)] = a, len(self._numbers)
            self._sums.append(self._sums[-1] + a.above)
        return self._numbers[id(a)][1]
