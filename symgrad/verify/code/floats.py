"""Code run in plain NumPy: the losses at some points, and what is claimed at one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.errors import DataError
from symgrad.verify.arrays.helpers import helpers
from symgrad.verify.arrays.programs import (
    GRADIENT,
    LOSS,
    SLIPS_OF_WRITING,
    Names,
    ProgramError,
    carried_out,
)
from symgrad.verify.code.following import CodeCase, NoValueError
from symgrad.verify.code.gradients import picked

Floats = npt.NDArray[np.float64]
Place = Mapping[str, Floats]


def place_of(case: CodeCase, point: Mapping[str, Any]) -> Place:
    """Return the arrays of a case at a point, in floats; those of ``ids`` as integers."""
    return {
        a.name: np.array([float(point[key]) for key in a.leaves])
        .reshape(a.shape)
        .astype(int if a.kind == "ids" else float)
        for a in case.domain.arrays
    }


def losses(case: CodeCase, places: Sequence[Place]) -> list[float]:
    """Run the forward pass at some points.

    Raises
    ------
    DataError
        If it raises, or gives no loss.
    """
    return [_loss(case, _names(place)) for place in places]


def claimed(case: CodeCase, place: Place) -> tuple[float, Floats]:
    """Run forward pass and claim at a point, and return the loss and what is claimed.

    Raises
    ------
    DataError
        If the forward pass raises or gives no loss, or nothing is claimed.
    NoValueError
        If the claim raises, is NaN, or has another shape.
    """
    names = _names(place)
    loss = _loss(case, names)
    try:
        with np.errstate(all="ignore"):
            value = carried_out(case.claimed, names, GRADIENT)
    except ProgramError as error:
        said = f"{case.titles[1]} {'raises ' if error.__cause__ else ''}{error}"
        unsaid = error.__cause__ is None or isinstance(error.__cause__, (*SLIPS_OF_WRITING, AttributeError))
        raise (DataError if unsaid else NoValueError)(said) from error
    return loss, _gradient(case, picked(value, case.wrt))


def _gradient(case: CodeCase, value: Any) -> Floats:
    shape = case.domain.by_name[case.wrt].shape
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NoValueError(f"the claim is no array: {error}") from error
    if found.shape != shape:
        raise NoValueError(f"the claim has the shape {found.shape}; {case.wrt} has {shape}")
    if not np.isfinite(found).all():
        raise NoValueError("the claim is infinite or NaN")
    return found


def _names(place: Place) -> Names:
    own: Names = {name: value.copy() for name, value in place.items()}
    return {"np": np, "__name__": "snippet", **helpers(np), **own}


def _loss(case: CodeCase, names: Names) -> float:
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(carried_out(case.forward, names, LOSS), dtype=np.float64)
    except ProgramError as error:
        raise DataError(f"{case.titles[0]} {'raises ' if error.__cause__ else ''}{error}") from error
    except (TypeError, ValueError) as error:
        raise DataError(f"the loss is no number: {error}") from error
    if found.size != 1:
        raise DataError(f"the loss has the shape {found.shape}; it is one number")
    return float(found.reshape(()))
