"""The workloads: sizes, data, first weights; plain SGD, no shuffling, a remainder dropped."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Workload:
    """A network, its loss and how it is trained."""

    sizes: tuple[int, ...]
    hidden: str
    output: str
    loss: str
    rows: int
    batch: int
    epochs: int
    rate: float
    dtype: str = "float64"
    biases: bool = True


WORKLOADS = {
    "W1": Workload((2, 2, 2), "sigmoid", "sigmoid", "squared_error", 1, 1, 10_000, 0.5, biases=False),
    "W2": Workload((3, 3, 3), "sigmoid", "softmax", "cross_entropy", 4096, 32, 100, 0.1),
    "W3": Workload((64, 32, 10), "tanh", "softmax", "cross_entropy", 1792, 32, 50, 0.1),
    "W3f": Workload((64, 32, 10), "tanh", "softmax", "cross_entropy", 1792, 32, 50, 0.1, "float32"),
}


def data(work: Workload) -> tuple[Array, Array, list[Array], list[Array]]:
    """Return inputs, targets (labels for cross-entropy), weights as (out, in), biases."""
    rng = np.random.default_rng(7)
    pairs = list(zip(work.sizes[1:], work.sizes, strict=False))
    weights = [(rng.standard_normal(pair) / np.sqrt(pair[1])).astype(work.dtype) for pair in pairs]
    biases = [(0.1 * rng.standard_normal(out)).astype(work.dtype) for out, _ in pairs]
    x = rng.standard_normal((work.rows, work.sizes[0])).astype(work.dtype)
    if work.loss == "cross_entropy":
        return x, np.argmax(x @ rng.standard_normal((work.sizes[0], work.sizes[-1])), axis=1), weights, biases
    return x, rng.random((work.rows, work.sizes[-1])).astype(work.dtype), weights, biases
