"""Gradient and claim as identities: modulo random primes with a bound, and by exact normal forms.

An identity is tried with the least that is known of the arrays first: what is right for free numbers is not
said to need rows that add up to 1.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from symgrad.exact.agreement import Agreement, Equation, Runs, in_regions, opened
from symgrad.exact.algebra import Algebra
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residue, Residues
from symgrad.exact.tapes import Course, Slot
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.cuts import cut, cut_in_common
from symgrad.verify.evidence.domain import Chosen, Domain
from symgrad.verify.evidence.question import Deadline, OutOfTimeError, Question, sides

MOST_CHOICES = 16
PRIMES = 3
LIMIT = 200_000
# One step of a run may take so many products of terms: a tenth of the time that is left, or less.
STEP_WORK = 300_000
WORK_IN_A_SECOND = 300_000

Define = Callable[[Algebra[Any]], None]
Compare = Callable[[Equation, int], Agreement | None]


@dataclass(frozen=True)
class Premise:
    """What is assumed of the arrays, and everything that the discrete ones of them can be."""

    domain: Domain
    chosen: tuple[Chosen, ...]


def premises(question: Question) -> list[Premise]:
    """Return what may be assumed of the arrays, the least first, unless there is too much of it to try."""
    domain = question.domain.among(question.leaves)
    wanted = dict.fromkeys((domain.wider, domain.relaxed, domain))
    tried = ((one, one.all_chosen(MOST_CHOICES)) for one in wanted)
    return [Premise(one, tuple(chosen)) for one, chosen in tried if chosen is not None]


def modulo_primes(
    question: Question, premise: Premise, seed: int, deadline: Deadline, *, regions: bool = False
) -> Agreement | None:
    """Compare modulo random primes, all entries at once along a random direction.

    Parameters
    ----------
    regions
        Whether every combination of sides of kinks is tried, in place of open sides; None where there are
        too many of them.
    """
    compare: Compare = in_regions if regions else opened
    worst = Agreement(0, 0.0)
    for equation in _equations(question, premise, deadline):
        found = compare(equation, seed)
        if found is None or not found.convinces:
            return found
        worst = Agreement(worst.points + found.points, max(worst.bound, found.bound))
    return worst


def _equations(question: Question, premise: Premise, deadline: Deadline) -> Iterator[Equation]:
    one, other = _along(question)
    for chosen in premise.chosen:
        define = partial(premise.domain.define, chosen=chosen)
        yield Equation(one, other, Runs(question.tape, define, deadline.check))


def _along(question: Question) -> tuple[Slot, Slot]:
    """Write gradient and claim along a direction of which nothing is known (Freivalds 1977)."""
    tape = question.tape
    weights = [tape.leaf(("direction", k)) for k in range(len(question.pairs))]
    both = sides(question.pairs)
    one, other = (tape.total(w * s for w, s in zip(weights, side, strict=True)) for side in both)
    return one, other


def proved(question: Question, premise: Premise, deadline: Deadline) -> bool:
    """Whether all entries have the same normal forms; False refutes nothing.

    Raises
    ------
    BudgetError, OutOfTimeError
        Where the forms grow too large, or take too long.
    """
    part = cut(question)
    with suppress(ExactError):
        if part is not None and _all_same(part.question, premise, deadline.sooner(0.5), part.define):
            return True
    return _all_same(question, premise, deadline)


def proved_in_common(question: Question, premise: Premise, deadline: Deadline) -> bool:
    """Whether the entries are identical in what both sides compute alike; False refutes nothing."""
    with suppress(ExactError):
        return all(
            part is not None and _all_same(part.question, premise, deadline, part.define)
            for part in cut_in_common(question)
        )
    return False


def _all_same(question: Question, premise: Premise, deadline: Deadline, define: Define | None = None) -> bool:
    domain = premise.domain.among(question.leaves)
    return all(_same_forms(question, domain, chosen, deadline, define) for chosen in premise.chosen)


def _same_forms(
    question: Question, domain: Domain, chosen: Chosen, deadline: Deadline, define: Define | None
) -> bool:
    forms = NormalForms(limit=LIMIT)

    def watch() -> None:
        deadline.check()
        forms.allow(min(STEP_WORK, int(WORK_IN_A_SECOND * deadline.left)))

    watch()
    domain.define(forms, chosen)
    if define is not None:
        define(forms)
    course = Course(question.tape, forms, watch)
    return all(forms.equal(*course.values(one, other)) for _, one, other in question.pairs)


def undefined(question: Question, premise: Premise, seed: int, deadline: Deadline) -> str | None:
    """Return an entry whose claim has no value modulo random primes while the gradient has one."""
    chosen = premise.chosen[0]
    for name, one, other in question.pairs:
        courses = [_course(question, premise, chosen, s, deadline) for s in range(seed, seed + PRIMES)]
        if all(_has_value(c, one) and not _has_value(c, other) for c in courses):
            return name
    return None


def _course(
    question: Question, premise: Premise, chosen: Chosen, seed: int, deadline: Deadline
) -> Course[Residue]:
    field = Residues(seed, open_sides=True)
    premise.domain.define(field, chosen)
    return Course(question.tape, field, deadline.check)


def _has_value(course: Course[Residue], slot: Slot) -> bool:
    try:
        course.values(slot)
    except OutOfTimeError:
        raise
    except ExactError:
        return False
    return True
