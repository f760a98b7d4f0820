"""Stabilised graphs: the same values in 60 digits, finite ones in floats at extreme inputs."""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import maximum_name, stabilise
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Step
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.instances import size_symbols
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import leaf, pointwise
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, HIDDEN, LOSSES, PROBABLE, TARGETED, graph
from tests.interpreter import DECIMALS, FLOATS, run
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
    ("softplus", "cross_entropy"),
    ("softplus", "poisson_nll"),
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


SLOPES = {
    # The loss and its slope at one prediction, behind z = ∓1000, for t = 3.
    ("softplus", "poisson_nll"): {-1000.0: (3000, -3), 1000.0: (1000 - 3 * math.log(1000), 1 - 3 / 1000)},
    ("softplus", "kl_divergence"): {-1000.0: (3000 + 3 * math.log(3), -3)},
    ("tanh", "binary_cross_entropy"): {1000.0: (2 * math.log(2) - 4000, -4)},
}


@pytest.mark.parametrize(("output", "loss"), SLOPES)
def test_what_has_left_the_range_keeps_its_logarithm_and_its_slope(output, loss):
    whole = layered("net", Layered((1, 1), output=output, loss=loss, targets="free", bias="none")).graph
    backward = stabilise(simplify(deltas(whole, ["W1"]), ["W1"]).backward)
    for z, expected in SLOPES[output, loss].items():
        leaves = {"x": np.ones((1, 1)), "W1": np.full((1, 1), z), "t": np.full((1, 1), 3.0)}
        with np.errstate(under="ignore"):
            found = run(backward.graph, leaves, {"N": 1, "D": 1, "K": 1}, FLOATS)
        given = found["J"].item(), found[backward.delta["W1"]].item()
        assert given == pytest.approx(expected, rel=1e-14)


def test_a_division_by_softplus_is_cancelled_inside_a_sum():
    whole = graph(
        {"n": "N"},
        ["x n", "t n"],
        ["w"],
        {"z": "[n] w*x[n]", "y": "[n] softplus(z[n])", "J": "sum(n, (y[n] - x[n])^4 - t[n]*log(y[n]))"},
    )
    unchanged(whole, ["w"])
    backward = stabilise(simplify(deltas(whole, ["w"]), ["w"]).backward)
    bodies = [t.body for name in backward.delta.values() for t in backward.graph[name].terms]
    assert any(body.has(Ref("y", whole["y"].index)) for body in bodies)
    assert not any(
        p.base.has(Ref) and p.exp.is_negative and p.base.is_Atom for b in bodies for p in b.atoms(sp.Pow)
    )


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


def softmax_over(axis, mask="", front=("n", "h")):
    """Return p = softmax of s over one of the axes t, k behind others, a masked one where a mask is given."""
    sizes = {"n": "N", "h": "H", "t": "T", "k": "T"}
    letters = [*front, "t", "k"]
    rest = [letter for letter in letters if letter != axis]
    axes = {letter: Axis(letter, size(sizes[letter])) for letter in letters}
    names = {"t": axes["t"].symbol, "k": axes["k"].symbol}
    allowed = {"": sp.Integer(1), "causal": Step(names["t"] - names["k"] + sp.Rational(1, 2))}
    s = leaf("s", Kind.PARAMETER, *axes.values())
    m = leaf("m", Kind.INPUT, axes["t"], axes["k"])
    w = leaf("w", Kind.INPUT, *axes.values())
    e = pointwise("e", s.axes, allowed.get(mask, m.ref) * sp.exp(s.ref / 2), auxiliary=True)
    write = tuple(axes[letter].symbol for letter in rest)
    total = Node("S", tuple(axes[x] for x in rest), terms=(Term(write, s.axes, e.ref),), auxiliary=True)
    p = pointwise("p", s.axes, e.ref / total.ref)
    loss = Node("J", terms=(Term((), s.axes, p.ref**2 * w.ref),))
    return Graph((s, m, w, e, total, p, loss), "J")


MASKED = [("k", ""), ("t", ""), ("k", "causal"), ("t", "causal"), ("k", "input")]


