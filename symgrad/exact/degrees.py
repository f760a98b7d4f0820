"""Degrees of values, as an algebra: what the error bound of an evaluation modulo a prime needs."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import Number, Value

EXPONENT = 4


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
    deepest
        The largest degree of an argument of a function.
    """

    def __init__(self) -> None:
        self.functions = 0
        self.deepest = 0

    def collisions(self) -> int:
        """Return a degree that covers two different arguments of functions agreeing by chance."""
        return 2 * self.deepest * self.functions**2

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
        return self._function(base)

    def sin(self, u: Degree) -> Degree:
        return self._function(u)

    def cos(self, u: Degree) -> Degree:
        return self._function(u)

    def erf(self, u: Degree) -> Degree:
        return self._function(u)

    def step(self, u: Degree) -> Degree:
        return self._function(u)

    def _function(self, argument: Degree) -> Degree:
        """A function is a new indeterminate, or a small power of one, above or below."""
        self.functions += 1
        self.deepest = max(self.deepest, argument.above + argument.below)
        return Degree(self, EXPONENT, EXPONENT)
