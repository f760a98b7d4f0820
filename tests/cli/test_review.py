"""What a sceptical reader broke once; each stays mended."""

import os
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import DataError, DefinitionError, SymgradError
from tests.cli.conftest import Command

XOR = "a,b,t\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
def test_a_device_is_written_to_and_never_replaced(symgrad: Command) -> None:
    answer = symgrad("derive", "classifier_3_3_3", "w1", "-o", "/dev/full")
    assert answer.status == 3
    assert "No space left" in answer.err
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_symbolic_widths_get_their_sizes_when_training(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "xor.csv").write_text(XOR)
    words = ("--target", "t", "--holdout", "0", "--epochs", "2", "-q")
    assert symgrad("train", "mlp", "xor.csv", "--size", "H1=3", "--size", "H2=4", *words).status == 0
    with np.load(tmp_path / "mlp.npz") as saved:
        assert any(saved[name].shape == (4, 3) for name in saved.files)
    assert len(symgrad("predict", "mlp", "mlp.npz", "xor.csv", "--json").json["predictions"]) == 4
    missing = symgrad("train", "mlp", "xor.csv", *words)
    assert missing.status == 2
    assert "H1" in missing.err


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["train", "xor_2_2_1", "xor.csv", "-o", "nowhere/x.npz"], 3, "no folder"),
        (["train", "xor_2_2_1", "twice.csv"], 3, "two columns are called 'a'"),
        (["train", "xor_2_2_1", "beyond.csv", "--holdout", "0"], 3, "between 0 and 1"),
        (["generate", "--all", "-o", "xor.csv/x"], 3, "cannot write"),
        (["derive", "digits_64_32_10", "t"], 2, "integer labels"),
        (["paths", "classifier_3_3_3", "w1", "--limit", "1000000000"], 2, "1,000,000"),
    ],
)
def test_one_clear_line(symgrad: Command, tmp_path: Path, words: list[str], status: int, says: str) -> None:
    (tmp_path / "xor.csv").write_text(XOR)
    (tmp_path / "twice.csv").write_text(XOR.replace("a,b", "a,a"))
    (tmp_path / "beyond.csv").write_text(XOR.replace("1,1,0", "1,1,5"))
    answer = symgrad(*words)
    assert (answer.status, answer.err.count("\n")) == (status, 1)
    assert says in answer.err


def test_a_closed_standard_output_is_said(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = f"{sys.executable} -m symgrad derive adaline w >&-"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 3
    assert run.stderr.count("\n") == 1


def test_a_size_is_an_integer_or_a_name() -> None:
    with pytest.raises(DefinitionError, match=r"the size 2\.0"):
        sg.mlp([3, 2.0, 1])


def test_an_index_stands_once_in_a_leaf() -> None:
    spec = sg.Definitions(axes={"n": "N"}, parameters={"w": "n n"}, nodes={"J": "sum(n, w[n,n])"})
    with pytest.raises(DefinitionError, match="stands twice"):
        sg.define(spec)


def test_the_kink_of_a_traced_maximum_is_that_of_relu() -> None:
    assert sg.trace(lambda x: np.maximum(x, 0)).gradient("x").local.unicode == "∂f/∂x = [x > 0]"


@pytest.mark.parametrize("far", [0.0, 10.0, 19.0, 30.0, 100.0, 800.0])
def test_the_norm_of_a_saturated_softmax_has_a_finite_gradient(far: float) -> None:
    kernel = sg.mlp(
        [2, 2], output="softmax", loss="euclidean_error", targets="one_hot", level="layer"
    ).compile()
    x, t = np.array([[far, -far]]), np.array([[1.0, 0.0]])
    _, *gradients = kernel.gradients(x, t, np.eye(2), np.zeros(2))
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize(
    ("sizes", "layers", "says"),
    [
        (3, [None], "layer 1: a layer is a text .* found None"),
        (3, "dense 2", r"layers is a list, as in \['dense 2'\]"),
        (3, ["dense 2", "dense 5/2"], "layer 2: dense: the size '5/2' is no integer"),
        (3, [sg.dense(2.5)], r"layer 1: dense: the size 2\.5 is not possible"),
        (None, ["dense 2"], "the size None is not possible"),
        (3, ["dense pi"], "the size name 'pi' is a reserved word|the size 'pi' is no integer"),
        (3, ["dense 2 bias=maybe"], "dense: bias is true or false, not 'maybe'"),
        (3, ["dense 2 bias=true bias=false"], "gives an option twice"),
        (3, ["dense 2 weight=W1"], "dense: weight is a node, given by .*, not 'W1'"),
        (3, ["dense 2", "batch_norm epsilon=-1"], "epsilon is -1, but stands beside a variance"),
        ((3, 4), ["multi_head_attention 2 size=0"], "the size 0 is not possible"),
        ((4, 6), ["flatten", sg.residual(sg.dense(24))], r"D\*T and D1 are both 24, but two sizes"),
        ((2, 3), ["repeat 3 dense"], "the block is a function"),
    ],
)
def test_what_is_no_layer_is_refused_by_place_and_name(sizes: Any, layers: Any, says: str) -> None:
    with pytest.raises(SymgradError, match=says):
        sg.sequential(sizes, layers)


def test_numbers_of_numpy_are_sizes() -> None:
    three: Any = np.int64(3)
    assert sg.sequential(three, [sg.dense(np.int32(2))]).model.sizes == {"D": 3, "D1": 2}


def test_nodes_belong_to_their_draft() -> None:
    here, there = sg.Draft(), sg.Draft()
    here.input("x", 4)
    with pytest.raises(DefinitionError, match=r"dense: x \(N, D = 4\) is no node of this draft"):
        here.dense(there.input("x", 3), 2)
    word: Any = "x"
    calls = partial(here.dense, word, 2), partial(here.loss, "squared_error", word), partial(here.l2, 1, word)
    for call in calls:
        with pytest.raises(DefinitionError, match="node"):
            call()


def test_ids_are_no_numbers() -> None:
    with pytest.raises(DefinitionError, match="x holds ids, which are no numbers"):
        sg.sequential(3, ["dense 2"], ids=5)


def test_samples_are_not_joined() -> None:
    draft = sg.Draft()
    with pytest.raises(DefinitionError, match="has no axis 0 to join along"):
        draft.concat(draft.input("x", 3), draft.input("y", 3), axis=0)


def test_a_decimal_factor_is_exact() -> None:
    draft = sg.Draft()
    x = draft.input("x", 3)
    assert "x[n, i]/10" in str(draft.define("z", "[...,i] k*x[...,i]", x=x, k=0.1).terms[0].body)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (sg.Loss("half", "(y - q)^2"), "the loss half: column 6: unknown name 'q'"),
        (sg.Loss("none", "y - t", targets=()), "needs a name for its prediction and a kind of targets"),
        (sg.Loss("self", "t", predictions=("t",)), "calls its prediction t"),
        (["squared_error"], "a name or a Loss"),
    ],
)
def test_a_loss_with_a_mistake_is_named(loss: Any, says: str) -> None:
    with pytest.raises(SymgradError, match=says):
        sg.sequential(3, ["dense 2"], loss=loss)


