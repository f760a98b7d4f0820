"""PyTorch and JAX beside every layer, activation and loss: values and gradients agree to 1e-10 in float64.

Optional: each peer lives in an environment of its own, and runs as a process that knows nothing of symgrad::

    python -m venv torch && torch/bin/pip install torch numpy
    python -m venv jax && jax/bin/pip install jax numpy
    SYMGRAD_TORCH_PYTHON=torch/bin/python SYMGRAD_JAX_PYTHON=jax/bin/python pytest tests/optional

A peer without its variable is skipped.
"""

import os
import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.model.losses import LOSSES
from tests.interpreter import DECIMALS, run
from tests.oracles.recipes import CASES, first_of, leaves_of, model_of

HERE = Path(__file__).parent
PYTHONS = {"torch": os.environ.get("SYMGRAD_TORCH_PYTHON"), "jax": os.environ.get("SYMGRAD_JAX_PYTHON")}
CLOSE = 1e-10
# A mask is a matter of yes and no there, and a drawn mask or a one-hot target is nothing to derive by.
NOT_VARIED = {"mask", "m"}


def peer_name(case):
    """Return the case as the peers are told it: a loss with the activation before it."""
    kind, name, *rest = case.split()
    return " ".join([kind, name, first_of(LOSSES[name]), *rest]) if kind == "loss" else case


@cache
def derived(case):
    """Return leaves, gradients and the loss of a case as floats."""
    model = model_of(case)
    sizes = model.numbers(samples=2)
    leaves = leaves_of(model, sizes)
    integers = {n.name for n in model.graph.nodes if n.targets == "labels"}
    floats = {k: v.astype(np.int64 if k in integers else np.float64) for k, v in leaves.items()}
    one_hot = {n.name for n in model.graph.nodes if n.targets == "one_hot"}
    wanted = [name for name in leaves if name not in integers | one_hot | NOT_VARIED]
    backward = deltas(model.graph, wanted)
    exact = {k: v if k in integers else _decimals(floats[k]) for k, v in leaves.items()}
    arrays = run(backward.graph, exact, sizes)
    found = {name: np.asarray(arrays[backward.delta[name]], dtype=np.float64) for name in wanted}
    return floats, {**found, "": np.asarray(arrays["J"], dtype=np.float64)}


def _decimals(array):
    return np.vectorize(lambda value: DECIMALS.number(Fraction(float(value))), otypes=[object])(array)


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """Return a function that runs a peer once over all cases."""

    @cache
    def answers(name):
        if not PYTHONS[name]:
            pytest.skip(f"SYMGRAD_{name.upper()}_PYTHON names no Python with {name}")
        folder = tmp_path_factory.mktemp(name)
        arrays = {f"{peer_name(c)}|{leaf}": a for c in CASES for leaf, a in derived(c)[0].items()}
        np.savez(folder / "in.npz", **arrays)
        command = [PYTHONS[name], HERE / f"peer_{name}.py", folder / "in.npz", folder / "out.npz"]
        subprocess.run(command, check=True)
        return dict(np.load(folder / "out.npz"))

    return answers


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", PYTHONS)
def test_the_peer_agrees(peer, name, case):
    found = peer(name)
    for leaf, gradient in derived(case)[1].items():
        theirs = found[f"{peer_name(case)}|{leaf}"]
        np.testing.assert_allclose(theirs, gradient, rtol=CLOSE, atol=CLOSE, err_msg=leaf)
