"""The conditions that a run of code decided: in words, and where in the domain they go the other way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from random import Random

from symgrad.exact.tapes import Slot, Tape, missing
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.evidence.budget import Budget, Deadline
from symgrad.verify.evidence.conditions import relation
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.sides import points_where

Point = Mapping[str, Fraction]

# The work of a search, in microseconds or so.
SEARCH = 400_000
MOST_NAMED = 3


@dataclass(frozen=True)
class Condition:
    """A condition that was decided.

    Attributes
    ----------
    value
        What was compared with 0.
    side
        The sign of it where the run lies.
    mark
        What it is computed by: the same for the same condition of another run.
    """

    value: Slot
    side: int
    mark: str

    def __str__(self) -> str:
        return relation(self.value.tape, self.value.place, self.side)


def conditions(t: Trace) -> list[Condition]:
    """Return the conditions that a run decided at its witness, each once."""
    marks: dict[int, str] = {}
    found: dict[str, Condition] = {}
    for slot in t.decided:
        if slot.exact is None:
            value = _unsigned(t.tape, t.tape.steps[slot.place][1][0])
            mark = _mark(t.tape, value, marks)
            at = t.tape.slot(value)
            found.setdefault(mark, Condition(at, t.value(at).signum, mark))
    return list(found.values())


def said(seen: Sequence[Sequence[Condition]]) -> tuple[str, ...]:
    """Say which conditions were on one side in all runs, and which were on both."""
    every = {one.mark: one for conditions in seen for one in conditions}
    sides = {mark: {one.side for run in seen for one in run if one.mark == mark} for mark in every}
    alone = [str(one) for mark, one in every.items() if len(sides[mark]) == 1]
    both = [
        relation(one.value.tape, one.value.place, 0) for mark, one in every.items() if len(sides[mark]) > 1
    ]
    return (*_listed("for {}", alone, " and "), *_listed("off the kinks ({})", both, ", "))


def unseen(t: Trace, own: Sequence[Condition], seen: Sequence[Sequence[Condition]]) -> list[Condition]:
    """Return the conditions of a run of which no run has seen the other side.

    A score that is masked by −10⁹ is meant to stay masked.
    """
    sides = {(one.mark, one.side) for conditions in seen for one in conditions}
    asked = [one for one in own if one.side and not t.is_underflow(one.value)]
    return [one for one in asked if (one.mark, -one.side) not in sides]


def elsewhere(
    t: Trace, wanted: Sequence[Condition], domain: Domain, seed: int, deadline: Deadline
) -> Point | None:
    """Return a point of the domain where one of some conditions is on its other side, if one is found."""
    for one in wanted:
        source, budget = Random(f"{seed} elsewhere"), Budget(deadline, SEARCH // len(wanted))
        found = points_where(t.tape, domain, {one.value.place: -one.side}, source, budget)
        if (point := next(found, None)) is not None:
            return point
    return None


def _unsigned(tape: Tape, place: int) -> int:
    """Return the value that is asked about, without a factor −1."""
    name, places, _ = tape.steps[place]
    if name == "times" and any(tape.slot(p).exact == -1 for p in places):
        return next(p for p in places if tape.slot(p).exact != -1)
    return place


def _mark(tape: Tape, place: int, known: dict[int, str]) -> str:
    for step in missing(tape, place, known):
        name, places, rest = tape.steps[step]
        inner = sorted(known[p] for p in places)
        known[step] = sha256(repr((name, inner, _plain(rest))).encode()).hexdigest()
    return known[place]


def _plain(rest: Sequence[object]) -> list[str]:
    """Name numbers and keys; hexadecimal numbers may have any length."""
    return [f"{v.numerator:x}/{v.denominator:x}" if isinstance(v, int | Fraction) else str(v) for v in rest]


def _listed(form: str, texts: Sequence[str], joint: str) -> Iterator[str]:
    if texts:
        named = [text for text in texts if text][:MOST_NAMED]
        rest = len(texts) - len(named)
        more = f"{rest} {'more ' if named else ''}condition{'s' if rest > 1 else ''} as at the points drawn"
        yield form.format(joint.join([*named, *([more] if rest else [])]))
