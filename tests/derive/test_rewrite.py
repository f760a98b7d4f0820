"""Simplification keeps every value, and says what it assumes."""

import numpy as np
import pytest
import sympy as sp

from symgrad import Draft
from symgrad.derive.compact import cancelled, compact, signed
from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.model.activations import Activation
from symgrad.model.expressions import Ref
from symgrad.model.finish import finished
from symgrad.model.free import Definitions, define_model
from symgrad.model.instances import size_symbols
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, HIDDEN, LOSSES, PROBABLE, TARGETED, graph
from tests.interpreter import run
from tests.points import distance, random_leaves

A, B, C = Ref("a"), Ref("b"), Ref("c")


def both(whole, wrt, seed=2, loss=None):
    sizes = {str(s): 3 if str(s) in "DN" else 2 for s in size_symbols(whole)}
    before = deltas(whole, wrt, loss)
    after = simplify(before, wrt)
    leaves = random_leaves(whole, sizes, seed)
    return before, after, [run(b.graph, leaves, sizes) for b in (before, after.backward)]


def unchanged(whole, wrt=(), seed=2, loss=None):
    wrt = wrt or [n.name for n in whole.nodes if n.is_leaf and not n.targets]
    before, after, (old, new) = both(whole, wrt, seed, loss)
    for name in wrt:
        assert distance(old[before.delta[name]], new[after.backward.delta[name]]) < 1e-40, name
    for name in new:
        if name in old and name not in after.backward.delta.values():
            assert distance(old[name], new[name]) == 0
    for of, delta in after.backward.delta.items():
        assert distance(new[delta], old[before.delta[of]]) < 1e-40
    return after


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_keeps_its_values(name):
    unchanged(zoo(name).graph)


@pytest.mark.parametrize("name", FREE)
def test_free_graphs_keep_their_values(name):
    whole = FREE[name]
    unchanged(whole)
    unchanged(whole, [n.name for n in whole.nodes])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("targets", TARGETED)
@pytest.mark.parametrize("output", [*HIDDEN, "softmax"])
def test_outputs_and_losses_keep_their_values(output, loss, targets):
    if output in PROBABLE.get(loss, (output,)):
        unchanged(
            layered("net", Layered((2, 2, 2), hidden="tanh", output=output, loss=loss, targets=targets)).graph
        )


@pytest.mark.parametrize("name", ["mlp", "classifier_3_3_3_softmax"])
def test_jacobians_keep_their_values(name):
    whole = zoo(name).graph
    unchanged(whole, ["W1", "b2"], loss=next(n for n in ("y", "o") if n in whole))


def test_activations_of_ones_own_keep_their_values():
    for row in (
        Activation("swish", "z/(1 + exp(-z))"),
        Activation("square", "z^2"),
        Activation("root", "sqrt(1 + z^2)"),
    ):
        unchanged(layered("net", Layered((2, 2, 2), hidden=row, output=row)).graph)


def output_delta(targets, loss="cross_entropy", output="softmax"):
    spec = Layered((2, 3), output=output, loss=loss, targets=targets, samples=None)
    after = unchanged(layered("net", spec).graph, ["W1"])
    return after, after.backward.of("z1").terms


@pytest.mark.parametrize("targets", ["one_hot", "labels", "distribution"])
def test_softmax_and_cross_entropy_make_p_minus_y(targets):
    after, (term,) = output_delta(targets)
    t = "t_hot" if targets == "labels" else "t"
    assert term.body == Ref("y", term.write) - Ref(t, term.write)
    assert after.assumptions == (f"Σ_i {t}[i] = 1",)


def test_free_targets_do_not():
    after, terms = output_delta("free")
    assert after.assumptions == ()
    assert len(terms) == 2


def test_sigmoid_and_binary_cross_entropy_make_p_minus_y_without_an_assumption():
    after, (term,) = output_delta("free", "binary_cross_entropy", "sigmoid")
    assert term.body == Ref("y", term.write) - Ref("t", term.write)
    assert after.assumptions == ()


def test_a_diagonal_does_not_sum_to_one():
    whole = graph({"i": 2, "j": 2}, ["x"], [], {"J": "sum(i, t[i,i]*x)"}, ["t i j"], kind="distribution")
    after = unchanged(whole, ["x"])
    assert after.assumptions == ()


