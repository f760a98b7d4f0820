"""The functions of a formula over any algebra, and their derivatives as SymPy derives them."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from numbers import Rational
from typing import Any

import sympy as sp

from symgrad.exact.algebra import Algebra
from symgrad.exact.translate import translate
from symgrad.model.functions import VOCABULARY, slope

BINARY = frozenset({"max", "min"})


class Elementary(Mapping[str, Callable[..., Any]]):
    """The function table of an algebra.

    ``sigmoid`` is the function, ``sigmoid'`` its derivative; ``power`` is a power with any exponent, ``pi`` a
    function of nothing.

    Parameters
    ----------
    algebra
        Of the values that the functions are applied to; rational numbers become its own.
    """

    def __init__(self, algebra: Algebra[Any]) -> None:
        self.algebra = algebra

    def __getitem__(self, name: str) -> Callable[..., Any]:
        bare = name.rstrip("'")
        if bare not in VOCABULARY and bare not in ("power", "pi"):
            raise KeyError(name)
        if bare == "power":
            return self._power
        slots, expression = _template(bare, len(name) - len(bare))
        return lambda *values: self._applied(slots, expression, values)

    def __iter__(self) -> Iterator[str]:
        return iter((*VOCABULARY, "power", "pi"))

    def __len__(self) -> int:
        return len(VOCABULARY) + 2

    def _applied(self, slots: tuple[sp.Dummy, ...], expression: sp.Expr, values: tuple[Any, ...]) -> Any:
        known = dict(zip(slots, map(self._number, values), strict=True))
        return translate(expression, self.algebra, known)

    def _power(self, base: Any, exponent: Any) -> Any:
        if isinstance(exponent, Rational):
            return self._number(base) ** Fraction(int(exponent.numerator), int(exponent.denominator))
        return self._applied(*_template("power", 0), (base, exponent))

    def _number(self, value: Any) -> Any:
        if not isinstance(value, Rational):
            return value
        return self.algebra.number(Fraction(int(value.numerator), int(value.denominator)))


@cache
def _template(name: str, order: int) -> tuple[tuple[sp.Dummy, ...], sp.Expr]:
    """Return a function, or its derivative, over slots for its arguments."""
    if name == "pi":
        return (), sp.pi
    count = 2 if name == "power" or name in BINARY else 1
    slots = tuple(sp.Dummy(f"slot{k}", real=True) for k in range(count))
    expression = sp.exp(slots[1] * sp.log(slots[0])) if name == "power" else VOCABULARY[name](*slots)
    for _ in range(order):
        expression = slope(expression, slots[0])
    return slots, expression
