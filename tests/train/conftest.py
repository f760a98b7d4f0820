import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from symgrad.train import Table

HERE = Path(__file__).parent


def load(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(x, t):
    """Return a table of one input and one target."""
    return Table({"x": x}, {"t": t})


@pytest.fixture
def kernel():
    """Linear regression, sizes D and K symbolic."""
    return load("stand_in")


@pytest.fixture
def classifier():
    """Two inputs, three classes, labels."""
    return load("stand_in_labels")


@pytest.fixture
def variant():
    """Return a kernel with some of its literals or functions replaced."""
    return lambda module, **changes: SimpleNamespace(**{**vars(module), **changes})


@pytest.fixture
def line():
    """Samples of t = 2 x1 − x2 + 1."""
    x = np.random.default_rng(0).normal(size=(50, 2))
    return table(x, x @ np.array([[2.0], [-1.0]]) + 1)
