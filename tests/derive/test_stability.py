"""Stabilised graphs: the same values in 60 digits, finite ones in floats at extreme inputs."""

import warnings

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import maximum_name, stabilise
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref
from symgrad.model.instances import size_symbols
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import leaf
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, HIDDEN, LOSSES, PROBABLE, TARGETED, graph
from tests.interpreter import FLOATS, run
from tests.points import distance, random_leaves


def unchanged(whole, wrt=(), *, simple=True):
    sizes = {str(s): 3 if str(s) in "DN" else 2 for s in size_symbols(whole)}
    wrt = wrt or [n.name for n in whole.nodes if n.is_leaf and not n.targets]
    before = deltas(whole, wrt)
    chosen = simplify(before, wrt).backward if simple else before
    after = stabilise(chosen)
    leaves = random_leaves(whole, sizes, 4)
    old, new = run(before.graph, leaves, sizes), run(after.graph, leaves, sizes)
    for name in wrt:
        assert distance(old[before.delta[name]], new[after.delta[name]]) < 1e-40, name
    for node in whole.nodes:
        if not node.auxiliary:
            assert distance(old[node.name], new[node.name]) < 1e-40, node.name


@pytest.mark.parametrize("simple", [True, False])
@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_keeps_its_values(name, simple):
    unchanged(zoo(name).graph, simple=simple)


@pytest.mark.parametrize("name", FREE)
def test_free_graphs_keep_their_values(name):
    unchanged(FREE[name])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("targets", TARGETED)
@pytest.mark.parametrize("output", [*HIDDEN, "softmax"])
def test_outputs_and_losses_keep_their_values(output, loss, targets):
    if output in PROBABLE.get(loss, (output,)):
        whole = layered("net", Layered((2, 2), output=output, loss=loss, targets=targets)).graph
        unchanged(whole)
        unchanged(whole, simple=False)


def test_forms_are_read_at_the_subscripts_of_the_access():
    whole = graph(
        {"n": "N", "i": "D", "j": "D"},
        ["x n i"],
        ["w i j"],
        {
            "z": "[n,i] sum(j, w[i,j]*x[n,j])",
            "y": "[i,n] sigmoid(z[n,i])",
            "u": "[n] sigmoid(x[n,0])",
            "J": "sum(n, i, log(y[i,n]) + log(1 - y[D-1-i,n])*log(u[n]))",
        },
    )
    unchanged(whole, ["x", "w"])


# Where the mathematical loss and its gradient are finite at every input, and the table has a form for it.
FINITE = [
    ("sigmoid", "binary_cross_entropy"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
    *((output, loss) for output in (*HIDDEN, "softmax") for loss in ("squared_error", "euclidean_error")),
]


@pytest.mark.parametrize(("output", "loss"), FINITE)
@pytest.mark.parametrize("extreme", [800.0, -800.0, 1e4, -1e4])
@pytest.mark.parametrize("targets", ["one_hot", "labels"])
def test_extreme_inputs_stay_finite(output, loss, targets, extreme):
    whole = layered("net", Layered((1, 2, 2), hidden="tanh", output=output, loss=loss, targets=targets)).graph
    wrt = [n.name for n in whole.parameters]
    backward = stabilise(simplify(deltas(whole, wrt), wrt).backward)
    sizes = {"N": 2, "D": 1, "H": 2, "K": 2}
    leaves = random_leaves(whole, sizes, 1, FLOATS)
    leaves["W2"] = np.array([[extreme, -extreme / 2], [-extreme, extreme]], dtype=object)
    leaves["b2"] = np.array([extreme, -extreme], dtype=object)
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        arrays = run(backward.graph, leaves, sizes, FLOATS)
    for name in ("J", *(backward.delta[n] for n in wrt)):
        assert np.all(np.isfinite(arrays[name].astype(float))), name


def test_a_norm_of_zero_has_the_gradient_zero():
    whole = layered("net", Layered((1, 2), output="identity", loss="euclidean_error", bias="none")).graph
    backward = stabilise(simplify(deltas(whole, ["W1"]), ["W1"]).backward)
    zero = {"x": np.ones((1, 1), object), "W1": np.ones((2, 1), object), "t": np.ones((1, 2), object)}
    assert np.all(run(backward.graph, zero, {"N": 1, "D": 1, "K": 2})[backward.delta["W1"]] == 0)


def test_softmax_is_shifted_and_adds_no_path():
    whole = zoo("classifier_3_3_3_softmax").graph
    backward = stabilise(simplify(deltas(whole, ["W1"]), ["W1"]).backward)
    largest = backward.graph[maximum_name("o")]
    assert (largest.reduce, largest.auxiliary) == ("max", True)
    (term,) = backward.graph["o_exp"].terms
    assert term.body.args[0] == Ref("q", term.write) - largest.ref
    assert backward.graph["J"].terms[0].body.atoms(Ref) >= {Ref("q", term.write), largest.ref}
    reads = {r.name for d in backward.delta.values() for t in backward.graph[d].terms for r in t.accesses}
    assert largest.name not in reads


def test_a_taken_name_is_refused():
    model = layered("net", Layered((2, 2), output="softmax", loss="cross_entropy"))
    taken = leaf("y_max", model.graph["W1"].kind)
    whole = type(model.graph)((*model.graph.nodes, taken), "J")
    with pytest.raises(DefinitionError, match="'y_max' names both a node and another node"):
        stabilise(deltas(whole, ["W1"]))
