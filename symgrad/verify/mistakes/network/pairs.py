"""Two mistakes in one claim, neither of which has to do with the other.

In a row along the chain the quotients of what they give and the gradient multiply, side by side the
differences add up: two mistakes are looked up at a few points, and carried out together where they fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from symgrad.verify.mistakes.network.bench import Bench, effective, finite, same
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.suspects import Suspect, told

NEAR = 1e-9
FAR = 1.2
COORDINATES = 12
MOST = 12
BOTH = 0.5


def pairs(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    """Yield two mistakes of the catalogue that make a claim together, the likeliest first."""
    first, claim = benches[0], claims[0]
    known = [(mutant, gives) for mutant, gives in effective(first, wrt) if _is_usual(mutant)]
    if not known or claim.shape != first.truth(wrt).shape:
        return
    found = (_together(known[k][0], known[m][0]) for k, m in _fitting(first, wrt, claim, known))
    usual = sorted((pair for pair in found if pair is not None), key=lambda pair: pair[2].cost)
    for one, other, both in usual[:MOST]:
        if all(same(b.gradient(both, wrt), c) for b, c in zip(benches, claims, strict=True)):
            yield _suspect(benches, wrt, one, other, both)


def _is_usual(mutant: Mutant) -> bool:
    return not mutant.open and mutant.cost <= FAR


def _together(one: Mutant, other: Mutant) -> tuple[Mutant, Mutant, Mutant] | None:
    """Return two mistakes and both in one; None where they are made on the same edge."""
    first, second = sorted((one, other), key=lambda mutant: mutant.cost)
    edges = [edit.edge.key for edit in (*first.edits, *second.edits)]
    if len(set(edges)) < len(edges):
        return None
    cost = first.cost + second.cost + BOTH
    return first, second, replace(first, edits=(*first.edits, *second.edits), cost=cost)


def _suspect(benches: Sequence[Bench], wrt: str, one: Mutant, other: Mutant, both: Mutant) -> Suspect:
    first, second, whole = (told(benches, wrt, mutant, both.cost) for mutant in (one, other, both))
    text = f"two slips: {first.mistake.text}; and {second.mistake.text}"
    return replace(whole, mistake=replace(whole.mistake, text=text), mends=())


def _fitting(
    bench: Bench, wrt: str, claim: Floating, known: Sequence[tuple[Mutant, Floating]]
) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the mistakes whose quotients multiply, or differences add up, as they should."""
    truth = bench.truth(wrt)
    kept = finite(claim, truth)
    at = [array[kept].ravel() for array in (truth, claim, *(gives for _, gives in known))]
    places = np.flatnonzero(at[0] != 0)[:COORDINATES]
    if len(places) < COORDINATES // 2:
        return
    right, wanted, *each = (values[places] for values in at)
    given = np.array(each)
    quotients, apart = given / right, given - right
    yield from dict.fromkeys(
        chain(
            _equal(quotients[:, None] * quotients[None], wanted / right),
            _equal(apart[:, None] + apart[None], wanted - right),
        )
    )


def _equal(each: Floating, wanted: Floating) -> Iterator[tuple[int, int]]:
    near = (np.abs(each - wanted) <= NEAR * np.abs(wanted).max()).all(axis=2)
    yield from ((int(k), int(m)) for k, m in np.argwhere(near) if k < m)
