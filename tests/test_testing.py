"""Assertions about derivations: silent where a claim is right, else an error whose first line says all."""

from collections import namedtuple
from dataclasses import make_dataclass
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.asserted import ASSERTED, Wanted, summary
from symgrad.errors import DataError, FormulaError, UnknownNameError
from symgrad.testing import (
    DerivationError,
    UndecidedDerivationError,
    WeakEvidenceError,
    WrongDerivationError,
    assert_backward,
    assert_gradient,
    assert_steps,
)

W5 = "(o1 - t1) o1 (1 - o1) a1"


@pytest.fixture(autouse=True)
def own_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what these tests assert out of the run's own summary, and its settings out of them."""
    monkeypatch.setattr(ASSERTED, "found", [])
    monkeypatch.setattr(ASSERTED, "wanted", Wanted())


@pytest.fixture(scope="module")
def worked() -> sg.Network:
    return sg.zoo("worked_2_2_2")


def first_line(error: pytest.ExceptionInfo[DerivationError]) -> str:
    return str(error.value).partition("\n")[0]


def test_a_right_formula_is_silent_and_counted(worked: sg.Network) -> None:
    assert_gradient(worked, "w5", W5, evidence="proved")
    assert_gradient(worked, "w5", r"(o_1 - t_1) o_1 (1 - o_1) a_1")
    assert ASSERTED.drain() == [("right", "proved")] * 2
    assert ASSERTED.drain() == []


def test_a_wrong_formula_names_the_mistake_in_the_first_line(worked: sg.Network) -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_gradient(worked, "w5", "(o1 - t1) a1", seed=3)
    assert isinstance(caught.value, AssertionError)
    assert first_line(caught).startswith("∂J/∂w5 is wrong: ")
    assert caught.value.check.kinds[0] == "missing_activation_derivative"
    assert "\n  yours    (o1 - t1) a1\n  correct  " in str(caught.value)
    assert "--seed 3" in str(caught.value)
    assert ASSERTED.found == [("wrong", "counterexample")]


@pytest.mark.parametrize("hints", ["category", "none"])
def test_hints_do_not_leak_the_answer(worked: sg.Network, hints: Any) -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_gradient(worked, "w5", "(o1 - t1) a1", hints=hints)
    assert "\n" not in str(caught.value)
    assert "correct" not in str(caught.value)


def test_the_settings_are_used(worked: sg.Network) -> None:
    ASSERTED.wanted = Wanted(hints="none")
    with pytest.raises(WrongDerivationError) as caught:
        assert_gradient(worked, "w5", "(o1 - t1) a1")
    assert str(caught.value) == "∂J/∂w5 is wrong"


def test_what_is_no_claim_is_no_failed_assertion(worked: sg.Network) -> None:
    with pytest.raises(FormulaError, match="column"):
        assert_gradient(worked, "w5", "(o1 - t1")
    with pytest.raises(UnknownNameError):
        assert_gradient(worked, "w99", W5)
    assert ASSERTED.found == []


def test_steps(worked: sg.Network) -> None:
    assert_steps(worked, "w5", ["δq1 a1", W5])
    with pytest.raises(WrongDerivationError) as caught:
        assert_steps(worked, "w5", ["δq1 a1", "(o1 - t1) a1", W5])
    assert first_line(caught) == "∂J/∂w5: links 2 and 3 of 3 are wrong"
    assert ASSERTED.found == [("right", "proved"), ("wrong", "counterexample")]


def loss(X: Any, w: Any, y: Any) -> Any:
    error = X @ w - y
    return np.mean(error**2)


def gradient(X: Any, w: Any, y: Any) -> Any:
    return {"w": 2 * X.T @ (X @ w - y) / len(y)}


def summed(X: Any, w: Any, y: Any) -> Any:
    return {"w": 2 * X.T @ (X @ w - y)}


def both(X: Any, w: Any, y: Any) -> Any:
    return 2 * np.outer(X @ w - y, w) / len(y), 2 * X.T @ (X @ w - y) / len(y)


SHAPES = {"X": (4, 3), "w": (3,), "y": ("pos", 4)}


def test_a_backward_pass_without_a_network() -> None:
    assert_backward(loss, gradient, shapes=SHAPES, evidence="proved")
    assert_backward(loss, both, shapes=SHAPES, wrt=("X", "w"))
    assert ASSERTED.found == [("right", "proved")] * 3


Gradients = namedtuple("Gradients", "X w")


Fields = make_dataclass("Fields", ["grad_X", "grad_w"])


@pytest.mark.parametrize(
    "backward",
    [
        lambda X, w, y: list(both(X, w, y)),
        lambda X, w, y: Gradients(*both(X, w, y)),
        lambda X, w, y: Fields(*both(X, w, y)),
        lambda X, w, y: (loss(X, w, y), dict(zip(("grad_X", "w_grad"), both(X, w, y), strict=True))),
        lambda **named: tuple(both(**named)),
        lambda *arrays: tuple(both(*arrays)),
    ],
    ids=["list", "named tuple", "data class", "loss and dict", "by name", "by place"],
)
def test_gradients_come_in_any_form(backward: Any) -> None:
    assert_backward(loss, backward, shapes=SHAPES, wrt=("X", "w"))
    assert ASSERTED.found == [("right", "proved")] * 2


