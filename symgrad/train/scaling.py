"""Scaling of inputs, fitted on the training rows only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from symgrad.arrays import spelled
from symgrad.errors import DataError, unknown
from symgrad.train.data import Table
from symgrad.train.layout import Array

SCALINGS = ("standard", "minmax", "none")


@dataclass(frozen=True, eq=False)
class Scaling:
    """An affine map of each input: (x − shift) / scale.

    Attributes
    ----------
    kind
        ``standard`` (mean 0, deviation 1), ``minmax`` (from 0 to 1) or ``none``.
    shift, scale
        One number for each input, float64; empty for ``none``.
    """

    kind: str
    shift: Array
    scale: Array


def fit_scaling(x: Array, kind: str = "standard") -> Scaling:
    """Fit a scaling to training rows; a constant input becomes 0."""
    if kind not in SCALINGS:
        raise unknown("scaling", kind, SCALINGS)
    if kind == "none":
        return Scaling(kind, np.empty(0), np.empty(0))
    low, high = x.min(axis=0), x.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        shift, scale = (x.mean(axis=0), x.std(axis=0)) if kind == "standard" else (low, high - low)
    # The mean of equal numbers may differ from them by a rounding, which a tiny deviation would blow up.
    constant = (low == high) | (scale == 0)
    shift, scale = np.where(constant, low, shift), np.where(constant, 1.0, scale)
    if not (np.isfinite(shift).all() and np.isfinite(scale).all()):
        raise DataError("some inputs are too large to be scaled (beyond 1e150): divide them first")
    return Scaling(kind, np.asarray(shift), np.asarray(scale))


def scaled(x: Array, scaling: Scaling) -> Array:
    """Apply a scaling to the inputs of any rows."""
    if scaling.kind == "none":
        return x
    if x.shape[1:] != scaling.shift.shape:
        raise DataError(
            f"a row of inputs has the shape {spelled(x.shape[1:])}, "
            f"but the scaling was fitted to {spelled(scaling.shift.shape)}"
        )
    with np.errstate(over="ignore"):
        result = (x - scaling.shift) / scaling.scale
    if not np.isfinite(result).all():
        raise DataError("some inputs are too far from the training data to be scaled")
    return result


def fit_scalings(samples: Table, kind: str = "standard") -> dict[str, Scaling]:
    """Fit a scaling to every input of samples that are no integers."""
    chosen = (name for name in samples.inputs if name not in samples.whole)
    return {
        name: fit_scaling(samples.inputs[name], kind) for name in chosen if _is_float(samples.inputs[name])
    }


def _is_float(array: Array) -> bool:
    return array.dtype.kind == "f"


def scaled_inputs(samples: Table, scalings: Mapping[str, Scaling]) -> Table:
    """Apply scalings to the inputs of a table."""
    found = {n: scaled(x, scalings[n]) if n in scalings else x for n, x in samples.inputs.items()}
    return replace(samples, inputs=found)
