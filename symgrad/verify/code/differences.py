"""Claims in code that exact numbers cannot follow: central differences in floats, marked as what they are.

Richardson's extrapolation of two central differences leaves an error of the order h⁴ (Richardson 1911).  Such
a comparison refutes what is clearly different; what agrees is held, not proved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from random import Random
from time import perf_counter

import numpy as np

from symgrad.verify.code.floats import Floats, Place, place_of
from symgrad.verify.code.following import CodeCase, NoValueError
from symgrad.verify.code.runs import Runs
from symgrad.verify.verdict import NO_VALUE, Counterexample, Finding

BY_DIFFERENCES = "central differences in floats, not a proof"
POINTS = 5
STEP = 1e-5
ALIKE, DIFFERENT = 1e-7, 1e-6
SMALLEST = 1e-3
# The steps of Richardson's rule, and what each loss counts.
STEPS = (1, -1, 2, -2)
WEIGHTS = np.array([4.0, -4.0, -0.5, 0.5]) / 6

Point = Mapping[str, Fraction]


@dataclass(frozen=True)
class _Comparison:
    """The largest difference at a point, relative to the gradient; infinite where the claim has no value."""

    deviation: float
    shown: Counterexample = field(repr=False)
    why: str = ""


def check_by_differences(case: CodeCase, runs: Runs, why: str, seed: int, until: float = inf) -> Finding:
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
    found: list[_Comparison] = []
    while len(found) < POINTS and (not found or perf_counter() < until):
        found.append(_compared(case, runs, _point(case, seed + len(found))))
    worst = max(found, key=lambda one: one.deviation)
    method = "; ".join(filter(None, (BY_DIFFERENCES, why, worst.why)))
    assumptions = case.domain.assumptions
    if worst.deviation <= ALIKE:
        return Finding("right", "held", method, points=len(found), assumptions=assumptions)
    if worst.deviation < DIFFERENT:
        return Finding("unknown", "none", f"{method}: the difference {worst.deviation:.1e} decides nothing")
    return Finding("wrong", "mismatch", method, assumptions=assumptions, counterexample=worst.shown)


def without_value(case: CodeCase, runs: Runs, seed: int) -> Finding | None:
    """Return the finding that a claim raises, is NaN, or has another shape in plain NumPy; None if not.

    Raises
    ------
    DataError
        If nothing is claimed, as where a name is missing.
    """
    point = _point(case, seed)
    try:
        runs.claimed(case, place_of(case, point))
    except NoValueError as error:
        return Finding("wrong", "counterexample", str(error), counterexample=_no_value(point))
    return None


def _point(case: CodeCase, seed: int) -> Point:
    return case.domain.point(Random(f"witness {seed}"))


def _no_value(point: Point) -> Counterexample:
    return Counterexample(_written(point), "", NO_VALUE, "a value")


def _written(point: Point) -> dict[str, str]:
    return {key: str(number) for key, number in point.items()}


def _compared(case: CodeCase, runs: Runs, point: Point) -> _Comparison:
    place = place_of(case, point)
    try:
        _, claim = runs.claimed(case, place)
    except NoValueError as error:
        return _Comparison(inf, _no_value(point), str(error))
    truth = _differentiated(case, runs, place)
    difference = np.abs(claim - truth) / max(float(np.max(np.abs(truth), initial=0)), SMALLEST)
    at = np.unravel_index(int(np.argmax(difference)), difference.shape) if difference.size else ()
    entry = f"[{','.join(map(str, at))}]" if at else ""
    values = (f"{claim[at]:.12g}", f"{truth[at]:.12g}")
    return _Comparison(float(difference[at]), Counterexample(_written(point), entry, *values))


def _differentiated(case: CodeCase, runs: Runs, place: Place) -> Floats:
    found = np.array(runs.losses(case, list(_moved(case, place))))
    return (found.reshape(-1, len(STEPS)) @ WEIGHTS / STEP).reshape(place[case.wrt].shape)


def _moved(case: CodeCase, place: Place) -> Iterator[Place]:
    for at in np.ndindex(place[case.wrt].shape):
        for step in STEPS:
            moved = place[case.wrt].astype(float)
            moved[at] += step * STEP
            yield {**place, case.wrt: moved}
