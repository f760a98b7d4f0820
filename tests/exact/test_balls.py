"""Balls contain what they should, in both implementations, and say so where they decide nothing."""

from decimal import Decimal, localcontext
from fractions import Fraction
from importlib.util import find_spec
from random import Random

import pytest
import sympy as sp

from symgrad.exact.algebra import ExactError
from symgrad.exact.balls import Balls, KinkError, UndecidedError
from symgrad.exact.decimals import Decimals
from symgrad.exact.enclosures import Arbs, Intervals, enclosures
from symgrad.exact.translate import translate

KINDS = [
    Intervals,
    pytest.param(Arbs, marks=pytest.mark.skipif(find_spec("flint") is None, reason="needs python-flint")),
]
X, Y = sp.symbols("x y", real=True)
EXPRESSIONS = (
    sp.exp(X) * sp.tanh(Y) + X**3 / (Y**2 + 1),
    sp.Max(X, Y) - sp.Abs(X - Y) / 2,
    sp.sqrt(X**2 + 1) + sp.log(1 + sp.exp(X)) + sp.erf(Y) * sp.sin(X) - sp.cos(Y),
    (X**2 + 1) ** sp.Rational(-5, 3) * sp.erf(X * Y) + sp.pi * sp.cosh(X),
    sp.erf(9 * X) - sp.erf(X / 1000) + X**-7,
)


def bounds(value):
    middle, radius = map(Decimal, value.text(60))
    return middle - radius, middle + radius


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bits", [53, 128, 333])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_ball_contains_the_number(kind, bits, expression):
    source = Random(f"{expression} {bits}")
    for _ in range(3):
        balls, decimals = Balls(bits, kind(bits)), Decimals(120)
        for leaf in (X, Y):
            value = Fraction(source.randint(-40, 40) or 1, 13)
            for algebra in (balls, decimals):
                algebra.define(leaf, algebra.number(value))
        found, expected = translate(expression, balls), translate(expression, decimals).decimal(110)
        with localcontext(prec=120):
            low, high = bounds(found)
            assert low <= expected <= high
            assert high - low <= abs(expected) * Decimal(2) ** (20 - min(bits, 190))


@pytest.mark.parametrize("kind", KINDS)
def test_sums_of_wide_balls_stay_around_the_number(kind):
    """Rounding errors add up to the radius: the exact sum is known."""
    balls = Balls(53, kind(53))
    root = balls.sqrt(balls.number(2))
    total = balls.total(root * Fraction(k, 7) for k in range(1, 200))
    difference = total - root * Fraction(199 * 200, 14)
    assert difference.signum is None
    assert (difference + Fraction(1, 10**9)).signum == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_decided_is_said(kind):
    balls = Balls(53, kind(53))
    nothing = balls.exp(balls.number(1)) - balls.exp(balls.number(1))
    assert nothing.signum is None
    assert not nothing.is_zero()
    for undecided in (balls.step, balls.log, lambda u: 1 / u, balls.sqrt):
        with pytest.raises(UndecidedError):
            undecided(nothing)
    with pytest.raises(UndecidedError, match="beyond all bounds"):
        balls.exp(balls.number(10**10))


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_value_is_no_question_of_precision(kind):
    balls = Balls(53, kind(53))
    below = -balls.exp(balls.number(1))
    for undefined in (lambda: balls.log(below), lambda: balls.sqrt(below), lambda: 1 / balls.number(0)):
        with pytest.raises(ExactError) as caught:
            undefined()
        assert not isinstance(caught.value, UndecidedError)


def test_a_kink_is_refused_unless_kinks_are_let_in():
    half = Fraction(1, 2)
    for operation in (lambda u: u.algebra.step(u), lambda u: 1 / u, lambda u: u.log()):
        with pytest.raises(KinkError):
            operation(Balls().number(half) - half)
    balls = Balls(kinks=True)
    assert balls.step(balls.number(half) - half).exact == 0
    with pytest.raises(ExactError, match="division by zero"):
        1 / (balls.number(half) - half)


def test_what_is_zero_around_the_point_is_no_kink():
    """relu of a negative number is 0 by its indicator, not by chance."""
    balls = Balls()
    a = balls.maximum(balls.number(-3), balls.number(0))
    assert balls.step(a).exact == 0
    assert balls.step(a * 5 + 0).exact == 0
    with pytest.raises(KinkError):
        balls.step((balls.number(2) - 2) * 5 + a)


def test_short_fractions_stay_exact_and_long_ones_do_not_grow():
    balls = Balls(53)
    third = balls.number(Fraction(1, 3))
    assert (third + third + third).exact == 1
    assert (third * 0).exact == 0
    assert third.raised(10**9).exact is None
    assert third.raised(10**9).signum == 1


@pytest.mark.parametrize("kind", KINDS)
def test_erf_far_out_and_near_zero(kind):
    balls = Balls(128, kind(128))
    for value in (Fraction(1, 10**9), Fraction(5), Fraction(11), Fraction(40)):
        found = balls.erf(balls.number(value)), -balls.erf(balls.number(-value))
        expected = sp.erf(sp.Rational(value.numerator, value.denominator)).evalf(80)
        with localcontext(prec=90):
            for one in found:
                low, high = bounds(one)
                assert low <= Decimal(str(expected)) <= high
                assert high - low < Decimal(10) ** -35


def test_the_implementation_is_the_best_there_is():
    assert enclosures(53).name == ("arb" if find_spec("flint") else "mpmath.iv")


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_magnitude_and_the_middle_of_a_ball(kind):
    balls = Balls(128, kind(128))
    third, tiny = balls.number(Fraction(1, 3)), balls.number(-2000).exp()
    assert (balls.number(0).size, balls.number(5).size, third.exp().size) == (0, 2, 1)
    assert tiny.size == -2885
    assert abs(tiny.middle * Fraction(2) ** 2885 - Fraction(3, 4)) < Fraction(1, 4)
    assert third.middle == Fraction(1, 3)
    with pytest.raises(ExactError, match="beyond all bounds"):
        _ = balls.number(-(10**6)).exp().middle
