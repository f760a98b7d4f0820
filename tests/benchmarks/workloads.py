"""The workloads: networks, data, first weights; plain SGD, no shuffling, a remainder dropped.

They are those that the peers were measured on before; all that is drawn comes from one generator, seed 7.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Loss = Literal["squared_error", "cross_entropy"]


@dataclass(frozen=True)
class Data:
    """Inputs, targets (labels for cross-entropy), and first weights as (inputs, outputs)."""

    x: Array
    t: Array
    weights: list[Array]
    biases: list[Array]


@dataclass(frozen=True)
class Workload:
    """A network, its loss and how it is trained.

    Attributes
    ----------
    sizes
        Neurons of every layer; ``(20, 1)`` is a linear regression without a bias.
    output
        The activation of the last layer; softmax belongs to the cross-entropy, the mean over a batch.
        The squared error is half the sum over outputs, its mean over a batch.
    biases
        Whether biases are trained.
    draw
        Makes the data.
    """

    title: str
    sizes: tuple[int, ...]
    hidden: str
    output: str
    loss: Loss
    rows: int
    batch: int
    epochs: int
    rate: float
    draw: "Callable[[Workload], Data]"
    dtype: str = "float64"
    biases: bool = True

    @property
    def linear(self) -> bool:
        """Whether it is the linear regression, which has vectors for matrices."""
        return len(self.sizes) == 2

    @property
    def steps(self) -> int:
        """How often the weights change."""
        return self.epochs * (self.rows // self.batch)

    @property
    def tolerance(self) -> float:
        """How far end weights may be from those of NumPy in float64, relative to their norm."""
        return 1e-10 if self.dtype == "float64" else 1e-4


def _layers(work: Workload, rng: np.random.Generator) -> tuple[list[Array], list[Array]]:
    pairs = list(pairwise(work.sizes))
    weights = [(rng.standard_normal(pair) * np.sqrt(1 / pair[0])).astype(work.dtype) for pair in pairs]
    return weights, [(0.1 * rng.standard_normal(out)).astype(work.dtype) for _, out in pairs]


def _worked(work: Workload) -> Data:
    """Return the numbers of the best-known worked example."""
    weights = [np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])]
    biases = [np.full(2, 0.35), np.full(2, 0.6)]
    return Data(np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), weights, biases)


def _separable(work: Workload) -> Data:
    rng = np.random.default_rng(7)
    layers = _layers(work, rng)
    x = rng.standard_normal((work.rows, work.sizes[0]))
    return Data(x, np.argmax(x @ rng.standard_normal((work.sizes[0], work.sizes[-1])), 1), *layers)


def _digits(work: Workload) -> Data:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = (digits.data[: work.rows] / 16).astype(work.dtype)
    return Data(x, digits.target[: work.rows].astype(np.int64), *_layers(work, np.random.default_rng(7)))


def _images(work: Workload) -> Data:
    rng = np.random.default_rng(7)
    layers = _layers(work, rng)
    x = rng.random((work.rows, work.sizes[0]), dtype=np.float32) - np.float32(0.5)
    return Data(x, rng.integers(0, work.sizes[-1], work.rows), *layers)


def _signals(work: Workload) -> Data:
    rng = np.random.default_rng(7)
    layers = _layers(work, rng)
    x, t = (rng.standard_normal((work.rows, n), dtype=np.float32) for n in (work.sizes[0], work.sizes[-1]))
    return Data(x, t, *layers)


def _plane(work: Workload) -> Data:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((work.rows, work.sizes[0]))
    t = x @ rng.standard_normal(work.sizes[0]) + 0.1 * rng.standard_normal(work.rows)
    return Data(x, t, [np.zeros(work.sizes[0])], [])


def _wave(work: Workload) -> Data:
    rng = np.random.default_rng(7)
    layers = _layers(work, rng)
    x = rng.standard_normal((work.rows, work.sizes[0]))
    return Data(x, np.sin(x.sum(1, keepdims=True)), *layers)


DIGITS = ((64, 32, 10), "tanh", "softmax", "cross_entropy", 1792, 32, 50, 0.1, _digits)
WORKLOADS = {
    "W1": Workload(
        "2-2-2 sigmoid, squared error, one sample, 10,000 steps, biases fixed",
        (2, 2, 2), "sigmoid", "sigmoid", "squared_error", 1, 1, 10_000, 0.5, _worked, biases=False,
    ),
    "W2": Workload(
        "3-3-3 sigmoid, softmax cross-entropy, 32 of 4,096, 100 epochs",
        (3, 3, 3), "sigmoid", "softmax", "cross_entropy", 4096, 32, 100, 0.1, _separable,
    ),
    "W3": Workload("64-32-10 tanh, softmax cross-entropy, 32 of 1,792 digits, 50 epochs", *DIGITS),
    "W3f": Workload("the same in float32", *DIGITS, "float32"),
    "W4": Workload(
        "784-128-10 relu, softmax cross-entropy, 64 of 59,968, one epoch, float32",
        (784, 128, 10), "relu", "softmax", "cross_entropy", 59_968, 64, 1, 0.01, _images, "float32",
    ),
    "W5": Workload(
        "784-512-512-10 relu, softmax cross-entropy, 128 of 59,904, one epoch, float32",
        (784, 512, 512, 10), "relu", "softmax", "cross_entropy", 59_904, 128, 1, 0.01, _images, "float32",
    ),
    "W6": Workload(
        "1024-2048-2048-1024 tanh, squared error, 512 of 10,240, one epoch, float32",
        (1024, 2048, 2048, 1024), "tanh", "identity", "squared_error", 10_240, 512, 1, 0.01, _signals,
        "float32",
    ),
    "W7": Workload(
        "linear regression, 1,000,000 × 20 at once, 100 iterations",
        (20, 1), "identity", "identity", "squared_error", 1_000_000, 1_000_000, 100, 0.1, _plane,
        biases=False,
    ),
    "W8": Workload(
        "16-16-16-16-16-16-16-1 tanh, squared error, one of 20,000, one epoch",
        (*[16] * 7, 1), "tanh", "identity", "squared_error", 20_000, 1, 1, 0.01, _wave,
    ),
}  # fmt: skip


def place(folder: Path, name: str) -> Path:
    """Return where the data of a workload lie."""
    return folder / f"{name}.npz"


def write(folder: Path, name: str) -> None:
    """Draw the data of a workload once, for all systems."""
    data = WORKLOADS[name].draw(WORKLOADS[name])
    arrays: dict[str, Any] = {"x": data.x, "t": data.t}
    arrays |= {f"W{k}": w for k, w in enumerate(data.weights)}
    arrays |= {f"b{k}": b for k, b in enumerate(data.biases)}
    np.savez(place(folder, name), **arrays)


def read(folder: Path, name: str) -> Data:
    """Return the data that were drawn."""
    with np.load(place(folder, name)) as file:
        found = {key: file[key] for key in file.files}
    sorted_by = {kind: [found[key] for key in found if key[0] == kind] for kind in "Wb"}
    return Data(found["x"], found["t"], sorted_by["W"], sorted_by["b"])
