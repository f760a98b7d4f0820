"""The rows of the table of activations, and what they claim."""

import pickle

import pytest
import sympy as sp

from symgrad.errors import CheckError, UnknownNameError
from symgrad.exact.proofs import prove_equal
from symgrad.model.activations import ELEMENTWISE, NAMES, OUTPUTS, ROWS, Activation, check_activation
from symgrad.model.expressions import Ref
from symgrad.model.functions import (
    A,
    Candidate,
    Equal,
    MaskedExp,
    Step,
    Z,
    derivative,
    expand,
    function_of,
    kinks,
    logarithm,
    primal,
)
from tests.interpreter import DECIMALS, DIGITS, compiled

POINTS = [DIGITS.mpf(k) / 7 for k in (-40, -9, -2, -1, 1, 3, 10, 60)]  # none of them a kink


def at(expression, point):
    """Evaluate an expression in Z and A at a point, A being the value there."""
    z, a = Ref("z"), Ref("a")
    return compiled(expression.xreplace({Z: z, A: a}), DECIMALS)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_claims_are_proved(row):
    truth = sp.diff(primal(row), Z)
    assert prove_equal(expand(derivative(row).xreplace({A: primal(row)})), expand(truth)).equal
    logs = sp.log(primal(row)), sp.log(1 - primal(row)), truth / primal(row)
    for claim, value in zip(logarithm(row), logs, strict=True):
        assert claim is None or prove_equal(expand(claim), expand(value)).equal


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("point", POINTS, ids=float)
def test_derivatives_are_those_of_differences(row, point):
    if row.name == "xlogx" and point < 0:
        pytest.skip("no logarithm there")

    def value(z):
        return compiled(function_of(row)(Ref("z")), DECIMALS)({"z": {(): z}}, {})

    tiny = DIGITS.mpf(10) ** -20
    slope = (value(point + tiny) - value(point - tiny)) / (2 * tiny)
    claimed = at(derivative(row), point)({"z": {(): point}, "a": {(): value(point)}}, {})
    assert abs(claimed - slope) < 1e-35
    written_out = compiled(expand(function_of(row)(Ref("z"))), DECIMALS)({"z": {(): point}}, {})
    assert abs(written_out - value(point)) < 1e-45


@pytest.mark.parametrize(
    "row",
    [
        Activation("wrong1", "1/(1 + exp(-z))", "a*(1 + a)"),
        Activation("wrong2", "1/(1 + exp(-z))", "a*(1 - z)"),
        Activation("wrong3", "max(z, 0)", "step(-z)"),
        Activation("wrong4", "log(1 + exp(z))", "sigmoid(-z)"),
        Activation("wrong5", "z^3", "3*z^2*2000001/2000000"),
    ],
    ids=lambda row: row.name,
)
def test_a_wrong_short_form_is_refused(row):
    with pytest.raises(CheckError, match=f"activation '{row.name}': the form .* is not equal to"):
        sp.diff(function_of(row)(Ref("z")), Ref("z"))


@pytest.mark.parametrize(
    "claims", [{"log": "-softplus(z)"}, {"log_complement": "-softplus(-z)"}, {"log_slope": "sigmoid(z)"}]
)
def test_a_wrong_form_of_the_logarithm_is_refused(claims):
    with pytest.raises(CheckError, match="is not equal to"):
        logarithm(Activation("wrong", "1/(1 + exp(-z))", **claims))


def test_without_a_short_form_the_derivative_is_sympys():
    assert derivative(Activation("cube", "z^3")) == 3 * Z**2


def test_functions_are_values():
    sigmoid = function_of(ELEMENTWISE["sigmoid"])
    applied = sigmoid(Ref("z")) * 2
    assert pickle.loads(pickle.dumps(applied)) == applied
    assert sigmoid is function_of(ELEMENTWISE["sigmoid"])
    other = function_of(Activation("sigmoid", "z"))
    assert other(Ref("z")) != sigmoid(Ref("z"))
    assert sp.diff(applied, Ref("z")) == 2 * sigmoid(Ref("z")) * (1 - sigmoid(Ref("z")))


def test_indicators():
    x = Ref("x")
    assert sp.diff(Step(x), x) == sp.diff(Equal(x, Ref("y")), x) == 0
    assert [Step(sp.Rational(k, 2)) for k in (-1, 0, 1)] == [0, 0, 1]
    assert Equal(x, x) == 1
    assert Equal(sp.Integer(2), sp.Integer(3)) == 0
    assert Equal(x, 3).func is Equal


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_a_kink_is_where_one_sided_slopes_differ_and_only_there(row):
    """Off the stated kinks the differences from both sides agree; selu and relu differ at theirs."""

    def slope(z, step):
        values = [compiled(function_of(row)(Ref("z")), DECIMALS)({"z": {(): u}}, {}) for u in (z, z + step)]
        return (values[1] - values[0]) / step

    stated = {-u.subs(Z, 0) for u in kinks(primal(row))}
    tiny = DIGITS.mpf(10) ** -30
    for z in range(-4, 5):
        if row.name != "xlogx" or z > 0:
            jump = abs(slope(DIGITS.mpf(z), tiny) - slope(DIGITS.mpf(z), -tiny))
            assert jump < 1e-25 or z in stated, z


def test_kinks_of_nested_conditions():
    z = Z
    assert kinks(primal(ELEMENTWISE["hard_sigmoid"])) == (z - 3, z + 3)
    assert kinks(primal(ROWS["huber"])) == (z, z - 1, z + 1)
    assert kinks(primal(ELEMENTWISE["mish"])) == ()
    assert kinks(sp.Max(z, z**2)) == (z**2 - z,)


def test_functions_of_stable_forms_are_what_they_stand_for():
    m, u = Ref("m"), Ref("u")
    assert expand(MaskedExp(m, u)) == m * sp.exp(u)
    assert sp.diff(MaskedExp(m, u), u) == MaskedExp(m, u)
    assert sp.diff(MaskedExp(m, u), m) == sp.exp(u)
    assert expand(Candidate(m, u)) == u


def test_xlogx_is_0_at_0():
    assert compiled(function_of(ROWS["xlogx"])(Ref("z")), DECIMALS)({"z": {(): DIGITS.mpf(0)}}, {}) == 0


def test_names():
    assert check_activation("tanh") == "tanh"
    assert set(NAMES) == {"identity", *OUTPUTS, *ELEMENTWISE}
    with pytest.raises(UnknownNameError, match="did you mean relu"):
        check_activation("rely")
