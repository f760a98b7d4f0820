"""`generate`, `train` and `predict` from end to end, and what happens when something is in the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Command

NETWORK = """[network]
name = "blobs"
sizes = [2, 4, 3]
hidden = "tanh"
output = "softmax"
loss = "cross_entropy"
targets = "labels"
"""


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    """Write a network and 300 points around three centres."""
    (tmp_path / "net.toml").write_text(NETWORK)
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, 300)
    x = np.array([[0, 2], [2, -1], [-2, -1]])[label] + 0.3 * rng.normal(size=(300, 2))
    rows = "\n".join(f"{a:.6f},{b:.6f},{k}" for (a, b), k in zip(x, label, strict=True))
    (tmp_path / "data.csv").write_text(f"a,b,kind\n{rows}\n")
    return tmp_path


def test_train_then_predict(symgrad: Command, blobs: Path) -> None:
    run = symgrad("train", "net.toml", "data.csv", "--epochs", "30", "--learning-rate", "0.5", "--json")
    assert run.status == 0, run.err
    assert set(run.json) >= {"epochs", "loss", "score", "saved"}
    assert run.json["epochs"] == 30
    assert run.json["score"] > 0.97
    assert "epoch" in run.err
    lines = (blobs / "data.csv").read_text().splitlines()
    (blobs / "few.csv").write_text("\n".join(lines[:6]) + "\n")
    found = symgrad("predict", "net.toml", run.json["saved"], "few.csv", "--json").json["predictions"]
    assert found == [int(line.split(",")[2]) for line in lines[1:6]]


RULES = {"sgd": "0.5", "adam": "0.05"}
MORE = {"momentum": "0.1", "nesterov": "0.1", "adagrad": "0.3", "rmsprop": "0.05", "adamw": "0.05"}


@pytest.mark.parametrize("rule", [*RULES, *(pytest.param(r, marks=pytest.mark.slow) for r in MORE)])
def test_every_rule_learns_in_both_precisions(symgrad: Command, blobs: Path, rule: str) -> None:
    rate = {**RULES, **MORE}[rule]
    words = ("--epochs", "20", "--optimizer", rule, "--learning-rate", rate, "--float32", "-q", "--json")
    run = symgrad("train", "net.toml", "data.csv", *words)
    assert run.json["score"] > 0.95
    assert run.err == ""


ASKED = ("--optimizer", "adamw", "--weight-decay", "0.05", "--clip-norm", "1", "--warmup", "2")
COSINE = (*ASKED, "--learning-rate-schedule", "cosine", "--learning-rate", "0.1")


def test_decay_clipping_and_a_rate_that_falls(symgrad: Command, blobs: Path) -> None:
    run = symgrad("train", "net.toml", "data.csv", "--epochs", "12", *COSINE, "-q", "--json")
    assert run.json["score"] > 0.95
    with np.load(run.json["saved"]) as saved:
        assert str(saved["optimizer"]) == "adamw (cosine)"
        options = {k.removeprefix("option."): float(saved[k]) for k in saved if k.startswith("option.")}
        assert saved["state.epochs_done"] == 12
    assert options["epochs"] == 12
    assert (options["weight_decay"], options["clip_norm"], options["warmup"]) == (0.05, 1, 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--weight-decay", "-1"), "weight_decay is -1; it must be at least 0"),
        (("--clip-norm", "0"), "clip_norm is 0; it must be above 0"),
        (("--learning-rate-schedule", "cosin"), "did you mean cosine"),
    ],
)
def test_what_no_rule_can_do_is_named(
    symgrad: Command, blobs: Path, words: tuple[str, ...], says: str
) -> None:
    run = symgrad("train", "net.toml", "data.csv", *words)
    assert run.status == 2
    assert says in run.err
    assert not list(blobs.glob("*.npz"))


def test_the_same_seed_gives_the_same_file(symgrad: Command, blobs: Path) -> None:
    for name in ("one.npz", "two.npz"):
        assert (
            symgrad("train", "net.toml", "data.csv", "--epochs", "3", "--seed", "5", "-o", name).status == 0
        )
    assert (blobs / "one.npz").read_bytes() == (blobs / "two.npz").read_bytes()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b,kind\n1,2,0\n1,x,1\n", "line 3"),
        ("a,b,kind\n1,2,0\n1,nan,1\n", "line 3"),
        ("a,b,kind\n1,2,0\n1,inf,1\n", "line 3"),
        ("a,b,kind\n1,2,0\n1,2,7\n", "7"),
        ("a,b,kind\n1,2,0\n1,2,1,5\n", "line 3"),
        ("a,b\n1,0\n2,1\n", "column"),
        ("a,b,kind\n", "no rows"),
        ("", "empty"),
        ("a,b,kind\n1,2,0\n", "one row"),
    ],
)
def test_bad_data_is_named_and_nothing_is_written(
    symgrad: Command, blobs: Path, text: str, says: str
) -> None:
    (blobs / "data.csv").write_text(text)
    run = symgrad("train", "net.toml", "data.csv")
    assert run.status == 3
    assert says in run.err, run.err
    assert run.err.count("\n") == 1
    assert not (blobs / "blobs.npz").exists()


def test_parameters_of_another_network_are_refused(symgrad: Command, blobs: Path) -> None:
    symgrad("train", "net.toml", "data.csv", "--epochs", "1")
    (blobs / "other.toml").write_text(NETWORK.replace("4, 3", "5, 3"))
    run = symgrad("predict", "other.toml", "blobs.npz", "data.csv")
    assert run.status == 3
    assert "another network" in run.err


def test_a_diverging_run_says_so(symgrad: Command, blobs: Path) -> None:
    (blobs / "line.toml").write_text(
        '[network]\nname = "line"\nsizes = [2, 1]\noutput = "identity"\nloss = "squared_error"\n'
    )
    run = symgrad("train", "line.toml", "data.csv", "--learning-rate", "1e6", "--epochs", "500")
    assert run.status == 3
    assert "learning" in run.err
    assert not (blobs / "line.npz").exists()


def test_generated_kernels_stand_alone(symgrad: Command, blobs: Path) -> None:
    assert symgrad("generate", "net.toml", "-o", "kernel.py").status == 0
    check = (
        "import kernel, sys; assert not any(m.startswith('symgrad') for m in sys.modules); print(kernel.TASK)"
    )
    run = subprocess.run(
        [sys.executable, "-c", check],
        cwd=blobs,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    assert run.stdout == "classification\n"


def test_ctrl_c_stops_and_keeps_the_parameters(blobs: Path) -> None:
    command = [sys.executable, "-m", "symgrad", "train", "net.toml", "data.csv", "--epochs", "10000000"]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, cwd=blobs, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 130
    with np.load(blobs / "blobs.npz") as saved:
        assert saved.files


TWO = """[network]
name = "two"

