"""All that the program prints of a gradient is read again, and judged right."""

from collections.abc import Iterator

import pytest

from symgrad.errors import LimitError, RecurrenceError
from symgrad.model.zoo import ZOO
from symgrad.network.build import zoo
from symgrad.network.gradient import STYLES
from symgrad.network.network import Network
from symgrad.verify.networks.check import check
from tests.layer_examples import EXAMPLES, model_of

SECONDS = 60
FAST = ("worked_2_2_2", "line_through_origin", "logistic_regression", "adaline", "linear_regression")
# What is printed of these is read; the judge needs more time than a test has.
LONG = ("multi_head_attention",)


def asked(net: Network) -> list[str]:
    named = (node for node in net.graph.nodes if not node.is_leaf and not node.auxiliary)
    return [*net.parameters, *(node.name for node in named if node.name != net.graph.loss)]


def printed(net: Network, wrt: str) -> Iterator[tuple[str, str]]:
    """Yield what is printed, with its style; matrices are those of the layer view."""
    for style in STYLES:
        if style == "matrix" and net.level == "neuron":
            continue
        try:
            shown = net.gradient(wrt)[style]
        except (LimitError, RecurrenceError):
            continue
        for form, text in (("unicode", shown.unicode), ("latex", shown.latex)):
            if not says_nothing(text):
                yield f"{style} {form}", text


def says_nothing(text: str) -> bool:
    """Whether a line says no more than that a gradient is the gradient."""
    left, _, right = text.partition("=")
    return left.strip() == right.strip()


def misjudged(net: Network, names: list[str]) -> list[tuple[str, str, str]]:
    claims = [(wrt, style, text) for wrt in names for style, text in printed(net, wrt)]
    assert claims
    judged = (
        (wrt, style, check(net, wrt, text, seconds=SECONDS, explain=False)) for wrt, style, text in claims
    )
    return [(wrt, style, found.verdict) for wrt, style, found in judged if found.verdict != "right"]


@pytest.mark.parametrize("name", FAST)
def test_what_is_printed_is_right(name: str) -> None:
    net = zoo(name)
    assert misjudged(net, asked(net)[:3]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_all_that_is_printed_of_the_zoo_is_right(name: str) -> None:
    net = zoo(name)
    assert misjudged(net, asked(net)) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_all_that_is_printed_of_layers_is_right(number: int) -> None:
    if EXAMPLES[number].layer in LONG:
        pytest.skip("the judge needs more time")
    net = Network(model_of(EXAMPLES[number]), "layer")
    if names := asked(net):
        assert misjudged(net, names) == []


@pytest.mark.parametrize("number", [5, 13, 21, 24])
def test_what_is_printed_of_labels_recurrences_and_convolutions_is_right(number: int) -> None:
    net = Network(model_of(EXAMPLES[number]), "layer")
    assert misjudged(net, list(net.parameters[:1])) == []


def test_label_targets_are_compared() -> None:
    net = zoo("digits_64_32_10")
    assert check(net, "z2", "(y[n,i] - [t[n] = i])/N").verdict == "right"
    assert check(net, "z2", "(y[n,i] - [t[n] ≠ i])/N").verdict == "wrong"


def test_a_wrong_line_of_a_derivation_is_wrong() -> None:
    net = zoo("worked_2_2_2")
    text = net.gradient("w1").delta.unicode
    assert check(net, "w1", text).verdict == "right"
    assert check(net, "w1", text.replace("o1 − t1", "t1 − o1")).verdict == "wrong"
    assert check(net, "w1", text.replace("w7", "w6")).verdict == "wrong"
