"""The deltas of an instance beside a witness of the gradient, over one algebra.

The witness is `sympy.diff` of the loss as one formula, or the loss over dual numbers where that formula
would be too long.  Neither uses edges.
"""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, Generic, TypeVar

import sympy as sp

from symgrad.derive.curves import Moving
from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, differ, over
from symgrad.derive.kept import kept
from symgrad.derive.moved import tangent
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref, quantity
from symgrad.model.functions import Equal

V = TypeVar("V", bound=Value)

CLAIM = "gradient"
COMPOSITE = "sympy.diff of the loss"
DUALS = "the loss over dual numbers"


class Trial(Generic[V]):
    """The deltas, evaluated once, and what they are held against along any direction.

    Parameters
    ----------
    assumed
        Whether the targets add up to 1, as they are declared to.
    witness
        `COMPOSITE` or `DUALS`.
    """

    def __init__(self, instance: Instance, algebra: Algebra[V], witness: str, *, assumed: bool) -> None:
        self.instance, self.algebra, self.witness, self.assumed = instance, algebra, witness, assumed
        memo: dict[sp.Expr, V] = {}
        self.values = over(instance, algebra, assumed=assumed, memo=memo)
        self._known = _as_read(memo)
        self._known |= {Moving(entry): self.values[entry] for entry in instance.moving}

    def value(self, witness: sp.Expr) -> V:
        """Return the value of a formula over entries; what formulas have in common is computed once."""
        return translate(witness, self.algebra, self._known)

    def both(self, along: Mapping[str, V]) -> tuple[V, V]:
        """Return the derivative along a direction, by the deltas and by the witness."""
        deltas = (weight * self.values[self.instance.delta[entry]] for entry, weight in along.items())
        return self.algebra.total(deltas), self._truth(along)

    def _truth(self, along: Mapping[str, V]) -> V:
        if self.witness == DUALS:
            given = {n.name: self.values[n.name] for n in self.instance.forward.nodes if n.is_leaf}
            question = ("tangent", *given.items(), *along.items())
            return kept(
                self.instance.forward, question, lambda: tangent(self.instance, self.algebra, given, along)
            )
        moving = {entry: weight for entry, weight in along.items() if entry in self.instance.moving}
        alone = [w * self.value(self.instance.witness(e)) for e, w in along.items() if e not in moving]
        if moving:
            alone.append(self.instance.curve.along(moving, self.algebra, self._known))
        return self.algebra.total(alone)

    def along_entry(self, entry: str) -> tuple[V, V]:
        """Return the derivative by one entry, by the deltas and by the witness."""
        return self.both({entry: self.algebra.number(1)})

    def agrees(self, along: Mapping[str, V]) -> bool:
        """Whether the two agree along a direction."""
        return self.algebra.equal(*self.both(along))

    def suspect(self, name: str) -> str:
        """Return the first entry of a node whose delta does not look like the witness."""
        entries = self.instance.entries[name]
        return next((e for e in entries if not self.algebra.equal(*self.along_entry(e))), "")


def _as_read(memo: Mapping[sp.Expr, V]) -> dict[sp.Expr, V]:
    """Return the values of accesses and of positions of maxima, of accesses as symbols too."""
    accesses = {e: value for e, value in memo.items() if isinstance(e, Ref)}
    symbols = {access: quantity(access.name) for access in accesses}
    positions = {e: value for e, value in memo.items() if isinstance(e, Equal)}
    both = accesses | positions
    return both | {e.xreplace(symbols): value for e, value in both.items()}


def refuted(trial: Trial[Any], entry: str, method: str) -> Finding:
    """Confirm a difference by numbers: two forms may be equal in ways that the algebra does not know."""

    def compare(algebra: Decimals) -> tuple[Real, Real]:
        return Trial(trial.instance, algebra, trial.witness, assumed=trial.assumed).along_entry(entry)

    if differ(trial.instance, compare):
        return Finding(CLAIM, "wrong", "counterexample", method, where=entry)
    method += ": other forms, and no point tells them apart"
    return Finding(CLAIM, "unknown", "none", method, where=entry)


def told(finding: Finding, trial: Trial[Any], started: float, share: int = 1) -> Finding:
    """Say of a finding at which sizes, against what, and in which time, of which it has a share."""
    seconds = (perf_counter() - started) / share
    return replace(finding, sizes=trial.instance.sizes, witness=trial.witness, seconds=seconds)