def test_a_mask_has_steps_and_keys() -> None:
    draft = sg.Draft()
    x = draft.input("x", 3, 2)
    with pytest.raises(DefinitionError, match=r"the mask M \(Db = 4\) is neither \[t,u\]"):
        draft.attention(x, x, x, mask=draft.input("M", 4, samples=False))


def test_a_promised_node_that_reads_itself_needs_an_initial_value_by_its_own_name() -> None:
    draft = sg.Draft()
    x = draft.input("x", 3, 2)
    with pytest.raises(SymgradError, match=r'initial = \{"h": "0"\}'):
        draft.define("h", "[...,t,i] h[...,t-1,i] + x[...,t,i]", x=x, h=draft.promise("h", *x.axes))


RECURRENT = """
[network]
name = "states"
input = ["T=2", 1]
layers = ["rnn 1 last=true"]
"""


def test_a_recurrence_derives_without_paths(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "states.toml").write_text(RECURRENT)
    answer = symgrad("derive", "states.toml", "U1")
    assert (answer.status, "δz1[n,s+1,p]" in answer.out or "δz1[n,s+1,i]" in answer.out) == (0, True)
    assert set(symgrad("derive", "states.toml", "U1", "--json").json["gradients"]["U1"]) == {
        "delta",
        "matrix",
    }
    assert "h1 form a recurrence" in symgrad("derive", "states.toml", "U1", "--style", "local").err
    assert "δ" in repr(sg.load(tmp_path / "states.toml").gradient("U1"))


def test_a_step_of_a_recurrence_reads_its_own_new_states() -> None:
    step = sg.sequential(("T=2", 1), ["rnn 1 last=true"]).step()
    assert {ref.name for term in step.graph["z1_new"].terms for ref in term.accesses} >= {"h1_new", "U1_new"}
    assert "h1" not in {ref.name for term in step.graph["z1_new"].terms for ref in term.accesses}


def test_neurons_of_an_embedding_print() -> None:
    net = sg.sequential("T=2", ["embedding 1", "flatten", "dense 1"], ids=2).at_level("neuron")
    assert "x_hot_1_1" in net.gradient("E1_1_1").local.unicode


def test_ids_out_of_range_do_not_reach_compiled_code() -> None:
    kernel = sg.sequential("T=2", ["embedding 1", "flatten", "dense 1"], ids="V").compile()
    rest = np.zeros((1, 1)), np.ones((3, 1)), np.ones((1, 2)), np.zeros(1)
    loss, *_ = kernel.gradients(np.array([[0, 2]]), *rest)
    assert loss == 2.0
    with pytest.raises(DataError, match=r"x\[0, 1\] is 3, which is not one of 0 to 2"):
        kernel.gradients(np.array([[0, 3]]), *rest)
    with pytest.raises(DataError, match="x holds float64; it takes integers"):
        kernel.forward(np.array([[0.0, 1.0]]), *rest[1:])


def test_a_parameter_that_does_not_reach_the_loss_has_gradient_zero_at_both_levels() -> None:
    draft = sg.Draft()
    y = draft.dense(draft.input("x", 1), 1)
    draft.parameter("V", i=1)
    draft.loss("squared_error", y)
    net = draft.network(y)
    assert net.gradient("V").delta.unicode == "∂J/∂V[i] = 0"
    assert net.at_level("neuron").gradient("V1").delta.unicode == "∂J/∂V1 = 0"


def test_a_network_without_sizes_is_judged_at_none(symgrad: Command, tmp_path: Path) -> None:
    text = '[network]\nname = "tie"\n[define]\nparameters = { x1 = "", x2 = "" }\nJ = "max(x1, x2)"\n'
    (tmp_path / "tie.toml").write_text(text, "utf-8")
    answer = symgrad("check", "tie.toml", "x1", "[x1 > x2] + [x1 = x2]/2")
    assert answer.status == 0, answer.out
    assert answer.out.startswith("∂J/∂x1 is right (proved: identical normal forms); used: off the kinks")