def test_its_mistake_is_named() -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_backward(loss, summed, shapes=SHAPES)
    assert first_line(caught).startswith("∂L/∂w is wrong: ")
    assert caught.value.check.kinds[0] == "missing_batch_mean"


@pytest.mark.parametrize(
    ("backward", "options", "says"),
    [
        (gradient, {}, "shapes="),
        (both, {"shapes": SHAPES}, "returns 2 of 3 gradients; name them by wrt="),
        (lambda X: {"v": X}, {"shapes": SHAPES}, "returns 'v'; the arrays are X, w, y"),
        (lambda z: z, {"shapes": SHAPES}, "'z'"),
        (lambda X: X[9], {"shapes": SHAPES}, "raises IndexError"),
    ],
)
def test_what_cannot_be_asked_says_why(backward: Any, options: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        assert_backward(loss, backward, **options)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def logistic(x: Any, w: Any, b: Any, t: Any) -> Any:
    delta = (sigmoid(x @ w + b) - t) / len(t)
    return x.T @ delta, delta.sum()


def without_sum(x: Any, w: Any, b: Any, t: Any) -> Any:
    delta = (sigmoid(x @ w + b) - t) / len(t)
    return {"w": x.T @ delta, "b": delta[0]}


def two_layers(x: Any, t: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    a = sigmoid(x @ W1.T + b1)
    scores = np.exp(a @ W2.T + b2)
    p = scores / scores.sum(axis=1, keepdims=True)
    p[np.arange(len(t)), t] -= 1
    dq = p / len(t)
    dz = dq @ W2 * a * (1 - a)
    return {"dW1": dz.T @ x, "db1": dz.sum(axis=0), "dW2": dq.T @ a, "db2": dq.sum(axis=0)}


def test_a_backward_pass_of_a_network() -> None:
    net = sg.zoo("logistic_regression")
    assert_backward(net, logistic, batch=3)
    with pytest.raises(WrongDerivationError, match="∂L/∂b is wrong"):
        assert_backward(net, without_sum, batch=3)


TWO = sg.mlp([2, 2, 2], hidden="sigmoid", output="identity", loss="squared_error")


def without_slope(x: Any, t: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    a = sigmoid(x @ W1.T + b1)
    dq = (a @ W2.T + b2 - t) / len(t)
    return {"W2": dq.T @ a, "b2": dq.sum(axis=0), "W1": (dq @ W2).T @ x, "b1": (dq @ W2).sum(axis=0)}


def transposed_weight(x: Any, t: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    a = sigmoid(x @ W1.T + b1)
    dq = (a @ W2.T + b2 - t) / len(t)
    return {"W2": dq.T @ a, "W1": (dq @ W2.T * a * (1 - a)).T @ x}


def not_averaged(x: Any, w: Any, b: Any, t: Any) -> Any:
    return {"w": x.T @ (sigmoid(x @ w + b) - t), "b": (sigmoid(x @ w + b) - t).sum()}


@pytest.mark.parametrize(
    ("net", "backward", "wrt", "kind"),
    [
        (sg.zoo("logistic_regression"), without_sum, "b", "bias_not_summed"),
        (sg.zoo("logistic_regression"), not_averaged, "w", "missing_batch_mean"),
        (TWO, without_slope, "W1", "missing_activation_derivative"),
        (TWO, transposed_weight, "W1", "transpose"),
    ],
)
def test_the_mistake_in_a_backward_pass_of_a_network_is_named(
    net: sg.Network, backward: Any, wrt: str, kind: str
) -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_backward(net, backward, batch=3, wrt=wrt)
    assert kind in caught.value.check.kinds


@pytest.mark.slow
def test_labels_and_two_layers() -> None:
    net = sg.mlp([2, 2, 3], hidden="sigmoid", output="softmax", loss="cross_entropy", targets="labels")
    assert_backward(net, two_layers, batch=2)


def test_too_little_time_is_undecided_and_too_weak_evidence_is_said() -> None:
    net = sg.zoo("worked_2_2_2")
    with pytest.raises(UndecidedDerivationError, match="undecided"):
        assert_gradient(
            net, "w1", "x1 (w5 (o1 - t1) o1 (1 - o1) + w7 (o2 - t2) o2 (1 - o2)) a1 - x1 a1^2", seconds=1e-9
        )
    with pytest.raises(WeakEvidenceError, match="proved evidence was asked for"):
        assert_backward(
            loss_of_floats, lambda w: 0.2469135782460001 * w, shapes={"w": (3,)}, wrt="w", evidence="proved"
        )


def loss_of_floats(w: Any) -> Any:
    return 0.123456789123 * np.sum(w**2)


def test_summaries() -> None:
    assert summary([]) == ""
    assert summary([("right", "held")]) == "symgrad: 1 derivation right (1 held)"
    assert (
        summary([("wrong", "mismatch"), ("unknown", "none")])
        == "symgrad: 0 derivations right, 1 wrong, 1 unknown"
    )
