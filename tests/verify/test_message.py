"""What is said of a claim: the whole verdict on the first line, carets, hints that hide the answer."""

import shlex

import pytest

from symgrad.errors import FormulaError
from symgrad.model.zoo import zoo
from symgrad.verify.alignment import MOST_TOKENS, marked
from symgrad.verify.message import Hints, message
from symgrad.verify.networks.check import check
from symgrad.verify.verdict import NO_TIME, NO_VALUE, Check, Counterexample, Finding

NET = zoo("classifier_3_3_3")
MISSING = "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w11 + (o3-t3) o3(1-o3) w12) x1"


def test_a_missing_factor_is_shown_with_carets() -> None:
    first, yours, correct, carets, *point, where, again = message(
        check(NET, "w1", MISSING, seed=7)
    ).splitlines()
    assert first == "∂J/∂w1 is wrong: the factor a1*(1 - a1) is missing: ∂a1/∂z1 was left out"
    assert yours == f"  yours    {MISSING}"
    assert correct == f"  correct  {MISSING}*a1*(1 - a1)"
    start = len(correct) - len("a1*(1 - a1)")
    assert carets == " " * start + "^" * len("a1*(1 - a1)")
    assert point[0].startswith("  at       x1=")
    assert "yours" in point[-1]
    assert "correct" in point[-1]
    assert where == "  mistake  on the edge z1 -> a1; consistent with missing_activation_derivative"
    assert again == f"again: symgrad check classifier_3_3_3 w1 --seed 7 {shlex.quote(MISSING)}"


def test_a_mended_claim_is_right() -> None:
    (best, *_) = check(NET, "w1", MISSING).mistakes
    assert check(NET, "w1", best.correct).verdict == "right"


@pytest.mark.parametrize(
    "claim", ["2 (o1-t1) o1 (1-o1) a1", r"(t_1 - o_1) o_1 (1-o_1) a_1 \cdot 1", "(o1-t1) a1"]
)
def test_what_mends_a_claim_mends_it_in_its_own_notation(claim: str) -> None:
    mended = check(NET, "w10", claim).mistakes[0].correct
    assert mended
    assert ("\\" in mended) == ("\\" in claim)
    assert check(NET, "w10", mended).verdict == "right"


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ("category", "∂J/∂w1 is wrong: the derivative of an activation was left out, on all paths or on one"),
        ("none", "∂J/∂w1 is wrong"),
    ],
)
def test_hints_hide_the_answer(hints: Hints, said: str) -> None:
    assert message(check(NET, "w1", MISSING), hints) == said


def test_what_is_right_takes_one_line_that_says_what_was_used() -> None:
    said = message(check(zoo("classifier_3_3_3_softmax"), "w10", "(o1 - t1) a1"))
    assert "\n" not in said
    assert said.startswith("∂J/∂w10 is right (proved: identical normal forms")
    assert "adds up to 1" in said


def test_sizes_are_said() -> None:
    said = message(check(zoo("linear_regression"), "w", "x.T @ (y - t)/N"))
    assert "at N=2, D=3 and at N=" in said


def test_shapes_are_named() -> None:
    said = message(check(zoo("linear_regression"), "w", "x @ (y - t)/N"))
    assert "2×3" in said
    assert "do not fit" in said


def test_what_nothing_explains_says_so() -> None:
    said = message(check(NET, "w1", "exp(x1) - w18"))
    assert said.splitlines()[0] == "∂J/∂w1 is wrong; no single mistake explains it"


SOFTMAX = zoo("classifier_3_3_3_softmax")
THREE = "(o1-t1) w10 a1(1-a1) x1"


def test_three_of_nine_paths_are_counted() -> None:
    """S1: a walk from each output through its own pre-activation only."""
    walks = [rf"\partial J/\partial o_{k} \cdot o_{k} (1 - o_{k}) w_{{{k + 9}}}" for k in (1, 2, 3)]
    claim = rf"({' + '.join(walks)}) a_1 (1 - a_1) x_1"
    first = message(check(SOFTMAX, "w1", claim)).splitlines()[0]
    assert "3 of 9 paths" in first
    assert "softmax's Jacobian" in first


