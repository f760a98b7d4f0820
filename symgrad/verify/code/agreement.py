"""What was found on exact numbers, held against plain NumPy: code must mean the same there.

Code can tell on what it runs, and our NumPy may differ from the real one: what both give at a point that was
drawn for this alone says that the one stands for the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np

from symgrad.errors import DataError
from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.code.floats import Floats, place_of
from symgrad.verify.code.following import CodeCase, Followed, NoValueError
from symgrad.verify.code.runs import Runs
from symgrad.verify.verdict import Finding

# Rounding stays far below it, also that of single precision.
ALIKE = 1e-4
SMALLEST = 1e-6


def confirmed(case: CodeCase, runs: Runs, finding: Finding, followed: Followed, seed: int) -> Finding:
    """Return a finding that a claim is right; it is unknown where plain NumPy gives other numbers."""
    point = {**followed.t.witness, **followed.question.domain.point(Random(f"{seed} in floats"))}
    t = Trace(followed.t.tape, point, {})
    try:
        loss, claim = runs.claimed(case, place_of(case, point))
    except (NoValueError, DataError) as error:
        return _unconfirmed(finding, str(error))
    exact = _values(t, [followed.loss, *followed.question.claim])
    found = np.array([loss, *claim.ravel()])
    for title, one, other in (("loss", exact[:1], found[:1]), ("claim", exact[1:], found[1:])):
        apart = np.abs(one - other)
        worst = int(np.argmax(apart)) if apart.size else 0
        if apart.size and not apart[worst] <= ALIKE * max(float(np.max(np.abs(one))), SMALLEST):
            values = f"{other[worst]:.6g}, and {one[worst]:.6g} on exact numbers"
            return _unconfirmed(finding, f"the {title} gives {values}")
    return finding


def _values(t: Trace, slots: Sequence[Slot]) -> Floats:
    return np.array([t.approximately(slot) for slot in slots])


def _unconfirmed(finding: Finding, why: str) -> Finding:
    method = f"right on exact numbers, but in plain NumPy {why}"
    return replace(finding, verdict="unknown", evidence="none", method=method, bound=None, points=None)
