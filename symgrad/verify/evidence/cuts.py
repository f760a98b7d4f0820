"""A question about less: what gradient and claim both apply functions to is taken as given.

An identity in which a pre-activation z is a free quantity holds for every z, whatever it is made of.  Where
the two compute z in two ways, that these are equal becomes part of the question.  The converse is not true:
where the cut question is open, the whole one is asked.
"""

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from symgrad.exact.algebra import Algebra
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Course, Slot, Tape, needed, operation
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.question import Question, sides

FUNCTIONS = frozenset({"exp", "sin", "cos", "erf", "step"})
GIVEN = "given"
SEED = 0


@dataclass(frozen=True)
class Part:
    """A question in which some leaves stand for what was cut."""

    question: Question

    @cached_property
    def logits(self) -> Mapping[Hashable, Fraction]:
        """The leaves z of which only exp(c z) and exp(−c z) are taken, each with its c > 0.

        Those of a softmax are left out, where exponentials are added to each other.
        """
        tape, added = self.question.tape, _added(self.question)
        found: dict[Hashable, set[Fraction | None]] = {}
        for place in self.question.steps:
            name, taken, _ = tape.steps[place]
            inner, factor = _multiple(tape, taken[0]) if name == "exp" else (place, Fraction(0))
            key = tape.steps[inner][2][:1]
            if factor and tape.steps[inner][0] == "leaf" and _is_given(key[0]):
                found.setdefault(key[0], set()).add(None if place in added else abs(factor))
        only = {key: next(iter(factors)) for key, factors in found.items() if len(factors) == 1}
        return {key: factor for key, factor in only.items() if factor is not None}

    def define(self, algebra: Algebra[Any]) -> None:
        """Let z be log(a / (1 − a)) / c, 0 < a < 1: what sigmoids are made of is then a polynomial in a."""
        for key, factor in self.logits.items():
            a = algebra.leaf(("share", key), positive=True)
            algebra.define(key, (algebra.log(a) - algebra.log(1 - a)) / factor)


def _added(question: Question) -> set[int]:
    """Return the steps that are added to others than numbers."""
    tape = question.tape
    totals = (tape.steps[place][1] for place in question.steps if tape.steps[place][0] == "total")
    moving = ([place for place in taken if tape.slot(place).exact is None] for taken in totals)
    return {place for places in moving if len(places) > 1 for place in places}


def _is_given(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == GIVEN


def cut(question: Question) -> Part | None:
    """Return the question with the shared arguments of functions as leaves; None where there are none."""
    return _cut(question, _shared(question))


def entries(question: Question) -> Iterator[Question]:
    """Yield the question of every entry."""
    for name, one, other in question.pairs:
        yield replace(question, truth=(one,), claim=(other,), entries=(name,))


def cut_in_common(entry: Question) -> Part | None:
    """Return an entry with the last steps that its two sides have in common as leaves; None without any."""
    return _cut(entry, _alike(entry))


def _cut(question: Question, first: Mapping[int, int]) -> Part | None:
    """Return the question with some steps as leaves, each that which is computed first and equal to it."""
    if not first:
        return None
    tape, given, own = Tape(), dict[int, Slot](), dict[int, Slot]()
    compared = {place for pair in first.items() if pair[0] != pair[1] for place in pair}
    for place in _above(question, first.keys() - compared, compared):
        name, taken, rest = question.tape.steps[place]
        if place not in first or place in compared:
            own[place] = operation(name, tape)(*(given[p] for p in taken), *rest)
        given[place] = tape.leaf((GIVEN, first[place])) if place in first else own[place]
    entries = [(name, given[one.place], given[other.place]) for name, one, other in question.pairs]
    entries += [("", own[one], own[place]) for place, one in first.items() if place != one]
    names, truth, claim = zip(*entries, strict=True)
    return Part(Question(tape, truth, claim, names, question.domain))


def _above(question: Question, leaves: Container[int], compared: Iterable[int]) -> list[int]:
    """Return the steps that the entries need when some are leaves, and those that others need."""
    steps, found = question.tape.steps, set[int]()
    roots = [slot.place for side in sides(question.pairs) for slot in side]
    waiting = [*roots, *compared, *(place for place in question.steps if steps[place][0] == "check_zero")]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting.extend(() if place in leaves else steps[place][1])
    return sorted(found)


def _alike(question: Question) -> dict[int, int]:
    """Map the last steps that both sides have in common to themselves."""
    tape = question.tape
    truth, claim = (set(needed(tape, side)) for side in sides(question.pairs))
    roots = {slot.place for side in sides(question.pairs) for slot in side}
    common = {p for p in (truth & claim) - roots if tape.steps[p][0] not in ("leaf", "number")}
    used = {p for place in (truth | claim) - common for p in tape.steps[place][1]}
    return {place: place for place in sorted(common & used)}


def _shared(question: Question) -> dict[int, int]:
    """Map every argument of a function that both sides have to the first that seems to be equal to it."""
    found: dict[object, list[int]] = {}
    for place, mark in _marked(question, _arguments(question)):
        found.setdefault(mark, []).append(place)
    truth, claim = (set(needed(question.tape, side)) for side in sides(question.pairs))
    both = (p for p in found.values() if not truth.isdisjoint(p) and not claim.isdisjoint(p))
    return {place: places[0] for places in both for place in places}


def _arguments(question: Question) -> list[int]:
    tape = question.tape
    steps = (tape.steps[place] for place in question.steps)
    applied = {without_factor(tape, taken[0]) for name, taken, _ in steps if name in FUNCTIONS}
    return sorted(place for place in applied if tape.steps[place][0] not in ("leaf", "number"))


def _marked(question: Question, places: Iterable[int]) -> Iterator[tuple[int, object]]:
    """Mark values by what they are at a random point; a value of which that is not known by itself."""
    course = Course(question.tape, Residues(SEED, open_sides=True))
    for place in places:
        try:
            yield place, course.values(question.tape.slot(place))[0].pair
        except ExactError:
            yield place, place


def without_factor(tape: Tape, place: int) -> int:
    """Return what is multiplied by numbers, such as z in −z."""
    return _multiple(tape, place)[0]


def _multiple(tape: Tape, place: int) -> tuple[int, Fraction]:
    factor = Fraction(1)
    while tape.steps[place][0] == "times":
        first, second = sorted(tape.steps[place][1], key=lambda p: tape.slot(p).exact is None)
        number = tape.slot(first).exact
        if number is None:
            break
        place, factor = second, factor * number
    return place, factor
