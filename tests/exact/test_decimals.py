from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from symgrad.exact import ExactError, translate
from symgrad.exact.decimals import Decimals


@pytest.fixture
def A():
    return Decimals()


def test_rational_functions_stay_exact(A):
    x = A.number(Fraction("0.15"))
    value = (1 - x) ** 2 / (x + Fraction(1, 3)) - x**-1
    assert value.exact
    assert value.number == Fraction(17, 20) ** 2 / (Fraction(3, 20) + Fraction(1, 3)) - Fraction(20, 3)


@pytest.mark.parametrize(("name", "at", "value"), [("exp", 0, 1), ("log", 1, 0), ("sin", 0, 0), ("cos", 0, 1),
                                                    ("erf", 0, 0), ("tanh", 0, 0)])  # fmt: skip
def test_where_a_function_is_rational_the_value_is(A, name, at, value):
    found = getattr(A, name)(A.number(at))
    assert found.exact
    assert found.number == value


def test_roots_are_exact_where_they_can_be(A):
    assert A.power(A.number(Fraction(8, 27)), Fraction(-2, 3)).number == Fraction(9, 4)
    assert not A.sqrt(A.number(2)).exact


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "erf", "tanh", "sinh", "cosh", "sqrt"])
def test_fifty_digits(A, name):
    with mpmath.workdps(80):
        truth = getattr(mpmath, name)(mpmath.mpf(7) / 10)
        found = mpmath.mpf(str(getattr(A, name)(A.number(Fraction(7, 10))).decimal(60)))
        assert abs(found - truth) < mpmath.mpf(10) ** -55


def test_kinks_are_decided_by_the_value(A):
    zero, three = A.number(0), A.number(3)
    assert [A.step(v).number for v in (zero, three, -three)] == [0, 1, 0]
    assert [A.sign(v).number for v in (zero, three, -three)] == [0, 1, -1]
    assert A.abs(-three).number == 3
    assert A.maximum(zero, three) is three
    assert A.minimum(zero, three) is zero
    assert A.step(A.exp(three) - A.exp(three)).number == 0


def test_what_cancels_to_all_digits_is_zero(A):
    e = A.exp(A.number(1))
    assert (A.exp(A.number(Fraction(1, 3))) ** 3 - e).is_zero()
    assert not (e - (e + Fraction(1, 10**40))).is_zero()


def test_reals_have_an_order_and_a_truth_value(A):
    assert A.number(1) < A.number(2) < 3
    assert A.exp(A.number(1)) > Fraction(27, 10)
    assert A.number(1)
    assert not A.number(0)
    assert float(A.exp(A.number(1))) == pytest.approx(2.718281828459045, abs=0)


@pytest.mark.parametrize(
    ("attempt", "word"),
    [
        (lambda A: A.number(1) / A.number(0), "division by zero"),
        (lambda A: A.log(A.number(0)), "log of 0"),
        (lambda A: A.log(A.number(-2)), "log of -2"),
        (lambda A: A.sqrt(A.number(-2)), "not defined"),
        (lambda A: A.exp(A.exp(A.exp(A.number(10)))), "beyond"),
        (lambda A: A.leaf("x"), "x has no value"),
        (lambda A: A.number(1) + 0.5, "not exact"),
    ],
)
def test_what_has_no_value_is_refused(A, attempt, word):
    with pytest.raises(ExactError, match=word):
        attempt(A)


def test_long_fractions_become_decimals(A):
    x = A.number(Fraction(1, 3))
    for _ in range(15):
        x = x * x
    assert not x.exact
    assert str(x.decimal(5)) == "4.9060E-15635"


def test_expressions_are_evaluated(A):
    x = sp.Symbol("x", real=True)
    A.define(x, A.number(Fraction(1, 2)))
    value = translate(sp.Max(x, 0) ** 2 + sp.Piecewise((1, x > 1), (2, True)), A)
    assert value.number == Fraction(9, 4)
    assert str(translate(sp.exp(x), A).decimal(30)) == str(sp.exp(sp.Rational(1, 2)).evalf(30))
