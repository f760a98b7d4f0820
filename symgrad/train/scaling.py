"""Scaling of inputs, fitted on the training rows only."""

from dataclasses import dataclass

import numpy as np

from symgrad.errors import DataError, unknown
from symgrad.train.layout import Array, spelled

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
