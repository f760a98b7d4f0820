"""What went wrong in values that are claimed to be a gradient, each explanation confirmed exactly."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from symgrad.exact.algebra import ExactError
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.likeness import agrees
from symgrad.verify.evidence.question import Deadline, Question
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.diagnose import Diagnosis, diagnose
from symgrad.verify.networks.posing import Posed, Slots

CONFIRMED = 2.0


def explained(
    benches: Sequence[Bench], wrt: str, values: Sequence[Slots], seed: int, until: float
) -> Diagnosis:
    """Explain values that are not the gradient, on the tapes of a network at one or two choices of sizes."""
    given = sorted(zip(benches, values, strict=True), key=lambda pair: _units(pair[0].posed))
    benches, values = [bench for bench, _ in given], [value for _, value in given]

    def confirm(k: int, gives: Slots, where: Domain | None) -> bool:
        deadline = Deadline(min(perf_counter() + CONFIRMED, until))
        asked = question(benches[k].posed, wrt, values[k], gives)
        return agrees(replace(asked, domain=where or asked.domain), seed, deadline)

    try:
        return diagnose(benches, wrt, values, confirm)
    except (ExactError, np.linalg.LinAlgError):
        return Diagnosis()


def _units(one: Posed) -> int:
    """Count the axes of one entry: along these a sum and one of its terms are the same."""
    return sum(length == 1 for value in one.values.values() for length in value.shape)


def question(one: Posed, wrt: str, value: Slots, truth: Slots | None = None) -> Question:
    """Return the question whether a value is the gradient, or another value."""
    right = one.delta(wrt) if truth is None else truth
    entries = one.entries(wrt) if right.shape else ("",)
    return Question(one.tape, tuple(right.flat), tuple(value.flat), entries, one.domain)
