"""Degrees of values, as an algebra: what the error bound of an evaluation modulo a prime needs."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from symgrad.exact.algebra import Algebra
from symgrad.exact.primefield import error_bound
from symgrad.exact.residues import Residues
from symgrad.exact.values import Number, Value

# exp of a small multiple of a known argument is a power of that one's generator; 480 covers them all.
EXPONENT = 480
# A random residue is taken for a small fraction, and a condition decided by it, less often than this.
MISTAKEN = 2.0**-36


@dataclass(frozen=True, eq=False)
class Degree(Value):
    """Upper bounds of the degrees of numerator and denominator, in leaves and abstracted functions."""

    field: "Degrees"
    above: int
    below: int

    @property
    def algebra(self) -> "Degrees":
        return self.field

    def is_zero(self) -> bool:
        return False


class Degrees(Algebra[Degree]):
    """The algebra of degrees.

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

    def collisions(self) -> int:
        """Return a degree that covers two different arguments of functions agreeing by chance."""
        return 2 * self.deepest * self.functions**2

    def chance(self, degree: int, field: Residues) -> float:
        """Bound the chance that two different values, their difference of that degree, agree at one point.

        Schwartz (1980) and Zippel (1979), with room for arguments of functions that agree by chance.
        """
        bound = error_bound(degree + self.collisions(), field.prime, choices=field.choices)
        return min(1.0, float(bound) + self.conditions * MISTAKEN)

    def number(self, number: Number) -> Degree:
        return Degree(self, 0, 0)

    def plus(self, a: Degree, b: Degree) -> Degree:
        return Degree(self, max(a.above + b.below, b.above + a.below), a.below + b.below)

    def times(self, a: Degree, b: Degree) -> Degree:
        return Degree(self, a.above + b.above, a.below + b.below)

    def raised(self, a: Degree, exponent: int) -> Degree:
        above, below = (a.above, a.below) if exponent >= 0 else (a.below, a.above)
        return Degree(self, above * abs(exponent), below * abs(exponent))

    def leaf(self, key: Hashable, *, positive: bool = False) -> Degree:
        return Degree(self, 1, 0)

    def define(self, key: Hashable, value: Degree) -> None:
        return

    def shift(self, a: Degree, b: Degree) -> Degree:
        return self._function(self.plus(a, b))

    def exp(self, u: Degree) -> Degree:
        return self._function(u)

    def log(self, u: Degree) -> Degree:
        return self._function(u)

    def power(self, base: Degree, exponent: Fraction) -> Degree:
        return self.raised(self._function(base), ceil(abs(exponent)))

    def sin(self, u: Degree) -> Degree:
        return self._function(u)

    def cos(self, u: Degree) -> Degree:
        return self._function(u)

    def erf(self, u: Degree) -> Degree:
        return self._function(u)

    def step(self, u: Degree) -> Degree:
        self.conditions += 1
        return self._function(u)

    def _function(self, argument: Degree) -> Degree:
        """A function is a power of a new indeterminate, or made of its argument, as log(exp(u)) is."""
        self.functions += 1
        degree = argument.above + argument.below
        self.deepest = max(self.deepest, degree)
        return Degree(self, EXPONENT + degree, EXPONENT + degree)
