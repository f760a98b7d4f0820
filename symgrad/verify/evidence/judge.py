"""The judge: is a claim the gradient, and what shows it.

The ladder, from the cheapest rung: the same computation; a rational point at which a ball of the difference
excludes 0; a proof from what both sides compute alike; equality modulo random primes, with a bound; identical
normal forms, a proof; more points at a higher precision.  Different normal forms refute nothing, and neither
does a prime: what is called wrong is wrong at a point.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from time import perf_counter

from symgrad.exact.agreement import Agreement
from symgrad.exact.algebra import ExactError
from symgrad.exact.enclosures import enclosures
from symgrad.verify.evidence.conditions import off_kinks
from symgrad.verify.evidence.identities import (
    Premise,
    modulo_primes,
    premises,
    proved,
    proved_in_common,
    undefined,
)
from symgrad.verify.evidence.points import PRECISIONS, Survey, survey, without_value
from symgrad.verify.evidence.question import Deadline, Question
from symgrad.verify.verdict import Counterexample, Finding

SECONDS = 5.0
MOST_BITS = 20_000
FEW, SOME, SEVERAL, MANY = 2, 6, 12, 60


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
    finding = _judged(question, seed, Deadline(started + seconds))
    return replace(finding, seconds=perf_counter() - started, seed=seed)


def _judged(question: Question, seed: int, deadline: Deadline) -> Finding:
    if not question.pairs:
        return Finding("right", "proved", "the same computation")
    first = SEVERAL if question.is_partial else FEW
    few = survey(question, seed, PRECISIONS, first, deadline.sooner(0.5))
    if isinstance(few, Counterexample):
        return _wrong(question, few)
    at_once = _in_common(question, deadline.sooner(0.2))
    if at_once is not None:
        return at_once
    basis = _modulo_primes(question, question.seed(seed), deadline.sooner(0.5))
    if basis is not None:
        return _by_forms(question, [basis.premise], deadline) or _bounded(question, basis)
    many = survey(question, f"{seed}, many", PRECISIONS, MANY, deadline.sooner(0.3))
    if isinstance(many, Counterexample):
        return _wrong(question, many)
    close = survey(question, f"{seed}, close", (_thorough(question),), SOME, deadline.sooner(0.4))
    if isinstance(close, Counterexample):
        return _wrong(question, close)
    nowhere = None if few.agreed else _nowhere_defined(question, seed, deadline)
    if nowhere is not None:
        return _wrong(question, nowhere)
    return _by_forms(question, premises(question)[::-1], deadline) or _held(question, few + many, close)


def _nowhere_defined(question: Question, seed: int, deadline: Deadline) -> Counterexample | None:
    """A claim that divides by what is 0 everywhere, which no ball can tell."""
    with suppress(ExactError):
        for premise in premises(question)[-1:]:
            entry = undefined(question, premise, question.seed(seed), deadline)
            return None if entry is None else without_value(question, entry, seed, deadline)
    return None


def _wrong(question: Question, counterexample: Counterexample) -> Finding:
    method = f"the two differ at a point ({enclosures(PRECISIONS[0]).name})"
    evidence = "mismatch" if question.numerical else "counterexample"
    assumptions = question.domain.assumptions
    return Finding("wrong", evidence, method, assumptions=assumptions, counterexample=counterexample)


@dataclass(frozen=True)
class _Basis:
    """What was assumed, and how the two agreed then."""

    premise: Premise
    agreement: Agreement


def _modulo_primes(question: Question, seed: int, deadline: Deadline) -> _Basis | None:
    for regions, premise in product((False, True), premises(question)):
        with suppress(ExactError):
            found = modulo_primes(question, premise, seed, deadline, regions=regions)
            if found is not None and found.convinces:
                return _Basis(premise, found)
    return None


def _bounded(question: Question, basis: _Basis) -> Finding:
    found, assumptions = basis.agreement, _assumptions(question, basis.premise)
    return Finding("right", "bounded", found.method, found.bound, found.points, assumptions)


def _by_forms(question: Question, tried: list[Premise], deadline: Deadline) -> Finding | None:
    """Prove the claim by normal forms, if that is possible in the time there is."""
    for premise in tried:
        with suppress(ExactError):
            if proved(question, premise, deadline.sooner(0.8)):
                return _proof(question, premise)
    return None


def _in_common(question: Question, deadline: Deadline) -> Finding | None:
    """Prove the claim from what both sides compute alike, where the rest is small."""
    for premise in premises(question):
        if proved_in_common(question, premise, deadline):
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
    method = f"not told apart at {found.agreed} points, at {close.agreed} to {close.bits} bits; not a proof"
    return Finding("right", "held", method, None, found.agreed, assumptions)


def _thorough(question: Question) -> int:
    """A precision at which also what is made of the smallest numbers of the claim is seen."""
    numbers = (question.tape.slot(place).exact or Fraction(0) for place in question.steps)
    length = sum(number.numerator.bit_length() + number.denominator.bit_length() for number in numbers)
    return min(1000 + 2 * length, MOST_BITS)
