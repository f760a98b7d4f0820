"""Kernels beside 50-digit arithmetic: path sums, central differences, extreme arguments."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.derive.values import figures, path_products
from symgrad.kernels.build import spec_of
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model

NETS = {
    "tanh_softmax": Layered(("D", "H", "K"), hidden="tanh", output="softmax", loss="cross_entropy"),
    "softplus_identity": Layered(("D", "H", "K"), hidden="softplus", output="identity", bias="layer"),
    "leaky_sigmoid": Layered(("D", "K"), output="sigmoid", loss="binary_cross_entropy"),
    "relu_absolute": Layered(("D", "H", "K"), hidden="relu", output="identity", loss="absolute_error"),
}


@cache
def built(name: str) -> tuple[Model, Kernel]:
    """Return a model with symbolic sizes and its kernel: compiled once, run at any sizes."""
    model = layered(name, NETS[name])
    return model, load_kernel(write(generate(spec_of(model))))


def drawn(
    model: Model, sizes: dict[str, int], rng: np.random.Generator, scale: float = 1.0
) -> dict[str, np.ndarray]:
    """Draw values that floats of 32 bits hold exactly; targets are probabilities of a sum of 1."""
    leaves = {}
    for node in model.graph.nodes:
        if node.is_leaf:
            shape = tuple(sizes[str(size)] for size in node.shape)
            leaves[node.name] = np.round(rng.normal(size=shape) * scale * 64) / 64
    t = leaves["t"]
    leaves["t"] = (
        np.eye(t.shape[1])[rng.integers(0, t.shape[1], t.shape[0])] if model.task == "classification" else t
    )
    return leaves


def exact(values: np.ndarray):
    """Return an array as nested tuples of fractions."""
    return tuple(map(exact, values)) if values.ndim else Fraction(float(values))


def kernel_gradients(kernel: Kernel, leaves: dict[str, np.ndarray], dtype: type) -> dict[str, np.ndarray]:
    """Run the kernel; a scalar parameter is an array of one entry there."""
    parameters = [np.atleast_1d(leaves[name]).astype(dtype) for name in kernel.PARAMETERS]
    _, *found = kernel.gradients(leaves["x"].astype(dtype), leaves["t"].astype(dtype), *parameters)
    return dict(zip(kernel.PARAMETERS, found, strict=True))


CLOSE = {np.float64: 1e-13, np.float32: 2e-5}


@pytest.mark.parametrize("name", NETS)
@settings(max_examples=12)
@given(data=st.data())
def test_gradients_are_the_path_sums(name: str, data: st.DataObject) -> None:
    """In both types: what is drawn is the same number in each."""
    model, kernel = built(name)
    sizes = {size: data.draw(st.integers(1, 3), label=size) for size in model.size_names}
    leaves = drawn(model, sizes, np.random.default_rng(data.draw(st.integers(0, 10**6), label="seed")))
    at = {key: exact(value) for key, value in leaves.items()}
    found = figures(replace(model, sizes={k: v for k, v in sizes.items() if k != "N"}), at, level="layer")
    gradients = {dtype: kernel_gradients(kernel, leaves, dtype) for dtype in CLOSE}
    for entry, (owner, place) in found.view.places.items():
        if owner in kernel.PARAMETERS:
            paths = path_products(found, entry, limit=10_000)
            truth = float(sum((path.value for path in paths), found.algebra.number(0)))
            for dtype, tolerance in CLOSE.items():
                value = gradients[dtype][owner][place or (0,)]
                assert value.dtype == dtype
                assert abs(value - truth) <= tolerance * max(1.0, abs(truth)), (entry, value, truth)


@pytest.mark.parametrize("name", ["tanh_softmax", "softplus_identity"])
def test_path_sums_are_central_differences(name: str) -> None:
    model, _ = built(name)
    sizes = {"D": 2, "H": 2, "K": 2, "N": 2}
    leaves = drawn(model, sizes, np.random.default_rng(3))
    at = {key: exact(value) for key, value in leaves.items()}
    sized = replace(model, sizes={"D": 2, "H": 2, "K": 2})
    found = figures(sized, at, level="layer")
    step = Fraction(1, 10**15)
    w = leaves["W1"]
    losses = []
    for sign in (1, -1):
        moved = [[Fraction(float(v)) for v in row] for row in w]
        moved[0][1] += sign * step
        losses.append(figures(sized, {**at, "W1": tuple(map(tuple, moved))}, level="layer").loss.number)
    entry = next(e for e, place in found.view.places.items() if place == ("W1", (0, 1)))
    assert abs(float((losses[0] - losses[1]) / (2 * step)) - float(found.gradient(entry))) < 1e-14


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("tanh_softmax", 800.0),
        ("tanh_softmax", 1e4),
        ("softplus_identity", 800.0),
        ("leaky_sigmoid", 800.0),
        ("relu_absolute", 1e4),
    ],
)
def test_extreme_arguments_stay_finite_and_right(name: str, scale: float) -> None:
    model, kernel = built(name)
    sizes = dict.fromkeys(model.size_names, 2)
    leaves = drawn(model, sizes, np.random.default_rng(11))
    leaves["x"] = np.array([[scale, -scale], [-scale, scale]])
    at = {key: exact(value) for key, value in leaves.items()}
    sized = replace(model, sizes={k: 2 for k in model.size_names if k != "N"})
    digits = int(4 * scale) if name == "leaky_sigmoid" else 50  # 1 − σ(800) begins with 347 nines
    found = figures(sized, at, level="layer", digits=digits)
    gradients = kernel_gradients(kernel, leaves, np.float64)
    for entry, (owner, place) in found.view.places.items():
        if owner in gradients:
            truth, value = float(found.gradient(entry)), gradients[owner][place or (0,)]
            assert np.isfinite(value)
            assert abs(value - truth) <= 1e-12 * max(1.0, abs(truth)), (entry, value, truth)
