"""The part of a domain in which what a run decided is decided alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

import numpy as np
import numpy.typing as npt

from symgrad.exact.floats import Floats
from symgrad.exact.tapes import Slot, run
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.evidence.domain import Domain

Point = dict[str, Fraction]

# How far towards another point of the domain, the witness at 0.
SHARES = (*(Fraction(1, 4**k) for k in range(8)), Fraction(0))
ROOM = 1e-9
_CURVED = frozenset({"orth", "unitrows"})


@dataclass(frozen=True)
class Region(Domain):
    """A domain around a witness.

    Attributes
    ----------
    witness
        A point of it.
    decided
        Conditions, with the side on which they are.
    """

    witness: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    decided: tuple[tuple[Slot, int], ...] = ()

    @property
    def kept(self) -> Mapping[int, int]:
        """The sides of what was decided, by the places of what conditions are taken of."""
        return {slot.tape.steps[slot.place][1][0]: 1 if side else -1 for slot, side in self.decided}

    def point(self, source: Random, spread: int = 1) -> Point:
        """Return a random point on the same sides, as far from the witness as that goes."""
        other = super().point(source, spread)
        fixed = {key for a in self.arrays if a.kind in _CURVED or a.family.choice for key in a.leaves}
        there = {key: self.witness[key] if key in fixed else to for key, to in other.items()}
        share = SHARES[int(np.argmax(self._contained(there)))]
        return {key: self.witness[key] + share * (to - self.witness[key]) for key, to in there.items()}

    def _contained(self, there: Point) -> npt.NDArray[np.bool_]:
        """Tell for each share whether the point lies on the sides, with room to spare in floats."""
        algebra, shares = Floats(), np.array([float(share) for share in SHARES])
        for key, number in self.witness.items():
            start = float(number)
            algebra.define(key, algebra.of(start + shares * (float(there.get(key, number)) - start)))
        conditions = [slot.tape.slot(slot.tape.steps[slot.place][1][0]) for slot, _ in self.decided]
        with np.errstate(all="ignore"):
            values = run(conditions[0].tape, algebra, *conditions)
        sides = [_on_side(value.array, side) for value, (_, side) in zip(values, self.decided, strict=True)]
        return np.logical_and.reduce(np.broadcast_arrays(shares >= 0, *sides)) | (shares == 0)


def _on_side(value: npt.NDArray[np.float64], side: int) -> npt.NDArray[np.bool_]:
    return value > ROOM if side else (value < -ROOM) | (value == 0)


def region(t: Trace, domain: Domain) -> Domain:
    """Return the part of a domain for which a run stands: all of it where nothing was decided."""
    decided = tuple((slot, side) for slot, side in t.decided.items() if slot.exact is None)
    return Region(domain.arrays, t.witness, decided) if decided else domain
