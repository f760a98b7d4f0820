"""Every activation and every loss in one kernel each, beside 50-digit arithmetic and at extreme arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symgrad.kernels.files import Kernel
from symgrad.model.activations import ELEMENTWISE
from tests.benchmarks import accuracy
from tests.kernels.rows import activations, exact_slope, losses, truth

pytestmark = pytest.mark.slow

ORDINARY = (-5.5, -2.25, -1.5, -0.75, -0.03125, 0.03125, 0.75, 1.5, 2.25, 5.5)
EXTREME = (-1e4, -800.0, 800.0, 1e4)
DTYPES = (np.float64, np.float32)


def on_every(dtypes: tuple[Any, ...]) -> pytest.MarkDecorator:
    """Try a test on every type; those of one type run together, so that one process compiles for it."""
    return pytest.mark.parametrize("dtype", dtypes, scope="module")


def gradients(kernel: Kernel, dtype: type, *leaves: Any, weight: Any) -> dict[str, Any]:
    parameters = [np.atleast_1d(np.asarray(weight, dtype)) for _ in kernel.PARAMETERS]
    loss, *found = kernel.gradients(*(leaf.astype(dtype) for leaf in leaves), *parameters)
    assert np.isfinite(loss)
    return dict(zip(kernel.PARAMETERS, found, strict=True))


@on_every(DTYPES)
@pytest.mark.parametrize("z", [*ORDINARY, *EXTREME])
def test_every_activation(z: float, dtype: type) -> None:
    one = np.ones(1)
    found = gradients(activations(), dtype, one, one, weight=z)
    assert found.keys() == {f"w_{name}" for name in ELEMENTWISE}
    tolerance = 4e-15 if dtype is np.float64 else 4e-6
    for name in ELEMENTWISE:
        value = found[f"w_{name}"].item()
        truth = float(exact_slope(name, z).decimal(50))
        assert abs(value - truth) <= tolerance * max(1.0, abs(truth)), (name, value, truth)


LARGE = {"poisson_nll_log", "gaussian_nll"}
"""exp of the rate's logarithm, and of the variance's, is beyond all floats at 800."""


X = np.array([[0.25, -0.5, 0.75], [1.0, 0.5, -0.125]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


@on_every(DTYPES)
@pytest.mark.parametrize("weight", EXTREME)
def test_every_loss_is_finite_at_extreme_outputs(weight: float, dtype: type) -> None:
    _, kernel = losses()
    parameters = [np.array([0.375 if p[2:] in LARGE else weight], dtype) for p in kernel.PARAMETERS]
    loss, *found = kernel.gradients(X.astype(dtype), T.astype(dtype), *parameters)
    assert np.isfinite(loss)
    infinite = [p for p, value in zip(kernel.PARAMETERS, found, strict=True) if not np.isfinite(value.item())]
    assert infinite == []


@on_every(DTYPES)
@pytest.mark.parametrize("weight", [0.375, 1.625])
def test_every_loss(weight: float, dtype: type) -> None:
    _, kernel = losses()
    parameters = [np.array([weight], dtype) for _ in kernel.PARAMETERS]
    _, *found = kernel.gradients(X.astype(dtype), T.astype(dtype), *parameters)
    tolerance = 1e-13 if dtype is np.float64 else 1e-5
    for name, value, at in zip(kernel.PARAMETERS, found, parameters, strict=True):
        expected = truth(name[2:], float(at[0]), X, T)
        assert abs(value.item() - expected) <= tolerance * max(1.0, abs(expected)), (name, value, expected)


@on_every(accuracy.DTYPES)
@pytest.mark.parametrize("measure", [accuracy.activation_errors, accuracy.loss_errors])
def test_gradients_up_to_1000_are_as_accurate_as_stated(
    measure: Callable[[str], dict[str, accuracy.Measured]], dtype: str
) -> None:
    stored = accuracy.stored()["gradients"]
    with np.errstate(all="ignore"):  # uncompiled, NumPy warns of what the kernel means to do
        found = measure(dtype)
    worse = {name: error for name, (error, _) in found.items() if error > 1.1 * stored[name][dtype][0] + 0.5}
    assert worse == {}
