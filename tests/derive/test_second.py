"""Deriving twice: Hessians, against what is known and against differences."""

import numpy as np
import pytest

from symgrad.derive.agreement import against_witness, at_sizes, expansion, induction
from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.errors import DefinitionError
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import zoo
from tests.examples import FREE, graph
from tests.interpreter import run
from tests.points import differences, distance, random_leaves


def hessian(whole, name, sizes, seed=3, prepare=lambda first, name: first):
    """Return the Hessian and its differences, and the values of all nodes."""
    first = prepare(deltas(whole, [name]), name)
    gradient = first.delta[name]
    second = deltas(first.graph, [name], gradient)
    leaves = random_leaves(whole, sizes, seed)
    arrays = run(second.graph, leaves, sizes)
    truth = differences(first.graph, name, leaves, sizes, gradient)
    assert distance(arrays[second.delta[name]], truth) < 1e-28
    return arrays[second.delta[name]], arrays


def floats(array):
    return np.array(array, dtype=float)


def plain(first, name):
    return first


def simplified(first, name):
    return simplify(first, [name]).backward


PREPARED = [plain, simplified]


@pytest.mark.parametrize("prepare", PREPARED)
def test_logistic_regression(prepare):
    sizes = {"N": 4, "D": 3}
    found, arrays = hessian(zoo("logistic_regression").graph, "w", sizes, prepare=prepare)
    x, y = floats(arrays["x"]), floats(arrays["y"])
    assert np.allclose(floats(found), x.T @ np.diag(y * (1 - y) / 4) @ x, atol=1e-14)


@pytest.mark.parametrize("prepare", PREPARED)
def test_log_sum_exp(prepare):
    found, arrays = hessian(FREE["log_sum_exp"], "z", {"K": 4}, prepare=prepare)
    p = floats(arrays["e"]) / float(arrays["S"][()])
    assert np.allclose(floats(found), np.diag(p) - np.outer(p, p), atol=1e-14)


@pytest.mark.parametrize("prepare", PREPARED)
def test_quadratic_form(prepare):
    found, arrays = hessian(FREE["quadratic"], "x", {"D": 3}, prepare=prepare)
    assert distance(found, arrays["A"] + arrays["A"].T) < 1e-50


@pytest.mark.parametrize(
    ("name", "wrt", "sizes"),
    [("convolution", "W", {}), ("residual", "W", {"N": 2, "H": 2}), ("scattered", "x", {"D": 3})],
)
def test_free_graphs(name, wrt, sizes):
    found, _ = hessian(FREE[name], wrt, sizes)
    flat = floats(found).reshape(int(np.sqrt(found.size)), -1)
    assert np.allclose(flat, flat.T, atol=1e-14)


@pytest.mark.parametrize("prepare", PREPARED)
def test_a_network_with_softmax(prepare):
    model = layered("net", Layered((2, 2, 2), hidden="tanh", output="softmax", loss="cross_entropy"))
    hessian(model.graph, "W1", {"N": 2, "D": 2, "H": 2, "K": 2}, prepare=prepare)


def test_a_third_time():
    cube = graph({}, [], ["x"], {"J": "x^4 + exp(x)"})
    first = deltas(cube, ["x"])
    second = deltas(first.graph, ["x"], first.delta["x"])
    third = deltas(second.graph, ["x"], second.delta["x"])
    leaves = random_leaves(cube, {}, 1)
    arrays = run(third.graph, leaves, {})
    x = float(leaves["x"][()])
    assert float(arrays[third.delta["x"]][()]) == pytest.approx(24 * x + np.exp(x))


def test_a_second_derivative_is_proved_as_a_first_one():
    whole = graph({"i": "D"}, ["x i"], ["w", "v"], {"z": "w*v", "y": "sigmoid(z)", "J": "y^2*w"})
    first = deltas(whole, ["w"])
    second = deltas(first.graph, ["v", "w"], "dw")
    assert induction(first.graph, second).right
    instance = at_sizes(first.graph, second, {"D": 2})
    for name in ("v", "w"):
        assert expansion(instance, name).right
        found = against_witness(instance, [name])[name]
        assert (found.verdict, found.evidence) == ("right", "proved")


def test_a_proof_at_sizes_takes_a_scalar():
    whole = zoo("mlp").graph
    with pytest.raises(DefinitionError, match="y has axes; proofs at given sizes take a scalar"):
        at_sizes(whole, deltas(whole, ["W1"], "y"), dict.fromkeys(("N", "D", "H1", "H2", "K"), 2))
