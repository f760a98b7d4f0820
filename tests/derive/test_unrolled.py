"""A recurrence beside the network written out."""

from dataclasses import replace

import pytest

import symgrad as sg
from symgrad.derive.certificate import certify, head_lines
from symgrad.derive.deltas import deltas
from symgrad.derive.unrolled import CLAIM, against_unrolled
from symgrad.model.graph import Graph

WEIGHTS = ("U", "V")


def scalar_recurrence(read="s[n,T-1]", steps="T"):
    nodes = {"s": "[n,t] tanh(U*s[n,t-1] + V*x[n,t])", "J": f"mean(n, ({read} - y[n])^2)"}
    axes = {"n": "N", "t": steps}
    leaves = {"x": "n t"}, {"y": "n"}, {"U": "", "V": ""}
    return sg.define(sg.Definitions(axes, *leaves, nodes, {"s": "0"})).model


def found(model, backward=None):
    return against_unrolled(model, backward or deltas(model.graph, WEIGHTS, "J"), WEIGHTS)


@pytest.mark.parametrize("read", ["s[n,T-1]", "s[n,0]", "sum(t, s[n,t])"])
def test_the_delta_recursion_is_that_of_the_unrolled_network(read):
    findings = found(scalar_recurrence(read))
    assert [f.sizes["T"] for f in findings] == [1, 2, 3]
    assert {(f.claim, f.verdict, f.evidence) for f in findings} == {(CLAIM, "right", "proved")}


def test_a_recurrence_of_known_length_is_unrolled_at_that():
    (finding,) = found(scalar_recurrence("s[n,3]", 4))
    assert finding.verdict == "right"


def test_every_axis_is_unrolled_by_itself():
    draft = sg.Draft("both")
    x = draft.input("x", "T", "D")
    draft.loss("squared_error", draft.stack(draft.rnn(x, "D"), "L"))
    model = draft.network().model
    names = [node.name for node in model.graph.parameters]
    findings = against_unrolled(model, deltas(model.graph, names, "J"), names)
    assert {f.evidence for f in findings} == {"proved"}
    assert [(f.sizes["L"], f.sizes["T"]) for f in findings] == [
        (1, 3),
        (2, 3),
        (3, 3),
        (3, 1),
        (3, 2),
        (3, 3),
    ]


def test_a_wrong_delta_is_refuted_where_it_shows():
    model = scalar_recurrence()
    right = deltas(model.graph, WEIGHTS, "J")
    (name,) = [n.name for n in right.graph.nodes if n.adjoint and n.adjoint.of == "s"]
    nodes = tuple(_twice(n) if n.name == name else n for n in right.graph.nodes)
    wrong = replace(right, graph=Graph(nodes, "J"))
    verdicts = {f.verdict for f in found(model, wrong)}
    assert verdicts == {"wrong"}


def _twice(node):
    return replace(node, terms=tuple(replace(t, body=2 * t.body) for t in node.terms))


def test_the_certificate_says_so():
    certificate = certify(scalar_recurrence())
    assert certificate.verdict == "right"
    assert {f.claim for f in certificate.findings["U"]} > {"paths = deltas", CLAIM, "gradient"}
    assert any("the recurrence = the network written out at" in line for line in head_lines(certificate))


def test_without_recurrence_there_is_nothing_to_say():
    model = sg.zoo("mlp").model
    assert against_unrolled(model, deltas(model.graph, ["W1"], "J"), ["W1"]) == ()


@pytest.mark.parametrize(
    ("formula", "read", "lengths"),
    [("U*s[n,t-2] + V*x[n,t]", "s[n,T-1]", [2, 3]), ("U*s[n,t-1] + V*x[n,t]", "s[n,3]", [4])],
)
def test_lengths_are_those_that_the_definition_allows(formula, read, lengths):
    nodes = {"s": f"[n,t] {formula}", "J": f"mean(n, ({read} - y[n])^2)"}
    leaves = {"x": "n t", "s0": "n"}, {"y": "n"}, {"U": "", "V": ""}
    initial = {"s": "[n] s0[n]"}
    model = sg.define(sg.Definitions({"n": "N", "t": "T"}, *leaves, nodes, initial)).model
    assert [f.sizes["T"] for f in found(model)] == lengths
    assert certify(model).verdict == "right"
