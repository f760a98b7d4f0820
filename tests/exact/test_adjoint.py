"""The adjoint of a tape against witnesses that know nothing of it."""

from fractions import Fraction
from random import Random

import pytest
import sympy as sp

from symgrad.exact.adjoint import adjoint
from symgrad.exact.algebra import ExactError
from symgrad.exact.decimals import Decimals
from symgrad.exact.duals import Duals
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Tape, run
from symgrad.exact.translate import translate

X, Y, Z = sp.symbols("x y z", real=True)
EXPRESSIONS = (
    sp.exp(X) * sp.tanh(Y) + X**3 / (Z**2 + 1),
    sp.Max(X, Y) * Z - sp.Abs(X - Y) / 2,
    sp.sqrt(X**2 + 1) + sp.log(1 + sp.exp(X * Z)) + sp.erf(Y) * sp.sin(X) - sp.cos(Y * Z),
    sp.Piecewise((X * Z, X > Y), (Y**2, True)) / (1 + sp.exp(-Z)),
    (X**2 + 3) ** sp.Rational(-3, 2) * sp.cosh(Y) + X * X * X + Y,
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("seed", range(3))
def test_along_random_directions_it_is_the_tangent_of_dual_numbers(expression, seed):
    tape = Tape()
    loss = translate(expression, tape)
    wrt = [tape.leaf(leaf) for leaf in (X, Y, Z)]
    gradient = adjoint(tape, loss, wrt)
    field, source = Residues(seed), Random(seed)
    along = [field.number(source.randint(1, 10**6)) for _ in wrt]
    duals = Duals(field)
    values = {leaf: duals.moving(field.leaf(leaf), d) for leaf, d in zip((X, Y, Z), along, strict=True)}
    witness = translate(expression, duals, dict(values))
    found = run(tape, field, *gradient)
    slope = field.total(g * d for g, d in zip(found, along, strict=True))
    assert field.equal(slope, field.number(0) if witness.tangent is None else witness.tangent)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_central_differences_tend_to(expression):
    tape, source = Tape(), Random(str(expression))
    loss = translate(expression, tape)
    leaves = (X, Y, Z)
    gradient = adjoint(tape, loss, [tape.leaf(leaf) for leaf in leaves])
    point = {leaf: Fraction(n, 17) for leaf, n in zip(leaves, source.sample(range(-30, 30), 3), strict=True)}
    step, algebra = Fraction(1, 10**12), Decimals()

    def at(moved, by, *wanted):
        for leaf, value in point.items():
            algebra.define(leaf, algebra.number(value + (by if leaf == moved else 0)))
        return run(tape, algebra, *wanted)

    for leaf, value in zip(leaves, at(None, 0, *gradient), strict=True):
        (above,), (below,) = at(leaf, step, loss), at(leaf, -step, loss)
        slope = (above - below) / (2 * step)
        assert abs(float(slope - value)) < 1e-18


def test_what_is_held_has_a_value_and_no_derivative():
    tape = Tape()
    x, y = tape.leaf("x"), tape.leaf("y")
    loss = tape.held(x * y) * x
    by_x, by_y = adjoint(tape, loss, [x, y])
    forms = NormalForms()
    value, slope, other, product = run(tape, forms, loss, by_x, by_y, x * x * y)
    assert forms.equal(value, product)
    assert forms.equal(slope, forms.leaf("x") * forms.leaf("y"))
    assert other.is_zero()


def test_a_value_in_between_is_derived_by_through_all_its_uses():
    tape = Tape()
    x = tape.leaf("x")
    z = 3 * x
    a = tape.exp(z)
    (by_a, by_z, by_x) = adjoint(tape, a * a + z, [a, z, x])
    forms = NormalForms()
    found = run(tape, forms, by_a - 2 * a, by_z - 2 * a * a - 1, by_x - 6 * a * a - 3)
    assert all(value.is_zero() for value in found)


def test_what_does_not_matter_has_derivative_zero_and_a_number_has_none():
    tape = Tape()
    x, y = tape.leaf("x"), tape.leaf("y")
    assert adjoint(tape, x * x, [y])[0].exact == 0
    assert adjoint(tape, x, [x])[0].exact == 1
    with pytest.raises(ExactError, match="no derivative by the number 2"):
        adjoint(tape, x, [tape.number(2)])


def test_a_long_computation_takes_linear_time_and_no_recursion():
    tape = Tape()
    x = value = tape.leaf("x")
    for k in range(20_000):
        value = value * x + k
    before = len(tape.steps)
    (slope,) = adjoint(tape, value, [x])
    assert len(tape.steps) < 4 * before
    field = Residues(1)
    assert not run(tape, field, slope)[0].is_zero()
