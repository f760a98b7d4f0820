"""A kernel is checked on its file alone: what is right, what is wrong, and what is not carried out at all."""

import ast
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

import symgrad as sg
from symgrad.errors import DataError
from symgrad.kernels.build import spec_of
from symgrad.kernels.checker import check_file, check_text, main
from symgrad.kernels.claims import DERIVATIVE, PREDICTION, derivative, training
from symgrad.kernels.closed import check_closed
from symgrad.kernels.described import described
from symgrad.kernels.module import generate
from symgrad.model.model import Model
from symgrad.model.rules import Optimizer
from symgrad.model.zoo import ZOO, zoo
from tests.kernels.leaves import everything
from tests.kernels.mutants import Mutant, mutants
from tests.kernels.networks import model_of
from tests.kernels.recurrences import recurrence

pytestmark = pytest.mark.uncompiled

GENERATED = Path(__file__).parents[2] / "generated"
LARGE = "digits_64_32_10"


def text_of(name: str) -> str:
    return (GENERATED / f"{name}.py").read_text("utf-8")


def made(model: Model, rule: str | Optimizer = "sgd", **options: Any) -> str:
    return generate(spec_of(model, rule, **options))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == LARGE else n for n in ZOO])
def test_every_kernel_of_the_zoo(name: str) -> None:
    report = check_file(GENERATED / f"{name}.py")
    assert report.verdict == "right"
    shown = {statement.claim: statement.found.evidence for statement in report.statements}
    assert shown == {DERIVATIVE: "bounded", "train = sgd at gradients": "bounded", PREDICTION: "held"}


