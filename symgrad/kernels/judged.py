"""Whether two ways to compute something agree, over exact values.

Both are written down once, as steps on a tape, and carried out at random points of prime fields with a bound
for the chance that something wrong passes; what differs there is confirmed by numbers before it is called
wrong.  Texts that branch on values cannot be written down: these are carried out in a few regions of their
arguments, and no bound is claimed.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import sympy as sp

from symgrad.exact.agreement import Equation, Runs
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.regions import agreement
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Slot, Tape, run

Pair = tuple[Any, Any]
Pairs = Mapping[str, Sequence[Pair]]
"""By name, entries computed in two ways."""
Trial = Callable[[Algebra[Any]], Pairs]

LAST = "losses"
"""Compared by itself, behind everything else: the degrees of logarithms spoil the bound of the rest."""
SEED = 0
REGIONS = 8
TRIES = 20
TOLERANCE = Fraction(1, 10**30)


@dataclass(frozen=True)
class Judgement:
    """What was found of one name.

    Attributes
    ----------
    verdict, evidence, method, bound, where
        As in a certificate (`symgrad.derive.findings.Finding`).
    """

    verdict: str
    evidence: str
    method: str
    bound: float | None = None
    where: str = ""


class _Point(Decimals):
    """Numbers with many digits at a random point: leaves are drawn as they are asked for."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._source, self._drawn = Random(seed), dict[Hashable, Real]()

    def leaf(self, key: Hashable, *, positive: bool = False) -> Real:
        if isinstance(key, sp.NumberSymbol):
            return super().leaf(key)
        if key not in self._drawn:
            above = self._source.randint(1, 20) * (1 if positive else self._source.choice((-2, 2)))
            self._drawn[key] = self.number(Fraction(above, self._source.randint(20, 60)))
        return self._drawn[key]


def judge(trial: Trial, *, branches: bool) -> dict[str, Judgement]:
    """Judge every name of a trial.

    Parameters
    ----------
    trial
        Computes all pairs over an algebra.
    branches
        Whether values decide what is computed.

    Raises
    ------
    ExactError
        If exact arithmetic has no answer.
    """
    if branches:
        return _held(trial)
    tape = Tape()
    found = {name: [_slots(tape, pair) for pair in pairs] for name, pairs in trial(tape).items()}
    runs = Runs(tape)
    together = [name for name in found if name != LAST]
    whole = agreement(_along(runs, [pair for name in together for pair in found[name]]), SEED)
    right = Judgement("right", "bounded", whole.method, whole.bound)
    shown = dict.fromkeys(together, right) if whole.convinces else {}
    return {name: shown.get(name) or _judged(runs, name, pairs) for name, pairs in found.items()}


def worst(found: Iterable[Judgement]) -> Judgement:
    """Return the worst of some judgements, and of those that are right the one with the largest bound."""
    order = ("right", "unknown", "wrong")
    return max(found, key=lambda one: (order.index(one.verdict), one.bound or 0.0))


def _slots(tape: Tape, pair: Pair) -> tuple[Slot, Slot]:
    """Return a pair as values of a tape: entries to which nothing was added are plain numbers."""
    one, other = (u if isinstance(u, Slot) else tape.number(u) for u in pair)
    return one, other


def _along(runs: Runs, pairs: Sequence[tuple[Slot, Slot]]) -> Equation:
    """Compare all pairs at once, along a random direction (Freivalds 1977)."""
    weights = [runs.tape.leaf(("weight", k)) for k in range(len(pairs))]
    one, other = (
        runs.tape.total(w * pair[side] for w, pair in zip(weights, pairs, strict=True)) for side in (0, 1)
    )
    return Equation(one, other, runs)


def _judged(runs: Runs, name: str, pairs: Sequence[tuple[Slot, Slot]]) -> Judgement:
    found = agreement(_along(runs, pairs), SEED)
    if found.convinces:
        return Judgement("right", "bounded", found.method, found.bound)
    if found.against is None:
        method = f"{found.method}; equal there, but that is no evidence"
        return Judgement("unknown", "none", method, found.bound)
    suspects = [k for k, pair in enumerate(pairs) if not Equation(*pair, runs).equal_in(runs.opened(SEED))]
    for k in suspects:
        if _differ(lambda point, k=k: run(runs.tape, point, *pairs[k])):
            return Judgement("wrong", "counterexample", found.method, where=_place(name, k, len(pairs)))
    method = f"{found.method}: other forms, and no point tells them apart"
    return Judgement("unknown", "none", method)


def _place(name: str, number: int, count: int) -> str:
    return name if count == 1 else f"{name}, entry {number + 1} of {count}"


def _differ(compare: Callable[[_Point], Sequence[Real]]) -> bool:
    """Whether two values differ at the first random point at which both are defined."""
    for seed in range(TRIES):
        with suppress(ExactError):
            point = _Point(seed)
            one, other = compare(point)
            return bool(point.abs(one - other) > TOLERANCE * (1 + point.abs(one)))
    return False


def _held(trial: Trial) -> dict[str, Judgement]:
    """Carry out a text that branches at random points, each of which decides every comparison."""
    method = f"modulo random 61-bit primes, {REGIONS} points, largest entries drawn at random"
    points = [(field, trial(field)) for field in map(Residues, range(REGIONS))]
    found: dict[str, Judgement] = {}
    for name in points[0][1]:
        wrong = {
            k
            for field, pairs in points
            for k, (one, other) in enumerate(pairs[name])
            if not field.equal(field.number(0) + one, field.number(0) + other)
        }
        found[name] = Judgement("right", "held", method) if not wrong else _refuted(trial, name, min(wrong))
    return found


def _refuted(trial: Trial, name: str, number: int) -> Judgement:
    method = f"modulo random 61-bit primes, {REGIONS} points"

    def compare(point: _Point) -> Sequence[Real]:
        return tuple(point.number(0) + value for value in trial(point)[name][number])

    if _differ(compare):
        return Judgement("wrong", "counterexample", method, where=f"{name}, entry {number + 1}")
    return Judgement("unknown", "none", f"{method}: other forms, and no point tells them apart")
