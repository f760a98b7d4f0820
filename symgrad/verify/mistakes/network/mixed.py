"""Two mistakes, one of them a factor of the whole, the other on some paths or on one edge of the neuron view.

The factor is divided out of the claim; what is left must have one mistake.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from symgrad.verify.mistakes.network.bench import Bench, effective, finite, same
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.exactly import gradient
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.pairs import BOTH, is_usual
from symgrad.verify.mistakes.network.ratio import Constant
from symgrad.verify.mistakes.network.suspects import Suspect, on_the_way, told
from symgrad.verify.networks.posing import Slots, entrywise

NUMBERS = tuple(map(Constant, (Fraction(-1), Fraction(2), Fraction(1, 2))))
# What stands at an edge by chance is no second mistake.
FAR = 1.7


@dataclass(frozen=True)
class _Factor:
    """A mistake that multiplies the whole gradient, with what it then gives."""

    text: str
    cost: float
    by: Floating
    gives: Callable[[], Slots]


def mixed(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    """Yield two mistakes that make a claim about one entry together, the likeliest first."""
    first, claim = benches[0], claims[0]
    if len(benches) > 1 or first.posed.view.level != "neuron" or claim.shape[1] != 1:
        return
    found = [
        _both(first, wrt, factor, single)
        for factor in _factors(first, wrt)
        for single in on_the_way(first, wrt, claim / factor.by)
        if single.cost <= FAR
    ]
    yield from sorted(found, key=lambda one: one.cost)


def _factors(bench: Bench, wrt: str) -> Iterator[_Factor]:
    truth, right = bench.truth(wrt), bench.posed.delta(wrt)
    for by in NUMBERS:
        gives = partial(entrywise, lambda slot, number=by.number: slot * number, right)
        yield _Factor(by.text, 1.0, truth * 0 + float(by.number), gives)
    seen = [truth * float(by.number) for by in NUMBERS]
    for mutant, found in sorted(effective(bench, wrt), key=lambda pair: pair[0].cost):
        if not (is_usual(mutant) and _is_common(bench, wrt, mutant)):
            continue
        if (found[finite(found)] != 0).any() and not any(same(found, one) for one in seen):
            seen.append(found)
            text = told([bench], wrt, mutant, mutant.cost).mistake.text
            yield _Factor(text, mutant.cost, found / truth, partial(gradient, bench, wrt, mutant.edits))


def _is_common(bench: Bench, wrt: str, mutant: Mutant) -> bool:
    """Whether a mistake is made at one place, where all paths may pass."""
    return len(mutant.edits) == 1 and len(bench.ways(wrt, mutant.edits[0].edge)) == 1


def _both(bench: Bench, wrt: str, factor: _Factor, single: Suspect) -> Suspect:
    text = f"two slips: {single.mistake.text}; and {factor.text}"

    def gives(k: int) -> Slots:
        parts = single.gives(k), factor.gives(), bench.posed.delta(wrt)
        return entrywise(lambda one, other, right: one * other / right, *parts)

    cost = single.cost + factor.cost + BOTH
    return replace(single, cost=cost, mistake=replace(single.mistake, text=text), gives=gives, mends=())
