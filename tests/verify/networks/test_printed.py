"""All that the program prints of a gradient is read again, and judged right."""

from collections.abc import Iterator
from time import perf_counter

import pytest

from symgrad.errors import LimitError, RecurrenceError
from symgrad.model.zoo import ZOO
from symgrad.network.build import zoo
from symgrad.network.gradient import STYLES
from symgrad.network.network import Network
from symgrad.verify.evidence.budget import Deadline
from symgrad.verify.evidence.likeness import agrees
from symgrad.verify.networks.check import check
from symgrad.verify.networks.claims import values_of
from symgrad.verify.networks.explaining import question
from symgrad.verify.networks.subject import subject
from tests.layer_examples import EXAMPLES, model_of

SECONDS = 60
# Every sixth node of what is large, the first one included.
EVERY, LARGE = 6, (12, 15, 25, 31, 32, 33, 38, 39, 40, 41, 43, 44, 45, 46, 47)
# A maximum of many: the judge leaves kinks undecided.
BEYOND = (27,)
FAST = ("worked_2_2_2", "line_through_origin", "logistic_regression", "adaline", "linear_regression")


def layered(number: int) -> Network:
    return Network(model_of(EXAMPLES[number]), "layer")


def asked(net: Network) -> list[str]:
    named = (node for node in net.graph.nodes if not node.is_leaf and not node.auxiliary)
    return [*net.parameters, *(node.name for node in named if node.name != net.graph.loss)]


def printed(net: Network, wrt: str) -> Iterator[tuple[str, str]]:
    """Yield what is printed, with its style."""
    for style in STYLES:
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


def verdict(net: Network, wrt: str, text: str) -> str:
    return check(net, wrt, text, seconds=SECONDS, explain=False).verdict


def is_right(net: Network, wrt: str, text: str) -> bool:
    """Whether a claim is the gradient modulo random primes, or else by its verdict."""
    about = subject(net)
    with about.scratch():
        for values in values_of(about, wrt, text) if net.level == "layer" else ():
            pairs = zip(about.posed, values, strict=True)
            if all(
                value.shape == one.delta(wrt).shape
                and agrees(question(one, wrt, value), 0, Deadline(perf_counter() + SECONDS))
                for one, value in pairs
            ):
                return True
    return verdict(net, wrt, text) == "right"


def misjudged(net: Network, names: list[str]) -> list[tuple[str, str]]:
    claims = [(wrt, style, text) for wrt in names for style, text in printed(net, wrt)]
    assert claims
    return [(wrt, style) for wrt, style, text in claims if not is_right(net, wrt, text)]


@pytest.mark.parametrize("name", FAST)
def test_what_is_printed_is_right(name: str) -> None:
    net = zoo(name)
    claims = [(wrt, style, text) for wrt in asked(net)[:3] for style, text in printed(net, wrt)]
    assert [(wrt, style) for wrt, style, text in claims if verdict(net, wrt, text) != "right"] == []


# Labels, stacks of layers, two that divide by what stands outside of an axis, flattened and pooled arrays,
# attention, whose keys are called k as a letter is, and recurrences from one side and from both.
@pytest.mark.parametrize("number", [5, 13, 16, 17, 21, 24, 28, 29, 36, 42, 43])
def test_what_is_printed_of_layers_is_right(number: int) -> None:
    net = layered(number)
    assert misjudged(net, asked(net)[-1:]) == []


def test_the_window_of_a_pooling_is_printed() -> None:
    assert "[p < 2] · [q < 2]" in layered(28).gradient("y").closed.unicode


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_all_that_is_printed_of_the_zoo_is_right(name: str) -> None:
    net = zoo(name)
    assert misjudged(net, asked(net)[:: EVERY if net.level == "neuron" else 1]) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [k for k in range(len(EXAMPLES)) if k not in BEYOND])
def test_all_that_is_printed_of_layers_is_right(number: int) -> None:
    net = layered(number)
    if names := asked(net):
        assert misjudged(net, names[:: EVERY if number in LARGE else 1]) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", BEYOND)
def test_what_is_printed_of_what_takes_long_is_never_wrong(number: int) -> None:
    net = layered(number)
    (wrt,) = asked(net)
    assert [style for style, text in printed(net, wrt) if verdict(net, wrt, text) == "wrong"] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [k for k in range(len(EXAMPLES)) if k not in (*BEYOND, *LARGE)])
def test_every_style_of_layers_gets_the_verdict(number: int) -> None:
    """One node for each style, the next one every time."""
    net = layered(number)
    names = asked(net)
    claims = [
        (name, *claim)
        for k, name in enumerate(names)
        for place, claim in enumerate(printed(net, name))
        if place % len(names) == k
    ]
    assert [(name, style) for name, style, text in claims if verdict(net, name, text) != "right"] == []


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
