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
from symgrad.derive.modulo import CONVINCING, bounded, losses, same_loss_modulo
from symgrad.derive.moved import written_length
from symgrad.derive.trials import CLAIM, COMPOSITE, DUALS, Trial, refuted, told
from symgrad.exact.algebra import BudgetError, ExactError
from symgrad.exact.normalforms import NormalForms

MONOMIALS = 200_000
WORK = 1_000_000
# How long the loss may be as one formula, times the entries that it is derived by.
WRITTEN = 10_000


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
    exact = proofs(instance, wrt, assumed=assumed, limit=limit)
    rest = [name for name in wrt if name not in exact]
    return {**exact, **evaluations(instance, rest, assumed=assumed, seed=seed)}


def proofs(
    instance: Instance,
    wrt: Sequence[str],
    *,
    assumed: bool = False,
    limit: int = MONOMIALS,
    work: int = WORK,
) -> dict[str, Finding]:
    """Compare by exact normal forms.

    Nothing is returned where the loss is too long or the forms grow too large, nor for a node whose forms
    differ while its numbers do not.
    """
    if not _written(instance, wrt):
        return {}
    with suppress(ExactError):
        exact = Trial(instance, NormalForms(limit=limit, work=work), COMPOSITE, assumed=assumed)
        found = {name: _proved(exact, name) for name in wrt}
        return {name: finding for name, finding in found.items() if finding.verdict != "unknown"}
    return {}


def evaluations(
    instance: Instance, wrt: Sequence[str], *, assumed: bool = False, seed: int = 0
) -> dict[str, Finding]:
    """Compare by evaluation modulo random primes."""
    witness = COMPOSITE if _written(instance, wrt) else DUALS
    try:
        return bounded(instance, wrt, witness, assumed=assumed, seed=seed)
    except ExactError as error:
        method = f"exact arithmetic has no answer: {error}"
        open_ = Finding(CLAIM, "unknown", "none", method, instance.sizes, witness=witness)
        return dict.fromkeys(wrt, open_)


def _written(instance: Instance, wrt: Sequence[str]) -> bool:
    """Whether the loss can be written as one formula and derived by all entries of some nodes."""
    count = sum(len(instance.entries[name]) for name in wrt)
    return written_length(instance.forward, instance.loss) * count <= WRITTEN


def _proved(trial: Trial[Any], name: str) -> Finding:
    started = perf_counter()
    method = "exact normal forms"
    suspect = trial.suspect(name)
    finding = refuted(trial, suspect, method) if suspect else Finding(CLAIM, "right", "proved", method)
    return told(finding, trial, started)


def same_loss(instance: Instance, *, assumed: bool = False, exact: bool = True) -> str:
    """Return the evidence that the loss of the rewritten graph is the loss.

    Parameters
    ----------
    exact
        Whether normal forms are tried before evaluation modulo random primes.

    Returns
    -------
    str
        ``proved`` by exact normal forms, ``bounded`` modulo random primes, ``none`` where neither shows it.
    """
    if exact and written_length(instance.forward, instance.loss) <= WRITTEN:
        with suppress(BudgetError):
            return "proved" if _equal_losses(instance, assumed=assumed) else "none"
    return "bounded" if same_loss_modulo(instance, assumed=assumed) else "none"


def _equal_losses(instance: Instance, *, assumed: bool) -> bool:
    algebra = NormalForms(limit=MONOMIALS, work=WORK)
    try:
        return algebra.equal(*losses(instance, algebra, assumed=assumed))
    except BudgetError:
        raise
    except ExactError:
        return False


__all__ = ["CONVINCING", "MONOMIALS", "against_witness", "evaluations", "proofs", "same_loss"]