@pytest.mark.parametrize("claim", [THREE, "(o1-t1) o1 (1-o1) a1", "(o1 - t1) a1", "2 (o1-t1) a1"])
def test_no_auxiliary_is_shown(claim: str) -> None:
    said = message(check(SOFTMAX, "w1", claim))
    assert "o_exp" not in said
    assert "o_sum" not in said


def test_lines_are_of_a_bearable_width() -> None:
    shown = message(check(SOFTMAX, "w1", THREE)).splitlines()[1:-1]
    assert max(map(len, shown)) <= 121


@pytest.mark.parametrize(
    ("wrt", "claim"),
    [
        ("w1", "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w11) a1(1-a1) x1"),
        (
            "w1",
            r"\left((o_1-t_1)o_1(1-o_1)w_{10}+(o_2-t_2)o_2(1-o_2)w_{13}+(o_3-t_3)o_3(1-o_3)w_{12}\right)a_1(1-a_1)x_1",
        ),
        ("w1", "((o1-t1) o1(1-o1) w10 - (o2-t2) o2(1-o2) w11 + (o3-t3) o3(1-o3) w12) a1(1-a1) x1"),
        ("w1", "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w11 + (o3-t3) o3(1-o3) w12) z1(1-z1) x1"),
        ("w10", "(o1-t1) o1(1-o1) a2"),
    ],
)
def test_terms_names_and_signs_are_mended_in_place(wrt: str, claim: str) -> None:
    mended = check(NET, wrt, claim).mistakes[0].correct
    assert mended
    assert check(NET, wrt, mended).verdict == "right"


@pytest.mark.parametrize(
    ("wrt", "claim", "kind", "mended"),
    [
        ("w", "x @ (y - t)/N", "transpose", "x.T @ (y - t)/N"),
        ("b", "(y - t)/N", "bias_not_summed", "sum((y - t)/N)"),
        ("w", "x.T @ (y - t)", "missing_batch_mean", "x.T @ (y - t)/N"),
    ],
)
def test_shapes_and_means_are_mended(wrt: str, claim: str, kind: str, mended: str) -> None:
    best = check(zoo("linear_regression"), wrt, claim).mistakes[0]
    assert (best.kind, best.correct) == (kind, mended)


def test_a_bias_left_out_is_named() -> None:
    best = check(zoo("linear_regression"), "w", "X.T @ (X @ w - y) / m").mistakes[0]
    assert best.text == "it would be right if b = 0: the bias was left out of y"


@pytest.mark.parametrize(
    "claim", ["w - α/m X.T @ (y - t)", r"w := w - \frac{\alpha}{m} X^\top (y - t)", "w + 0.1 x.T @ (t - y)/N"]
)
def test_an_update_is_judged_by_the_gradient_in_it(claim: str) -> None:
    assert check(zoo("linear_regression"), "w+", claim).verdict == "right"


def test_an_update_in_the_place_of_a_gradient_says_what_to_check() -> None:
    with pytest.raises(FormulaError, match=r"check w\+ to judge"):
        check(zoo("linear_regression"), "w", "w - α/m X.T @ (y - t)")
    assert "check w+" in message(check(zoo("linear_regression"), "w", "w - 0.1 x.T @ (y - t)/N"))


def test_a_wrong_update_is_wrong_by_its_gradient() -> None:
    found = check(zoo("linear_regression"), "w+", "w - α X.T @ (y - t)")
    assert found.kinds == ("missing_batch_mean",)


def test_formulas_that_are_too_long_are_not_compared() -> None:
    yours, correct = "(x1*w1 + x2*w2)" * MOST_TOKENS, "(x1*w2 + x2*w1)" * MOST_TOKENS
    assert marked(yours, correct) == ("", "")
    assert marked(yours[:15], correct[:15]) != ("", "")


def test_why_no_mistake_is_named_is_said() -> None:
    shown = Counterexample({"x": "1"}, "", "2", "3")
    late = Check("∂J/∂w", Finding("wrong", "mismatch", "", counterexample=shown), unexplained=NO_TIME)
    assert message(late).startswith(f"∂J/∂w is wrong; {NO_TIME}\n")
    assert message(late, "none") == "∂J/∂w is wrong"
    nothing = Counterexample({}, "", NO_VALUE, "a value")
    raised = Check("∂J/∂w", Finding("wrong", "mismatch", "the claim raises an error", counterexample=nothing))
    assert message(raised) == "∂J/∂w is wrong: the claim raises an error"
