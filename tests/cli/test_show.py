"""`show`: definitions and pictures; and what `derive`, `explain` and `paths` say to somebody new."""

import re
from pathlib import Path

import pytest

import symgrad as sg
from symgrad.model.zoo import ZOO
from symgrad.verify.classroom.exercise import exercise
from tests.cli.conftest import Command

FILE = """[network]
name = "mine"
[define]
axes = { n = "N", i = "H", j = "D" }
inputs = { x = "n j" }
targets = { t = "n i" }
parameters = { W = "i j" }
z = "[n,i] sum(j, W[i,j]*x[n,j])"
J = "mean(n, sum(i, (z[n,i] - t[n,i])^2))"
"""


def test_the_definitions_of_a_layer_network_have_shapes_and_the_factor_of_the_loss(symgrad: Command) -> None:
    assert symgrad("show", "linear_regression").out == (
        "linear_regression: linear regression, SSE/(2m)\n"
        "  inputs      x[n,j] (N, D)\n"
        "  targets     t[n] (N)\n"
        "  parameters  w[j] (D), b\n"
        "y[n] = Σ_j w[j] x[n,j] + b         (N)\n"
        "J = 1/(2 N) · Σ_n (y[n] − t[n])²\n"
    )


def test_the_definitions_of_neurons_are_counted_as_people_count(symgrad: Command) -> None:
    text = symgrad("show", "classifier_3_3_3_softmax").out
    assert "  parameters  w1 … w18, b1 … b4\n" in text
    assert "  targets     t1, t2, t3 one_hot\n" in text
    assert "  sizes       D = 3, H = 3, K = 3, N = 1\n" in text
    assert "\nz1 = w1 x1 + w4 x2 + w7 x3 + b1\n" in text
    assert text.endswith("\nJ = −t1 log(o1) − t2 log(o2) − t3 log(o3)\n")


def test_a_file_is_shown_as_it_was_defined(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(FILE, "utf-8")
    answer = symgrad("show", "net.toml", "z", "J", "--json").json
    assert [node["name"] for node in answer["nodes"]] == ["z", "J"]
    assert answer["nodes"][0]["shape"] == ["N", "H"]
    assert answer["nodes"][0]["formula"]["unicode"] == "z[n,i] = Σ_j W[i,j] x[n,j]"
    assert symgrad("show", "net.toml", "y").err.startswith("symgrad: unknown node 'y'")


def test_what_stands_above_a_matrix_is_one_name() -> None:
    text = sg.sequential(("C", "H", "W"), ["conv2d F 3 padding=1", "max_pool 2", "flatten", "dense K"],
                         loss="squared_error").definitions().text  # fmt: skip
    assert re.search(r"^u1\[n,c,i,j\] = x\[n,c,i−1,j−1\] +\(N, C, H \+ 2, W \+ 2\)$", text, re.MULTILINE)
    assert "\n  used: x = 0 outside of its axes\n" in text
    assert "(N, F, ⌊H/2⌋, ⌊W/2⌋)" in text


@pytest.mark.parametrize("name", ZOO)
def test_every_network_shows_itself_with_every_node(name: str) -> None:
    net = sg.zoo(name)
    found = net.definitions()
    assert repr(net) == found.text
    assert {entry.name for entry in found.entries} == set(net.graph.by_name)
    assert all((entry.formula is None) == net.graph[entry.name].is_leaf for entry in found.entries)
    assert "aligned" in found.formulas.latex


def test_a_picture_is_an_svg_wherever_the_option_stands(symgrad: Command, tmp_path: Path) -> None:
    drawn = symgrad("show", "worked_2_2_2", "--picture", "w1").out
    assert drawn.startswith("<svg")
    assert symgrad("show", "worked_2_2_2", "w1", "--picture", "-o", "net.svg").status == 0
    assert (tmp_path / "net.svg").read_text("utf-8") == drawn


def test_all_gradients_begin_with_how_many_they_are_and_how_to_ask_for_one(symgrad: Command) -> None:
    first, blank, *_ = symgrad("derive", "classifier_3_3_3", "--style", "delta").out.split("\n")
    assert first == (
        "22 gradients of J: by w1 … w18, b1 … b4; one of them: symgrad derive classifier_3_3_3 w1"
    )
    assert not blank
    assert symgrad("derive", "classifier_3_3_3", "--style", "delta", "w1").out.startswith("δq1")
    assert symgrad("derive", "adaline", "--format", "latex").out.startswith("\\frac{\\partial J}")


def test_how_an_array_is_given_works_as_it_is_printed(symgrad: Command) -> None:
    said = symgrad("explain", "xor_2_2_1", "W1").err
    hint = re.search(r"--at W1='([^']+)'", said)
    assert hint is not None, said
    given = (f"W1={hint[1]}", "b1=0,1", "W2=1, -1;")
    lacking = symgrad("explain", "xor_2_2_1", "W1", "--at", *given).err
    assert "--at b2='0.5,'" in lacking
    answer = symgrad("explain", "xor_2_2_1", "W1", "--at", *given, "b2=0.5,", "--json")
    assert answer.status == 0, answer.err
    assert len(answer.json["gradient"]) == 2


def test_an_array_with_more_axes_is_given_in_python(symgrad: Command, tmp_path: Path) -> None:
    text = FILE.replace('"n j"', '"n i j"').replace("x[n,j]", "x[n,i,j]")
    (tmp_path / "net.toml").write_text(text, "utf-8")
    assert "at={'x': rows of the shape (N, H, D)} in Python" in symgrad("explain", "net.toml", "W").err


@pytest.mark.parametrize("verb", ["explain", "paths"])
def test_values_are_drawn_from_a_seed(symgrad: Command, verb: str) -> None:
    level = ["--level", "neuron"] if verb == "paths" else []
    node = "w1_1_1" if verb == "paths" else "W1"
    drawn = symgrad(verb, "mlp", node, *level, "--seed", "Ada", "--json")
    assert drawn.status == 0, drawn.err
    assert drawn.json == symgrad(verb, "mlp", node, *level, "--seed", "Ada", "--json").json
    assert drawn.json != symgrad(verb, "mlp", node, *level, "--seed", "Bob", "--json").json
    assert "take one of them" in symgrad(verb, "mlp", node, "--seed", "Ada", "--at", "b1=0,0").err


def test_a_drawn_walk_is_the_one_of_the_exercise(symgrad: Command) -> None:
    made = exercise(sg.zoo("worked_2_2_2").model, "Ada")
    steps = symgrad("explain", "worked_2_2_2", "w5", "--seed", "Ada", "--json").json["steps"]
    found = next(step["value"] for step in steps if step["name"] == "z1")
    assert found == pytest.approx(float(made.sheet.right["z1"]), abs=1e-12)
