"""Matrix forms that are claimed of one weight: judged as what their left sides say, for one sample."""

import pytest

from symgrad.errors import FormulaError
from symgrad.network.build import zoo
from symgrad.network.network import Network
from symgrad.verify.networks.check import check


@pytest.fixture(scope="module")
def net() -> Network:
    return zoo("worked_2_2_2")


@pytest.mark.parametrize("wrt", ["w1", "w5", "b1", "b2", "z1"])
@pytest.mark.parametrize("form", ["unicode", "latex"])
def test_the_printed_matrix_form_is_right(net: Network, wrt: str, form: str) -> None:
    assert check(net, wrt, getattr(net.gradient(wrt).matrix, form), seconds=60).verdict == "right"


def test_it_is_said_what_was_judged(net: Network) -> None:
    found = check(net, "w1", "∂J/∂W1 = δz1 xᵀ", seconds=60)
    assert (found.verdict, found.of) == ("right", "∂J/∂W1")
    assert found.notes == ("this is the matrix form, for one sample; w1 is an entry of W1",)


@pytest.mark.parametrize(
    ("wrt", "claim"), [("w1", "∂J/∂W1 = x δz1ᵀ"), ("w5", "∂J/∂W2 = δq xᵀ"), ("b1", "∂J/∂b1 = δz1")]
)
def test_a_wrong_matrix_form_is_wrong(net: Network, wrt: str, claim: str) -> None:
    assert check(net, wrt, claim, seconds=60).verdict == "wrong"


def test_a_matrix_that_the_claim_is_not_about_is_refused(net: Network) -> None:
    with pytest.raises(FormulaError, match="no name here"):
        check(net, "w1", "∂J/∂W2 = δq a1ᵀ")


def test_the_sum_for_a_shared_bias_is_one_of_one_sample(net: Network) -> None:
    text = net.gradient("b2").matrix.unicode
    assert check(net, "b2", text, level="layer", seconds=60).verdict == "right"
    assert check(net, "b2", "δq", level="layer", seconds=60).verdict == "wrong"