def test_a_node_is_reused_where_it_holds_the_value_and_nowhere_else():
    whole = graph(
        {"n": "N", "i": 2},
        ["x n i", "u n"],
        ["w i"],
        {
            "h": "[n] exp(x[n,0])",
            "g": "[n,i] exp(x[n,i])*w[i]",
            "e": "[n,i] exp(u[n])",
            "c": "[n,i] exp(x[n,1-i])",
            "J": "sum(n, i, h[n]*g[n,i]*e[n,i]*c[n,i])",
        },
    )
    unchanged(whole, ["x", "u", "w"])


def test_a_kernel_reads_its_activation():
    whole = FREE["convolution"]
    after = unchanged(whole, ["x", "W", "b"])
    (term,) = after.backward.of("u").terms
    h = Ref("h", term.write)
    assert sp.simplify(term.body / (h * (1 - h))) == Ref(after.backward.delta["h"], term.write)


def test_letters_do_not_bear_the_names_of_nodes():
    whole = graph(
        {"n": "N", "i": "D", "o": "H"},
        ["x n i"],
        ["j o i", "k o"],
        {"l": "[n,o] sum(i, j[o,i]*x[n,i]) + k[o]", "p": "[n,o] tanh(l[n,o])", "J": "sum(n, o, p[n,o]^2)"},
    )
    after = unchanged(whole, ["j", "k", "x"])
    letters = {
        axis.letter for node in after.backward.graph.nodes for term in node.terms for axis in term.bound
    }
    assert not letters & set(after.backward.graph.by_name)


def test_first_deltas_are_forward_values_of_the_second():
    first = deltas(zoo("logistic_regression").graph, ["w"])
    second = deltas(first.graph, ["w"], "dw")
    after = simplify(second, ["w"]).backward
    assert after.loss in after.graph
    sizes = {"N": 3, "D": 2}
    leaves = random_leaves(first.graph, sizes, 1)
    old, new = run(second.graph, leaves, sizes), run(after.graph, leaves, sizes)
    assert distance(old[second.delta["w"]], new[after.delta["w"]]) < 1e-45


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (A * B / A, B),
        ((A - 1) / (1 - A), -1),
        ((A * B + A * C) / A, B + C),
        (A / B + C / B, (A + C) / B),
        (A * B + A * C, A * (B + C)),
        (-2 * A * (B - 1), 2 * A * (1 - B)),
    ],
)
def test_compact_forms(body, expected):
    assert compact(body) == expected


@pytest.mark.parametrize(
    "body", [A, A / B, (A**2 - B**2) / (A - B), -A * (B - 1) * (C - 1), -(A - 1), sp.exp(-A) / B]
)
def test_compact_forms_are_equal_ones(body):
    for form in (compact(body), cancelled(body), signed(body)):
        values = dict(zip((A, B, C), (sp.Rational(2, 3), sp.Rational(-5, 7), sp.Rational(4)), strict=True))
        assert sp.simplify((form - body).xreplace(values)) == 0


def test_a_wanted_delta_stays():
    whole = zoo("classifier_3_3_3").graph
    backward = simplify(deltas(whole, ["W1", "a1", "o"]), ["W1", "a1", "o"]).backward
    assert {"W1", "a1", "o"} <= set(backward.delta)
    assert not np.any(
        [n.name in ("do", "da1") for n in simplify(deltas(whole, ["W1"]), ["W1"]).backward.graph.nodes]
    )


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [("sum(n, i, t[n,i]*(w + q[i+1]))", "w"), ("sum(n, i, t[n,i]*w*q[i+1])", "q")],
)
def test_a_part_of_a_row_does_not_sum_to_one(formula, wrt):
    spec = Definitions(
        {"n": "N", "i": "C"},
        targets={"t": "n i"},
        parameters={"w": "", "q": "i"},
        nodes={"J": formula},
        initial={"q": "0"},
        target_kind="distribution",
    )
    unchanged(define_model("shifted", spec).graph, [wrt])


def test_the_delta_of_masked_attention_is_written_with_its_weights():
    draft = Draft("attention")
    q, k, v = (draft.input(name, "T", "D") for name in "qkv")
    h = draft.dense(draft.attention(q, k, v, causal=True), "K")
    draft.loss("squared_error", h)
    graph = finished(draft, h).graph
    rewritten = simplify(deltas(graph, ["q"], "J"), ["q"]).backward.graph
    scores = next(node for node in rewritten.nodes if node.adjoint and node.adjoint.of.startswith("s"))
    read = {ref.name[0] for term in scores.terms for ref in term.accesses}
    assert read == {"A", "d"}, "A (δA − Σ δA A), without the exponentials and their sum"
    unchanged(graph, ["q"])
