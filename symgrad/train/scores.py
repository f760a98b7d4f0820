"""Outputs of a network, what they predict, and how good that is."""

from typing import Any

import numpy as np

from symgrad.errors import DataError
from symgrad.train.layout import Array, Arrays, Kernel, bind, output_width, parameter_sizes

THRESHOLD = 0.5


def outputs(kernel: Kernel, x: Array, parameters: Arrays) -> Array:
    """Return the network's outputs for scaled inputs, in the type of the parameters."""
    sizes = parameter_sizes(kernel, parameters)
    bind(kernel.INPUT[0], kernel.INPUT[1], x.shape, sizes)
    ordered = [np.asarray(parameters[name], order="C") for name in kernel.PARAMETERS]
    dtype = ordered[0].dtype if ordered else x.dtype
    with np.errstate(over="ignore"):
        inputs = np.ascontiguousarray(x, dtype)
    result = np.asarray(kernel.forward(inputs, *ordered))
    if not np.isfinite(result).all():
        raise DataError("the network's outputs are not finite: the inputs may be far from the training data")
    return result


def classes(values: Array) -> Array:
    """Return the class of each row: the largest of several columns, or whether a single one is at least ½."""
    rows = values.reshape(len(values), -1)
    return (rows[:, 0] >= THRESHOLD).astype(np.int64) if rows.shape[1] == 1 else rows.argmax(axis=1)


def predictions(kernel: Kernel, values: Array) -> list[Any]:
    """Return outputs as plain lists: class numbers for a classification, the outputs themselves otherwise."""
    chosen = classes(values) if kernel.TASK == "classification" else values
    return chosen.tolist()


def score(kernel: Kernel, values: Array, t: Array) -> float:
    """Return the accuracy of a classification, R² of a regression."""
    if len(values) != len(t):
        raise DataError(f"there are {len(values)} rows of outputs, but {len(t)} of targets")
    if kernel.TASK == "classification":
        return accuracy(values, t)
    return r_squared(values, t)


def accuracy(values: Array, t: Array) -> float:
    """Return the share of rows whose class is right; t holds labels or one column for each output."""
    truth = t if t.dtype.kind in "iu" else classes(t)
    return float((classes(values) == truth.reshape(len(t))).mean())


def r_squared(values: Array, t: Array) -> float:
    """Return R², the mean over the outputs; a constant target counts 1 where it is met exactly, else 0."""
    found = values.reshape(len(values), -1).astype(np.float64)
    truth = t.reshape(len(t), -1).astype(np.float64)
    if output_width(found) != output_width(truth):
        raise DataError(f"there are {found.shape[1]} outputs, but {truth.shape[1]} targets in a row")
    left, total = _squares(found - truth), _squares(truth - truth.mean(axis=0))
    constant = (truth == truth[0]).all(axis=0) | (total == 0)
    parts = np.where(constant, left == 0, 1 - left / np.where(constant, 1, total))
    return float(parts.mean())


def _squares(rows: Array) -> Array:
    return (rows * rows).sum(axis=0)
