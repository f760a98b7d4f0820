"""NumPy, as it is written by hand: the arrays of a batch, results in place where they can be."""

from typing import Any

import numpy as np

from tests.benchmarks.programs.protocol import Ends, Run, serve, timed, trained
from tests.benchmarks.workloads import Array, Data, Workload


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run; `float64` trains in that type, `Gram` reads the rows of a linear regression only once."""
    if variant == "float64":
        data = Data(*(as_double(part) for part in (data.x, data.t, data.weights, data.biases)))
    if work.linear:
        return lambda: timed(lambda: (gram if variant == "Gram" else regression)(work, data))
    return lambda: timed(lambda: layers(work, data))


def as_double(part: Any) -> Any:
    """Return floats, alone or in a list, in float64."""
    if isinstance(part, list):
        return [as_double(each) for each in part]
    return part.astype(np.float64) if part.dtype.kind == "f" else part


def regression(work: Workload, data: Data) -> Ends:
    """Read all rows twice in every iteration."""
    w = data.weights[0].copy()
    for _ in range(work.epochs):
        error = data.x @ w
        error -= data.t
        w -= work.rate / work.rows * (data.x.T @ error)
    return [w]


def gram(work: Workload, data: Data) -> Ends:
    """Read the rows once: the gradient is XᵀX w − Xᵀt."""
    w = data.weights[0].copy()
    square, right = data.x.T @ data.x, data.x.T @ data.t
    for _ in range(work.epochs):
        w -= work.rate / work.rows * (square @ w - right)
    return [w]


def layers(work: Workload, data: Data) -> Ends:
    """Train a layered network."""
    ends = [array.copy() for array in trained(work, data)]
    depth = len(data.weights)
    weights, biases = ends[:depth], ends[depth:] if work.biases else data.biases
    for _ in range(work.epochs):
        for first in range(0, work.rows - work.rows % work.batch, work.batch):
            rows = slice(first, first + work.batch)
            step(work, data.x[rows], data.t[rows], weights, biases)
    return ends


def step(work: Workload, x: Array, t: Array, weights: list[Array], biases: list[Array]) -> None:
    """Change the weights by one batch."""
    values = [x]
    for w, b, kind in zip(weights, biases, kinds(work), strict=True):
        z = values[-1] @ w
        z += b
        values.append(activated(kind, z))
    rate = x.dtype.type(work.rate)
    delta = error(work, values[-1], t)
    for k in reversed(range(len(weights))):
        gradient = values[k].T @ delta
        before = derived(work.hidden, values[k], delta @ weights[k].T) if k else delta
        gradient *= rate
        weights[k] -= gradient
        if work.biases:
            biases[k] -= rate * delta.sum(0)
        delta = before


def kinds(work: Workload) -> list[str]:
    """Return the activation of every layer."""
    return [*[work.hidden] * (len(work.sizes) - 2), work.output]


def activated(kind: str, z: Array) -> Array:
    """Apply an activation, in place where NumPy can."""
    if kind == "tanh":
        return np.tanh(z, out=z)
    if kind == "relu":
        return np.maximum(z, 0, out=z)
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-z))
    if kind == "softmax":
        z -= z.max(1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(1, keepdims=True)
    return z


def derived(kind: str, a: Array, delta: Array) -> Array:
    """Multiply by the derivative of an activation, in place."""
    if kind == "tanh":
        delta *= 1 - a * a
    elif kind == "relu":
        delta *= a > 0
    elif kind == "sigmoid":
        delta *= a * (1 - a)
    return delta


def error(work: Workload, y: Array, t: Array) -> Array:
    """Return the gradient by what enters the last activation; `y` is not needed after."""
    if work.loss == "cross_entropy":
        y[np.arange(work.batch), t] -= 1
        delta = y
    else:
        delta = derived(work.output, y, y - t)
    delta *= y.dtype.type(1 / work.batch)
    return delta


if __name__ == "__main__":
    serve(prepare)
