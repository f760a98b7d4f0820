"""The table of optimizers, the courses of learning rates, and what may be asked of every rule besides."""

from typing import Any

import pytest

import symgrad as sg
from symgrad.cli import rules as words
from symgrad.model.optimizers import ADDITIONS, OPTIMIZERS, WARMUP, optimizer
from symgrad.model.rates import RATES
from symgrad.model.rules import Pace


def test_the_command_line_knows_the_tables() -> None:
    assert words.OPTIMIZERS == tuple(OPTIMIZERS)
    assert words.RATES == tuple(RATES)
    assert set(words.NUMBERS) == {*ADDITIONS, WARMUP}


def test_what_is_not_asked_for_changes_nothing() -> None:
    for name, row in OPTIMIZERS.items():
        assert optimizer(name) == row


def test_clipping_comes_before_decay_and_decay_before_the_rule() -> None:
    row = optimizer("momentum", weight_decay=0.1, clip_value=2, clip_norm=3)
    assert [target for target, _ in row.updates] == ["g", "g", "g", "v", "w"]
    assert row.rules[:4] == (
        "clip = clip_norm/max(norm, clip_norm)",
        "g = clip*g",
        "g = between(g, -clip_value, clip_value)",
        "g = g + weight_decay*w",
    )


def test_the_order_does_not_depend_on_when_something_is_asked_for() -> None:
    both = optimizer("adagrad", weight_decay=0.1, clip_norm=3)
    assert optimizer(optimizer("adagrad", weight_decay=0.1), clip_norm=3).rules == both.rules
    assert optimizer(optimizer("adagrad", clip_norm=3), weight_decay=0.1).rules == both.rules


def test_decoupled_decay_is_the_rows_own() -> None:
    assert optimizer("adamw", weight_decay=0.3).rules == OPTIMIZERS["adamw"].rules
    assert optimizer("adamw", weight_decay=0.3).options["weight_decay"] == 0.3


def test_an_equation_is_computed_as_seldom_as_what_it_reads_allows() -> None:
    row = sg.Optimizer(
        "paces",
        ("v",),
        {"rate": 0.1},
        ("a = rate/(1 + epoch)", "b = a/step", "c = b/norm", "v = v + c*g", "w = w - v"),
    )
    paces = [Pace.EPOCH, Pace.STEP, Pace.NORM, Pace.ENTRY, Pace.ENTRY]
    assert [equation.pace for equation in row.equations] == paces


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rule": "adem"}, "unknown optimizer 'adem'; did you mean adam"),
        ({"rate": "cosin"}, "unknown learning-rate schedule 'cosin'; did you mean cosine"),
        ({"wait_decay": 0.1}, "unknown option of the optimizer sgd 'wait_decay'; did you mean weight_decay"),
        ({"epochs": 7.0}, "unknown option of the optimizer sgd 'epochs'"),
        ({"weight_decay": -0.1}, "weight_decay of sgd is -0.1; it must be at least 0"),
        ({"rule": "adamw", "weight_decay": -1}, "weight_decay of adamw is -1; it must be at least 0"),
        ({"clip_norm": 0}, "clip_norm of sgd is 0; it must be above 0"),
        ({"clip_value": -2}, "clip_value of sgd is -2; it must be above 0"),
        ({"warmup": -1}, "warmup of sgd is -1; it must be at least 0"),
        ({"rate": "step", "every": 0}, "every of sgd .step. is 0; it must be above 0"),
        ({"rate": "linear", "epochs": float("inf")}, "epochs of sgd .linear. is inf; it must be finite"),
    ],
)
def test_what_cannot_be_is_named(asked: Any, said: str) -> None:
    with pytest.raises(sg.SymgradError, match=said):
        optimizer(**asked)


@pytest.mark.parametrize(
    ("states", "options", "rules", "said"),
    [
        ((), {}, ("u = w - g",), "'u = w - g' does not set w or a state, and differs between entries"),
        ((), {}, ("w - g",), "'w - g' sets nothing"),
        ((), {}, ("step = 3",), "'step = 3' sets nothing"),
        ((), {}, ("sign = 3",), "'sign = 3' sets nothing"),
        (("v",), {}, ("v = v + g",), "no rule sets w"),
        ((), {}, (), "no rule sets w"),
        ((), {}, ("w = w - rate*g",), "rate"),
        ((), {"rate": 0.1}, ("w = w - rate*g", "rate = rate/2"), "rate is set behind an equation"),
        (("g",), {}, (), "g would mean two things"),
        (("rate",), {"rate": 0.1}, (), "rate would mean two things"),
        ((), {"class": 0.1}, (), "reserved word"),
        ((), {"sign": 0.1}, (), "sign would mean two things"),
        ((), {}, ("w = w - nothing*g",), "nothing"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(states: Any, options: Any, rules: Any, said: str) -> None:
    with pytest.raises(sg.SymgradError, match=said):
        _ = sg.Optimizer("mine", states, options, rules).equations


@pytest.mark.parametrize("name", ["", 'a"b', "line\n", "é"])
def test_a_name_that_no_text_can_hold_is_refused(name: str) -> None:
    with pytest.raises(sg.SymgradError, match="optimizer name"):
        optimizer(sg.Optimizer(name, (), {}, ("w = w - g",)))
    with pytest.raises(sg.SymgradError, match="optimizer name"):
        optimizer(rate=sg.Rate(name, {}, "learning_rate/step"))


def test_a_rate_that_changes_needs_a_rate() -> None:
    row = sg.Optimizer("plain", (), {"pace": 0.1}, ("w = w - pace*g",))
    with pytest.raises(sg.SymgradError, match="plain has no option learning_rate"):
        optimizer(row, rate="cosine")


def test_an_option_of_rule_and_rate_is_refused() -> None:
    row = sg.Optimizer("mine", (), {"learning_rate": 0.1, "factor": 2.0}, ("w = w - learning_rate*g*factor",))
    with pytest.raises(sg.SymgradError, match="factor is an option of both mine and step"):
        optimizer(row, rate="step")
