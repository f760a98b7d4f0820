"""A training step as a graph: what the loss after it depends on, the step size among it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from symgrad.derive.certificate import certify
from symgrad.derive.step import training_step
from symgrad.derive.values import figures
from symgrad.errors import UnknownNameError
from symgrad.model.optimizers import optimizer
from symgrad.model.rules import Optimizer
from symgrad.model.zoo import zoo

TINY = Fraction(1, 10**12)


def test_the_loss_after_the_step_is_that_of_the_worked_example() -> None:
    step = training_step(zoo("worked_2_2_2"), trained=("W1", "W2"))
    assert float(figures(step).loss) == 0.29102777369359933


def test_all_parameters_are_updated_from_old_values() -> None:
    found = figures(training_step(zoo("worked_2_2_2"))).values
    assert round(float(found["w1_new"]), 8) == 0.14978072
    assert round(float(found["w5_new"]), 8) == 0.35891648


@pytest.mark.parametrize("wrt", ["learning_rate", "x1", "w1", "t2"])
def test_the_loss_after_the_step_is_derived_by_anything(wrt: str) -> None:
    step = training_step(zoo("worked_2_2_2"), trained=("W1", "W2"))
    base = figures(step)
    at = {
        "learning_rate": Fraction(1, 2),
        "x1": Fraction("0.05"),
        "w1": Fraction("0.15"),
        "t2": Fraction("0.99"),
    }
    above, below = (figures(step, {wrt: at[wrt] + sign * TINY}).loss.number for sign in (1, -1))
    assert abs(float((above - below) / (2 * TINY)) - float(base.gradient(wrt))) < 1e-12


RULES = [
    "sgd",
    "momentum",
    "nesterov",
    "adam",
    optimizer("adamw", rate="inverse"),
    optimizer("momentum", weight_decay=0.1),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: getattr(rule, "name", rule))
def test_the_step_of_every_rule_is_proved(rule: str | Optimizer) -> None:
    step = training_step(zoo("logistic_regression"), rule)
    assert certify(step, ["learning_rate"]).verdict == "right"


def test_one_ascends_to_maximise() -> None:
    model = replace(zoo("worked_2_2_2"), maximise=True)
    assert figures(training_step(model)).loss.number > figures(training_step(zoo("worked_2_2_2"))).loss.number


def test_a_step_cuts_the_norm_of_all_gradients_and_every_entry() -> None:
    plain = figures(training_step(zoo("worked_2_2_2"))).values
    names = (*(f"w{k}" for k in range(1, 9)), "b1", "b2")
    gradients = {w: 2 * float(plain[w] - plain[f"{w}_new"]) for w in names}
    norm = sum(g**2 for g in gradients.values()) ** 0.5
    for limit in (norm / 3, 2 * norm):
        rule = optimizer("sgd", clip_norm=limit, clip_value=0.01)
        cut = figures(training_step(zoo("worked_2_2_2"), rule)).values
        for w, g in gradients.items():
            wanted = max(-0.01, min(0.01, g * min(1, limit / norm)))
            assert abs(float(cut[w]) - 0.5 * wanted - float(cut[f"{w}_new"])) < 1e-9


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean momentum"):
        training_step(zoo("mlp"), "momentun")
