"""Chains of equalities: every link has a number, and a wrong one is named by it."""

import pytest

from symgrad.errors import FormulaError
from symgrad.model.zoo import zoo
from symgrad.verify.networks.chain import check_steps, steps_message

NET = zoo("classifier_3_3_3")
SUM = "(δq1 w10 + δq2 w11 + δq3 w12)"


def test_a_right_chain_holds_link_by_link() -> None:
    found = check_steps(NET, "w1", ["δz1 x1", f"{SUM} a1 (1 - a1) x1"])
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert [link.number for link in found.links] == [1, 2]
    assert found.links[0].left == "∂J/∂w1"
    assert found.links[1].left == "δz1 x1"


def test_one_text_may_hold_the_chain() -> None:
    found = check_steps(NET, "w10", ["∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10 = (o1 - t1) o1 (1 - o1) a1"])
    assert len(found.links) == 2
    assert found.verdict == "right"


def test_a_chain_may_begin_with_a_step_that_is_a_delta() -> None:
    assert check_steps(NET, "w1", ["δz1 x1 = dz1 x1"]).verdict == "right"


def test_the_wrong_link_is_named_and_later_ones_may_hold() -> None:
    steps = ["δz1 x1", f"{SUM} x1", f"x1 {SUM}", f"{SUM} a1 (1 - a1) x1"]
    found = check_steps(NET, "w1", steps)
    assert [link.holds for link in found.links] == ["right", "wrong", "right", "wrong"]
    assert found.check.kinds[0] == "missing_activation_derivative"
    assert steps_message(found).splitlines()[0] == "∂J/∂w1: links 2 and 4 of 4 are wrong"


def test_two_different_wrong_steps_are_no_equality() -> None:
    found = check_steps(NET, "w1", ["x1", "x2"])
    assert [link.holds for link in found.links] == ["wrong", "wrong"]


def test_the_chain_as_one_check_names_its_first_wrong_link() -> None:
    found = check_steps(NET, "w1", ["δz1 x1", "δz1 x2"]).check
    assert found.verdict == "wrong"
    assert found.of.startswith("link 2 of 2")


def test_an_unreadable_step_is_named() -> None:
    with pytest.raises(FormulaError, match="step 2: column"):
        check_steps(NET, "w1", ["δz1 x1", "(o1"])
    with pytest.raises(FormulaError, match="at least one step"):
        check_steps(NET, "w1", [])


def test_a_first_step_that_begins_like_a_gradient_is_a_step() -> None:
    found = check_steps(NET, "w10", ["δq1 a1 = (o1 - t1) o1 (1 - o1) a1"])
    assert [link.right for link in found.links] == ["δq1 a1", "(o1 - t1) o1 (1 - o1) a1"]
    wrong = check_steps(NET, "w10", [r"\delta_{q_1} a_2 = (o_1 - t_1) o_1 (1 - o_1) a_1"])
    assert [link.holds for link in wrong.links] == ["wrong", "wrong"]


def test_a_chain_that_begins_with_another_gradient_is_refused() -> None:
    with pytest.raises(FormulaError, match="the chain begins with ∂J/∂w11; checked is ∂J/∂w10"):
        check_steps(NET, "w10", ["∂J/∂w11 = δq1 a1"])
