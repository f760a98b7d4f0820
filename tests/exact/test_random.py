"""Random expressions: rewriting changes nothing, and nothing false is ever proved."""

from fractions import Fraction

import mpmath
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.exact import ExactError, Residues, prove_equal, translate

NAMES = sympy.symbols("x y z", real=True)
NUMBERS = st.fractions(-3, 3, max_denominator=4).map(lambda f: sympy.Rational(f.numerator, f.denominator))
ATOMS = st.one_of(st.sampled_from(NAMES), NUMBERS)


def sigmoid(u):
    return 1 / (1 + sympy.exp(-u))


UNARY = [
    sigmoid,
    sympy.tanh,
    sympy.exp,
    sympy.sin,
    sympy.cos,
    sympy.Abs,
    lambda u: -u,
    lambda u: u**2,
    lambda u: sympy.log(1 + sympy.exp(u)),
    lambda u: sympy.sqrt(1 + u**2),
    lambda u: sympy.Max(u, 0),
]
BINARY = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a / (1 + b**2)]
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda f, a: f(a), st.sampled_from(UNARY), inner),
        st.builds(lambda f, a, b: f(a, b), st.sampled_from(BINARY), inner, inner),
    ),
    max_leaves=5,
)
REWRITINGS = [
    lambda e: e.expand(),
    lambda e: e.replace(sympy.exp, lambda u: 1 / sympy.exp(-u, evaluate=False)),
    lambda e: e.replace(sympy.tanh, lambda u: 2 * sigmoid(2 * u) - 1),
    lambda e: e.replace(sympy.exp, lambda u: (1 + sympy.tanh(u / 2)) / (1 - sympy.tanh(u / 2))),
    lambda e: e.replace(sympy.Abs, lambda u: sympy.Max(u, -u)),
    lambda e: e.replace(sympy.Max, lambda u, v: (u + v + sympy.Abs(u - v)) / 2),
    lambda e: e.replace(sympy.cos, lambda u: sympy.cos(u / 1) - sympy.cos(u) ** 2 - sympy.sin(u) ** 2 + 1),
    lambda e: (e * (1 + sympy.exp(NAMES[0])) - e) * sympy.exp(-NAMES[0]),
]
settings.register_profile("short", max_examples=60, deadline=None, derandomize=True)
SHORT = settings.get_profile("short")


def number_at(expr, point):
    return mpmath.mpf(sympy.N(expr.subs(dict(zip(NAMES, point, strict=True))), 40))


@SHORT
@given(EXPRESSIONS, st.sampled_from(REWRITINGS))
def test_rewriting_is_proved(expr, rewriting):
    assert prove_equal(expr, rewriting(expr), limit=200_000)


@SHORT
@given(EXPRESSIONS, EXPRESSIONS, st.sampled_from([0, 1]))
def test_what_is_proved_is_true(a, b, same):
    claim = b if not same else a + b - a
    point = [sympy.Rational(7, 5), sympy.Rational(-3, 7), sympy.Rational(11, 13)]
    if prove_equal(a, claim, limit=200_000):
        assert abs(number_at(a, point) - number_at(claim, point)) < mpmath.mpf(10) ** -20


def equal_at(a, b, seed):
    field = Residues(seed)
    try:
        return field.equal(translate(a, field), translate(b, field))
    except ExactError:  # no root or sign at this point
        return True


@SHORT
@given(EXPRESSIONS, EXPRESSIONS)
def test_residues_agree_with_normal_forms(a, b):
    if not prove_equal(a, b, limit=200_000):
        assert not all(equal_at(a, b, seed) for seed in range(25))


@SHORT
@given(EXPRESSIONS, st.fractions(-5, 5, max_denominator=6).filter(lambda f: f != 1))
def test_a_wrong_factor_is_never_proved(expr, factor):
    exact = sympy.Rational(factor.numerator, factor.denominator)
    assert prove_equal(expr, exact * expr, limit=200_000).equal == prove_equal(expr, Fraction(0) * expr).equal
