"""Conditions of code: said in the verdict, and tried on their other side where the domain has one."""

import pytest

from symgrad.verify.code.check import check_code
from symgrad.verify.verdict import Finding

LOSS = "L = np.sum(x**2)"
BRANCHES = "if {}:\n    G = 2*x\nelse:\n    G = 3*x"


def judged(claimed: str, *spec: object, forward: str = LOSS) -> Finding:
    return check_code(forward, claimed, {"x": spec}, "x", seconds=60.0)


@pytest.mark.parametrize(
    "condition", ["x[0] < 100", "100 >= x[0]", "x[0] - 50 < 50", "np.sum(x) > -1000", "abs(x[0]) > 1e-12"]
)
def test_a_branch_that_is_far_away_is_found(condition: str) -> None:
    found = judged(BRANCHES.format(condition), "normal", 2)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("x[0] < 100", "for x[0] < 100"),
        ("x[0] + x[1] > 1/4", "for x[0] + x[1] > 1/4"),
        ("not x[0] > x[1] + 2", "for x[0] < x[1] + 2"),
    ],
)
def test_what_holds_at_every_point_that_was_drawn_is_said(condition: str, said: str) -> None:
    found = judged(BRANCHES.format(condition), "prob", 2)
    assert (found.verdict, found.evidence) == ("right", "held")
    assert said in found.assumptions


def test_both_sides_are_judged_where_both_are_there() -> None:
    right = "if x[0] < 100:\n    G = 2*x\nelse:\n    G = (x + 1)**2 - x**2 - 1"
    found = judged(right, "normal", 2)
    assert (found.verdict, found.evidence) == ("right", "held")
    assert "off the kinks (x[0] = 100)" in found.assumptions


def test_more_conditions_than_are_named_are_counted() -> None:
    found = judged("for k in range(6):\n    assert x[k] < 5\nG = 2*x", "unit", 6)
    assert found.verdict == "right"
    (said,) = (text for text in found.assumptions if text.startswith("for "))
    assert said == "for x[0] < 5 and x[1] < 5 and x[2] < 5 and 3 more conditions as at the points drawn"


def test_a_masked_score_stays_masked() -> None:
    forward = "s = np.array([x[0], x[1], -1e9])\np = np.exp(s)/np.sum(np.exp(s))\nL = p[0]"
    claimed = "G = np.array([p[0]*(1 - p[0]), -p[0]*p[1]])"
    assert judged(claimed, "normal", 2, forward=forward).verdict == "right"
