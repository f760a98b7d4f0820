"""Deltas against witnesses that use no edges.

1. `sympy.diff` of the instantiated loss, by exact normal forms: a proof at these sizes.
2. Where normal forms grow too large: the same modulo random primes, with a bound for the error.
3. Where already the loss as one formula is too long: the loss over dual numbers, modulo random primes.
"""

from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance
from symgrad.derive.modulo import CONVINCING, bounded, same_loss_modulo
from symgrad.derive.moved import written_length
from symgrad.derive.scalars import composite
from symgrad.derive.trials import CLAIM, COMPOSITE, DUALS, Trial, refuted, told
from symgrad.exact.algebra import BudgetError, ExactError
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.translate import translate

MONOMIALS = 200_000
WORK = 1_000_000
# How long the loss may be as one formula, times the entries that it is derived by.
WRITTEN = 20_000


def against_witness(
    instance: Instance, wrt: Sequence[str], *, assumed: bool = False, limit: int = MONOMIALS, seed: int = 0
) -> dict[str, Finding]:
    """Compare the deltas of all entries of some nodes with the derivative of the loss by a witness.

    Parameters
    ----------
    assumed
        Whether the deltas were simplified under the declared sums of the targets; then both sides are
        compared on targets that satisfy them.
    limit
        How many monomials a normal form may have before evaluation modulo random primes takes over.
    """
    entries = sum(len(instance.entries[name]) for name in wrt)
    witness = COMPOSITE if _written(instance, entries) else DUALS
    try:
        if witness == COMPOSITE:
            with suppress(BudgetError):
                exact = Trial(instance, NormalForms(limit=limit, work=WORK), witness, assumed=assumed)
                return {name: _proved(exact, name) for name in wrt}
        return bounded(instance, wrt, witness, assumed=assumed, seed=seed)
    except ExactError as error:
        method = f"exact arithmetic has no answer: {error}"
        open_ = Finding(CLAIM, "unknown", "none", method, instance.sizes, witness=witness)
        return dict.fromkeys(wrt, open_)


def _written(instance: Instance, count: int) -> bool:
    """Whether the loss can be written as one formula and derived by so many entries."""
    return written_length(instance.forward, instance.loss) * count <= WRITTEN


def _proved(trial: Trial[Any], name: str) -> Finding:
    started = perf_counter()
    method = "exact normal forms"
    suspect = trial.suspect(name)
    finding = refuted(trial, suspect, method) if suspect else Finding(CLAIM, "right", "proved", method)
    return told(finding, trial, started)


def same_loss(instance: Instance, *, assumed: bool = False, limit: int = MONOMIALS) -> str:
    """Return the evidence that the loss of the rewritten graph is the loss.

    Returns
    -------
    str
        ``proved`` by exact normal forms, ``bounded`` modulo random primes, ``none`` where neither shows it.
    """
    if _written(instance, 1):
        with suppress(BudgetError):
            return "proved" if _equal_losses(instance, limit, assumed=assumed) else "none"
    return "bounded" if same_loss_modulo(instance, assumed=assumed) else "none"


def _equal_losses(instance: Instance, limit: int, *, assumed: bool) -> bool:
    algebra = NormalForms(limit=limit, work=WORK)
    try:
        trial = Trial(instance, algebra, COMPOSITE, assumed=assumed)
        truth = translate(composite(instance.forward, instance.loss), algebra, dict(trial.known))
        return algebra.equal(trial.values[instance.loss], truth)
    except BudgetError:
        raise
    except ExactError:
        return False


__all__ = ["CONVINCING", "MONOMIALS", "against_witness", "same_loss"]
