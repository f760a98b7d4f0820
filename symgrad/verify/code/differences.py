"""Claims in code that exact numbers cannot follow: central differences in floats, marked as what they are.

Richardson's extrapolation of two central differences leaves an error of the order h⁴ (Richardson 1911).  Such
a comparison refutes what is clearly different; what agrees is held, not proved.
"""

from dataclasses import dataclass
from math import inf
from random import Random
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.errors import DataError
from symgrad.verify.arrays.helpers import helpers
from symgrad.verify.arrays.programs import GRADIENT, LOSS, Names, ProgramError, carried_out
from symgrad.verify.code.following import CodeCase
from symgrad.verify.verdict import Counterexample, Finding

BY_DIFFERENCES = "central differences in floats, not a proof"
POINTS = 5
STEP = 1e-5
ALIKE, DIFFERENT = 1e-7, 1e-6
SMALLEST = 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Comparison:
    """The largest difference at a point, relative to the gradient; infinite where the claim has no value."""

    deviation: float
    entry: str = ""
    claimed: str = ""
    correct: str = ""


def check_by_differences(case: CodeCase, why: str, seed: int, until: float = inf) -> Finding:
    """Compare a claim with central differences at some points.

    Parameters
    ----------
    why
        Why nothing better was possible.
    until
        When to stop, by `perf_counter`; one point is looked at in any case.

    Raises
    ------
    DataError
        If the forward pass raises in plain NumPy too.
    """
    method = f"{BY_DIFFERENCES}; {why}"
    found: list[_Comparison] = []
    while len(found) < POINTS and (not found or perf_counter() < until):
        found.append(_compared(case, _point(case, seed + len(found))))
    worst = max(found, key=lambda one: one.deviation)
    assumptions = case.domain.assumptions
    if worst.deviation <= ALIKE:
        return Finding("right", "held", method, points=len(found), assumptions=assumptions)
    if worst.deviation < DIFFERENT:
        return Finding("unknown", "none", f"{method}: the difference {worst.deviation:.1e} decides nothing")
    shown = Counterexample({}, worst.entry, worst.claimed, worst.correct)
    return Finding("wrong", "mismatch", method, assumptions=assumptions, counterexample=shown)


def no_value_in_floats(case: CodeCase, seed: int) -> bool:
    """Whether a claim raises, is NaN, or has another shape in plain NumPy."""
    point = _point(case, seed)
    return _claimed(case, point)[0] is None


def _point(case: CodeCase, seed: int) -> dict[str, Floats]:
    drawn = case.domain.point(Random(f"witness {seed}"))
    return {
        a.name: np.array([float(drawn[key]) for key in a.leaves])
        .reshape(a.shape)
        .astype(int if a.kind == "ids" else float)
        for a in case.domain.arrays
    }


def _names(point: dict[str, Floats]) -> Names:
    return {
        "np": np,
        "__name__": "snippet",
        **helpers(np),
        **{name: value.copy() for name, value in point.items()},
    }


def _loss(case: CodeCase, point: dict[str, Floats], names: Names) -> float:
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(carried_out(case.forward, names, LOSS), dtype=np.float64)
    except ProgramError as error:
        raise DataError(f"the forward pass raises {error}") from error
    if found.size != 1:
        raise DataError(f"the loss has the shape {found.shape}; it is one number")
    return float(found.reshape(()))


def _claimed(case: CodeCase, point: dict[str, Floats]) -> tuple[Floats | None, str]:
    names = _names(point)
    _loss(case, point, names)
    try:
        with np.errstate(all="ignore"):
            found = _picked(case, carried_out(case.claimed, names, GRADIENT))
    except (ProgramError, TypeError, ValueError) as error:
        return None, str(error)
    shape = point[case.wrt].shape
    if found.shape != shape or not np.isfinite(found).all():
        return None, f"shape {found.shape}, {case.wrt} has {shape}" if found.shape != shape else "no number"
    return found, ""


def _picked(case: CodeCase, found: Any) -> Floats:
    if isinstance(found, dict):
        found = next((found[name] for name in (case.wrt, f"d{case.wrt}") if name in found), None)
    return np.asarray(found, dtype=np.float64)


def _differentiated(case: CodeCase, point: dict[str, Floats]) -> Floats:
    base = point[case.wrt]
    found = np.zeros(base.shape)
    for place in np.ndindex(base.shape):
        narrow, wide = (_slope(case, point, place, h) for h in (STEP, 2 * STEP))
        found[place] = (4 * narrow - wide) / 3
    return found


def _slope(case: CodeCase, point: dict[str, Floats], place: tuple[int, ...], h: float) -> float:
    losses: list[float] = []
    for side in (h, -h):
        moved = point[case.wrt].astype(float)
        moved[place] += side
        there = {**point, case.wrt: moved}
        losses.append(_loss(case, there, _names(there)))
    return (losses[0] - losses[1]) / (2 * h)


def _compared(case: CodeCase, point: dict[str, Floats]) -> _Comparison:
    claim, why = _claimed(case, point)
    if claim is None:
        return _Comparison(np.inf, claimed="no value", correct=why)
    truth = _differentiated(case, point)
    difference = np.abs(claim - truth) / max(float(np.max(np.abs(truth), initial=0)), SMALLEST)
    place = np.unravel_index(int(np.argmax(difference)), difference.shape) if difference.size else ()
    entry = f"[{','.join(map(str, place))}]" if place else ""
    return _Comparison(float(difference[place]), entry, f"{claim[place]:.12g}", f"{truth[place]:.12g}")
