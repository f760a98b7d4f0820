"""Which other gradient tells the mistake that is named from one that gives the same here."""

from collections.abc import Iterator, Sequence
from itertools import islice

from symgrad.verify.mistakes.network.bench import ENOUGH, Bench, effective, finite, same
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.suspects import Suspect, told

MOST_ALIKE = 8


def telling(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Floating], kept: Sequence[Suspect]
) -> Iterator[str]:
    """Name another parameter whose gradient tells the first explanation from one that gives the same."""
    first, best = benches[0], kept[0].mutant
    second = kept[1].mutant if len(kept) > 1 else None
    alike = islice(_alike(benches, wrt, claims), MOST_ALIKE)
    for mutant in (*([second] if second else []), *alike):
        other = _apart(first, wrt, best, mutant)
        if other and mutant is second:
            yield f"the gradient of {other} would tell the first two apart"
        elif other:
            words = told(benches, wrt, mutant, mutant.cost).mistake.text
            yield f"the same comes out if {words}; the gradient of {other} would tell"
        if other:
            return


def _alike(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> list[Mutant]:
    """Return the mistakes of the catalogue that give a claim, the likeliest first."""
    found = (mutant for mutant, gives in effective(benches[0], wrt) if same(gives, claims[0]))
    rest = list(zip(benches[1:], claims[1:], strict=True))
    fitting = (m for m in found if all(same(b.gradient(m, wrt), claim) for b, claim in rest))
    return sorted(fitting, key=lambda mutant: mutant.cost)


def _apart(bench: Bench, wrt: str, one: Mutant | None, other: Mutant) -> str:
    """Return a parameter whose gradient differs by two mistakes; without the first it is right there."""
    owners = {bench.place(name)[0]: name for name in reversed(bench.posed.view.parameters)}
    for owner, name in reversed(owners.items()):
        if owner != bench.place(wrt)[0]:
            here = bench.truth(name) if one is None else bench.gradient(one, name)
            there = bench.gradient(other, name)
            if finite(here, there).sum() >= ENOUGH and not same(here, there):
                return name
    return ""