FAULTS = [
    ("a term that is dropped", "skip", "db1[i] += dz1[n, i]", "db1[i] += 0", "b1"),
    ("a sign", "skip", "do[n, i] = per_N*(o[n, i] - t[n, i])", "do[n, i] = per_N*(o[n, i] + t[n, i])", "W1"),
    ("a product over its factor", "skip", "np.dot(do, W2, dz1)", "np.dot(dz1, W2, dz1)", "factors"),
    ("what was never computed", "skip", "np.dot(x, W3.T, o_W3_x)", "pass_ = 0", "before it is written"),
    ("another row", "adaline", "t_now = t[first:first + size]", "t_now = t[0:size]", "wrong at w"),
    ("a remainder that is forgotten", "adaline", "drop_last else rows\n", "drop_last else rows - 1\n", ""),
    ("a remainder counted as whole", "adaline", "size = min(batch, last - first)", "size = batch", ""),
    ("a sum that is not divided", "skip", "losses[epoch] /= last", "losses[epoch] /= rows + 1", "losses"),
    ("a step the other way", "xor_2_2_1", "b2_0 -= db2_0*learning_rate", "b2_0 += db2_0*learning_rate", "b2"),
    ("rows that do not fit their targets", "skip", "x_batch[n, i0] = x[order[first + n], i0]",
     "x_batch[n, i0] = x[first + n, i0]", "wrong at W1"),
    ("a batch twice", "xor_2_2_1", "else first//batch", "else 0", "wrong at W1"),
    ("rows of another batch", "xor_2_2_1", "i0, n] = x[first + n, i0]", "i0, n] = x[n, i0]", "wrong at W1"),
    ("epochs without an end", "adaline", "            epoch += 1\n", "            epoch += 0\n", "not end"),
    ("a changed input", "adaline", "rows = x.shape[0]", "x[0] = 0\n    rows = x.shape[0]", "changes x"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "right", "planted", "said"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_planted_fault_is_called_wrong(name: str, right: str, planted: str, said: str) -> None:
    text = text_of(name)
    assert right in text
    report = check_text(text.replace(right, planted))
    assert report.verdict == "wrong"
    assert said in str(report)


def classifier(**options: Any) -> str:
    net = sg.mlp((5, 4, 3), hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")
    return made(net.model, batch=128, schedule={"*": "arrays", "z1": "blas", "z2": "blas"}, **options)


def test_an_update_before_the_last_reader_is_called_wrong() -> None:
    text = classifier(fast=True)
    update, reader = "    set_product(W2, 1, -learning_rate, dz2.T, a1)\n", "    np.dot(dz2, W2, dz1)\n"
    assert check_text(text).verdict == "right"
    descent, rest = text[: text.index("def gradients(")], text[text.index("def gradients(") :]
    before, _, after = descent.rpartition(reader)
    assert update in after
    report = check_text(before + update + reader + after.replace(update, "") + rest)
    assert report.verdict == "wrong"
    assert "wrong at W1" in str(report)


@pytest.mark.parametrize(
    ("right", "planted", "said"),
    [
        ("import numpy as np", "import numpy as np\nimport os", "found import os"),
        ("import numpy as np", "from os import system", "found from os import system"),
        ("    zero = constant(x, 0, 1)", "    open('x', 'w')", "found a call of open"),
        ("    zero = constant(x, 0, 1)", "    zero = x.__class__", "found x.__class__"),
        ("    zero = constant(x, 0, 1)", "    zero = [u for u in x]", "found [u for u in x]"),
        ("    zero = constant(x, 0, 1)", "    import os", "found import os"),
        ("    zero = constant(x, 0, 1)", "    zero = 9**9999999", "found the power 9999999"),
        ("    zero = constant(x, 0, 1)", "    zero = np.load(x)", "found np.load"),
        ("    zero = constant(x, 0, 1)", "    range = open", "found open"),
        ("    zero = constant(x, 0, 1)", "    min = x\n    zero = min(x)", "found a call of min"),
        ('TASK = "classification"', "TASK = print(1)", "it has no TASK"),
        ('TASK = "classification"', "TASK = [1 for k in (1,)]", "TASK is no literal"),
        ("def sigmoid(u):", "def tanh(u):", "tanh is not the function"),
        ("half(r, 1.0) + one)", "half(r, 1.0) - one)", "sigmoid is not the function"),
        ('"nsz"})\ndef loss(', '"nsz"}, parallel=True)\ndef loss(', "found the decorator njit(cache=True"),
        ("def loss(x, t, W1, b1, W2, b2", "def loss(x, t, W1, b1, W2, b2, *b", "more than plain arguments"),
        ("FORMAT = 2", "FORMAT = 1", "has format 1, not 2: make it again"),
        ('OPTIMIZER = "sgd"\n', "", "it has no OPTIMIZER"),
        ("def forward(", "def foreword(", "it has no forward"),
        ("def train(x, ", "def train(", "train takes"),
        ("def train(", "def train(:", "is not a Python module"),
        ("PARAMETERS = {", "PARAMETERS = 3  # {", "PARAMETERS is no table"),
    ],
)  # fmt: skip
def test_what_is_no_kernel_is_refused(right: str, planted: str, said: str) -> None:
    text = text_of("classifier_3_3_3")
    assert right in text
    with pytest.raises(DataError, match=re.escape(said)):
        check_text(text.replace(right, planted))


ONE_BY_ONE = sg.mlp((2, 2, 2), hidden="sigmoid", output="sigmoid", loss="squared_error").model


def test_single_samples_by_a_table_are_checked() -> None:
    text = made(ONE_BY_ONE, fast=True, batch=1)
    assert check_text(text).verdict == "right"
    for right, planted in (
        ("a1_0 = sigmoid_of_one(z1_0)", "a1_0 = sigmoid_of_one(z1_1)"),
        ("a1_0 = sigmoid_of_one(z1_0)", "a1_0 = sigmoid_of_one(-z1_0)"),
    ):
        assert right in text
        report = check_text(text.replace(right, planted))
        assert report.verdict == "wrong"
        assert "wrong at W" in str(report)


@pytest.mark.parametrize(
    ("right", "planted", "said"),
    [
        ("1.4142135623730951", "1.4142135623730961", "POWERS is not the table that kernels are given"),
        ("* (k * 2.5", "* (k * -2.5", "sigmoid_of_one is not the function that kernels are given"),
        ("import numpy as np\n", "import numpy as np\nMORE = np.array([1.0])\n", "found MORE = np.array("),
    ],
)
def test_a_table_is_the_one_that_kernels_are_given(right: str, planted: str, said: str) -> None:
    text = made(ONE_BY_ONE, fast=True, batch=1)
    assert right in text
    with pytest.raises(DataError, match=re.escape(said)):
        check_text(text.replace(right, planted))


def test_a_damaged_file_is_refused_or_judged() -> None:
    text, random = text_of("adaline"), Random(3)
    start = text.index("FORMAT")
    for _ in range(40):
        place = random.randrange(start, len(text))
        damaged = text[:place] + random.choice("+-*0123456789,()[]:x\n ") + text[place + 1 :]
        with suppress(DataError):
            assert check_text(damaged).verdict in ("right", "wrong", "unknown")


@pytest.mark.parametrize("rule", ["nesterov", "adagrad", "rmsprop", "adamw"])
def test_every_rule_is_known_by_its_name(rule: str) -> None:
    options = {"rate": "step", "warmup": 2.0, "clip_norm": 1.0, "weight_decay": 0.1}
    text = made(zoo("adaline"), rule, **options)
    report = check_text(text)
    assert report.verdict == "right"
    assert f"train = {rule} (step) at gradients" in str(report)
    wrong = text.replace("(one + epochs_done[0])/", "epochs_done[0]/")
    assert wrong != text
    assert check_text(wrong).verdict == "wrong"


def test_a_rule_of_ones_own_is_left_open() -> None:
    own = Optimizer("signs", (), {"learning_rate": 0.01}, ("w = w - learning_rate*sign(g)",))
    report = check_text(made(zoo("adaline"), own))
    assert report.verdict == "unknown"
    assert "no optimizer of the table" in str(report)


def test_ascent_is_said_by_the_file() -> None:
    text = made(sg.mlp([2, 3, 2], output="identity").maximise("J").model)
    assert check_text(text).verdict == "right"
    assert check_text(text.replace("MAXIMISE = True\n", "")).verdict == "wrong"


@pytest.mark.parametrize("name", ["everything", "largest", "one_number", "one_hot", "norm"])
def test_every_kind_of_leaf_and_branch(name: str) -> None:
    found = {
        "everything": everything,
        "largest": lambda: recurrence("largest"),
        "one_number": lambda: recurrence("one_number"),
    }
    model = found[name]() if name in found else model_of(name)
    report = check_text(made(model, "momentum"))
    assert report.verdict == "right"
    assert ("largest entries drawn at random" in str(report)) == (name == "largest")


@pytest.mark.parametrize("loss", ["max(n, (y[n] - t[n])^2)", "sum(n, (max(i, w[i]*x[n,i]) - t[n])^2)"])
def test_a_loss_that_is_no_mean_is_added_up_over_batches(loss: str) -> None:
    """A file does not say so; a kernel that looks for a largest entry is no exception."""
    nodes = {"y": "[n] max(i, w[i]*x[n,i])", "J": loss}
    network = sg.Definitions({"n": "N", "i": 3}, {"x": "n i"}, {"t": "n"}, {"w": "i"}, nodes, output="y")
    model = sg.define(network).model
    assert not model.mean
    text = made(model)
    assert check_text(text).verdict == "right"
    assert check_text(text.replace("losses[epoch] += J", "losses[epoch] += J + J")).verdict == "wrong"


def test_a_loss_may_not_depend_on_what_stabilises_it() -> None:
    text, stable = classifier(), " - y_max[n] - log(y_sum)"
    assert text.count(stable) == 2
    report = check_text(text.replace(stable, " - log(y_sum)"))
    assert report.verdict == "wrong"
    assert "gradients = derivative of loss by W1" in str(report)


def test_a_prediction_that_is_not_the_one_of_the_loss_is_noticed() -> None:
    text = text_of("skip")
    start, end = text.index("def forward("), text.index("def loss(")
    forward = text[start:end].replace("b1[i]", "2*b1[i]")
    report = check_text(text[:start] + forward + text[end:])
    assert report.verdict == "unknown"
    assert "loss reads more than forward returns" in str(report)


def test_large_networks_are_named_so() -> None:
    report = check_text(made(sg.mlp((300, 200, 3)).model))
    assert report.verdict == "unknown"
    assert "entries of parameters; 1 to 20,000" in str(report)


def test_it_stands_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([str(GENERATED / "adaline.py")]) == 0
    assert "adaline.py: right" in capsys.readouterr().out
    assert main([str(tmp_path / "none.py")]) == 3
    assert main([]) == 2
    (tmp_path / "wrong.py").write_text(text_of("adaline").replace("dw[j]*learning_rate", "dw[j]"), "utf-8")
    assert main([str(tmp_path / "wrong.py")]) == 1


def test_it_knows_nothing_of_networks() -> None:
    listed = "import sys, symgrad.kernels.checker; print([n for n in sys.modules if n.startswith('symgrad')])"
    loaded = ast.literal_eval(subprocess.check_output([sys.executable, "-c", listed], text=True))
    foreign = ("derive", "notation", "network", "kernels.lower", "model.graph", "model.layered")
    assert [n for n in loaded if any(n.startswith(f"symgrad.{f}") for f in foreign)] == []


def refuted(mutant: Mutant) -> bool:
    """Whether a claim about a text is wrong, that of the changed function first: one is enough."""
    kernel = described(mutant.text, mutant.kind)
    check_closed(kernel, mutant.kind)
    claims = (training, derivative) if mutant.function == "train" else (derivative, training)
    return any(statement.found.verdict == "wrong" for claim in claims for statement in claim(kernel))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic_regression", "skip", "xor_2_2_1"])
def test_every_mutant_is_wrong(name: str) -> None:
    found = list(mutants(text_of(name), ("_gradients", "gradients", "train")))
    assert len(found) > 30
    assert [(m.function, m.kind, m.shown) for m in found if not refuted(m)] == []
