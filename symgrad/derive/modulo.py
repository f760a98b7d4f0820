"""Evidence modulo random primes, with a bound for the chance that something wrong passes.

All entries are tried at once, along a random direction: deltas that differ from the witness in one entry
differ along it, but with the probability of a root (Freivalds 1977; Schwartz 1980).  What is computed is
written down once and carried out at every point.
"""

from collections.abc import Sequence
from time import perf_counter

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, with_ones
from symgrad.derive.moved import direction
from symgrad.derive.scalars import evaluate
from symgrad.derive.trials import CLAIM, Trial, V, refuted, told
from symgrad.exact.agreement import CONVINCING, Agreement, Equation, opened
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.regions import agreement, in_regions
from symgrad.exact.tapes import Slot


def bounded(
    instance: Instance, wrt: Sequence[str], witness: str, *, assumed: bool, seed: int
) -> dict[str, Finding]:
    """Compare deltas and witness at random points of prime fields."""
    if not wrt:
        return {}
    started = perf_counter()
    trial = Trial(instance, instance.runs.tape, witness, assumed=assumed)
    found = _compared(trial, wrt, seed)
    return {name: told(finding, trial, started, len(wrt)) for name, finding in found.items()}


def _compared(trial: Trial[Slot], wrt: Sequence[str], seed: int) -> dict[str, Finding]:
    """Compare along one direction for all nodes; one by one only where that fails."""
    entries = (entry for name in wrt for entry in trial.instance.entries[name])
    equation = Equation(*trial.both(direction(entries, trial.algebra)), trial.instance.runs)
    open_sides = opened(equation, seed)
    if open_sides.against is not None and len(wrt) > 1:
        return {name: _compared(trial, [name], seed)[name] for name in wrt}
    return dict.fromkeys(wrt, _judged(trial, wrt[0], equation, open_sides, seed))


def _judged(trial: Trial[Slot], name: str, equation: Equation, open_sides: Agreement, seed: int) -> Finding:
    """Judge by points with open sides; where these do not convince, by every combination of sides."""
    if open_sides.convinces:
        return Finding(CLAIM, "right", "bounded", open_sides.method, bound=open_sides.bound)
    refutation = _refutation(trial, name, open_sides)
    if refutation is not None and refutation.verdict == "wrong":
        return refutation
    closed = in_regions(equation, seed)
    if closed is not None and closed.convinces:
        return Finding(CLAIM, "right", "bounded", closed.method, bound=closed.bound)
    method = f"{open_sides.method}; equal there, but that is no evidence"
    open_ = Finding(CLAIM, "unknown", "none", method, bound=open_sides.bound)
    return _refutation(trial, name, closed) or refutation or open_


def _refutation(trial: Trial[Slot], name: str, found: Agreement | None) -> Finding | None:
    if found is None or found.against is None:
        return None
    suspect = Trial(trial.instance, found.against, trial.witness, assumed=trial.assumed).suspect(name)
    return refuted(trial, suspect or trial.instance.entries[name][0], found.method)


def same_loss_modulo(instance: Instance, *, assumed: bool, seed: int = 0) -> bool:
    """Whether the loss of the rewritten graph is the loss, at random points and with a convincing bound."""
    try:
        pair = losses(instance, instance.runs.tape, assumed=assumed)
        found = agreement(Equation(*pair, instance.runs), seed)
    except ExactError:
        return False
    return found.convinces


def losses(instance: Instance, algebra: Algebra[V], *, assumed: bool) -> tuple[V, V]:
    """Return the loss as the rewritten graph has it, and as it is defined."""
    given = with_ones(instance, algebra) if assumed else {}
    rewritten = evaluate(instance.backward.restricted([instance.loss]), algebra, given)[instance.loss]
    return rewritten, evaluate(instance.forward, algebra, given)[instance.loss]


__all__ = ["CONVINCING", "bounded", "losses", "same_loss_modulo"]
