"""Blocks repeated along an axis of layers."""

import pytest

import symgrad as sg
from symgrad.derive.agreement import induction
from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError


def network(block, layers="L", *sizes):
    draft = sg.Draft("blocks")
    x = draft.input("x", *(sizes or ("D",)))
    y = draft.repeat(x, layers, block)
    draft.loss("squared_error", y)
    return draft.network(y)


def transformer(draft, h):
    h = draft.add(h, draft.multi_head_attention(draft.layer_norm(h), 2, size="K", causal=True))
    return draft.add(h, draft.dense(draft.dense(draft.layer_norm(h), "F", activation="gelu"), "D"))


def test_what_a_block_makes_has_an_axis_of_layers():
    graph = network(lambda d, h: d.dense(h, "D", activation="tanh")).graph
    letters = {node.name: "".join(axis.letter for axis in node.axes) for node in graph.nodes}
    assert letters == {
        "x": "ni", "W1": "lij", "b1": "li", "z1": "lni", "a1": "lni", "y": "ni", "t": "ni", "J": ""
    }  # fmt: skip
    assert [(g.names, g.along, g.step) for g in graph.groups if g.along] == [(("z1", "a1"), "l", 1)]


def test_what_comes_from_outside_is_shared():
    draft = sg.Draft("shared")
    x = draft.input("x", "D")
    W = draft.parameter("W", i="D", j="D")
    draft.loss("squared_error", draft.repeat(x, "L", lambda d, h: d.dense(h, weight=W, bias=False)))
    assert [axis.letter for axis in draft.network().graph["W"].axes] == ["i", "j"]


def test_a_mask_has_its_layers_behind_the_samples():
    graph = network(lambda d, h: d.dropout(d.dense(h, "D"), "1/2")).graph
    assert [axis.letter for axis in graph["m1"].axes] == ["n", "l", "i"]


def test_a_transformer_of_any_depth_is_derived():
    graph = network(transformer, "L", "T", "D").graph
    names = [node.name for node in graph.parameters]
    backward = deltas(graph, names)
    assert [(g.along, g.step) for g in backward.graph.groups if g.along] == [("l", 1), ("l", -1)]
    assert induction(graph, backward).evidence == "proved"


def test_a_number_of_layers_is_a_size():
    model = network(lambda d, h: d.dense(h, "D"), 3).model
    assert model.sizes == {"L": 3}


def loss_inside(draft, h):
    z = draft.dense(h, "D")
    draft.l2("0.1", draft.nodes["W1"])
    return z


COMPLAINTS = {
    "shape": (lambda d, h: d.dense(h, 3), r"changes the shape: below \(N, D\) and z1 \(N, D1 = 3\)"),
    "nothing": (lambda d, h: h, "the block adds no layer"),
    "constant": (
        lambda d, h: d.define("k", "[...,i] 0*x[...,i] + b[i]", x=h, b=d.parameter("b", i="D")),
        "k1 does not depend on what the block is given",
    ),
    "loss": (loss_inside, "the block adds a loss or a penalty; add it behind the layers"),
    "maximum": (
        lambda d, h: d.define("m", "[...,i] max(k, x[...,k]) + x[...,i]", x=h),
        "is a maximum over what the block is given",
    ),
}


@pytest.mark.parametrize("case", COMPLAINTS)
def test_a_block_that_cannot_be_repeated_says_why(case):
    block, message = COMPLAINTS[case]
    with pytest.raises(DefinitionError, match=f"repeat: .*{message}"):
        network(block)


def test_no_layers_are_refused():
    with pytest.raises(DefinitionError, match="the size 0 is not possible"):
        network(lambda d, h: d.dense(h, "D"), 0)


def test_a_recurrence_within_a_block_walks_two_axes():
    with pytest.raises(
        DefinitionError, match="it goes back along l and along s, but a recurrence walks along one"
    ):
        network(lambda d, h: d.rnn(h, "D"), "L", "T", "D")
