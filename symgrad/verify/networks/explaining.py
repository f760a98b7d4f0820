"""What went wrong in values that are claimed to be a gradient, each explanation confirmed exactly."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from symgrad.exact.algebra import ExactError
from symgrad.verify.evidence.budget import Deadline
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.likeness import agrees
from symgrad.verify.evidence.question import Question
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.diagnose import Diagnosis, diagnose
from symgrad.verify.mistakes.network.slips.search import Spelled
from symgrad.verify.networks.posing import Posed, Slots


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


def _units(one: Posed) -> int:
    """Count the axes of one entry: along these a sum and one of its terms are the same."""
    return sum(length == 1 for value in one.values.values() for length in value.shape)


def question(one: Posed, wrt: str, value: Slots, truth: Slots | None = None) -> Question:
    """Return the question whether a value is the gradient, or another value."""
    right = one.delta(wrt) if truth is None else truth
    entries = one.entries(wrt) if right.shape else ("",)
    return Question(one.tape, tuple(right.flat), tuple(value.flat), entries, one.domain)
