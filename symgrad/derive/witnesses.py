"""Deltas against a witness that uses no edges: `sympy.diff` of the instantiated loss."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from time import perf_counter
from typing import Any, Generic, TypeVar

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, differ, over
from symgrad.derive.scalars import composite
from symgrad.exact.algebra import Algebra, BudgetError, ExactError, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.degrees import Degrees
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.exact.translate import translate

V = TypeVar("V", bound=Value)

CLAIM = "gradient"
POINTS = 4
MONOMIALS = 200_000
CONVINCING = 2.0**-60


def against_witness(
    instance: Instance, wrt: Sequence[str], *, assumed: bool = False, limit: int = MONOMIALS, seed: int = 0
) -> dict[str, Finding]:
    """Compare the deltas of all entries of some nodes with `sympy.diff` of the composite loss.

    Parameters
    ----------
    assumed
        Whether the deltas were simplified under the declared sums of the targets; then both sides are
        compared on targets that satisfy them.
    limit
        How many monomials a normal form may have before evaluation modulo random primes takes over.
    """
    try:
        return _compared(instance, wrt, assumed, limit, seed)
    except ExactError as error:
        open_ = Finding(CLAIM, "unknown", "none", f"exact arithmetic has no answer: {error}", instance.sizes)
        return dict.fromkeys(wrt, open_)


def _compared(
    instance: Instance, wrt: Sequence[str], assumed: bool, limit: int, seed: int
) -> dict[str, Finding]:
    try:
        exact = _Trial(instance, NormalForms(limit=limit), assumed)
        return {name: _proved(exact, name) for name in wrt}
    except BudgetError:
        return {name: _bounded(instance, name, assumed, seed) for name in wrt}


def same_loss(instance: Instance, *, assumed: bool = False, limit: int = MONOMIALS) -> bool:
    """Whether the loss of the rewritten graph is the composite loss, by exact normal forms."""
    loss = instance.forward.loss or ""
    try:
        trial = _Trial(instance, NormalForms(limit=limit), assumed)
        memo = {node.ref: trial.values[node.name] for node in instance.forward.nodes if node.is_leaf}
        truth = translate(composite(instance.forward, loss), trial.algebra, memo)
        return trial.algebra.equal(trial.values[loss], truth)
    except ExactError:
        return False


class _Trial(Generic[V]):
    """The deltas of an instance, evaluated once over an algebra."""

    def __init__(self, instance: Instance, algebra: Algebra[V], assumed: bool) -> None:
        self.instance, self.algebra, self.assumed = instance, algebra, assumed
        self.values = over(instance, algebra, assumed=assumed)

    def both(self, entry: str) -> tuple[V, V]:
        """Return the delta of an entry and the witness."""
        memo = {node.ref: self.values[node.name] for node in self.instance.forward.nodes}
        truth = translate(self.instance.witness(entry), self.algebra, memo)
        return self.values[self.instance.delta[entry]], truth

    def suspect(self, name: str) -> str:
        """Return the first entry of a node whose delta does not look like the witness."""
        entries = self.instance.entries[name]
        return next((entry for entry in entries if not self.algebra.equal(*self.both(entry))), "")


def _proved(trial: _Trial[Any], name: str) -> Finding:
    started = perf_counter()
    method = "exact normal forms"
    suspect = trial.suspect(name)
    finding = _refuted(trial, suspect, method) if suspect else Finding(CLAIM, "right", "proved", method)
    return _told(finding, trial.instance, started)


def _bounded(instance: Instance, name: str, assumed: bool, seed: int) -> Finding:
    """Evaluate both modulo primes: with open indicators first, which need no luck with the sides of kinks."""
    seeds = range(seed, seed + POINTS)
    found = _at_points(instance, name, assumed, [Residues(s, open_sides=True) for s in seeds])
    if found.verdict != "unknown":
        return found
    return _at_points(instance, name, assumed, [Residues(s) for s in seeds])


def _at_points(instance: Instance, name: str, assumed: bool, residues: Sequence[Residues]) -> Finding:
    started = perf_counter()
    trials = [_Trial(instance, algebra, assumed) for algebra in residues]
    method = f"modulo random 61-bit primes, {POINTS} points"
    suspect = next((entry for trial in trials if (entry := trial.suspect(name))), "")
    if suspect:
        return _told(_refuted(trials[0], suspect, method), trials[0].instance, started)
    degrees, degree = _degree(trials[0].instance, name)
    bound = prod(degrees.chance(degree, field) for field in residues)
    convincing = bound < CONVINCING
    verdict, evidence = ("right", "bounded") if convincing else ("unknown", "none")
    if not convincing:
        method += "; equal there, but with kinks that is no evidence"
    return _told(Finding(CLAIM, verdict, evidence, method, bound=bound), trials[0].instance, started)


def _told(finding: Finding, instance: Instance, started: float) -> Finding:
    return replace(finding, sizes=instance.sizes, seconds=perf_counter() - started)


def _refuted(trial: _Trial[Any], entry: str, method: str) -> Finding:
    """Confirm a difference by numbers: two forms may be equal in ways that the algebra does not know."""

    def compare(algebra: Decimals) -> tuple[Real, Real]:
        return _Trial(trial.instance, algebra, trial.assumed).both(entry)

    if differ(trial.instance, compare):
        return Finding(CLAIM, "wrong", "counterexample", method, where=entry)
    return Finding(
        CLAIM, "unknown", "none", f"{method}: other forms, and no point tells them apart", where=entry
    )


def _degree(instance: Instance, name: str) -> tuple[Degrees, int]:
    """Bound the degree of the difference of delta and witness, over all entries of a node."""
    degrees = Degrees()
    trial = _Trial(instance, degrees, False)
    above = [(one - other).above for one, other in map(trial.both, instance.entries[name])]
    return degrees, max(above)
