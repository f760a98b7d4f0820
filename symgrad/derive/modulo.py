"""Evidence modulo random primes, with a bound for the chance that something wrong passes.

All entries are tried at once, along a random direction: deltas that differ from the witness in one entry
differ along it, but with the probability of a root (Freivalds 1977; Schwartz 1980).  Indicators and roots
are open first, which needs no luck with the sides of kinks.
"""

from collections.abc import Iterable, Sequence
from math import prod
from time import perf_counter

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, with_ones
from symgrad.derive.moved import direction
from symgrad.derive.scalars import evaluate
from symgrad.derive.trials import CLAIM, Trial, V, refuted, told
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.degrees import Degree, Degrees
from symgrad.exact.residues import Residue, Residues

POINTS = 4
CONVINCING = 2.0**-60
METHOD = f"modulo random 61-bit primes, {POINTS} points"


def bounded(
    instance: Instance, wrt: Sequence[str], witness: str, *, assumed: bool, seed: int
) -> dict[str, Finding]:
    """Compare deltas and witness at random points of prime fields."""
    fields = [Residues(s, open_sides=True) for s in range(seed, seed + POINTS)]
    found = _at_points(instance, wrt, witness, fields, assumed=assumed)
    left = [name for name in wrt if found[name].verdict == "unknown" and found[name].where]
    if not left:
        return found
    fields = [Residues(s) for s in range(seed, seed + POINTS)]
    return {**found, **_at_points(instance, left, witness, fields, assumed=assumed)}


def _at_points(
    instance: Instance, wrt: Sequence[str], witness: str, fields: Sequence[Residues], *, assumed: bool
) -> dict[str, Finding]:
    started = perf_counter()
    trials = [Trial(instance, field, witness, assumed=assumed) for field in fields]
    suspects = {} if all(_agrees(trial, wrt) for trial in trials) else _suspects(trials, wrt)
    equal = [name for name in wrt if name not in suspects]
    shown = _judged(_bound(instance, equal, witness, fields, assumed=assumed)) if equal else None
    found: dict[str, Finding] = {}
    for name in wrt:
        finding = refuted(trials[0], suspects[name], METHOD) if name in suspects else shown
        if finding is not None:
            found[name] = told(finding, trials[0], started, len(wrt))
    return found


def _agrees(trial: Trial[Residue], names: Iterable[str]) -> bool:
    entries = (entry for name in names for entry in trial.instance.entries[name])
    return trial.agrees(direction(entries, trial.algebra))


def _suspects(trials: Sequence[Trial[Residue]], wrt: Sequence[str]) -> dict[str, str]:
    """Return, for every node whose delta does not look like the witness, the first such entry."""
    doubted = (name for name in wrt if not all(_agrees(trial, [name]) for trial in trials))
    found = {name: next((e for trial in trials if (e := trial.suspect(name))), "") for name in doubted}
    return {name: entry for name, entry in found.items() if entry}


def _judged(bound: float) -> Finding:
    if bound < CONVINCING:
        return Finding(CLAIM, "right", "bounded", METHOD, bound=bound)
    return Finding(CLAIM, "unknown", "none", f"{METHOD}; equal there, but that is no evidence", bound=bound)


def _bound(
    instance: Instance, wrt: Sequence[str], witness: str, fields: Sequence[Residues], *, assumed: bool
) -> float:
    """Bound the chance that deltas which are wrong in some entry agree with the witness at all points."""
    degrees = Degrees()
    trial = Trial(instance, degrees, witness, assumed=assumed)
    entries = (entry for name in wrt for entry in instance.entries[name])
    deltas, truth = trial.both(direction(entries, degrees))
    return _chance(degrees, deltas - truth, fields)


def _chance(degrees: Degrees, difference: Degree, fields: Sequence[Residues]) -> float:
    return prod(degrees.chance(difference.above, field) for field in fields)


def same_loss_modulo(instance: Instance, *, assumed: bool, seed: int = 0) -> bool:
    """Whether the loss of the rewritten graph is the loss, at random points and with a convincing bound."""
    fields = [Residues(s, open_sides=True) for s in range(seed, seed + POINTS)]
    degrees = Degrees()
    try:
        if not all(_difference(instance, field, assumed=assumed).is_zero() for field in fields):
            return False
        return _chance(degrees, _difference(instance, degrees, assumed=assumed), fields) < CONVINCING
    except ExactError:
        return False


def _difference(instance: Instance, algebra: Algebra[V], *, assumed: bool) -> V:
    given = with_ones(instance, algebra) if assumed else {}
    rewritten = evaluate(instance.backward, algebra, given)[instance.loss]
    return rewritten - evaluate(instance.forward, algebra, given)[instance.loss]
