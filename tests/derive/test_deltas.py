"""Deltas against differences in 60 digits."""

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.errors import UnknownNameError
from symgrad.model.instances import size_symbols
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import ZOO
from tests.examples import FREE, HIDDEN, LOSSES, PROBABLE, TARGETED, graph, with_skip
from tests.interpreter import run
from tests.points import differences, distance, random_leaves

CLOSE = 1e-30
NETWORKS = {
    "no hidden layer": Layered((2, 3)),
    "one hidden layer": Layered((2, 3, 2), hidden="tanh"),
    "two hidden layers": Layered((2, 3, 2, 2), hidden=("relu", "softplus")),
    "three hidden layers": Layered((1, 2, 2, 1, 2), hidden="leaky_relu"),
    "shared biases": Layered((2, 3, 2), bias="layer"),
    "no biases": Layered((2, 2, 2), bias="none"),
    "one sample": Layered((2, 2, 2), samples=None),
    "sum over samples": Layered((2, 2, 2), mean=False),
    "one neuron": Layered((1, 1), output="identity"),
}


def numbers(whole, width=2):
    return {str(s): 3 if str(s) == "N" else width for s in size_symbols(whole)}


def check(whole, wrt=(), loss=None, sizes=None, seed=7):
    """Compare every delta with the differences; the derivative of what does not reach the loss is 0."""
    sizes = sizes or numbers(whole)
    leaves = random_leaves(whole, sizes, seed)
    backward = deltas(whole, wrt, loss)
    arrays = run(backward.graph, leaves, sizes)
    for name in backward.delta:
        truth = differences(whole, name, leaves, sizes, backward.loss)
        assert distance(arrays[backward.delta[name]], truth) < CLOSE, name


@pytest.mark.parametrize("name", NETWORKS)
def test_dense_networks(name):
    model = layered("net", NETWORKS[name])
    check(model.graph, sizes={**numbers(model.graph), **model.sizes})


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_at_every_node(name):
    check(ZOO[name]().graph)


@pytest.mark.parametrize("name", FREE)
def test_free_graphs_at_every_node(name):
    check(FREE[name])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_activations(hidden):
    check(layered("net", Layered((2, 2, 2), hidden=hidden, output=hidden)).graph)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("targets", TARGETED)
def test_losses_and_targets(loss, targets):
    for output in (*PROBABLE.get(loss, ("identity", "softmax")),):
        check(layered("net", Layered((2, 2), output=output, loss=loss, targets=targets)).graph)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_skip_connections(depth):
    model = layered("net", Layered((2, *(2,) * depth, 2), hidden="tanh"))
    check(with_skip(model))


def test_without_a_way_to_the_loss_a_delta_is_zero():
    whole = graph({"i": "D"}, ["x i"], ["b", "c"], {"u": "c^2", "y": "[i] b*x[i]", "J": "sum(i, y[i])"})
    backward = deltas(whole, ["c", "u", "b"])
    assert set(backward.delta) == {"b", "c", "u", "y", "J"}
    check(whole, ["c", "u", "b"])
    assert backward.of("u").terms == ()


def test_only_what_lies_between_is_derived():
    whole = ZOO["mlp"]().graph
    assert set(deltas(whole, ["W3"]).delta) == {"W3", "z3", "y", "J"}
    assert set(deltas(whole, ["W3", "W3"]).delta) == {"W3", "z3", "y", "J"}
    assert set(deltas(whole, ["J"]).delta) == {"J"}
    assert set(deltas(whole, ["a2"], "z3").delta) == {"a2", "z3"}
    assert set(deltas(whole).delta) == {n.name for n in whole.nodes}


@pytest.mark.parametrize(
    ("name", "loss", "wrt"),
    [
        ("mlp", "y", ("W1", "b3", "x")),
        ("classifier_3_3_3_softmax", "o", ("q", "W1", "b2")),
        ("convolution", "y", ("W", "x", "b")),
        ("scattered", "h", ("A", "x")),
        ("residual", "z", ("W", "x")),
    ],
)
def test_a_vector_is_derived_into_a_jacobian(name, loss, wrt):
    whole = FREE.get(name) or ZOO[name]().graph
    check(whole, wrt, loss)
    backward = deltas(whole, wrt, loss)
    front = len(whole[loss].axes)
    assert all(len(backward.of(n).axes) == front + len(whole[n].axes) for n in wrt)


def test_names_of_deltas_keep_apart():
    whole = graph({"i": "D"}, ["x i"], ["j", "x_", "dx", "k"], {"y": "[i] j*k*x[i]*dx + x_"})
    backward = deltas(whole, ["x", "x_", "dx", "j", "k"], "y")
    assert len(set(backward.delta.values())) == len(backward.delta)
    check(whole, ["x", "x_", "dx", "j", "k"], "y")
    scalar = graph({}, [], ["x", "x_", "dx"], {"J": "x*x_*dx"})
    assert deltas(scalar).delta == {"x": "dx_", "x_": "dx__", "dx": "ddx", "J": "dJ"}


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="unknown node 'W4'; did you mean W3"):
        deltas(ZOO["mlp"]().graph, ["W4"])
    with pytest.raises(UnknownNameError, match="unknown node 'j'"):
        deltas(ZOO["mlp"]().graph, ["W3"], "j")
    with pytest.raises(UnknownNameError, match="unknown node ''"):
        deltas(graph({}, ["x"], [], {"y": "x"}))


def test_labels_have_no_influence():
    whole = ZOO["digits_64_32_10"]().graph
    sizes = numbers(whole)
    arrays = run(deltas(whole, ["t"]).graph, random_leaves(whole, sizes, 1), sizes)
    assert np.all(arrays["dt"] == 0)


def test_equal_arguments_of_a_maximum_share_one_derivative():
    """On the diagonal max(A[i,j], A[j,i]) is A[i,i], whose derivative is 1."""
    check(
        graph(
            {"i": "D", "j": "D"},
            [],
            ["A i j"],
            {"J": "sum(i, j, max(A[i,j], A[j,i]) + min(A[i,j], A[j,i])^2)"},
        )
    )
    check(graph({"i": "D", "j": "D"}, [], ["A i j"], {"J": "sum(i, j, max(A[i,j], A[j,i], A[i,i]))"}))
