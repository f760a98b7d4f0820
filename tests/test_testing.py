"""Assertions about derivations: silent where a claim is right, else an error whose first line says all."""

from collections import namedtuple
from contextlib import suppress
from dataclasses import make_dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.asserted import ASSERTED, Wanted, summary
from symgrad.errors import DataError, FormulaError, SymgradError, UnknownNameError, UsageError
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


def test_a_chain_may_be_one_text(worked: sg.Network) -> None:
    assert_steps(worked, "w5", f"∂J/∂w5 = δq1 a1 = {W5}")


NUMBERS = [
    ({"evidence": "sure"}, "evidence = 'sure': one of proved, bounded, held"),
    ({"seconds": "a"}, "seconds = 'a': a number of seconds > 0"),
    ({"seconds": -1}, "seconds = -1: "),
    ({"seconds": True}, "seconds = True: "),
    ({"seconds": float("nan")}, "seconds = nan: "),
    ({"seconds": 1e300}, "at most 1,000,000"),
    ({"seed": "x"}, "seed = 'x': a whole number, 0 or more"),
    ({"seed": 1.5}, "seed = 1.5: "),
    ({"hints": "all"}, "hints = 'all': one of full, category, none"),
]


@pytest.mark.parametrize(("options", "says"), NUMBERS)
def test_a_setting_that_cannot_be_is_named(worked: sg.Network, options: Any, says: str) -> None:
    for call in (
        lambda: assert_gradient(worked, "w5", W5, **options),
        lambda: assert_steps(worked, "w5", [W5], **options),
        lambda: assert_backward(loss, gradient, shapes=SHAPES, **options),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert says in str(caught.value)


@pytest.mark.parametrize(
    ("net", "wrt", "steps", "says"),
    [
        ("worked_2_2_2", "w5", [W5], "net = 'worked_2_2_2': a network"),
        (None, "w5", [W5], "net = None: a network"),
        (..., ["w5"], [W5], "wrt = ['w5']: a name in quotation marks"),
        (..., None, [W5], "wrt = None: a name"),
        (..., "w5", 5, "steps = 5: a list of formulas"),
        (..., "w5", {W5: 1}, "a list of formulas, in their order"),
    ],
)
def test_what_is_no_network_no_name_and_no_list_is_named(
    worked: sg.Network, net: Any, wrt: Any, steps: Any, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        assert_steps(worked if net is ... else net, wrt, steps)
    assert says in str(caught.value)


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
        (lambda X: {}, {"shapes": SHAPES}, "returns no gradients"),
        (lambda X: None, {"shapes": SHAPES}, "returns no gradients"),
        (both, {"shapes": SHAPES, "wrt": "w"}, "returns 2 arrays for 1: w"),
        (lambda X: {"v": X}, {"shapes": SHAPES, "wrt": "w"}, "the claim returns v"),
    ],
)
def test_what_cannot_be_asked_says_why(backward: Any, options: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        assert_backward(loss, backward, **options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"shapes": "x"}, "shapes = 'x': arrays by their names"),
        ({"shapes": {**SHAPES, "X": 5}}, "shapes['X'] = 5: lengths, as in (4, 3)"),
        ({"shapes": {**SHAPES, "X": np.zeros((4, 3))}}, "shapes['X'] is an array; give its shape, (4, 3)"),
        ({"shapes": {"p": {"w": (3,)}}}, "shapes['p'] is a table: every array has a name of its own"),
        ({"shapes": {**SHAPES, "X": (4, -3)}}, "shapes['X']: X = ['normal', 4, -3]: the lengths"),
        ({"shapes": {**SHAPES, "X": ("nrmal", 4, 3)}}, "did you mean normal?"),
        ({"shapes": {**SHAPES, "X": (True, 3)}}, "shapes['X'] = (True, 3)"),
        ({"shapes": {1: (4,)}}, "the key 1, which is no name"),
        ({"shapes": {**SHAPES, "X": (10**9, 10**9)}}, "at most 1,000,000 are followed"),
        ({"shapes": SHAPES, "wrt": "v"}, "unknown array 'v'"),
        ({"shapes": SHAPES, "wrt": []}, "wrt = []: the name of an array"),
        ({"shapes": SHAPES, "wrt": {"w"}}, "names in order"),
        ({"shapes": SHAPES, "wrt": ["w", "w"]}, "names w twice"),
        ({"shapes": SHAPES, "batch": 4}, "batch is for a network"),
        ({"forward": 3, "shapes": SHAPES}, "forward = 3: a network, or a function"),
        ({"backward": 3, "shapes": SHAPES}, "backward = 3: a function"),
        ({"forward": sg.zoo("adaline"), "shapes": SHAPES}, "shapes is for a loss that is a function"),
        ({"forward": sg.zoo("adaline"), "batch": 0}, "batch = 0: a whole number of samples"),
        ({"forward": sg.zoo("adaline"), "batch": 10**9}, "at most 1,000,000 are followed"),
    ],
)
def test_an_argument_that_cannot_be_is_named(options: Any, says: str) -> None:
    call: Any = partial(assert_backward, **{"forward": loss, "backward": gradient, **options})
    with pytest.raises(SymgradError) as caught:
        call()
    assert says in str(caught.value)


