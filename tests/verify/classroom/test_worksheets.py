"""Worksheets, judged row by row: an error that is carried forward is not a second one."""

import math

import pytest

from symgrad.errors import UnknownNameError
from symgrad.model.zoo import zoo
from symgrad.verify.classroom.quantities import Quantities, quantities
from symgrad.verify.classroom.worksheets import Judged, judge_worksheet

S4 = {
    "z1": "0.3775", "a1": "0.593269992", "a2": "0.596884378", "q1": "1.105905967", "o1": "0.75136507",
    "o2": "0.772928465", "J_o1": "0.274811083", "J_o2": "0.023560026", "J": "0.298371109",
    "dJ/do1": "0.74136507", "do1/dq1": "0.186815602", "dq1/dw5": "0.593269992", "dJ/dw5": "0.082167041",
    "dJ/dw1": "0.000438568", "dJ/db1": "0.018725609", "dJ/db2": "0.100400325", "w1+": "0.14978072",
    "w2+": "0.19956143", "w3+": "0.24975114", "w4+": "0.29950229", "w5+": "0.35891648", "w6+": "0.40866619",
    "w7+": "0.51130127", "w8+": "0.56137012", "b1+": "0.35", "J+": "0.29102777369359933",
}  # fmt: skip


@pytest.fixture(scope="module")
def sheet() -> Quantities:
    return quantities(zoo("worked_2_2_2"))


def judged(sheet: Quantities, **cells: str) -> Judged:
    return judge_worksheet(sheet, [(name.replace("_by_", "/"), text) for name, text in cells.items()])


def verdicts(found: Judged) -> list[str]:
    return [row.verdict for row in found.rows]


def test_s4_the_whole_table_is_right(sheet: Quantities) -> None:
    found = judge_worksheet(sheet, S4.items())
    assert set(verdicts(found)) == {"right"}
    assert found.first is None


@pytest.mark.parametrize("decimals", [2, 3, 4, 5, 6])
def test_s4_rounded_on_the_way_is_right(sheet: Quantities, decimals: int) -> None:
    """Whoever rounds every figure, and goes on with the rounded ones, makes no mistake."""
    z1, z2 = 0.3775, 0.3925
    from_rounded: dict[str, float] = {}

    def written(name: str, value: float) -> float:
        from_rounded[name] = round(value, decimals)
        return from_rounded[name]

    a1 = written("a1", 1 / (1 + math.exp(-z1)))
    a2 = written("a2", 1 / (1 + math.exp(-z2)))
    q1 = written("q1", 0.4 * a1 + 0.45 * a2 + 0.6)
    o1 = written("o1", 1 / (1 + math.exp(-q1)))
    slope = written("∂o1/∂q1", o1 * (1 - o1))
    gradient = written("∂J/∂w5", (o1 - 0.01) * slope * a1)
    written("w5⁺", 0.4 - 0.5 * gradient)
    found = judge_worksheet(sheet, [(name, f"{value:.{decimals}f}") for name, value in from_rounded.items()])
    assert set(verdicts(found)) == {"right"}


def test_an_error_carried_forward_is_one_mistake(sheet: Quantities) -> None:
    found = judged(sheet, z1="0.0275", a1="0.5069", q1="1.0714", o1="0.7449")
    assert verdicts(found) == ["wrong", "follows", "follows", "follows"]
    assert found.first is not None
    assert found.first.quantity == "z1"
    assert [mistake.text for mistake in found.first.mistakes] == ["the summand with b1 is left out"]
    assert found.rows[3].text == "right for your z1, a1, q1"


def test_a_second_mistake_is_one(sheet: Quantities) -> None:
    found = judged(sheet, z1="0.0275", a1="0.5069", q1="0.5")
    assert verdicts(found) == ["wrong", "follows", "wrong"]
    assert found.count("wrong") == 2


def test_going_back_to_the_right_value_is_right(sheet: Quantities) -> None:
    assert verdicts(judged(sheet, z1="0.0275", a1="0.59327")) == ["wrong", "right"]


def test_the_first_wrong_row_is_that_of_the_computation(sheet: Quantities) -> None:
    found = judged(sheet, dJ_by_dw5="0.5", z1="0.0275")
    assert found.first is not None
    assert found.first.quantity == "z1"


@pytest.mark.parametrize(
    ("name", "figure", "kind", "text"),
    [
        ("J", "0.596742", "factor_2", "the loss is taken times 2"),
        ("dJ/dw5", "-0.0821670", "wrong_sign", "the sign is the other one"),
        ("dJ/do1", "-0.74136507", "wrong_sign", "the sign is the other one"),
        ("dJ/dq1", "0.7413651", "missing_activation_derivative", "∂o1/∂q1 is left out"),
        ("do1/dq1", "0.75136507", "wrong_activation_derivative", "o1 itself stands for ∂o1/∂q1"),
        ("do1/dq1", "0.034900", "extra_activation_derivative", "∂o1/∂q1 is multiplied in twice"),
        ("do1/dq1", "-0.1171220", "derivative_at_wrong_argument", "∂o1/∂q1 is taken at q1 in place of o1"),
        ("dJ/da1", "0.05539942", "forgot_sum_over_paths", "the way through q2 is left out"),
        ("dJ/db2", "0.13849856", "bias_not_summed", "the way through q2 is left out"),
        ("w5+", "0.44108352", "wrong_sign", "the step is made in the wrong direction"),
        ("w5+", "0.31783296", "constant_factor", "the step size is left out"),
        ("b1+", "0.3406372", "other", "b1 is held fixed, and is trained here"),
        ("J+", "0.291027924", "updated_weight_used", "the already updated W2 is used"),
        ("a1", "0.3775", "other", "no sigmoid is applied"),
        ("o1", "0.298371109", "wrong_operand", "this is the figure of J"),
        ("z1", "0.6275", "wrong_operand", "b2 stands for b1"),
        ("q1", "11.05906", "other", "the decimal point stands 1 place too far to the right"),
        ("∂J/∂w5", "0.00082167", "other", "the decimal point stands 2 places too far to the left"),
        ("q1", "1.01590597", "other", "the digits 0 and 1 are exchanged"),
        ("o1", "0.751364", "other", "it is off by one in its last digit"),
    ],
)
def test_the_slip_that_reproduces_a_row_is_named(
    sheet: Quantities, name: str, figure: str, kind: str, text: str
) -> None:
    (row,) = judge_worksheet(sheet, [(name, figure)]).rows
    assert row.verdict == "wrong"
    assert (row.mistakes[0].kind, row.mistakes[0].text) == (kind, text)


