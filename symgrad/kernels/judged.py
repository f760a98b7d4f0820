"""Whether two ways to compute something agree, over exact values.

Both are written down once, as steps on a tape, and carried out at random points of prime fields with a bound
for the chance that something wrong passes; what differs there is confirmed by numbers before it is called
wrong.  Texts that branch on values cannot be written down: these are carried out in a few regions of their
arguments, and no bound is claimed.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import sympy as sp

from symgrad.exact.agreement import Equation, Runs, at_points, seeds
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.primefield import random_prime
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
BITS = 251
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
            self._drawn[key] = Real(self.context.mpf(above) / self._source.randint(20, 60), self)
        return self._drawn[key]


def judge(trial: Trial, *, branches: bool) -> Iterator[Judgement]:
    """Judge every name of a trial, or all together where they are right.

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
        yield from _held(trial)
        return
    tape = Tape()
    found = {name: [_slots(tape, pair) for pair in pairs] for name, pairs in trial(tape).items()}
    runs = Runs(tape)
    together = [name for name in found if name != LAST]
    whole = _shown(_along(runs, [pair for name in together for pair in found[name]]))
    if whole.verdict == "right":
        yield whole
    for name, pairs in found.items():
        if name == LAST or whole.verdict != "right":
            yield _judged(runs, name, pairs)


def _shown(equation: Equation) -> Judgement:
    """Return that two values agree, if that can be shown; modulo large primes where their degrees ask for it.

    Sums of exponentials of logarithms, as two steps on softplus make them, have degrees beyond 2^61.
    """
    found, method = agreement(equation, SEED), ""
    if not found.convinces and found.against is None:
        fields = (Residues(seed, _large_prime(seed), open_sides=True) for seed in seeds(SEED))
        found = at_points(equation, equation.chance, map(equation.runs.at, fields))
        method = f"modulo random {BITS}-bit primes, {found.points} points"
    if found.convinces:
        return Judgement("right", "bounded", method or found.method, found.bound)
    differs = "" if found.against is not None else "; equal there, but that is no evidence"
    return Judgement("unknown", "none", f"{method or found.method}{differs}", found.bound)


@cache
def _large_prime(seed: int) -> int:
    return random_prime(BITS, Random(f"large prime {seed}"), rooted=True)


def worst(found: Iterable[Judgement]) -> Judgement:
    """Return the worst of some judgements, and of those that are right the one with the largest bound.

    The first that is wrong ends the search.
    """
    seen: list[Judgement] = []
    for judgement in found:
        seen.append(judgement)
        if judgement.verdict == "wrong":
            return judgement
    return max(seen, key=lambda one: (one.verdict == "unknown", one.bound or 0.0))


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
    found = _shown(_along(runs, pairs))
    if found.verdict == "right":
        return found
    suspects = [k for k, pair in enumerate(pairs) if not Equation(*pair, runs).equal_in(runs.opened(SEED))]
    for k in suspects:
        if _differ(lambda point, k=k: run(runs.tape, point, *pairs[k])):
            return Judgement("wrong", "counterexample", found.method, where=_place(name, k, len(pairs)))
    return replace(found, method=f"{found.method}: no point tells them apart") if suspects else found


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


def _held(trial: Trial) -> Iterator[Judgement]:
    """Carry out a text that branches at random points, each of which decides every comparison."""
    method = f"modulo random 61-bit primes, {REGIONS} points, largest entries drawn at random"
    for field in map(Residues, range(REGIONS)):
        for name, pairs in trial(field).items():
            for k, (one, other) in enumerate(pairs):
                if not field.equal(field.number(0) + one, field.number(0) + other):
                    yield _refuted(trial, name, k, len(pairs))
    yield Judgement("right", "held", method)


def _refuted(trial: Trial, name: str, number: int, count: int) -> Judgement:
    method = f"modulo random 61-bit primes, {REGIONS} points"

    def compare(point: _Point) -> Sequence[Real]:
        return tuple(point.number(0) + value for value in trial(point)[name][number])

    if _differ(compare):
        return Judgement("wrong", "counterexample", method, where=_place(name, number, count))
    return Judgement("unknown", "none", f"{method}: other forms, and no point tells them apart")
