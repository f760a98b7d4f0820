"""A claim that is the gradient with respect to something else."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case, Point
from symgrad.verify.mistakes.code.derivations import gradient_of
from symgrad.verify.mistakes.code.slopes import FAULTS
from symgrad.verify.mistakes.ranking import Explanation
from symgrad.verify.verdict import Mistake


def other_gradients(case: Case) -> Iterator[Explanation]:
    """What a claim is called that is, perhaps summed, the gradient with respect to another array."""
    for name, array in case.arrays.items():
        if name == case.wrt or array.kind not in ("normal", "scaled", "pos", "unit"):
            continue
        try:
            whole = all(_is(point.claim, gradient_of(case, point, name), point) for point in case.points)
            summed = not whole and all(_sums_of(case, point, name) for point in case.points)
        except FAULTS:
            continue
        if whole:
            text = f"this is ∂L/∂{name}, not ∂L/∂{case.wrt}"
            alike = array.shape == case.shape and name[:1].lower() == case.wrt[:1].lower()
            yield Explanation(1.7 if alike else 1.4, Mistake("wrong_operand", "G", text))
            yield Explanation(1.4 if alike else 1.7, Mistake("wrong_layer", "G", text))
        elif summed:
            text = f"this is ∂L/∂{name} summed, not ∂L/∂{case.wrt}"
            yield Explanation(1.2, Mistake("other", "G", text))


def _is(claim: Any, gradient: Any, point: Point) -> bool:
    same = claim is not None and claim.shape == gradient.shape
    return same and bool(np.max(np.abs(claim - gradient), initial=0) <= point.loose)


def _sums_of(case: Case, point: Point, name: str) -> bool:
    gradient = gradient_of(case, point, name)
    if point.claim is None or gradient.ndim < 2:
        return False
    sums = (gradient.sum(axis=axis, keepdims=keep) for axis in (0, 1) for keep in (False, True))
    return any(_is(point.claim, total, point) for total in sums)
