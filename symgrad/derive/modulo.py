"""Evidence modulo random primes, with a bound for the chance that something wrong passes.

All entries are tried at once, along a random direction: deltas that differ from the witness in one entry
differ along it, but with the probability of a root (Freivalds 1977; Schwartz 1980).  What is computed is
written down once and carried out at every point.  Indicators and roots are open first, which needs no luck
with the sides of kinks; what needs s² = s is tried on every combination of sides.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, with_ones
from symgrad.derive.moved import direction
from symgrad.derive.scalars import evaluate
from symgrad.derive.trials import CLAIM, Trial, V, refuted, told
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.degrees import Degrees
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Slot, Tape, run

POINTS = 4
MOST_POINTS = 24
REGIONS = 64
CONVINCING = 2.0**-60

Sides = tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """Two values that should be equal, as a computation."""

    one: Slot
    other: Slot

    def over(self, algebra: Algebra[V]) -> tuple[V, V]:
        """Carry the computation out over an algebra."""
        one, other = run(self.one.tape, algebra, self.one, self.other)
        return one, other

    @property
    def chance(self) -> "Chance":
        """The degrees of the difference."""
        degrees = Degrees()
        one, other = self.over(degrees)
        return Chance(degrees, (one - other).above)

    def equal_in(self, field: Residues) -> bool:
        """Whether the two are equal at one point."""
        return field.equal(*self.over(field))


@dataclass(frozen=True)
class Chance:
    """What bounds the chance that two different values agree at a point."""

    degrees: Degrees
    degree: int

    def at(self, field: Residues) -> float:
        """Return the bound for one point."""
        return self.degrees.chance(self.degree, field)


@dataclass(frozen=True)
class Agreement:
    """At how many points two values agreed, and the bound; a field in which they differ, if there is one."""

    points: int
    bound: float
    against: Residues | None = None

    @property
    def convinces(self) -> bool:
        """Whether the two agreed, and that is evidence."""
        return self.against is None and self.bound < CONVINCING

    @property
    def method(self) -> str:
        """How it was found, in words."""
        return f"modulo random 61-bit primes, {self.points} points"


def bounded(
    instance: Instance, wrt: Sequence[str], witness: str, *, assumed: bool, seed: int
) -> dict[str, Finding]:
    """Compare deltas and witness at random points of prime fields."""
    if not wrt:
        return {}
    started = perf_counter()
    trial = Trial(instance, Tape(), witness, assumed=assumed)
    found = _compared(trial, wrt, seed)
    return {name: told(finding, trial, started, len(wrt)) for name, finding in found.items()}


def _compared(trial: Trial[Slot], wrt: Sequence[str], seed: int) -> dict[str, Finding]:
    """Compare along one direction for all nodes; one by one only where that fails."""
    entries = (entry for name in wrt for entry in trial.instance.entries[name])
    comparison = Comparison(*trial.both(direction(entries, trial.algebra)))
    opened = _opened(comparison, seed)
    if opened.against is not None and len(wrt) > 1:
        return {name: _compared(trial, [name], seed)[name] for name in wrt}
    return dict.fromkeys(wrt, _judged(trial, wrt[0], comparison, opened, seed))


def _judged(trial: Trial[Slot], name: str, comparison: Comparison, opened: Agreement, seed: int) -> Finding:
    """Judge by points with open sides; where these do not convince, by every combination of sides."""
    if opened.convinces:
        return Finding(CLAIM, "right", "bounded", opened.method, bound=opened.bound)
    refutation = _refutation(trial, name, opened)
    if refutation is not None and refutation.verdict == "wrong":
        return refutation
    closed = _in_regions(comparison, seed)
    if closed is not None and closed.convinces:
        return Finding(CLAIM, "right", "bounded", closed.method, bound=closed.bound)
    method = f"{opened.method}; equal there, but that is no evidence"
    open_ = Finding(CLAIM, "unknown", "none", method, bound=opened.bound)
    return _refutation(trial, name, closed) or refutation or open_


def _refutation(trial: Trial[Slot], name: str, found: Agreement | None) -> Finding | None:
    if found is None or found.against is None:
        return None
    suspect = Trial(trial.instance, found.against, trial.witness, assumed=trial.assumed).suspect(name)
    return refuted(trial, suspect or trial.instance.entries[name][0], found.method)


def agreement(comparison: Comparison, seed: int) -> Agreement:
    """Compare with open sides, and where these differ or do not convince on every combination of sides."""
    opened = _opened(comparison, seed)
    return opened if opened.convinces else _in_regions(comparison, seed) or opened


def _opened(comparison: Comparison, seed: int) -> Agreement:
    fields = (Residues(s, open_sides=True) for s in _seeds(seed))
    return _at_points(comparison, comparison.chance, fields)


def _seeds(seed: int) -> range:
    return range(seed, seed + MOST_POINTS)


def _at_points(comparison: Comparison, chance: Chance, fields: Iterable[Residues]) -> Agreement:
    """Compare at four points, and at more while the bound does not convince but could."""
    bound = 1.0
    count = 0
    for count, field in enumerate(fields, 1):
        if not comparison.equal_in(field):
            return Agreement(count, 1.0, field)
        here = chance.at(field)
        bound *= here
        if here**MOST_POINTS >= CONVINCING or (count >= POINTS and bound < CONVINCING):
            break
    return Agreement(count, bound)


def _in_regions(comparison: Comparison, seed: int) -> Agreement | None:
    """Compare on every combination of sides of the kinks, each at points enough for a bound.

    What is wrong is wrong on some combination, so the bound is that of the worst of them.  None where there
    are too many, or one of them has no values: it may contradict itself.
    """
    with suppress(ExactError):
        sides = _combinations(comparison, seed)
        found = [] if sides is None else _on_each(comparison, sides, seed)
        if found:
            worst = max(found, key=lambda one: (one.against is not None, one.bound))
            return replace(worst, points=sum(one.points for one in found))
    return None


def _on_each(comparison: Comparison, combinations: Sequence[Sides], seed: int) -> list[Agreement]:
    chance = comparison.chance
    return [
        _at_points(comparison, chance, (Residues(s, sides=sides) for s in _seeds(seed)))
        for sides in combinations
    ]


def _combinations(comparison: Comparison, seed: int) -> list[Sides] | None:
    """Return the combinations of sides, found by a search; None where there are too many or only one."""
    found: list[Sides] = []
    waiting: list[Sides] = [()]
    while waiting:
        if len(found) == REGIONS:
            return None
        first = waiting.pop()
        field = Residues(seed, sides=first)
        comparison.over(field)
        found.append(field.sides_taken)
        waiting += [(*found[-1][:k], 1) for k in range(len(first), len(found[-1]))]
    return found if len(found) > 1 else None


def same_loss_modulo(instance: Instance, *, assumed: bool, seed: int = 0) -> bool:
    """Whether the loss of the rewritten graph is the loss, at random points and with a convincing bound."""
    try:
        found = agreement(Comparison(*_losses(instance, Tape(), assumed=assumed)), seed)
    except ExactError:
        return False
    return found.convinces


def _losses(instance: Instance, algebra: Algebra[V], *, assumed: bool) -> tuple[V, V]:
    given = with_ones(instance, algebra) if assumed else {}
    rewritten = evaluate(instance.backward.restricted([instance.loss]), algebra, given)[instance.loss]
    return rewritten, evaluate(instance.forward, algebra, given)[instance.loss]
