"""Every activation behind every loss: what is finite in truth is finite, and right, for |z| up to 1000."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numba import config

from symgrad.kernels.files import Kernel
from symgrad.model.activations import ELEMENTWISE, NAMES
from symgrad.model.graph import Graph, Kind
from symgrad.model.layers import activate, leaf, pointwise
from symgrad.model.losses import LOSSES
from symgrad.model.model import Model
from symgrad.model.objectives import loss_nodes
from tests.interpreter import DECIMALS, DIGITS, run
from tests.kernels.rows import K, N, built

pytestmark = pytest.mark.slow

SIGNS = (np.array([[0.3, -0.7, 0.9]]), np.array([[0.3, 0.7, 0.9]]))
T = np.array([[0.0, 1.0, 0.0]])
WEIGHTS = (40.0, -40.0, 1000.0, -1000.0)
BY_DESIGN = {
    ("softmax", "binary_cross_entropy"),
    *((name, "cosine") for name in ("sigmoid", "softplus", "gelu", "silu", "mish")),
}
"""1 − p where p rounds to 1, and 1/|y|³ where all of y are nearly 0; the README says so, and of a variance
that is 0 for want of smaller numbers."""


def paired(activation: str, loss: str) -> Model:
    """Return one weight, its activation, and the loss; a second prediction is softplus."""
    row = LOSSES[loss]
    x, t = leaf("x", Kind.INPUT, N, K), leaf("t", Kind.TARGET, N, K, targets="one_hot")
    w = leaf("w", Kind.PARAMETER)
    z = pointwise("z", (N, K), w.ref * x.ref)
    y = (z,) if activation == "identity" else (z, *activate("y", z, activation, ELEMENTWISE))
    v = activate("v", z, "softplus", ELEMENTWISE) if len(row.predictions) == 2 else ()
    made = loss_nodes("J", row, [y[-1], *v], t, mean=True, samples=N)
    graph = Graph((x, t, w, *y, *v, *made), "J")
    return Model(f"{activation}_{loss}", "a pair", graph, {"K": 3}, ("x",), ("t",), (y[-1].name,))


class UndefinedError(Exception):
    """The loss has no value: it takes the logarithm of what is not positive."""


def logarithm(u: Any) -> Any:
    if not u > 0:
        raise UndefinedError
    return DIGITS.log(u)


POSITIVE = replace(DECIMALS, functions={**DECIMALS.functions, "log": logarithm})


def truth(model: Model, weight: float, x: Any) -> tuple[float, float] | None:
    """Return the loss and its slope by a central difference in 1,000 digits, None where there are none."""
    exact = np.vectorize(lambda v: DECIMALS.number(Fraction(v)), otypes=[object])
    leaves, tiny = {"x": exact(x), "t": exact(T)}, DIGITS.mpf(10) ** -60

    def loss(w: Any) -> Any:
        return run(model.graph, {**leaves, "w": np.array(w, object)}, {"N": 1, "K": 3}, POSITIVE)["J"][()]

    centre = DECIMALS.number(Fraction(weight))
    try:
        return float(loss(centre)), float((loss(centre + tiny) - loss(centre - tiny)) / (2 * tiny))
    except (UndefinedError, ZeroDivisionError):
        return None


def given(kernel: Kernel, weight: float, x: Any, dtype: str) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        loss, slope = kernel.gradients(x.astype(dtype), T.astype(dtype), np.array([weight], dtype))
    return float(loss), float(slope.item())


def weights(model: Model) -> tuple[float, ...]:
    """Return the weights to try; those at which a variance by softplus is 0 are left out."""
    return tuple(w for w in WEIGHTS if "v" not in model.graph or abs(w) < 100)


def faults(model: Model, kernel: Kernel) -> Iterator[str]:
    """Yield where a kernel is wrong though the true value is within the range of the type."""
    for x, weight in ((x, weight) for x in SIGNS for weight in weights(model)):
        true = truth(model, weight, x)
        for dtype, close in (("float64", 1e-9), ("float32", 1e-3)) if true else ():
            for found, expected in zip(given(kernel, weight, x, dtype), true or (), strict=True):
                within = abs(expected) <= float(np.finfo(dtype).max)
                if within and not abs(found - expected) <= close * max(1, abs(expected)):
                    yield f"{model.name} {weight} {dtype}: {found}, not {expected}"


@pytest.mark.parametrize("activation", NAMES)
def test_what_is_finite_in_truth_is_finite_and_right(activation: str) -> None:
    found: list[str] = []
    with patch.object(config, "DISABLE_JIT", True), DIGITS.workdps(1000):
        for loss in LOSSES:
            if (activation, loss) not in BY_DESIGN:
                model = paired(activation, loss)
                found += faults(model, built(model))
    assert found == []