[define]
axes = { n = "N", i = "D", j = "E" }
inputs = { x = "n i", u = "n j", mu = "i" }
targets = { t = "n", s = "n" }
parameters = { w = "i", v = "j" }
output = ["y", "q"]
y = "[n] sum(i, w[i]*(x[n,i] - mu[i]))"
q = "[n] y[n] + sum(j, v[j]*u[n,j])"
J = "mean(n, (y[n] - t[n])^2 + (q[n] - s[n])^2)"
"""


@pytest.mark.slow
def test_several_arrays_from_an_archive(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(TWO)
    rng = np.random.default_rng(1)
    x, u, mu = rng.normal(size=(60, 3)), rng.normal(size=(60, 2)), np.ones(3)
    t = (x - mu) @ [1.0, 2.0, -1.0]
    arrays = {"x": x, "u": u, "mu": mu, "t": t, "s": t + u @ [0.5, -2.0]}
    np.savez(tmp_path / "data.npz", **arrays)
    words = ("--epochs", "200", "--scale", "none", "-q", "--json")
    run = symgrad("train", "two.toml", "data.npz", *words)
    assert run.json["score"] > 0.999, run.err
    np.savez(tmp_path / "new.npz", **{name: arrays[name][:2] for name in "xu"}, mu=mu)
    found = symgrad("predict", "two.toml", run.json["saved"], "new.npz", "--json").json["predictions"]
    np.testing.assert_allclose(found["y"], t[:2], atol=0.05)
    np.testing.assert_allclose(found["q"], arrays["s"][:2], atol=0.05)
    lines = symgrad("predict", "two.toml", run.json["saved"], "new.npz").out.splitlines()
    assert [len(line.split(",")) for line in lines] == [2, 2]
    np.savez(tmp_path / "bad.npz", x=x[:2], u=u[:1], mu=mu)
    refused = symgrad("predict", "two.toml", run.json["saved"], "bad.npz")
    assert (refused.status, "2 rows of x, but 1 of u" in refused.err) == (3, True)
