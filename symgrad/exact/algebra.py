"""What an algebra of exact values is."""

from collections.abc import Hashable, Iterable
from fractions import Fraction
from typing import Protocol, TypeVar

from symgrad.exact.values import BudgetError, ExactError, Number, Value

__all__ = ["Algebra", "BudgetError", "ExactError", "Number", "Value"]

V = TypeVar("V", bound=Value)


class Algebra(Protocol[V]):
    """Exact values closed under arithmetic and elementary functions.

    Arguments of log and rational powers are taken to be positive, and kinks (u = 0 in step(u)) are
    left out: what is equal here is equal wherever every division is defined and no condition is zero.
    """

    def number(self, number: Number) -> V:
        """A rational number."""
        ...

    def plus(self, a: V, b: V) -> V:
        """a + b."""
        ...

    def times(self, a: V, b: V) -> V:
        """a * b."""
        ...

    def raised(self, a: V, exponent: int) -> V:
        """An integer power. ExactError for a negative power of zero."""
        ...

    def leaf(self, key: Hashable, *, positive: bool = False) -> V:
        """The independent quantity named by `key`, or what it was defined as."""
        ...

    def define(self, key: Hashable, value: V) -> None:
        """Let the leaf `key` be `value`. ExactError once the leaf has been used."""
        ...

    def shift(self, a: V, b: V) -> V:
        """An opaque stand-in for a running maximum of a and b, to stabilise exp.

        exp(u + c*shift) splits into exp(u) * exp(shift)**c. What depends on it is not what it is compared to.
        """
        ...

    def exp(self, u: V) -> V:
        """exp(u) with exp(u + v) = exp(u) exp(v)."""
        ...

    def log(self, u: V) -> V:
        """log(u) for u > 0."""
        ...

    def power(self, base: V, exponent: Fraction) -> V:
        """base**exponent for base > 0 unless the exponent is an integer."""
        ...

    def sin(self, u: V) -> V:
        """sin(u)."""
        ...

    def cos(self, u: V) -> V:
        """cos(u)."""
        ...

    def erf(self, u: V) -> V:
        """erf(u)."""
        ...

    def step(self, u: V) -> V:
        """The indicator of u > 0."""
        ...

    def total(self, values: Iterable[V]) -> V:
        """The sum of any number of values."""
        result = self.number(0)
        for value in values:
            result = result + value
        return result

    def sqrt(self, u: V) -> V:
        """The square root of u >= 0."""
        return self.power(u, Fraction(1, 2))

    def tanh(self, u: V) -> V:
        """tanh(u) = 1 - 2/(exp(2u) + 1)."""
        return 1 - 2 / (self.exp(2 * u) + 1)

    def sinh(self, u: V) -> V:
        """sinh(u) from exp(u)."""
        e = self.exp(u)
        return (e - 1 / e) / 2

    def cosh(self, u: V) -> V:
        """cosh(u) from exp(u)."""
        e = self.exp(u)
        return (e + 1 / e) / 2

    def sign(self, u: V) -> V:
        """-1, 0 or 1."""
        return self.step(u) - self.step(-u)

    def abs(self, u: V) -> V:
        """The absolute value."""
        return self.sign(u) * u

    def maximum(self, a: V, b: V) -> V:
        """The larger of two values."""
        return b + self.step(a - b) * (a - b)

    def minimum(self, a: V, b: V) -> V:
        """The smaller of two values."""
        return a - self.step(a - b) * (a - b)

    def check_zero(self, value: V, message: str) -> None:
        """Refuse a value that is not zero: ExactError with the message."""
        if not value.is_zero():
            raise ExactError(message)

    def equal(self, a: V, b: V) -> bool:
        """Whether a - b is zero; see `Value.is_zero` for what the answer is worth."""
        return (a - b).is_zero()
