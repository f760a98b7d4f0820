"""What is said of a claim: the whole verdict on the first line, carets, hints that hide the answer."""

import shlex

import pytest

from symgrad.model.zoo import zoo
from symgrad.verify.message import Hints, message
from symgrad.verify.networks.check import check

NET = zoo("classifier_3_3_3")
MISSING = "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w11 + (o3-t3) o3(1-o3) w12) x1"


def test_a_missing_factor_is_shown_with_carets() -> None:
    first, yours, correct, carets, point, *rest = message(check(NET, "w1", MISSING, seed=7)).splitlines()
    assert first == "∂J/∂w1 is wrong: ∂a1/∂z1 was left out on z1 -> a1"
    assert yours == f"  yours    {MISSING}"
    assert correct == f"  correct  {MISSING}*a1*(1 - a1)"
    start = len(correct) - len("*a1*(1 - a1)")
    assert carets == " " * start + "^" * len("*a1*(1 - a1)")
    assert point.startswith("  at x1=")
    assert "yours" in point
    assert "correct" in point
    assert rest[-1] == f"again: symgrad check classifier_3_3_3 w1 --seed 7 {shlex.quote(MISSING)}"


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
    assert said.splitlines()[0] == "∂J/∂w1 is wrong, and nothing explains how"