def scores(graph, extreme, arithmetic):
    """Return leaves: a mask that lets half through, and scores of which the masked ones are the largest."""
    leaves = random_leaves(graph, {"N": 2, "H": 1, "T": 3}, 3, arithmetic)
    shape = leaves["m"].shape
    mask = [arithmetic.number(Fraction(k <= t)) for t, k in np.ndindex(shape)]
    leaves["m"] = np.array(mask, dtype=object).reshape(shape)
    for place in np.ndindex(leaves["s"].shape):
        leaves["s"][place] = leaves["s"][place] + extreme * (place[-1] - place[-2])
    return leaves


@pytest.mark.parametrize("simple", [True, False])
@pytest.mark.parametrize(("axis", "mask"), MASKED)
def test_a_masked_softmax_over_any_axis_keeps_its_values(axis, mask, simple):
    whole, sizes = softmax_over(axis, mask), {"N": 2, "H": 1, "T": 3}
    before = deltas(whole, ["s"])
    after = stabilise(simplify(before, ["s"]).backward if simple else before)
    assert after.graph["p_max"].axes == whole["S"].axes
    leaves = scores(whole, 1, DECIMALS)
    old, new = run(before.graph, leaves, sizes), run(after.graph, leaves, sizes)
    assert distance(old["p"], new["p"]) < 1e-40
    assert distance(old[before.delta["s"]], new[after.delta["s"]]) < 1e-40


@pytest.mark.parametrize("extreme", [800.0, -800.0, 1e4])
@pytest.mark.parametrize(("axis", "mask"), MASKED)
def test_a_masked_softmax_stays_finite(axis, mask, extreme):
    whole, sizes = softmax_over(axis, mask), {"N": 2, "H": 1, "T": 3}
    backward = stabilise(simplify(deltas(whole, ["s"]), ["s"]).backward)
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        arrays = run(backward.graph, scores(whole, extreme, FLOATS), sizes, FLOATS)
    for name in ("p", "J", backward.delta["s"]):
        assert np.all(np.isfinite(arrays[name].astype(float))), name
    along = arrays["p"].astype(float).sum(axis=2 if axis == "t" else 3)
    np.testing.assert_allclose(along, 1, rtol=1e-12)


def test_what_shares_its_exp_with_another_definition_stays_as_it_is():
    whole = softmax_over("k")
    s, beside = whole["s"], pointwise("g", whole["s"].axes, 1 + sp.exp(whole["s"].ref / 2))
    loss = Node("J", terms=(*whole["J"].terms, Term((), s.axes, beside.ref)))
    shared = Graph((*whole.nodes[:-1], beside, loss), "J")
    unchanged(shared, ["s"])
    assert "p_max" not in stabilise(deltas(shared, ["s"])).graph


def test_a_mask_that_is_derived_by_stays_as_it_is():
    whole = softmax_over("k", "input")
    after = stabilise(deltas(whole, ["m"]))
    assert "p_max" not in after.graph


@pytest.mark.parametrize("extreme", [800.0, -1e4])
def test_log_softmax_and_the_logarithm_of_exp_stay_finite(extreme):
    spec = Layered((1, 2), output="log_softmax", loss="negative_log_likelihood", bias="none")
    whole = layered("net", spec).graph
    unchanged(whole)
    backward = stabilise(simplify(deltas(whole, ["W1"]), ["W1"]).backward)
    leaves = {
        "x": np.ones((1, 1), object),
        "W1": np.array([[extreme], [-extreme]], object),
        "t": np.array([[0.0, 1.0]], object),
    }
    arrays = run(backward.graph, leaves, {"N": 1, "D": 1, "K": 2}, FLOATS)
    assert abs(float(arrays["J"]) - max(2 * extreme, 0)) < 1e-9
    assert np.all(np.isfinite(arrays[backward.delta["W1"]].astype(float)))
    nodes = {"v": "exp(z)", "J": "log(v) + z^2/v"}
    rate = stabilise(deltas(graph({}, [], ["z"], nodes), ["z"])).graph["J"]
    assert rate.terms[0].body.has(Ref("z"))
    assert not any(term.body.atoms(sp.log) for term in rate.terms)
