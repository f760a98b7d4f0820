"""What went wrong in values that are claimed to be a gradient, each explanation confirmed exactly."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from symgrad.errors import ShapeError
from symgrad.exact.algebra import ExactError
from symgrad.verify.evidence.budget import Deadline
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.likeness import agrees
from symgrad.verify.evidence.question import Question
from symgrad.verify.evidence.simple import simplified
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.diagnose import Diagnosis, diagnose
from symgrad.verify.mistakes.network.slips.search import Spelled, slips_of_shape
from symgrad.verify.mistakes.network.slips.terms import Slip
from symgrad.verify.mistakes.network.suspects import of_slip
from symgrad.verify.networks.posing import Posed, Slots
from symgrad.verify.verdict import Finding, Mistake


def diagnosed(
    benches: Sequence[Bench],
    wrt: str,
    values: Sequence[Slots],
    spelled: Spelled | None,
    seed: int,
    until: float,
) -> Diagnosis:
    """Explain a wrong claim; without values it has none of the right shape.  Without time nothing is said."""
    if perf_counter() >= until:
        return Diagnosis()
    if values:
        return explained(benches, wrt, values, seed, until, spelled)
    return explained_shape(benches, wrt, seed, until, spelled) if spelled else Diagnosis()


def explained(
    benches: Sequence[Bench],
    wrt: str,
    values: Sequence[Slots],
    seed: int,
    until: float,
    spelled: Spelled | None = None,
) -> Diagnosis:
    """Explain values that are not the gradient, on the tapes of a network at one or two choices of sizes."""
    order = sorted(range(len(benches)), key=lambda k: _units(benches[k].posed))
    benches, values = [benches[k] for k in order], [values[k] for k in order]
    if spelled is not None:
        spelled = spelled.at(order)

    def confirm(k: int, gives: Slots, where: Domain | None) -> bool:
        asked = question(benches[k].posed, wrt, values[k], gives)
        return agrees(replace(asked, domain=where or asked.domain), seed, Deadline(until))

    try:
        return diagnose(benches, wrt, values, confirm, spelled, until)
    except (ExactError, np.linalg.LinAlgError):
        return Diagnosis()


def explained_shape(
    benches: Sequence[Bench], wrt: str, seed: int, until: float, spelled: Spelled
) -> Diagnosis:
    """Explain a claim of another shape by the one name, or the one subscript, that stands for another."""
    order = sorted(range(len(benches)), key=lambda k: _units(benches[k].posed))
    benches, spelled = [benches[k] for k in order], spelled.at(order)

    def mends(slip: Slip) -> bool:
        found = (spelled.value(k, slip.right) for k in range(len(benches)))
        asked = (question(one.posed, wrt, value) for one, value in zip(benches, found, strict=True))
        return all(agrees(one, seed, Deadline(until)) for one in asked)

    try:
        found = {slip.right: slip for slip in slips_of_shape(benches[0], wrt, spelled, until) if mends(slip)}
    except (ShapeError, ExactError):
        return Diagnosis()
    if len(found) != 1:
        return Diagnosis()
    (slip,) = found.values()
    return Diagnosis((Mistake(slip.kind, "", slip.text),), mends=tuple(of_slip(slip)))


def _units(one: Posed) -> int:
    """Count the axes of one entry: along these a sum and one of its terms are the same."""
    return sum(length == 1 for value in one.values.values() for length in value.shape)


def in_small_numbers(
    posed: Sequence[Posed], wrt: str, values: Sequence[Slots], finding: Finding, seed: int, until: float
) -> Finding:
    """Return a finding with a counterexample that can be computed again by hand, if there is one."""
    for one, value in zip(posed, values, strict=bool(values)):
        found = simplified(question(one, wrt, value), finding, seed, Deadline(until))
        if found is not finding:
            return found
    return finding


def question(one: Posed, wrt: str, value: Slots, truth: Slots | None = None) -> Question:
    """Return the question whether a value is the gradient, or another value."""
    right = one.delta(wrt) if truth is None else truth
    entries = one.entries(wrt) if right.shape else ("",)
    return Question(one.tape, tuple(right.flat), tuple(value.flat), entries, one.domain)
