"""Functions, methods and closures run unchanged; statements too; what fails says what and where."""

import numpy as np
import pytest

from symgrad.errors import DataError, UnknownNameError
from symgrad.verify.code.check import check_code
from tests.verify.arrays import backprop
from tests.verify.arrays.backprop import Child, Net
from tests.work import clocked

SHAPES = {"x": ["normal", 3, 2], "W": ["normal", 2, 2], "y": ["normal", 3, 2]}


@pytest.mark.parametrize("wrt", ["W", "x"])
def test_functions_with_a_cache(wrt: str) -> None:
    assert check_code(backprop.forward, backprop.backward, SHAPES, wrt).verdict == "right"


def test_a_module_is_as_it_was_afterwards() -> None:
    before = dict(vars(backprop))
    check_code(backprop.forward, backprop.backward, SHAPES, "W")
    assert {name: value for name, value in vars(backprop).items() if before[name] is not value} == {}
    assert vars(backprop).keys() == before.keys()


@pytest.mark.parametrize("net", [Net(), Child()])
def test_methods(net: Net) -> None:
    arrays = {"x": ["normal", 3], "w": ["normal", 3]}
    assert check_code(net.loss, net.gradient, arrays, "w").verdict == "right"


@pytest.mark.parametrize("function", [backprop.closure, backprop.applied])
def test_closures_and_partials(function) -> None:
    arrays = {"x": ["normal", 3]}
    assert check_code(function, backprop.closure_gradient, arrays, "x").verdict == "right"
    assert check_code(function, backprop.wrong_gradient, arrays, "x").verdict == "wrong"
    assert backprop.closure.__closure__[0].cell_contents is np


def test_a_lambda_of_this_module() -> None:
    arrays = {"w": ["normal"], "x": ["normal"]}
    found = check_code(
        lambda w, x: np.log1p(np.exp(-w * x)), lambda w, x: -x / (1 + np.exp(w * x)), arrays, "w"
    )
    assert (found.verdict, found.evidence) == ("right", "proved")


