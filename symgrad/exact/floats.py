"""Many points at once in floats: where candidates are found, which exact arithmetic then confirms."""

import math
from collections.abc import Hashable, Iterable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import ExactError, Number, Value

Floating = npt.NDArray[np.float64]

_ERF = np.frompyfunc(math.erf, 1, 1)


class Sample(Value):
    """An array of floats, the points along its first axis; a number is an array without axes."""

    __slots__ = ("array", "_algebra")

    def __init__(self, array: Floating, algebra: "Floats") -> None:
        self.array, self._algebra = array, algebra

    @property
    def algebra(self) -> "Floats":
        """The algebra this value belongs to."""
        return self._algebra

    def is_zero(self) -> bool:
        """Whether it is 0 at every point."""
        return not self.array.any()


class Floats(Algebra[Sample]):
    """Floats at many points: quick, rounded, and no evidence for anything.

    What is not defined at a point is NaN there.  Run it under ``numpy.errstate(all="ignore")``.
    """

    def __init__(self) -> None:
        self._leaves: dict[Hashable, Sample] = {}

    def of(self, array: Any) -> Sample:
        """Return an array as a value."""
        return Sample(np.asarray(array, dtype=np.float64), self)

    def number(self, number: Number) -> Sample:
        return self.of(_float(Fraction(number)))

    def plus(self, a: Sample, b: Sample) -> Sample:
        return Sample(a.array + b.array, self)

    def total(self, values: Iterable[Sample]) -> Sample:
        return Sample(reduce(np.add, (value.array for value in values), np.zeros(())), self)

    def times(self, a: Sample, b: Sample) -> Sample:
        return Sample(a.array * b.array, self)

    def raised(self, a: Sample, exponent: int) -> Sample:
        return Sample(np.power(a.array, float(exponent)), self)

    def leaf(self, key: Hashable, *, positive: bool = False) -> Sample:
        if key not in self._leaves:
            raise ExactError(f"{key} has no values")
        return self._leaves[key]

    def define(self, key: Hashable, value: Sample) -> None:
        self._leaves[key] = value

    def shift(self, a: Sample, b: Sample) -> Sample:
        return Sample(np.maximum(a.array, b.array), self)

    def exp(self, u: Sample) -> Sample:
        return Sample(np.exp(u.array), self)

    def log(self, u: Sample) -> Sample:
        return Sample(np.log(u.array), self)

    def power(self, base: Sample, exponent: Fraction) -> Sample:
        return Sample(np.power(base.array, float(exponent)), self)

    def sin(self, u: Sample) -> Sample:
        return Sample(np.sin(u.array), self)

    def cos(self, u: Sample) -> Sample:
        return Sample(np.cos(u.array), self)

    def erf(self, u: Sample) -> Sample:
        return self.of(_ERF(u.array))

    def step(self, u: Sample) -> Sample:
        return Sample(np.where(u.array > 0, 1.0, 0.0), self)


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
