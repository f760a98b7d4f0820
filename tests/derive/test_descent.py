from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symgrad.derive.descent import RATE, factored, landscape, stationary_points, update_rule
from symgrad.derive.recurrence import (
    Induction,
    Recurrence,
    iterates,
    largest_rate,
    prove,
    recurrence,
)
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref
from symgrad.model.free import Definitions, define_model
from symgrad.model.zoo import zoo
from symgrad.show.descent import descent

LINE = zoo("line_through_origin")
REGRESSION = zoo("linear_regression")
W = Ref("w")


def polynomial_model(formula, **start):
    """Return a model whose loss is a formula in its parameters."""
    spec = Definitions(parameters=dict.fromkeys(start, ""), nodes={"J": formula})
    example = {name: Fraction(value) for name, value in start.items()}
    return define_model("polynomial", spec, example=example)


def test_s5_the_loss_and_its_derivative():
    found = landscape(LINE)
    assert found.loss.as_expr() == 14 * W**2 - 56 * W + 56
    assert str(factored(found.loss)) == "14*(w**2 - 4*w + 4)"
    assert str(factored(found.gradient[0])) == "28*(w - 2)"


def test_s5_the_stationary_point_is_a_minimum():
    (point,) = stationary_points(landscape(LINE))
    assert (list(point.point), point.kind, point.flat) == ([2], "minimum", ())


def test_s5_the_trace_in_exact_rationals():
    trace = [w for (w,) in iterates(landscape(LINE), 7)]
    assert trace == [0, *(sp.Rational(w) for w in ("1", "3/2", "7/4", "15/8", "31/16", "63/32", "127/64"))]


def test_s5_closed_form_limit_and_proof():
    found = recurrence(landscape(LINE))
    n = sp.Symbol("n", integer=True, nonnegative=True)
    assert sp.simplify(found.closed - (2 - 2 ** (1 - n))) == 0
    assert list(found.limit) == [2]
    assert prove(found).holds
    assert [found.at(k) for k in range(8)] == list(iterates(landscape(LINE), 7))


def test_s5_any_start_and_any_rate():
    start = sp.Symbol("w_0", real=True)
    found = recurrence(landscape(LINE), RATE, [start])
    n = sp.Symbol("n", integer=True, nonnegative=True)
    assert sp.expand(found.closed - (2 + (1 - 28 * RATE) ** n * (start - 2))) == 0
    assert prove(found) == Induction(base=True, step=True)
    assert largest_rate(landscape(LINE)) == sp.Rational(1, 14)


def test_s5_as_printed():
    text = descent(LINE).text
    for line in (
        "J = 14 (w² − 4 w + 4)",
        "∂J/∂w = 28 (w − 2)",
        "w ← w − 28 η (w − 2)",
        "w ← ½ w + 1",
        "w: 0, 1, 3/2, 7/4, 15/8, 31/16, 63/32, 127/64, …",
        "w_n = 2 − 1/2^(n − 1)",
        "proved by induction",
        "0 < η < 1/14",
    ):
        assert line in text
    assert r"w_{n} &= 2 - \frac{1}{2^{n - 1}}" in descent(LINE)._repr_latex_()


@pytest.mark.parametrize(
    ("at", "rate", "line"),
    [
        ({"w": 2}, "1/56", "w_n = 2\n"),
        ({"w": 3}, "1/56", "w_n = 2 + 1/2^n"),
        ({"w": 1}, "3/56", "w_n = 2 − (−1)^n · 1/2^n"),
        ({"w": "1/3"}, "1/21", "w_n = 2 − 5/3 · (−1/3)^n"),
        ({"w": "3/2"}, "1/56", "w_n = 2 − 1/2^(n + 1)"),
        ({"w": 0}, "1/14", "none: the descent does not converge"),
        ({"w": 0}, "1/13", "none: the descent does not converge"),
    ],
)
def test_other_starts_and_rates(at, rate, line):
    assert line in descent(LINE, at, rate=rate).text


