"""Dual numbers u + ε u′ with ε² = 0 over any algebra: a value together with its derivative along a direction.

Sums and products are those of polynomials modulo ε² (Clifford 1873).  A function of a dual number is
f(u) + ε f′(u) u′, where f′ is what SymPy derives: there is no table of derivatives.  What is piecewise
constant (`step`) has no tangent: equalities hold off the kinks, as in every algebra here.
"""

from collections.abc import Hashable
from fractions import Fraction
from functools import cache
from typing import Generic, TypeVar

import sympy as sp

from symgrad.exact.algebra import Algebra
from symgrad.exact.translate import translate
from symgrad.exact.values import Number, Value

V = TypeVar("V", bound=Value)

_Z = sp.Symbol("z", real=True)


class Dual(Value, Generic[V]):
    """A value and its tangent; None for the tangent of what does not move."""

    __slots__ = ("field", "tangent", "value")

    def __init__(self, field: "Duals[V]", value: V, tangent: V | None = None) -> None:
        self.field, self.value, self.tangent = field, value, tangent

    @property
    def algebra(self) -> "Duals[V]":
        return self.field

    def is_zero(self) -> bool:
        return self.value.is_zero() and (self.tangent is None or self.tangent.is_zero())


class Duals(Algebra[Dual[V]], Generic[V]):
    """The dual numbers over an algebra.

    Parameters
    ----------
    base
        The algebra of values and tangents.
    """

    def __init__(self, base: Algebra[V]) -> None:
        self.base = base

    def moving(self, value: V, tangent: V) -> Dual[V]:
        """value + ε tangent."""
        return Dual(self, value, tangent)

    def still(self, value: V) -> Dual[V]:
        """A value that does not move."""
        return Dual(self, value)

    def number(self, number: Number) -> Dual[V]:
        return self.still(self.base.number(number))

    def plus(self, a: Dual[V], b: Dual[V]) -> Dual[V]:
        return Dual(self, a.value + b.value, self._sum(a.tangent, b.tangent))

    def times(self, a: Dual[V], b: Dual[V]) -> Dual[V]:
        left = None if a.tangent is None else a.tangent * b.value
        right = None if b.tangent is None else a.value * b.tangent
        return Dual(self, a.value * b.value, self._sum(left, right))

    def _sum(self, a: V | None, b: V | None) -> V | None:
        if a is None or b is None:
            return b if a is None else a
        return a + b

    def raised(self, a: Dual[V], exponent: int) -> Dual[V]:
        return self._applied(_Z ** sp.Integer(exponent), a)

    def leaf(self, key: Hashable, *, positive: bool = False) -> Dual[V]:
        return self.still(self.base.leaf(key, positive=positive))

    def define(self, key: Hashable, value: Dual[V]) -> None:
        self.base.define(key, value.value)

    def shift(self, a: Dual[V], b: Dual[V]) -> Dual[V]:
        return self.still(self.base.shift(a.value, b.value))

    def exp(self, u: Dual[V]) -> Dual[V]:
        return self._applied(sp.exp(_Z), u)

    def log(self, u: Dual[V]) -> Dual[V]:
        return self._applied(sp.log(_Z), u)

    def power(self, base: Dual[V], exponent: Fraction) -> Dual[V]:
        return self._applied(_Z ** sp.Rational(exponent.numerator, exponent.denominator), base)

    def sin(self, u: Dual[V]) -> Dual[V]:
        return self._applied(sp.sin(_Z), u)

    def cos(self, u: Dual[V]) -> Dual[V]:
        return self._applied(sp.cos(_Z), u)

    def erf(self, u: Dual[V]) -> Dual[V]:
        return self._applied(sp.erf(_Z), u)

    def step(self, u: Dual[V]) -> Dual[V]:
        return self.still(self.base.step(u.value))

    def _applied(self, function: sp.Expr, u: Dual[V]) -> Dual[V]:
        memo = {_Z: u.value}
        value = translate(function, self.base, memo)
        if u.tangent is None:
            return self.still(value)
        return Dual(self, value, translate(_derived(function), self.base, memo) * u.tangent)


@cache
def _derived(function: sp.Expr) -> sp.Expr:
    return sp.diff(function, _Z)