@pytest.mark.parametrize(
    ("claimed", "method"),
    [
        ("G = X.T @ (X @ w)[:, None]", "the claim has the shape (2, 1); w has (2,)"),
        ("G = X @ X", "ValueError"),
        ("G = w/0", "infinite"),
        ("G = 'w'", "no array"),
    ],
)
def test_a_claim_without_a_value_is_wrong(claimed: str, method: str) -> None:
    found = check_code("L = np.sum((X @ w)**2)", claimed, {"X": ["normal", 3, 2], "w": ["normal", 2]}, "w")
    assert (found.verdict, method in found.method) == ("wrong", True), found


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        ("L = w @ w @ w", "forward pass raises"),
        ("K = 1", "sets no L"),
        ("L = w", "it is one number"),
        ("L = np.log(0*w[0])", "the loss is"),
        ("L = (", "no Python"),
    ],
)
def test_a_forward_pass_that_fails_is_an_error(forward: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_code(forward, "G = w", {"w": ["normal", 2]}, "w")


def test_unknown_kinds_and_arrays_are_named() -> None:
    with pytest.raises(UnknownNameError, match="lognormal"):
        check_code("L = w", "G = 1", {"w": ["lognormal"]}, "w")
    with pytest.raises(DataError, match="no array 'v'"):
        check_code("L = w", "G = 1", {"w": ["normal"]}, "v")
    with pytest.raises(DataError, match="takes 'v'"):
        check_code(lambda v: v, lambda w: w, {"w": ["normal"]}, "w")


def test_what_exact_numbers_cannot_follow_is_held_against_differences() -> None:
    forward, arrays = "L = np.sum(np.arctan(w))", {"w": ["normal", 3]}
    right = check_code(forward, "G = 1/(1 + w**2)", arrays, "w")
    assert (right.verdict, right.evidence, right.points) == ("right", "held", 5)
    assert "np.arctan" in right.method or "numpy.arctan" in right.method
    assert "not a proof" in right.method
    wrong = check_code(forward, "G = 1/(1 + w)", arrays, "w")
    assert (wrong.verdict, wrong.evidence) == ("wrong", "mismatch")


@pytest.mark.parametrize(
    ("claimed", "says"),
    [
        ("G = undefined", "NameError: name 'undefined' is not defined"),
        ("H = w", "sets none of G"),
        ("G = None", "no gradient"),
    ],
)
def test_where_nothing_is_claimed_there_is_no_verdict(claimed: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        check_code("L = np.sum((X @ w)**2)", claimed, {"X": ["normal", 3, 2], "w": ["normal", 2]}, "w")


@pytest.mark.parametrize(
    "claimed",
    [
        # np.vectorize gives all its values the type of the first, which is an integer here.
        "G = np.vectorize(lambda u, k: 2*u if k else 0)(x, np.arange(3))",
        "G = np.append(0, 2*x[1:]) if type(x).__name__ != 'ndarray' else 3*x",
    ],
)
def test_code_that_means_something_else_in_plain_numpy_is_not_right(claimed: str) -> None:
    found = check_code("L = np.sum(x[1:]**2)", claimed, {"x": ["normal", 3]}, "x")
    assert (found.verdict, found.evidence) == ("unknown", "none")
    assert "in plain NumPy the claim gives" in found.method


def test_code_that_ends_the_program_is_refused() -> None:
    with pytest.raises(DataError, match="the code ends the program"):
        check_code("L = w**2", "G = exit()", {"w": ["normal"]}, "w")


def test_random_numbers_are_refused_by_name() -> None:
    found = check_code("L = np.sum(w)", "G = np.random.randn(2)*0 + 1", {"w": ["normal", 2]}, "w")
    assert "numpy.random.randn" in found.method


@pytest.mark.parametrize(
    ("forward", "claimed", "verdict"),
    [
        ("L = x if x > 0 else -x", "G = 1 if x > 0 else -1", "right"),
        ("L = x if x > 0 else -x", "G = 1", "wrong"),
        ("L = x**2 if x < 2 else x**3", "G = 2*x if x < 2 else 3*x**2", "right"),
        ("L = x**2 if x < 2 else x**3", "G = 2*x", "wrong"),
        ("L = abs(x)", "G = 1.0 if x > 0 else -1.0", "right"),
        ("L = abs(x)", "G = np.sign(x) if abs(x) > 1e-8 else 0.0", "right"),
        ("L = np.maximum(x, 0)**2", "G = 2*np.maximum(x, 0)", "right"),
        ("L = np.floor(x)*x", "G = np.floor(x)", "right"),
        ("L = x**3", "G = 3*x**2 + (2**61 - 1)*0", "right"),
        ("L = x**3", "G = 3*x**2 + (2**61 - 1)*x", "wrong"),
        ("L = x**3", "G = 3*x**2*(1 + 1e-60)", "right"),
        ("L = x**3", "G = 3*x**2 + x/10**60", "wrong"),
        ("L = x**2", "G = 2.0000000000000004*x", "right"),
        ("L = x/3", "G = 0.3333333333333333", "right"),
        ("L = x/3", "G = 0.33333333", "wrong"),
        ("L = x*0.1234567890123456789", "G = 0.1234567890123456789", "right"),
        ("L = x*0.1234567890123456789", "G = 0.1234567890123", "right"),
        ("L = x*0.1234567890123456789", "G = 0.1234567", "wrong"),
    ],
)
def test_scalars(forward: str, claimed: str, verdict: str) -> None:
    assert check_code(forward, claimed, {"x": ["normal"]}, "x").verdict == verdict


@pytest.mark.parametrize(
    ("kind", "verdict"), [("onehot", "right"), ("rowprob", "right"), ("normal", "wrong")]
)
def test_a_formula_that_needs_a_property_of_the_data(kind: str, verdict: str) -> None:
    forward = "p = softmax(z)\nL = -np.sum(Y*np.log(p))"
    assert (
        check_code(forward, "G = p - Y", {"z": ["normal", 2, 3], "Y": [kind, 2, 3]}, "z").verdict == verdict
    )


def test_a_formula_for_one_hot_rows_only() -> None:
    forward, claimed = "L = 0.5*np.sum(Y*z**2)", "G = Y*Y*z"
    assert check_code(forward, claimed, {"z": ["normal", 3], "Y": ["onehot", 3]}, "z").verdict == "right"
    assert check_code(forward, claimed, {"z": ["normal", 3], "Y": ["prob", 3]}, "z").verdict == "wrong"


def test_what_was_decided_weakens_the_evidence_and_is_said() -> None:
    found = check_code("L = abs(x) if x > 0 else -x", "G = 1 if x > 0 else -1", {"x": ["normal"]}, "x")
    assert (found.verdict, found.evidence) == ("right", "held")
    assert "draws" in found.method
    assert "off the kinks (x = 0)" in found.assumptions


def test_all_draws_are_a_proof() -> None:
    forward = "L = softmax(z)[int(Y.argmax())]"
    claimed = "p = softmax(z)\nG = p[int(Y.argmax())]*(Y - p)"
    found = check_code(forward, claimed, {"z": ["normal", 3], "Y": ["onehot", 3]}, "z")
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert "all 3 draws" in found.method


def test_a_counterexample_names_what_was_drawn() -> None:
    arrays = {"E": ["normal", 3, 2], "k": ["ids", 3]}
    found = check_code("L = np.sum(E[k]**2)", "G = 2*E", arrays, "E")
    assert found.counterexample is not None
    assert found.counterexample.at["k"] in ("0", "1", "2")
    assert found.counterexample.entry.startswith("[")


def test_the_time_is_kept() -> None:
    big = {"X": ["normal", 24, 12], "W": ["normal", 12, 10], "ids": ["ids", 10, 24]}
    forward = "s = np.maximum(X @ W, 0)\nL = -np.log(softmax(s)[range(24), ids]).sum()*(s.max() > 0)"
    with clocked() as work:
        found = check_code(forward, "G = X.T @ (softmax(s) - np.eye(10)[ids])", big, "W", seconds=0.1)
    # Without a limit it is four.
    assert work.seconds < 3
    assert found.verdict == "wrong"