def test_a_figure_that_nothing_explains_stays_unexplained(sheet: Quantities) -> None:
    (row,) = judge_worksheet(sheet, [("o1", "0.1234567")]).rows
    assert (row.verdict, row.mistakes, row.correct) == ("wrong", (), "0.7513651")


def test_cells_that_say_nothing(sheet: Quantities) -> None:
    cells = [
        ("z1", ""),
        ("a1", "0,593"),
        ("q1", "good"),
        ("zz", "1"),
        ("o1", "1"),
        ("z2", "0.3925"),
        ("z2", "0.4"),
    ]
    found = judge_worksheet(sheet, cells)
    assert verdicts(found) == ["unknown"] * 5 + ["right", "unknown"]
    said = [row.text for row in found.rows]
    assert "an empty cell" in said[0]
    assert "decimal comma" in said[1]
    assert "no decimal number" in said[2]
    assert "did you mean" in said[3]
    assert "too few digits" in said[4]
    assert said[6] == "z2 is given twice; the first figure counts"


def test_a_figure_with_few_digits_that_is_wrong_is_wrong(sheet: Quantities) -> None:
    assert verdicts(judged(sheet, z1="3")) == ["wrong"]


def test_given_values_are_not_computed(sheet: Quantities) -> None:
    found = judged(sheet, x1="0.05", w1="0.25")
    assert verdicts(found) == ["right", "wrong"]
    assert found.rows[1].text == "w1 is given: 0.15"


def test_far_more_digits_than_rounding_explains(sheet: Quantities) -> None:
    cells = [("a1", "0.593"), ("dJ/dw5", "0.0822"), ("J+", "0.291027924")]
    row = judge_worksheet(sheet, cells).rows[2]
    assert row.verdict == "right"
    assert row.text.endswith("to all of its digits it is what follows where the already updated W2 is used")


def test_only_the_diagonal_of_softmax() -> None:
    sheet = quantities(zoo("classifier_3_3_3_softmax"))
    value = sheet.right["∂J/∂o1"] * sheet.right["∂o1/∂q1"]
    found = judge_worksheet(sheet, [("∂J/∂q1", str(value.decimal(8))), ("∂J/∂q2", "0.00000000")])
    kinds = [{mistake.kind for mistake in row.mistakes} for row in found.rows]
    assert verdicts(found)[1] == "wrong"
    assert "softmax_diagonal_only" in kinds[1]


def test_several_samples_and_a_sum_for_a_mean() -> None:
    sheet = quantities(zoo("linear_regression"))
    right = float(sheet.right["∂J/∂b"])
    (row,) = judge_worksheet(sheet, [("dJ/db", f"{2 * right:.4f}")]).rows
    assert row.verdict == "wrong"
    assert row.mistakes[0].kind in ("factor_2", "missing_batch_mean")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("z_1", "z1"), ("Z₁", "z1"), ("a₁", "a1"), ("dL/dw5", "∂J/∂w5"), ("dE/dw_5", "∂J/∂w5"), ("E", "J"),
        ("dw6", "∂J/∂w6"), ("dJ_dw1", "∂J/∂w1"), ("∂J/∂w₇", "∂J/∂w7"), ("w5new", "w5⁺"), ("w_5^+", "w5⁺"),
        ("w5'", "w5⁺"), ("delta_o1", "∂J/∂o1"), (r"\frac{\partial J}{\partial w_{8}}", "∂J/∂w8"),
        (r"\delta_{q_1}", "∂J/∂q1"), ("J+", "J⁺"), ("do1/dq1", "∂o1/∂q1"), ("J_o1", "J_o1"),
    ],
)  # fmt: skip
def test_a_quantity_by_whatever_name(sheet: Quantities, written: str, name: str) -> None:
    assert sheet.named(written) == name


@pytest.mark.parametrize("written", ["", "zz", "∂", "d", "⁺", "dJ/dJ/dw5", "w" * 1_000, "\\frac{}{}"])
def test_what_names_no_quantity(sheet: Quantities, written: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown quantity"):
        sheet.named(written)


def test_an_empty_cell_is_no_figure_that_counts(sheet: Quantities) -> None:
    found = judge_worksheet(sheet, [("z1", ""), ("z_1", "0.3775")])
    assert verdicts(found) == ["unknown", "right"]