def endless(X: Any) -> Any:
    while True:
        with suppress(Exception):
            sum(X)


def greedy(X: Any) -> Any:
    return {"X": np.ones(10**14)}


def bottomless(X: Any) -> Any:
    return bottomless(X)


@pytest.mark.parametrize(
    ("backward", "wrt", "seconds", "says"),
    [
        (endless, None, 0.3, "what endless returns is undecided: the time was up"),
        (endless, "X", 0.3, "∂L/∂X is undecided: the time was up: the code did not end within 0.3 s"),
        (greedy, "X", 60, "∂L/∂X is undecided: the code raises MemoryError"),
        (bottomless, "X", 60, "∂L/∂X is undecided: the code raises RecursionError"),
    ],
)
def test_code_that_needs_too_much_is_stopped_and_no_wrong_code(
    backward: Any, wrt: Any, seconds: float, says: str
) -> None:
    with pytest.raises(UndecidedDerivationError) as caught:
        assert_backward(total, backward, shapes={"X": (2,)}, wrt=wrt, seconds=seconds)
    assert str(caught.value).startswith(says)
    assert ASSERTED.found == [("unknown", "none")]


def total(X: Any) -> Any:
    return np.sum(X)


def test_what_is_wrong_for_no_slip_says_why() -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_backward(total, lambda X: 1 / 0, shapes={"X": (2,)}, wrt="X")
    assert first_line(caught) == "∂L/∂X is wrong: the claim raises ZeroDivisionError: division by zero"
    with pytest.raises(WrongDerivationError, match="not all of the code is plain statements"):
        assert_backward(total, lambda X: 2 * X, shapes={"X": (2,)}, wrt="X")


HALF = 0.5


def squashed(X: Any, w: Any) -> Any:
    return HALF * np.sum(sigmoid(X @ w) ** 2)


def without_half(X: Any, w: Any) -> Any:
    p = sigmoid(X @ w)
    return {"w": 2 * X.T @ (p * p * (1 - p))}


def test_functions_may_use_helpers_and_constants() -> None:
    with pytest.raises(WrongDerivationError) as caught:
        assert_backward(squashed, without_half, shapes={"X": (2, 2), "w": (2,)}, seconds=60)
    assert caught.value.check.kinds[0] == "factor_2"


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


def squares(w):
    return np.sum(w**2)


def test_a_complex_claim_has_no_value() -> None:
    with pytest.raises(WrongDerivationError, match="it is complex"):
        assert_backward(squares, lambda w: {"w": 2 * w + 1j}, shapes={"w": (3,)}, seconds=60)
    assert_backward(squares, lambda w: {"w": 2 * w + 0j}, shapes={"w": (3,)}, seconds=60)


def test_a_claim_that_is_random_is_undecided() -> None:
    """Also where the noise is too small to be told from rounding, and where the loss is random too."""

    def noisy(w):
        return {"w": 2 * w + 1e-8 * np.random.default_rng().normal(size=3)}

    def dropped(w):
        mask = np.random.default_rng().random(3) > 0.5
        return np.sum(mask * w**2), mask

    for forward, backward in ((squares, noisy), (dropped, lambda w, cache: {"w": 2 * cache * w})):
        with pytest.raises(UndecidedDerivationError, match="runs of the code give different numbers"):
            assert_backward(forward, backward, shapes={"w": (3,)}, wrt="w", seconds=60)


def test_a_recursion_without_an_end_is_undecided() -> None:
    def endless(n):
        return endless(n + 1)

    with pytest.raises(UndecidedDerivationError, match="RecursionError"):
        assert_backward(squares, lambda w: {"w": endless(0)}, shapes={"w": (3,)}, seconds=60)


def test_a_claim_that_is_wrong_at_a_clip_only_is_said_to_be() -> None:
    def forward(w):
        return np.sum(np.clip(w, -50, 50) ** 2)

    with pytest.raises(WrongDerivationError) as error:
        assert_backward(forward, lambda w: {"w": 2 * np.clip(w, -50, 50)}, shapes={"w": (2,)}, seconds=60)
    assert "only where w[" in first_line(error)
    assert "it agrees at ordinary points" in first_line(error)
    assert not error.value.check.mistakes
