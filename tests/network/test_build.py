"""Networks from layers: as a list, as a draft, as a file."""

import pytest

import symgrad as sg
from symgrad.errors import DefinitionError
from symgrad.model.layers.catalogue import LAYERS as LAYERS_BY_NAME

LAYERS = (sg.conv2d(2, 3, padding=1), "relu", sg.max_pool(2), sg.flatten, sg.dense(3), "softmax")
FILE = """
[network]
name = "tiny"
input = [1, 4, 4]
layers = ["conv2d 2 3 padding=1", "relu", "max_pool 2", "flatten", "dense 3", "softmax"]
loss = "cross_entropy"
targets = "labels"
"""


def test_a_list_of_layers_and_a_file_are_the_same_network(tmp_path):
    one = sg.sequential((1, 4, 4), LAYERS, loss="cross_entropy", targets="labels")
    path = tmp_path / "tiny.toml"
    path.write_text(FILE, "utf-8")
    assert sg.load(path).graph.nodes == one.graph.nodes
    assert one.parameters == ("W1", "b1", "W2", "b2")


def test_an_error_in_a_file_names_the_file_and_the_layer(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(FILE.replace("conv2d 2 3", "conv2d 2 9"), "utf-8")
    with pytest.raises(
        DefinitionError, match=r"tiny\.toml: layer 1: conv2d: z1 .* has an axis without entries"
    ):
        sg.load(path)


def test_a_draft_with_a_skip_and_two_outputs():
    draft = sg.Draft("two")
    x = draft.input("x", 3)
    h = draft.dense(x, "D", activation="tanh")
    s = draft.add(h, x)
    kind, size = draft.dense(s, 2, activation="softmax"), draft.dense(s, 1)
    draft.loss("cross_entropy", kind, targets="labels")
    draft.loss("squared_error", size, weight="1/2")
    net = draft.network([kind, size])
    assert net.model.outputs == ("y1", "y2")
    assert net.count_paths("b1") == 2 * net.count_paths("W2")
    assert "δs1" in str(net.gradient("W1").delta)


def test_a_draft_may_go_on_after_a_network_was_made():
    draft = sg.Draft()
    h = draft.dense(draft.input("x", 3), 2)
    draft.loss("squared_error", h)
    first = draft.network(h)
    draft.l2("1/10", draft.nodes["W1"])
    second = draft.network(h)
    assert [term.body for term in first.graph["J"].terms] != [t.body for t in second.graph["J"].terms]
    assert first.gradient("b1").delta.unicode == second.gradient("b1").delta.unicode


def test_backpropagation_through_time_prints_as_a_recurrence():
    net = sg.sequential(("T", "D"), ["rnn H"])
    lines = str(net.gradient("U1").delta).splitlines()
    assert "δz1[n,s+1," in "".join(lines)


def test_every_layer_has_a_public_name_and_a_line_about_it():
    for name, row in LAYERS_BY_NAME.items():
        assert getattr(sg, name) is row
        assert row.summary
        assert row.build.__doc__
