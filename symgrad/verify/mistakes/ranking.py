"""Matching up to a constant factor, and the order in which explanations are given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.verdict import Mistake

SHOWN = 3
NEAR = 1.5


@dataclass(frozen=True)
class Explanation:
    """A mistake with what it costs to believe in it: 0 is the commonest slip, 10 is far-fetched."""

    cost: float
    mistake: Mistake


def constant_between(part: Any, wanted: Any, tolerance: float) -> float | None:
    """The constant c with c·part = wanted within a tolerance; None where there is none, or it is 0.

    Single numbers always have a ratio: it counts only where it is a simple one.
    """
    square = float(np.sum(part * part))
    if not square > 0 or not np.isfinite(square):
        return None
    constant = float(np.sum(part * wanted)) / square
    if np.size(part) == 1 and not is_simple(constant):
        return None
    if abs(constant) < 1e-9 or np.max(np.abs(constant * part - wanted), initial=0) > tolerance:
        return None
    return rounded(constant)


def is_simple(constant: float) -> bool:
    """Whether people may have forgotten just this constant: a number has some ratio with any other."""
    return any(
        abs(constant * n - round(constant * n)) < 1e-9 and abs(constant * n) < 50 for n in range(1, 31)
    )


def rounded(constant: float) -> float:
    """A constant without the rounding of its last digits, where it is a simple fraction."""
    for denominator in (*range(1, 13), 16, 18, 20, 24, 30):
        numerator = round(constant * denominator)
        if numerator and abs(constant * denominator - numerator) < 1e-9:
            return numerator / denominator
    return constant


def ranked(explanations: Iterable[Explanation], worst: float = 10.0) -> tuple[Mistake, ...]:
    """The best explanation of each kind, best first, at most three; none that is far-fetched."""
    found = sorted(explanations, key=lambda each: each.cost)
    worst = min(worst, found[0].cost + NEAR) if found else worst
    kept = [each.mistake for each in _first_of_kind(found) if each.cost < worst]
    return tuple(kept[:SHOWN])


def _first_of_kind(found: Iterable[Explanation]) -> Iterator[Explanation]:
    seen: set[str] = set()
    for each in found:
        if each.mistake.kind not in seen:
            seen.add(each.mistake.kind)
            yield each
