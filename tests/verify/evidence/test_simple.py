"""Counterexamples of zeros and small whole numbers."""

import pytest

from symgrad.model.zoo import zoo
from symgrad.verify.networks.check import check
from symgrad.verify.verdict import Counterexample

SMALL = {"0", "1", "2", "-1"}


def shown(name: str, wrt: str, claim: str) -> Counterexample:
    found = check(zoo(name), wrt, claim, seconds=60).finding.counterexample
    assert found is not None
    return found


def test_zeros_are_enough_where_they_show_it() -> None:
    found = shown("worked_2_2_2", "w5", "(o1-t1)*a1")
    assert set(found.at.values()) == {"0"}
    assert (found.claimed, found.correct) == ("1/4", "1/16")


@pytest.mark.parametrize(
    ("name", "wrt", "claim"),
    [
        ("classifier_3_3_3", "w1", "((o1-t1)*o1*(1-o1)*w10+(o2-t2)*o2*(1-o2)*w11)*a1*(1-a1)*x1"),
        ("classifier_3_3_3_softmax", "w10", "(o1-t1)*o1*(1-o1)*a1"),
        ("logistic_regression", "w", "x.T@(y-t)"),
    ],
)
def test_few_leaves_are_not_zero(name: str, wrt: str, claim: str) -> None:
    found = shown(name, wrt, claim)
    assert set(found.at.values()) <= SMALL
    assert sum(value != "0" for value in found.at.values()) <= 8
    assert "0" not in (found.claimed, found.correct)


def test_the_targets_stay_what_they_are() -> None:
    found = shown("classifier_3_3_3_softmax", "w10", "(o1-t1)*o1*(1-o1)*a1")
    assert sorted(value for key, value in found.at.items() if key.startswith("t")) == ["0", "0", "1"]


def test_a_difference_that_small_numbers_do_not_show_keeps_its_point() -> None:
    found = shown("worked_2_2_2", "w5", "(o1-t1)*o1*(1-o1)*a1 + x1*(x1-1)*(x1+1)*(x1-2)")
    assert not set(found.at.values()) <= SMALL
