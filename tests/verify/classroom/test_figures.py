"""The famous wrong figures, and what prints each."""

import pytest

from symgrad.errors import DataError, UnknownNameError, UsageError
from symgrad.model.zoo import zoo
from symgrad.verify.classroom.figures import explain, explain_all

WORKED = zoo("worked_2_2_2")
UPDATED = "hidden weights updated with the already updated output weights"
TRAINED = "the parameters that are held fixed trained too"
RIGHT = "the simultaneous update"

S4 = [
    (1, "J", "0.29102777369359933", RIGHT),
    (1, "J", "0.291027924", UPDATED),
    (1, "J", "0.29102792390544197", UPDATED),
    (1, "J", "0.28575", TRAINED),
    (10_000, "J", "0.000035085", UPDATED),
    (10_000, "J", "3.50848e-05", UPDATED),
    (10_000, "J", "0.0000351085", "one step fewer (9,999)"),
    (10_000, "J", "3.510855e-05", "one step fewer (9,999)"),
    (10_000, "J", "3.510187782978859e-05", RIGHT),
    (10_000, "o1", "0.015912196", UPDATED),
    (10_000, "o2", "0.984065734", UPDATED),
    (10_000, "o1", "0.01591362", RIGHT),
    (10_000, "o2", "0.98406427", RIGHT),
    (10_000, "J", "4.355321066163729e-06", TRAINED),
    (10_000, "b1", "2.3243891629441435", TRAINED),
    (10_000, "b2", "-0.3373733264336138", TRAINED),
]


QUICK = [case for case in S4 if case[0] == 1 or case[2] in ("0.000035085", "0.0000351085")]
LONG = [pytest.param(*case, marks=pytest.mark.slow) for case in S4 if case not in QUICK]


@pytest.mark.parametrize(("steps", "name", "figure", "words"), [*QUICK, *LONG])
def test_s4_every_figure_has_its_way_of_computing(steps: int, name: str, figure: str, words: str) -> None:
    found = explain(WORKED, name, figure, steps=steps)
    assert found.found[0].variant.words == words
    assert found.is_right is (words == RIGHT)
    assert ("updated_weight_used" in found.check.kinds) is (words == UPDATED)


@pytest.mark.parametrize(
    ("name", "figure"),
    [("z1", "0.3775"), ("q1", "1.105905967"), ("o1", "0.75136507"), ("J", "0.298371109"),
     ("dJ/do1", "0.74136507"), ("∂J/∂w5", "0.082167041"), ("δw1", "0.000438568"), ("dJ/db1", "0.018725609"),
     ("dJ/db2", "0.100400325")],
)  # fmt: skip
def test_s4_the_table_before_the_first_step(name: str, figure: str) -> None:
    assert explain(WORKED, name, figure).check.verdict == "right"


def test_s5_the_iterates_of_linear_regression() -> None:
    model = zoo("linear_regression")
    assert explain(model, "w1", "1.03718971", steps=1_000).is_right
    assert explain(model, "b", "0.91021609", steps=1_000).is_right


def test_a_sum_in_the_place_of_a_mean() -> None:
    model = zoo("linear_regression")
    (found,) = explain(model, "J", "10").found
    assert found.variant.words == "the loss times 2"


def test_a_check_says_kind_value_and_words() -> None:
    check = explain(WORKED, "J", "0.291027924", steps=1).check
    assert (check.of, check.verdict, check.evidence) == ("J after 1 step", "wrong", "mismatch")
    assert check.kinds == ("updated_weight_used",)
    assert check.correct == "0.291027774"
    assert UPDATED in check.mistakes[0].text


def test_a_figure_that_nothing_prints_is_wrong_and_unexplained() -> None:
    check = explain(WORKED, "J", "0.123456789").check
    assert (check.verdict, check.mistakes) == ("wrong", ())
    assert check.notes == ("none of the usual ways to compute prints this figure",)


def test_digits_cut_off_are_no_mistake() -> None:
    check = explain(WORKED, "∂J/∂w5", "0.0821").check
    assert (check.verdict, check.notes) == ("right", ("its last digit is cut off, not rounded",))


def test_faults_are_named() -> None:
    with pytest.raises(DataError, match=r"decimal comma; write a point, 0\.5"):
        explain(WORKED, "J", "0,5")
    with pytest.raises(UnknownNameError, match="did you mean"):
        explain(WORKED, "J1", "0.5")
    with pytest.raises(DataError, match="2,000,000 steps"):
        explain(WORKED, "J", "0.5", steps=2_000_000)
    with pytest.raises(DataError, match="empty cell"):
        explain(WORKED, "J", " ")


@pytest.mark.parametrize(
    ("figure", "steps"), [("0.6", 0), ("0.60", 0), ("0.1", 0), ("0.3", 1), ("0.30", 1), ("1", 0)]
)
def test_one_or_two_digits_name_no_mistake(figure: str, steps: int) -> None:
    assert explain(WORKED, "J", figure, steps=steps).check.mistakes == ()


def test_a_figure_beside_the_right_one_is_met_by_chance() -> None:
    far = explain(WORKED, "J", "0.29837", steps=1).check
    assert far.mistakes[0].text.startswith("this is the figure of one step fewer (0)")
    near = explain(WORKED, "J", "0.298", steps=1).check
    assert near.mistakes == ()
    assert "perhaps by chance: one step fewer (0)" in near.notes[0]
    close = explain(WORKED, "∂J/∂w1", "0.000437", steps=1)
    assert (close.is_right, close.check.mistakes) == (False, ())


def test_without_time_nothing_is_judged() -> None:
    check = explain(WORKED, "J", "0.1", steps=1_000_000, seconds=0.05).check
    assert (check.verdict, check.evidence, check.correct) == ("unknown", "none", "")
    assert "1,000,000 steps were not done in the time given" in check.finding.method


def test_several_figures_of_one_run() -> None:
    found = explain_all(WORKED, [("J", "0.291027774"), ("o1", "0.5"), ("J", "0.291027924")], steps=1)
    assert [one.check.verdict for one in found] == ["right", "wrong", "wrong"]
    assert found[2].check.kinds == ("updated_weight_used",)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "2"])
def test_a_time_limit_that_is_none(seconds: float) -> None:
    with pytest.raises(UsageError, match="a number of seconds"):
        explain(WORKED, "J", "0.5", seconds=seconds)


@pytest.mark.parametrize("steps", [1.5, "3", True])
def test_steps_that_are_no_number_of_steps(steps: int) -> None:
    with pytest.raises(DataError, match="give a whole number"):
        explain(WORKED, "J", "0.5", steps=steps)