def test_s5_two_parameters_and_their_figures():
    found = landscape(REGRESSION)
    (point,) = stationary_points(found)
    assert (list(point.point), point.kind) == ([1, 1], "minimum")
    solved = recurrence(found)
    assert prove(solved).holds
    assert [float(w) for w in solved.at(1000)] == pytest.approx([1.03718971, 0.91021609], abs=5e-9)
    assert [float(w) for w in solved.at(10000)] == pytest.approx([1.00000001, 0.99999998], abs=5e-9)
    assert solved.at(20) == iterates(found, 20)[20]
    assert sp.simplify(largest_rate(found) - (6 - 4 * sp.sqrt(2))) == 0


def test_the_update_rule_is_a_formula():
    ((name, rule),) = update_rule(landscape(LINE))
    assert (name, sp.expand(rule - (W - RATE * 28 * (W - 2)))) == ("w", 0)


def test_a_flat_valley_has_many_minima_and_the_descent_finds_the_nearest():
    found = landscape(REGRESSION, {"x": [[1], [1]], "t": [2, 4], "w": [1], "b": 0})
    (point,) = stationary_points(found)
    assert point.kind == "minimum"
    assert len(point.flat) == 1
    solved = recurrence(found, "1/4")
    assert list(solved.limit) == [2, 1]
    assert [float(w) for w in solved.at(60)] == pytest.approx([2, 1])


@pytest.mark.parametrize(
    ("formula", "kind"), [("w^2 - 3*w", "minimum"), ("3*w - w^2", "maximum"), ("u*w + u - w", "saddle")]
)
def test_the_second_derivative_test(formula, kind):
    start = {"w": 1, "u": 1} if "u" in formula else {"w": 1}
    (point,) = stationary_points(landscape(polynomial_model(formula, **start)))
    assert point.kind == kind


def test_higher_degrees_in_one_parameter():
    points = stationary_points(landscape(polynomial_model("w^4/4 - w^2 + 1", w=1)))
    assert [(p.point[0], p.kind) for p in points] == [
        (-sp.sqrt(2), "minimum"),
        (0, "maximum"),
        (sp.sqrt(2), "minimum"),
    ]
    (flat,) = stationary_points(landscape(polynomial_model("w^4", w=1)))
    assert flat.kind == "undecided"


def test_no_stationary_point():
    found = landscape(polynomial_model("3*w + 1", w=1))
    assert stationary_points(found) == ()
    with pytest.raises(DefinitionError, match="no stationary point"):
        recurrence(found)


def test_what_has_no_exact_descent_says_so():
    with pytest.raises(DefinitionError, match=r"J is not a polynomial in w1, .*squared errors"):
        landscape(zoo("worked_2_2_2"))
    with pytest.raises(DefinitionError, match="not a polynomial"):
        landscape(polynomial_model("1/w", w=1))
    quartic = landscape(polynomial_model("w^4/4", w="1/3"))
    with pytest.raises(DefinitionError, match="degree 4"):
        recurrence(quartic)
    with pytest.raises(LimitError, match="bits"):
        iterates(quartic, 40, "1/10")
    with pytest.raises(LimitError, match="degree 4 in 2 parameters"):
        stationary_points(landscape(polynomial_model("w^4 + u^2", w=1, u=1)))
    with pytest.raises(DefinitionError, match="1 values"):
        recurrence(landscape(REGRESSION), start=[1])


def test_a_wrong_closed_form_is_not_proved():
    right = recurrence(landscape(LINE))
    wrong = Recurrence(right.names, right.rate, right.matrix, right.offset, right.start, sp.Matrix([3]))
    assert prove(wrong) == Induction(base=True, step=False)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-5, 5)), min_size=2, max_size=4), st.integers(1, 60)
)
def test_the_closed_form_is_the_descent(rows, inverse):
    xs, ts = zip(*rows, strict=True)
    found = landscape(REGRESSION, {"x": [[x] for x in xs], "t": list(ts), "w": [1], "b": "-1/2"})
    solved = recurrence(found, Fraction(1, inverse))
    assert solved.at(5) == iterates(found, 5, Fraction(1, inverse))[5]
    bound = largest_rate(found)
    assert solved.converges == bool(sp.Rational(1, inverse) < bound)
