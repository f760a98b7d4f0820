"""Values of exact algebras, the operators they share, and what can go wrong."""

from abc import ABC, abstractmethod
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any, NoReturn, Self

if TYPE_CHECKING:
    from symgrad.exact.algebra import Algebra

Number = Fraction | int

# Numbers of more bits are not written out as results of a product or a power.
LONGEST = 1 << 16


class ExactError(Exception):
    """What exact arithmetic cannot or must not decide: a float, a comparison, a division by zero."""


class BudgetError(ExactError):
    """A normal form grew past its limit; the question is open, not answered."""


class Value(ABC):
    """An element of an algebra: + - * / and integer powers, mixing with int and Fraction.

    Equality is identity; ask `algebra.equal(a, b)` for the mathematical one.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def algebra(self) -> "Algebra[Any]":
        """The algebra this value belongs to."""

    @abstractmethod
    def is_zero(self) -> bool:
        """Whether the value is zero. For normal forms True is a proof; False is only a candidate."""

    def raised(self, exponent: int) -> Self:
        """An integer power. ExactError for a negative power of zero."""
        return self.algebra.raised(self, exponent)

    def __add__(self, other: object) -> Self:
        number = self._operand(other)
        if number is None:
            return NotImplemented
        return self.algebra.plus(self, number)

    def __mul__(self, other: object) -> Self:
        number = self._operand(other)
        if number is None:
            return NotImplemented
        return self.algebra.times(self, number)

    def __sub__(self, other: object) -> Self:
        number = self._operand(other)
        if number is None:
            return NotImplemented
        return self.algebra.plus(self, -number)

    def __rsub__(self, other: object) -> Self:
        return (-self).__add__(other)

    def __truediv__(self, other: object) -> Self:
        number = self._operand(other)
        if number is None:
            return NotImplemented
        return self.algebra.times(self, number.raised(-1))

    def __rtruediv__(self, other: object) -> Self:
        number = self._operand(other)
        if number is None:
            return NotImplemented
        return self.algebra.times(number, self.raised(-1))

    def __pow__(self, exponent: object) -> Self:
        if not isinstance(exponent, Rational):
            raise ExactError(f"exponents are rational numbers here, not {type(exponent).__name__}")
        exact = _fraction(exponent)
        return self.raised(exact.numerator) if exact.denominator == 1 else self.algebra.power(self, exact)

    def __neg__(self) -> Self:
        return self.algebra.times(self, self.algebra.number(-1))

    def __pos__(self) -> Self:
        return self

    __radd__ = __add__
    __rmul__ = __mul__

    def _operand(self, other: object) -> Self | None:
        if isinstance(other, type(self)):
            if other.algebra is not self.algebra:
                raise ExactError("values of two algebras cannot be combined")
            return other
        if isinstance(other, Rational):
            return self.algebra.number(_fraction(other))
        if isinstance(other, (float, complex)):
            raise ExactError(f"{other!r} is not exact; write it as a Fraction")
        return None

    def _compared(self, _other: object) -> NoReturn:
        raise ExactError("exact values have no order; use algebra.step, maximum or minimum")

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def __bool__(self) -> bool:
        raise ExactError("an exact value is neither true nor false; ask is_zero()")

    def __float__(self) -> float:
        raise ExactError("an exact value is not a float")

    # NumPy calls these on the elements of an object array.
    def exp(self) -> Self:
        """exp(self)."""
        return self.algebra.exp(self)

    def log(self) -> Self:
        """log(self)."""
        return self.algebra.log(self)

    def log1p(self) -> Self:
        """log(1 + self)."""
        return self.algebra.log(self + 1)

    def expm1(self) -> Self:
        """exp(self) - 1."""
        return self.algebra.exp(self) - 1

    def sqrt(self) -> Self:
        """The square root."""
        return self.algebra.sqrt(self)

    def tanh(self) -> Self:
        """tanh(self)."""
        return self.algebra.tanh(self)

    def sin(self) -> Self:
        """sin(self)."""
        return self.algebra.sin(self)

    def cos(self) -> Self:
        """cos(self)."""
        return self.algebra.cos(self)

    def erf(self) -> Self:
        """erf(self)."""
        return self.algebra.erf(self)

    def sign(self) -> Self:
        """The sign of self, off the kink set."""
        return self.algebra.sign(self)

    def __abs__(self) -> Self:
        return self.algebra.abs(self)


def _fraction(number: Rational) -> Fraction:
    return Fraction(int(number.numerator), int(number.denominator))


def is_short(number: Fraction, exponent: int = 1) -> bool:
    """Whether a power of a number may be written out."""
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return bits * abs(exponent) <= LONGEST
