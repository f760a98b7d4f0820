"""An interval holds every value that the function takes on it."""

import math
from fractions import Fraction
from random import Random

import pytest

from symgrad.exact.intervals import Interval, Intervals
from symgrad.exact.values import ExactError

ALGEBRA = Intervals()
FUNCTIONS = {
    "exp": math.exp,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "abs": abs,
    "step": lambda u: float(u > 0),
    "sign": lambda u: float((u > 0) - (u < 0)),
}


def drawn(random: Random, *, positive: bool = False) -> Interval:
    low = Fraction(random.randint(1 if positive else -300, 300), 100)
    return ALGEBRA.between(low, low + Fraction(random.randint(0, 200), 100))


def inside(random: Random, interval: Interval) -> float:
    return random.choice([interval.low, interval.high, random.uniform(interval.low, interval.high)])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_stays_inside(name: str) -> None:
    random = Random(name)
    for _ in range(500):
        u = drawn(random)
        found = getattr(ALGEBRA, name)(u)
        for _ in range(5):
            assert found.low <= FUNCTIONS[name](inside(random, u)) <= found.high


def test_arithmetic_stays_inside() -> None:
    random = Random(1)
    for _ in range(500):
        a, b = drawn(random), drawn(random, positive=True)
        x, y = inside(random, a), inside(random, b)
        for found, value in (
            (a + b, x + y), (a - b, x - y), (a * b, x * y), (a / b, x / y), (a**2, x * x), (a**3, x**3),
            (b ** Fraction(1, 2), math.sqrt(y)), (ALGEBRA.log(b), math.log(y)),
            (ALGEBRA.maximum(a, b), max(x, y)), (ALGEBRA.minimum(a, b), min(x, y)),
        ):  # fmt: skip
            assert found.low <= value <= found.high


def test_exact_numbers_stay_exact() -> None:
    half = ALGEBRA.number(Fraction(1, 2))
    assert (half.low, half.high) == (0.5, 0.5)
    third = ALGEBRA.number(Fraction(1, 3))
    assert Fraction(third.low) < Fraction(1, 3) < Fraction(third.high)
    assert (-half).high == -0.5


def test_a_narrow_interval_stays_narrow() -> None:
    u = ALGEBRA.between(Fraction(3774, 10_000), Fraction(3776, 10_000))
    sigmoid = 1 / (1 + ALGEBRA.exp(-u))
    assert sigmoid.high - sigmoid.low < 6e-5


def test_what_may_not_exist_is_refused() -> None:
    around = ALGEBRA.between(Fraction(-1), Fraction(1))
    for refused in (lambda: 1 / around, lambda: ALGEBRA.log(around), lambda: ALGEBRA.sqrt(around)):
        with pytest.raises(ExactError):
            refused()
    with pytest.raises(ExactError, match="no value"):
        ALGEBRA.leaf("x")


def test_too_large_is_infinite() -> None:
    assert ALGEBRA.exp(ALGEBRA.number(1000)).high == math.inf
    assert ALGEBRA.number(Fraction(10) ** 400).high == math.inf
