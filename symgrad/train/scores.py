"""Outputs of a network, what they predict, and how good that is."""

from typing import Any

import numpy as np

from symgrad.errors import DataError
from symgrad.train.columns import as_argument
from symgrad.train.layout import Array, Arrays, Kernel, bind_all, output_width

THRESHOLD = 0.5


def outputs(kernel: Kernel, inputs: Arrays, parameters: Arrays) -> dict[str, Array]:
    """Return the network's outputs by name for scaled inputs, in the type of the parameters."""
    shapes, arrays = {**kernel.PARAMETERS, **kernel.INPUTS}, {**parameters, **inputs}
    sizes = bind_all(shapes, arrays, {})
    ordered = [np.asarray(parameters[name], order="C") for name in kernel.PARAMETERS]
    dtype = ordered[0].dtype if ordered else np.dtype(np.float64)
    given = [as_argument(kernel, name, inputs[name], sizes, dtype) for name in kernel.INPUTS]
    found = kernel.forward(*given, *ordered)
    several = found if len(kernel.OUTPUTS) > 1 else (found,)
    results = {name: np.asarray(array) for name, array in zip(kernel.OUTPUTS, several, strict=True)}
    if not all(np.isfinite(result).all() for result in results.values()):
        raise DataError("the network's outputs are not finite: the inputs may be far from the training data")
    return results


def classes(values: Array) -> Array:
    """Return the class of each sample: the largest of several outputs, or if a single one is ½ or more."""
    rows = values if values.ndim > 1 else values[:, None]
    return (rows[..., 0] >= THRESHOLD).astype(np.int64) if rows.shape[-1] == 1 else rows.argmax(axis=-1)


def predictions(kernel: Kernel, values: Array) -> list[Any]:
    """Return an output as plain lists: class numbers for a classification, the output itself otherwise."""
    chosen = classes(values) if kernel.TASK == "classification" else values
    return chosen.tolist()


def can_score(kernel: Kernel) -> bool:
    """Tell whether every output has a target."""
    return len(kernel.OUTPUTS) == len(kernel.TARGETS)


def score(kernel: Kernel, values: Arrays, targets: Arrays) -> float:
    """Return the accuracy of a classification, R² of a regression; the mean where there are several outputs.

    Outputs and targets belong together in their order.
    """
    pairs = zip(kernel.OUTPUTS, kernel.TARGETS, strict=True)
    return float(np.mean([_score(kernel, values[y], targets[t]) for y, t in pairs]))


def _score(kernel: Kernel, values: Array, t: Array) -> float:
    if len(values) != len(t):
        raise DataError(f"there are {len(values)} rows of outputs, but {len(t)} of targets")
    if kernel.TASK == "classification":
        return accuracy(values, t)
    return r_squared(values, t)


def accuracy(values: Array, t: Array) -> float:
    """Return the share of samples whose class is right; t holds labels or one column for each output."""
    truth, found = t if t.dtype.kind in "iu" else classes(t), classes(values)
    return float((found == truth.reshape(found.shape)).mean())


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
