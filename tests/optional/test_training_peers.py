"""PyTorch beside every optimizer, course of the learning rate and clipping by norm: weights agree to 1e-11.

Optional, as `tests/optional/test_peers.py` says.
"""

import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.module import generate
from symgrad.model.optimizers import OPTIMIZERS, optimizer
from symgrad.model.rates import RATES
from tests.kernels.test_optimizers import run, start, states
from tests.kernels.uncompiled import plain
from tests.optional.test_peers import PYTHONS

HERE = Path(__file__).parent
OPTIONS = {"every": 2.0, "factor": 0.7, "decay": 0.3, "epochs": 6.0}
ASKED = ("0 0 0", "0.2 0.1 2")
CASES = [" ".join(parts) for parts in product(OPTIMIZERS, RATES, ASKED)]


def rule_of(case):
    rule, course, limit, decay, warmup = case.split()
    own = {name: OPTIONS[name] for name in RATES[course].options if name in OPTIONS}
    own |= {"factor": 0.95} if course == "exponential" else {}
    more = {"clip_norm": float(limit), "weight_decay": float(decay), "warmup": float(warmup)}
    asked = {
        name: value for name, value in more.items() if value or (rule, name) == ("adamw", "weight_decay")
    }
    return optimizer(rule, rate=course, learning_rate=0.03, **own, **asked)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a function that gives the weights of a case, here and there."""
    if not PYTHONS["torch"]:
        pytest.skip("SYMGRAD_TORCH_PYTHON names no Python with torch")
    folder = tmp_path_factory.mktemp("training")
    model = sg.mlp([2, 3, 2], hidden="tanh", output="identity").model
    own, given = {}, {}
    for case in CASES:
        made = plain(generate(spec_of(model, rule_of(case))))
        x, t, values = start(made)
        given |= {f"{case}|{name}": array.copy() for name, array in {"x": x, "t": t, **values}.items()}
        run(made, values, (x, t), states(made))
        own[case] = list(values.values())
    np.savez(folder / "in.npz", **given)
    script = HERE / "peer_torch_training.py"
    subprocess.run([PYTHONS["torch"], script, folder / "in.npz", folder / "out.npz"], check=True)
    theirs = dict(np.load(folder / "out.npz"))
    return lambda case: zip(own[case], (theirs[f"{case}|{k}"] for k in range(4)), strict=True)


@pytest.mark.parametrize("case", CASES)
def test_training_ends_where_pytorch_ends(trained, case):
    for one, other in trained(case):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)
