"""The judge: is a claim the gradient, and what shows it.

The ladder, from the cheapest rung: the same computation; a rational point at which a ball of the difference
excludes 0, also one where the claim alone asks for an equality or leaves its domain; a proof from what both
sides compute alike; equality modulo random primes, with a bound; identical normal forms, a proof; more
points, at the precision that the numbers of the claim ask for, and on the sides of conditions that chance has
not visited.  Different normal forms refute nothing, and neither does a prime: what is called wrong is wrong
at a point.  Every rung is granted its work; the time is only looked at to end.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter

from symgrad.exact.agreement import Agreement
from symgrad.exact.algebra import ExactError
from symgrad.exact.enclosures import enclosures
from symgrad.verify.evidence.budget import Budget, Deadline
from symgrad.verify.evidence.conditions import off_kinks
from symgrad.verify.evidence.identities import (
    Premise,
    modulo_primes,
    premises,
    proved,
    proved_in_common,
    undefined,
)
from symgrad.verify.evidence.points import PRECISIONS, Survey, survey, usual, without_value
from symgrad.verify.evidence.purpose import at_a_tie, on_purpose, outside
from symgrad.verify.evidence.question import Question
from symgrad.verify.evidence.reach import precision
from symgrad.verify.verdict import NO_VALUE, Counterexample, Finding

SECONDS = 5.0
FEW, SOME, SEVERAL, MANY = 2, 6, 12, 60
# The work of the rungs, in microseconds or so.
AT_FEW, AT_MANY, CLOSE, SIDES = 400_000, 300_000, 500_000, 600_000
IN_COMMON, PRIMES, FORMS = 300_000, 600_000, 500_000
# Evidence that more time might have made stronger.
WEAKER = ("bounded", "held", "none")
OUT_OF_TIME = "; the time limit ended the search"


def judge(question: Question, *, seed: int = 0, seconds: float = SECONDS) -> Finding:
    """Judge a claim.

    Parameters
    ----------
    seed
        Of the points and primes.
    seconds
        How long it may take.

    Returns
    -------
    Finding
        ``right`` when proved, bounded, or held at points; ``wrong`` with a counterexample; ``unknown`` with
        the rung that gave up.
    """
    started = perf_counter()
    deadline = Deadline(started + seconds)
    finding = _judged(question, seed, deadline)
    ended = OUT_OF_TIME if finding.evidence in WEAKER and deadline.left <= 0 else ""
    method = f"{finding.method}{ended}"
    return replace(finding, method=method, seconds=perf_counter() - started, seed=seed)


def _judged(question: Question, seed: int, deadline: Deadline) -> Finding:
    if not question.pairs:
        return Finding("right", "proved", "the same computation")
    first = SEVERAL if question.partial else FEW
    few = survey(question, seed, usual, first, Budget(deadline, AT_FEW))
    if isinstance(few, Counterexample):
        return _wrong(question, few)
    rare_work = Budget(deadline, SIDES)
    rare = outside(question, seed, rare_work) or at_a_tie(question, seed, rare_work)
    if rare is not None:
        return _wrong(question, rare)
    at_once = _in_common(question, Budget(deadline, IN_COMMON))
    if at_once is not None:
        return at_once
    basis = _modulo_primes(question, question.seed(seed), Budget(deadline, PRIMES))
    if basis is not None:
        return _by_forms(question, [basis.premise], deadline) or _bounded(question, basis)
    return _searched(question, seed, few, deadline)


def _searched(question: Question, seed: int, few: Survey, deadline: Deadline) -> Finding:
    """Search for a point where the two differ, when nothing says that they are equal."""
    many = survey(question, f"{seed}, many", usual, MANY, Budget(deadline, AT_MANY))
    if isinstance(many, Counterexample):
        return _wrong(question, many)
    close = survey(question, f"{seed}, close", precision, SOME, Budget(deadline, CLOSE))
    if isinstance(close, Counterexample):
        return _wrong(question, close)
    nowhere = None if few.agreed else _nowhere_defined(question, seed, Budget(deadline, PRIMES))
    if nowhere is not None:
        return _wrong(question, nowhere)
    proof = _by_forms(question, premises(question)[::-1], deadline)
    return proof or _on_all_sides(question, seed, _held(question, few + many, close), deadline)


def _on_all_sides(question: Question, seed: int, held: Finding, deadline: Deadline) -> Finding:
    """Let a claim that was not told apart at random points be so on the sides that these did not visit."""
    if held.verdict != "right":
        return held
    found = on_purpose(question, seed, Budget(deadline, SIDES))
    if isinstance(found, Counterexample):
        return _wrong(question, found)
    if found:
        method = f"undecided where {found}; elsewhere {held.method}"
        return replace(held, verdict="unknown", evidence="none", method=method)
    return held


def _nowhere_defined(question: Question, seed: int, budget: Budget) -> Counterexample | None:
    """A claim that divides by what is 0 everywhere, which no ball can tell."""
    with suppress(ExactError):
        for premise in premises(question)[-1:]:
            entry = undefined(question, premise, question.seed(seed), budget)
            return None if entry is None else without_value(question, entry, seed, budget)
    return None


def _wrong(question: Question, counterexample: Counterexample) -> Finding:
    found = "the claim has no value" if counterexample.claimed == NO_VALUE else "the two differ"
    method = f"{found} at a point ({enclosures(PRECISIONS[0]).name})"
    evidence = "mismatch" if question.numerical else "counterexample"
    assumptions = question.domain.assumptions
    return Finding("wrong", evidence, method, assumptions=assumptions, counterexample=counterexample)


@dataclass(frozen=True)
class _Basis:
    """What was assumed, and how the two agreed then."""

    premise: Premise
    agreement: Agreement


def _modulo_primes(question: Question, seed: int, budget: Budget) -> _Basis | None:
    for regions, premise in product((False, True), premises(question)):
        with suppress(ExactError):
            found = modulo_primes(question, premise, seed, budget, regions=regions)
            if found is not None and found.convinces:
                return _Basis(premise, found)
    return None


def _bounded(question: Question, basis: _Basis) -> Finding:
    found, assumptions = basis.agreement, _assumptions(question, basis.premise)
    return Finding("right", "bounded", found.method, found.bound, found.points, assumptions)


def _by_forms(question: Question, tried: list[Premise], deadline: Deadline) -> Finding | None:
    """Prove the claim by normal forms, if that is possible with the work that is granted."""
    for premise in tried:
        with suppress(ExactError):
            if proved(question, premise, Budget(deadline, FORMS // len(tried))):
                return _proof(question, premise)
    return None


def _in_common(question: Question, budget: Budget) -> Finding | None:
    """Prove the claim from what both sides compute alike, where the rest is small."""
    for premise in premises(question):
        if proved_in_common(question, premise, budget):
            return _proof(question, premise)
    return None


def _proof(question: Question, premise: Premise) -> Finding:
    assumptions = _assumptions(question, premise)
    return Finding("right", "proved", "identical normal forms", assumptions=assumptions)


def _assumptions(question: Question, premise: Premise) -> tuple[str, ...]:
    return (*premise.domain.assumptions, *off_kinks(question))


def _held(question: Question, many: Survey, close: Survey) -> Finding:
    assumptions = (*question.domain.assumptions, *off_kinks(question))
    found = many + close
    if close.agreed < FEW or found.undecided > found.agreed:
        return Finding(
            "unknown", "none", f"too few points decide: {found.why}", None, found.agreed, assumptions
        )
    seen = f"not told apart at {found.agreed} points, {close.agreed} of them to {close.bits} bits"
    method = f"{seen}; not a proof"
    return Finding("right", "held", method, None, found.agreed, assumptions)
