"""What a sceptical reader broke once; each stays mended."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import DefinitionError
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
