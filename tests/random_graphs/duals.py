"""Forward-mode differentiation, written for the tests alone: dual numbers a + b ε with ε² = 0.

The interpreter runs a forward graph over them; what stands behind ε of the loss is its derivative in the
direction that was put into the leaves.  Nothing here knows of edges or of SymPy's derivatives
(Clifford 1871; Griewank, Walther 2008, chapter 3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from symgrad.model.graph import Graph
from tests.interpreter import DIGITS, Arithmetic, equal, run

Number = Any


@dataclass(frozen=True)
class Dual:
    """A value and its derivative in one direction."""

    value: Number
    slope: Number = 0

    def __add__(self, other: Any) -> "Dual":
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Any) -> "Dual":
        other = dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __pow__(self, exponent: int) -> "Dual":
        if exponent == 0:
            return Dual(DIGITS.mpf(1))
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.slope)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == dual(other).value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < dual(other).value)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > dual(other).value)

    __radd__ = __add__
    __rmul__ = __mul__


def dual(number: Any) -> Dual:
    """Return a number as a constant."""
    if isinstance(number, Dual):
        return number
    if isinstance(number, Fraction):
        return Dual(DIGITS.mpf(number.numerator) / number.denominator)
    return Dual(DIGITS.mpf(number))


def chained(value: Callable[[Number], Number], slope: Callable[[Number, Number], Number], u: Any) -> Dual:
    """Apply a function, of which `slope` is the derivative at an argument with a value."""
    u = dual(u)
    image = value(u.value)
    return Dual(image, slope(u.value, image) * u.slope)


def power(base: Any, exponent: Any) -> Dual:
    """Return base**exponent for a constant exponent."""
    exponent = dual(exponent)
    assert exponent.slope == 0
    return chained(
        lambda u: DIGITS.power(u, exponent.value),
        lambda u, _: exponent.value * DIGITS.power(u, exponent.value - 1),
        base,
    )


def larger(*given: Any) -> Dual:
    return max(map(dual, given), key=lambda u: u.value)


def smaller(*given: Any) -> Dual:
    return min(map(dual, given), key=lambda u: u.value)


def sign(u: Any) -> int:
    return int(u > 0) - int(u < 0)


def logistic(u: Number) -> Number:
    return 1 / (1 + DIGITS.exp(-u))


DUALS = Arithmetic(
    dual,
    {
        "Pi": lambda: dual(+DIGITS.pi),
        "exp": partial(chained, DIGITS.exp, lambda _, e: e),
        "log": partial(chained, DIGITS.log, lambda u, _: 1 / u),
        "sin": partial(chained, DIGITS.sin, lambda u, _: DIGITS.cos(u)),
        "cos": partial(chained, DIGITS.cos, lambda u, _: -DIGITS.sin(u)),
        "erf": partial(chained, DIGITS.erf, lambda u, _: 2 * DIGITS.exp(-(u**2)) / DIGITS.sqrt(DIGITS.pi)),
        "tanh": partial(chained, DIGITS.tanh, lambda u, _: 1 / DIGITS.cosh(u) ** 2),
        "sigmoid": partial(chained, logistic, lambda u, _: logistic(u) * logistic(-u)),
        "softplus": partial(chained, lambda u: DIGITS.log(1 + DIGITS.exp(u)), lambda u, _: logistic(u)),
        "relu": lambda u: larger(0, u),
        "leaky_relu": lambda u: dual(u) if u > 0 else u * Fraction(1, 100),
        "power": power,
        "Abs": lambda u: u * sign(u),
        "sign": sign,
        "Max": larger,
        "Min": smaller,
        "Step": lambda u: int(u > 0),
        "Equal": equal,
    },
)


def slope(
    graph: Graph,
    leaves: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
    along: Mapping[str, np.ndarray],
    of: str,
) -> Any:
    """Return the derivative of a scalar node in the direction `along`, an array for each leaf that moves."""
    moving = {name: np.vectorize(Dual, otypes=[object])(leaves[name], way) for name, way in along.items()}
    found = run(graph, {**leaves, **moving}, sizes, DUALS)
    return dual(found[of][()]).slope
