"""Ids in subscripts, drawn masks and several outputs in free definitions."""

import pytest

import symgrad as sg
from symgrad.derive.agreement import against_witness, at_sizes, induction
from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError, FormulaError, UnknownNameError
from symgrad.model.terms import same

AXES = {"n": "N", "t": "T", "v": "V", "d": "D"}
LOOKED_UP = "[n,t,d] E[tokens[n,t], d]"


def network(nodes=None, ids=None, masks=None, axes=None, inputs=None, **more):
    chosen = nodes or {"x": LOOKED_UP, "J": "sum(n, t, d, x[n,t,d]^2)"}
    leaves = {"tokens": "n t"} if inputs is None else inputs
    ids = {"tokens": "V"} if ids is None else ids
    spec = sg.Definitions(axes or AXES, leaves, {}, {"E": "v d"}, chosen, ids=ids, masks=masks or {}, **more)
    return sg.define(spec)


def test_an_id_in_a_subscript_picks_a_row():
    written = network({"x": "[n,t,d] sum(v, tokens_hot[n,t,v]*E[v,d])", "J": "sum(n, t, d, x[n,t,d]^2)"})
    (one,), (other,) = (net.graph["x"].terms for net in (network(), written))
    assert same(one, other)
    assert network().graph["tokens"].targets == network().graph["tokens_hot"].targets == "labels"


def test_it_prints_as_it_was_written():
    lines = network().gradient("E").delta.unicode.splitlines()
    assert lines[-1].startswith("∂J/∂E[v,d] = ")
    assert lines[-1].endswith("x[n,t,d] · [tokens[n,t] = v]")


@pytest.mark.parametrize(
    "formula",
    [
        "[n,t,d] tanh(E[tokens[n,t], d])",
        "[n,t,d] E[tokens[n,t], d]*E[tokens[n,0], d]",
        "[n,t,d] sum(v, E[tokens[n,t], d]*E[v, d])",
    ],
)
def test_its_gradient_is_proved(formula):
    graph = network({"x": formula, "J": "sum(n, t, d, x[n,t,d]^2)"}).graph
    backward = deltas(graph, ["E"])
    assert induction(graph, backward).evidence == "proved"
    instance = at_sizes(graph, backward, {"N": 1, "T": 2, "V": 2, "D": 1})
    assert against_witness(instance, ["E"])["E"].evidence == "proved"


def test_labels_pick_what_was_predicted():
    nodes = {"x": LOOKED_UP, "J": "mean(n, t, -log(x[n, t, wanted[n,t]]))"}
    spec = sg.Definitions(
        {**AXES, "d": "V"}, {"tokens": "n t"}, {"wanted": "n t"}, {"E": "v d"}, nodes,
        ids={"tokens": "V", "wanted": "V"},
    )  # fmt: skip
    graph = sg.define(spec).graph
    assert graph["wanted"].targets == "labels"
    assert induction(graph, deltas(graph, ["E"])).evidence == "proved"


def test_further_definitions_may_look_up_too():
    net = network().define(score="sum(n, t, d, E[tokens[n,t], d])").minimise("score")
    assert net.gradient("E").delta.unicode == "∂score/∂E[v,d] = Σ_n,t [tokens[n,t] = v]"


def test_a_mask_is_drawn_with_its_probability():
    net = network(
        {"x": "[n,t,d] m[n,t,d]*E[tokens[n,t], d]", "J": "sum(n, t, d, x[n,t,d])"},
        masks={"m": "0.8"},
        inputs={"tokens": "n t", "m": "n t d"},
    )
    assert str(net.graph["m"].drawn) == "4/5"


def test_there_may_be_several_outputs():
    nodes = {"x": LOOKED_UP, "q": "[n,d] mean(t, x[n,t,d])", "J": "sum(n, d, q[n,d]^2)"}
    assert network(nodes, output=("q", "x")).model.outputs == ("q", "x")


def test_a_file_declares_ids_and_masks(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(
        '[network]\nname = "net"\n[define]\naxes = {n="N", t="T", v="V", d="D"}\n'
        'inputs = {tokens="n t", m="n d"}\nids = {tokens="V"}\nmasks = {m=0.75}\nparameters = {E="v d"}\n'
        'x = "[n,t,d] m[n,d]*E[tokens[n,t], d]"\nJ = "sum(n, t, d, x[n,t,d])"\n',
        encoding="utf-8",
    )
    graph = sg.load(path).graph
    assert (graph["tokens"].targets, str(graph["m"].drawn)) == ("labels", "3/4")
    path.write_text(path.read_text(encoding="utf-8").replace("0.75", "true"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"masks\.m is a number, as in 0\.8, not True"):
        sg.load(path)


BODY = {"J": "sum(n, t, d, x[n,t,d])"}
COMPLAINTS = {
    "no leaf": ({"ids": {"tok": "V"}}, UnknownNameError, "unknown input or target with ids 'tok'"),
    "a parameter": ({"ids": {"E": "V"}}, UnknownNameError, "unknown input or target with ids 'E'"),
    "no letter": ({"ids": {"tokens": "Q"}}, DefinitionError, 'give one, as in axes = {v = "Q"}'),
    "no ids": ({"ids": {}}, FormulaError, "found the node tokens as a subscript; use an index letter"),
    "a value": ({"nodes": {"J": "sum(n, t, tokens[n,t])"}}, FormulaError, "J: column 11: tokens holds ids"),
    "computed": (
        {"nodes": {"x": "[n,t,d] E[tokens[n,t] + 1, d]", **BODY}},
        FormulaError,
        "they stand alone in a subscript, as in E[tokens[…], d]",
    ),
    "bare": (
        {"nodes": {"x": "[n,t,d] E[tokens, d]", **BODY}},
        FormulaError,
        "x: column 11: the ids tokens are read as tokens[n, t] in a subscript",
    ),
    "another axis": (
        {"nodes": {"x": "[n,t,v] E[v, tokens[n,t]]", "J": "sum(n, t, v, x[n,t,v])"}},
        FormulaError,
        "runs to V, but that axis of E has the size D",
    ),
    "no input": ({"masks": {"m": "1/2"}}, UnknownNameError, "unknown input that is a mask 'm'"),
    "both": ({"masks": {"tokens": "1/2"}}, DefinitionError, "tokens cannot hold both ids and a mask"),
    "no probability": (
        {"masks": {"m": 2}, "inputs": {"tokens": "n t", "m": "n"}},
        DefinitionError,
        "the mask m is 1 with the probability 2; it is above 0 and at most 1",
    ),
}


@pytest.mark.parametrize("case", COMPLAINTS)
def test_what_cannot_be_looked_up_is_named(case):
    words, kind, message = COMPLAINTS[case]
    with pytest.raises(kind) as error:
        network(**words)
    assert message in str(error.value)
