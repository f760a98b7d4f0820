from fractions import Fraction

import pytest
import sympy

from symgrad.exact import ExactError, NormalForms, Residues, prove_equal, translate

x, y, z = sympy.symbols("x y z", real=True)


def proved(a, b):
    return prove_equal(a, b).equal


def test_one_value_for_each_distinct_subexpression():
    A, memo = NormalForms(), {}
    translate(sympy.exp(x + y) + sympy.exp(x + y) ** 2, A, memo)
    assert x + y in memo
    assert memo[x] is A.leaf(x)


def test_rational_numbers():
    A = NormalForms()
    assert A.equal(translate(sympy.Rational(-2, 3) + sympy.Integer(1), A), A.number(Fraction(1, 3)))


@pytest.mark.parametrize("algebra", [NormalForms, lambda: Residues(4)])
def test_depth_and_sharing(algebra):
    A, deep, shared = algebra(), x, x
    for _ in range(500):
        deep = sympy.sin(deep, evaluate=False)
    assert not translate(deep, A).is_zero()
    for _ in range(100):
        shared = sympy.Mul(shared, shared, evaluate=False)
    assert not translate(shared, A).is_zero()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (sympy.exp(x) ** y, sympy.exp(x * y)),
        ((1 + sympy.exp(x)) ** y, sympy.exp(y * sympy.log(1 + sympy.exp(x)))),
        (sympy.E**2, sympy.exp(1) ** 2),
        (sympy.sinh(x) / sympy.cosh(x), sympy.tanh(x)),
        (sympy.Max(x, 0, -x), sympy.Abs(x)),
        (sympy.Max(x, y) + sympy.Min(x, y), x + y),
        (sympy.Heaviside(x) * x, sympy.Max(x, 0)),
        (sympy.sign(x) * x, sympy.Abs(x)),
        (sympy.Piecewise((x, x > 0), (0, True)), sympy.Max(x, 0)),
        (sympy.Piecewise((x, x >= 0), (-x, x < 0)), sympy.Abs(x)),
        (sympy.Piecewise((0, x <= y), (x - y, True)), sympy.Max(x - y, 0)),
        (sympy.Piecewise((1, (x > 0) & (y > 0)), (0, True)), sympy.Heaviside(x) * sympy.Heaviside(y)),
        (sympy.Piecewise((1, (x > 0) | (x < 0)), (0, True)), sympy.Integer(1)),
        (sympy.diff(sympy.erf(x), x), 2 * sympy.exp(-(x**2)) / sympy.sqrt(sympy.pi)),
        (sympy.pi * x, x * sympy.pi),
    ],
    ids=str,
)
def test_functions(a, b):
    assert proved(a, b)


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (sympy.Float("0.5") * x, "fractions"),
        (x + sympy.oo, "exact"),
        (sympy.I * x, "exact"),
        (sympy.gamma(x), "gamma"),
        (sympy.Function("f")(x), "f"),
        (sympy.Derivative(sympy.Function("f")(x), x), "exact rule"),
        (sympy.Piecewise((1, sympy.Eq(x, 0)), (2, True)), "Equality"),
        (sympy.zoo, "exact"),
        (sympy.Symbol("u", imaginary=True), "exact"),
    ],
    ids=str,
)
def test_refused(expr, message):
    for algebra in (NormalForms(), Residues(1)):
        with pytest.raises(ExactError, match=message):
            translate(expr, algebra)


def test_normal_forms_refuse_what_is_not_defined():
    difference = sympy.exp(x) * sympy.exp(y, evaluate=False) - sympy.exp(x + y + 1) / sympy.E
    holes = [(sympy.Piecewise((1, x > 0)), "cover"), (1 / difference, "division by zero")]
    for expr, message in holes:
        with pytest.raises(ExactError, match=message):
            translate(expr, NormalForms())


def test_symbols_that_are_positive():
    p, q = sympy.symbols("p q", positive=True)
    assert proved(sympy.log(p, evaluate=False) + sympy.log(q), sympy.log(p * q, evaluate=False))


def test_comparison_tells_how_and_how_long():
    found = prove_equal(x + y, y + x)
    assert found
    assert found.method == "normal forms"
    assert found.seconds > 0
    assert not prove_equal(x, y)
