"""Which mistaken derivations give the claim."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import CLOSE, Case, Point
from symgrad.verify.mistakes.code.deadline import Deadline
from symgrad.verify.mistakes.code.derivations import Slip, slips
from symgrad.verify.mistakes.code.listing import HOOK
from symgrad.verify.mistakes.code.quantities import Stock
from symgrad.verify.mistakes.code.slopes import FAULTS
from symgrad.verify.mistakes.ranking import rounded


@dataclass(frozen=True)
class Derived:
    """Slips whose gradient is the claim.

    Attributes
    ----------
    share
        What was made of the part of the gradient that the slip concerns: 0 left out, 2 twice, −1 with the
        other sign.
    whole
        A constant factor of the whole claim beside.
    """

    slips: tuple[Slip, ...]
    share: float = 0.0
    whole: float = 1.0


@dataclass(frozen=True, eq=False)
class Backwards:
    """The search among mistaken derivations, for a claim of the right shape."""

    case: Case
    stock: Stock
    until: Deadline

    def single(self) -> Iterator[Derived]:
        """One slip."""
        for slip in slips(self.case, self.stock):
            if self.until.passed:
                return
            found = self._one(slip)
            if found is not None and self._holds(found):
                yield found

    def pairs(self) -> Iterator[Derived]:
        """Two slips that change derivatives, and the same slip at all places of a kind."""
        every = [slip for slip in slips(self.case, self.stock) if slip.calls is None]
        moving = [slip for slip in every if self._moves(slip)]
        groups = [tuple(s for s in moving if s.row == row) for row in dict.fromkeys(s.row for s in moving)]
        many = [group for group in groups if len(group) > 2 and group[0].row != "stopped"]
        for group in (*many, *combinations(moving[:60], 2)):
            if self.until.passed:
                return
            found = self._together(group)
            if found is not None and self._holds(found):
                yield found

    def _moves(self, slip: Slip) -> bool:
        """Whether it changes the gradient at all, and is no constant of the whole."""
        point = self.case.first
        value = self._along(point, (slip,))
        if value is None:
            return False
        truth = _projected(point, point.truth)
        return bool(np.max(np.abs(value - truth)) > 1e-9 * (1 + np.max(np.abs(truth))))

    def _along(self, point: Point, taken: Sequence[Slip]) -> Any:
        self.until.spend()
        try:
            return np.array([self._slope(point, taken, direction) for direction in point.directions])
        except FAULTS:
            return None

    def _slope(self, point: Point, taken: Sequence[Slip], direction: Any) -> float:
        return point.slopes.along(self._hooked(taken), direction, _dispatch(taken, point))

    def _hooked(self, taken: Sequence[Slip]) -> Any:
        edits = [
            (s.site, ast.Call(ast.Name(HOOK, ast.Load()), [ast.Constant(k), s.site.node, *s.parts], []))
            for k, s in enumerate(taken)
        ]
        return self.case.forward.edited(*edits)

    def _one(self, slip: Slip) -> Derived | None:
        point = self.case.first
        value = self._along(point, (slip,))
        if value is None:
            return None
        truth, claim = _projected(point, point.truth), _projected(point, point.claim)
        part = truth - value
        scale = 1e-9 * (np.max(np.abs(truth)) + np.max(np.abs(claim)))
        if np.max(np.abs(part)) <= scale:
            return None
        share = float(np.sum((claim - value) * part) / np.sum(part * part))
        if np.max(np.abs(claim - value - share * part)) > min(10 * scale, _close(truth, claim)):
            return self._up_to_a_factor((slip,), value, point)
        return Derived((slip,), rounded(share) if abs(share) > 1e-9 else 0.0)

    def _up_to_a_factor(self, taken: tuple[Slip, ...], value: Any, point: Point) -> Derived | None:
        truth, claim = _projected(point, point.truth), _projected(point, point.claim)
        factor = float(np.sum(value * claim) / max(np.sum(value * value), 1e-300))
        near = min(1e-8 * np.max(np.abs(claim)), _close(truth, claim))
        if abs(factor) < 1e-9 or np.max(np.abs(claim - factor * value)) > near:
            return None
        return Derived(taken, 0.0, rounded(factor))

    def _together(self, taken: tuple[Slip, ...]) -> Derived | None:
        point = self.case.first
        value = self._along(point, taken)
        if value is None or not np.any(value):
            return None
        return self._up_to_a_factor(taken, value, point)

    def _holds(self, found: Derived) -> bool:
        try:
            return all(self._right_at(found, point) for point in self.case.points)
        except FAULTS:
            return False

    def _right_at(self, found: Derived, point: Point) -> bool:
        codes = self._hooked(found.slips)
        value = point.slopes.gradient(codes, _dispatch(found.slips, point))
        made = found.whole * (value + found.share * (point.truth - value))
        return bool(np.max(np.abs(made - point.claim), initial=0) <= point.loose)


def _dispatch(taken: Sequence[Slip], point: Point) -> Any:
    changes = [slip.change(point) for slip in taken]

    def change(site: int, call: int, moved: list[Any], values: list[Any]) -> Any:
        here = taken[site].calls in (None, call)
        return changes[site](moved, values) if here else moved[0]

    return change


def _close(truth: Any, claim: Any) -> float:
    """How near a gradient has to come, so that the claim's deviation and no other is explained."""
    return CLOSE * float(np.max(np.abs(truth - claim)))


def _projected(point: Point, gradient: Any) -> Any:
    return np.array([float(np.sum(gradient * direction)) for direction in point.directions])
