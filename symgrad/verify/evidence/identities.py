"""Gradient and claim as identities: modulo random primes with a bound, and by exact normal forms.

An identity is tried with the least that is known of the arrays first: what is right for free numbers is not
said to need rows that add up to 1.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from symgrad.exact.agreement import Agreement, Equation, Runs, opened
from symgrad.exact.algebra import Algebra
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.regions import Decided, differing, in_regions
from symgrad.exact.residues import Residue, Residues
from symgrad.exact.tapes import Course, Slot
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.budget import Budget, SpentError
from symgrad.verify.evidence.cuts import cut, cut_in_common, entries
from symgrad.verify.evidence.domain import Chosen, Domain
from symgrad.verify.evidence.question import Question, sides

MOST_CHOICES = 16
PRIMES = 3
LIMIT = 200_000
# What a step of a run takes, in products of terms: modulo a prime, or over normal forms beside its products.
MODULAR_STEP = 4
FORM_STEP = 40
# What is copied for a cut question.
CUT_STEP = 1

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
    question: Question, premise: Premise, seed: int, budget: Budget, *, regions: bool = False
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
    for equation in _equations(question, premise, budget):
        found = compare(equation, seed)
        if found is None or not found.convinces:
            return found
        worst = Agreement(worst.points + found.points, max(worst.bound, found.bound))
    return worst


def differing_sides(question: Question, premise: Premise, seed: int, budget: Budget) -> Iterator[Decided]:
    """Yield the combinations of sides of conditions on which the two differ modulo random primes."""
    for equation in _equations(question, premise, budget):
        yield from differing(equation, seed)


def _equations(question: Question, premise: Premise, budget: Budget) -> Iterator[Equation]:
    one, other = _along(question)
    for chosen in premise.chosen:
        define = partial(premise.domain.define, chosen=chosen)
        yield Equation(one, other, Runs(question.tape, define, budget.each(MODULAR_STEP)))


def _along(question: Question) -> tuple[Slot, Slot]:
    """Write gradient and claim along a direction of which nothing is known (Freivalds 1977)."""
    tape = question.tape
    weights = [tape.leaf(("direction", k)) for k in range(len(question.pairs))]
    both = sides(question.pairs)
    one, other = (tape.total(w * s for w, s in zip(weights, side, strict=True)) for side in both)
    return one, other


def proved(question: Question, premise: Premise, budget: Budget) -> bool:
    """Whether all entries have the same normal forms; False refutes nothing.

    Raises
    ------
    BudgetError
        Where the forms grow too large, or take too much work or too long.
    """
    budget.spend(CUT_STEP * len(question.steps))
    part = cut(question)
    with suppress(ExactError):
        if part is not None and _all_same(part.question, premise, budget.part(budget.left // 2), part.define):
            return True
    return _all_same(question, premise, budget)


def proved_in_common(question: Question, premise: Premise, budget: Budget) -> bool:
    """Whether the entries are identical in what both sides compute alike; False refutes nothing."""
    with suppress(ExactError):
        for entry in entries(question):
            budget.spend(CUT_STEP * len(question.steps))
            part = cut_in_common(entry)
            if part is None or not _all_same(part.question, premise, budget, part.define):
                return False
        return True
    return False


def _all_same(question: Question, premise: Premise, budget: Budget, define: Define | None = None) -> bool:
    domain = premise.domain.among(question.leaves)
    return all(_same_forms(question, domain, chosen, budget, define) for chosen in premise.chosen)


def _same_forms(
    question: Question, domain: Domain, chosen: Chosen, budget: Budget, define: Define | None
) -> bool:
    forms = NormalForms(limit=LIMIT, watch=budget.spend)
    domain.define(forms, chosen)
    if define is not None:
        define(forms)
    course = Course(question.tape, forms, budget.each(FORM_STEP))
    return all(forms.equal(*course.values(one, other)) for _, one, other in question.pairs)


def undefined(question: Question, premise: Premise, seed: int, budget: Budget) -> str | None:
    """Return an entry whose claim has no value modulo random primes while the gradient has one."""
    chosen = premise.chosen[0]
    for name, one, other in question.pairs:
        courses = [_course(question, premise, chosen, s, budget) for s in range(seed, seed + PRIMES)]
        if all(_has_value(c, one) and not _has_value(c, other) for c in courses):
            return name
    return None


def _course(
    question: Question, premise: Premise, chosen: Chosen, seed: int, budget: Budget
) -> Course[Residue]:
    field = Residues(seed, open_sides=True)
    premise.domain.define(field, chosen)
    return Course(question.tape, field, budget.each(MODULAR_STEP))


def _has_value(course: Course[Residue], slot: Slot) -> bool:
    try:
        course.values(slot)
    except SpentError:
        raise
    except ExactError:
        return False
    return True
