"""What went wrong in a derivation of a network, in five steps.

1. Ratio: the claim is a multiple of the gradient.
2. Fingerprints: the claim is what a mistake of the catalogue gives, or a multiple of that.
3. Paths: some are missing, or counted twice, or have the other sign.
4. One edge carries another partial, and that is a quantity of the network.
5. Residue: the claim has a term of a penalty too many.

What is left may be a slip of the pen, right under a condition, or two mistakes at once.
Everything is looked for in floats, at points of the domain, and what is found is confirmed exactly.  Junk
stays without a diagnosis.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from math import inf

import numpy as np
import sympy as sp

from symgrad.exact.algebra import ExactError
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.mistakes.network.bench import Bench, constant, effective, same
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.conditions import under_conditions
from symgrad.verify.mistakes.network.ends import shown_ends
from symgrad.verify.mistakes.network.exactly import gradient
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.local import counted_paths, one_edge
from symgrad.verify.mistakes.network.mend import Exchange, Factor, Mend, missing_factor, of_constant
from symgrad.verify.mistakes.network.pairs import pairs
from symgrad.verify.mistakes.network.quotient import Between, between, of_another
from symgrad.verify.mistakes.network.ratio import Constant, constant_of, penalty, ratio
from symgrad.verify.mistakes.network.slips.search import Spelled
from symgrad.verify.mistakes.network.suspects import Suspect, of_paths, of_slips, told
from symgrad.verify.mistakes.ranking import Explanation, ranked
from symgrad.verify.networks.posing import Slots, entrywise, scalar
from symgrad.verify.verdict import Mistake

TRIED = 8
ENOUGH = 3
PAIR = 1.5
FEW = 3

Confirm = Callable[[int, Slots, Domain | None], bool]


@dataclass(frozen=True)
class Diagnosis:
    """The explanations of a claim, what would tell them apart, and what may mend the claim."""

    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    mends: tuple[Mend, ...] = ()


def diagnose(
    benches: Sequence[Bench],
    wrt: str,
    claims: Sequence[Slots],
    confirm: Confirm,
    spelled: Spelled | None = None,
    until: float = inf,
) -> Diagnosis:
    """Explain a wrong claim.

    Parameters
    ----------
    benches, claims
        The network at one or two choices of sizes, and the claim there.
    confirm
        Whether what a suspect gives is the claim, exactly, at one of these choices.
    spelled
        The claim as it was written, where it is a formula.
    until
        When slips of the pen are no longer looked for.
    """
    with np.errstate(all="ignore"):
        found = [bench.claimed(claim) for bench, claim in zip(benches, claims, strict=True)]
        suspects = sorted(_suspects(benches, wrt, found), key=lambda one: one.cost)
        sure = [one for one in _first(suspects) if _confirmed(one, len(benches), confirm)]
        if not sure and spelled is not None:
            slips_ = islice(of_slips(benches, wrt, claims, spelled, until), TRIED)
            sure = [one for one in slips_ if _confirmed(one, len(benches), confirm)]
        if not sure:
            further = chain(under_conditions(benches, wrt, claims), pairs(benches, wrt, found))
            sure = list(islice((one for one in further if _confirmed(one, len(benches), confirm)), ENOUGH))
    mistakes = ranked(Explanation(one.cost, one.mistake) for one in sure)
    kept = [one for one in sure if one.mistake in mistakes]
    notes = tuple(_telling(benches[0], wrt, kept))
    if not mistakes:
        return Diagnosis()
    mends = (mend for one in sure for mend in one.mends)
    return Diagnosis(mistakes, notes, (*_factor(benches[0], wrt, found[0]), *mends))


def _factor(bench: Bench, wrt: str, claim: Floating) -> Iterator[Factor]:
    """Yield the factor of the chain that makes the claim right, if there is one."""
    with np.errstate(all="ignore"):
        factor = missing_factor(bench, wrt, claim)
    if factor is not None:
        yield factor


def _first(suspects: Sequence[Suspect]) -> list[Suspect]:
    """Return the best suspects, those that would be told in the same words once."""
    found = {(s.mistake.kind, s.mistake.place): s for s in reversed(suspects)}
    return sorted(found.values(), key=lambda one: one.cost)[:TRIED]


def _confirmed(suspect: Suspect, count: int, confirm: Confirm) -> bool:
    try:
        where = suspect.domain or _everywhere
        return all(confirm(k, suspect.gives(k), where(k)) for k in range(count))
    except ExactError:
        return False


def _everywhere(_: int) -> None:
    return None


def _suspects(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    by = ratio(benches, wrt, claims)
    if by is not None:
        mistake, mends = Mistake(by.kind, "", by.text), (of_constant(by),)
        yield Suspect(0.0, mistake, lambda k: _multiple(benches[k], wrt, by), mends=mends)
    multiples = {"wrong_sign", "factor_2", "constant_factor"}
    prints = _fingerprints(benches, wrt, claims, pairs=by is None)
    yield from (one for one in prints if by is None or one.mistake.kind not in multiples)
    if by is None:
        yield from _of_others(benches, wrt, claims)
        yield from _local(benches, wrt, claims)
        yield from _residue(benches, wrt, claims)


def _multiple(bench: Bench, wrt: str, by: Constant) -> Slots:
    return entrywise(lambda slot: slot * by.at(bench.posed.sizes), bench.posed.delta(wrt))


def _fingerprints(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Floating], *, pairs: bool
) -> Iterator[Suspect]:
    first = benches[0]
    truth = first.truth(wrt)
    for mutant, gives in effective(first, wrt):
        if mutant.open:
            yield from _open(benches, wrt, claims, mutant, gives - truth)
        elif same(gives, claims[0]) and all(_matches(b, mutant, wrt, c) for b, c in _others(benches, claims)):
            yield told(benches, wrt, mutant, mutant.cost)
        elif pairs:
            yield from _scaled(benches, wrt, claims, mutant, gives)


def _others(benches: Sequence[Bench], claims: Sequence[Floating]) -> list[tuple[Bench, Floating]]:
    return list(zip(benches[1:], claims[1:], strict=True))


def _matches(bench: Bench, mutant: Mutant, wrt: str, claim: Floating) -> bool:
    return same(bench.gradient(mutant, wrt), claim)


def _scaled(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Floating], mutant: Mutant, gives: Floating
) -> Iterator[Suspect]:
    """Yield a mistake that explains the claim together with a constant."""
    if constant(claims[0], gives) is None:
        return
    each = [gives, *(b.gradient(mutant, wrt) for b in benches[1:])]
    by = constant_of([constant(claim, one) for claim, one in zip(claims, each, strict=True)], benches)
    simple = by is not None and abs(by.number) in (1, 2, Fraction(1, 2))
    if by is None or not simple or same(gives, claims[0]):
        return
    found = told(benches, wrt, mutant, mutant.cost + PAIR)
    text = f"two slips: {found.mistake.text}; and {by.text}"
    yield replace(
        found,
        mistake=replace(found.mistake, text=text),
        gives=lambda k: entrywise(lambda slot: slot * by.at(benches[k].posed.sizes), found.gives(k)),
    )


def _open(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Floating], mutant: Mutant, moved: Floating
) -> Iterator[Suspect]:
    """Yield a mistake whose size is open, as the step is that an updated weight has made."""
    by = constant_of([constant(claims[0] - benches[0].truth(wrt), moved)], benches[:1])
    if by is None or by.size or by.number == 0:
        return
    step = -by.number
    edit = mutant.edits[0]
    partial = edit.edge.partial + sp.Rational(by.number.numerator, by.number.denominator) * (
        edit.partial - edit.edge.partial
    )
    sized = replace(
        mutant, edits=(replace(edit, partial=partial),), text=f"{mutant.text}, with the step {step}"
    )
    if all(_matches(b, sized, wrt, c) for b, c in _others(benches, claims)):
        yield told(benches, wrt, sized, mutant.cost)


def _local(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    first = benches[0]
    counted = counted_paths(first, wrt, claims[0])
    if counted is not None and counted.wrong:
        yield of_paths(first, wrt, dict(zip(counted.paths, counted.times, strict=True)))
    if len(benches) == 1:
        yield from _quotients(first, wrt, claims[0])
        for mutant, place, mends in one_edge(first, wrt, claims[0]):
            ends = shown_ends(first, place.edge, [place.number])
            text = mutant.text.replace("{parent}", ends[0]).replace("{child}", ends[1])
            mistake = Mistake(mutant.kind, " -> ".join(ends), text)
            yield Suspect(mutant.cost, mistake, _giving(first, wrt, mutant), mutant, mends)


def _of_others(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    for mistake, other in of_another(benches[0], wrt, claims[0]):
        yield Suspect(1.4, mistake, _delta(benches, other))


def _delta(benches: Sequence[Bench], other: str) -> Callable[[int], Slots]:
    return lambda k: benches[k].posed.delta(other)


def _quotients(bench: Bench, wrt: str, claim: Floating) -> Iterator[Suspect]:
    for one in between(bench, wrt, claim):
        mends = tuple(Exchange(a.name, b.name) for a, b in zip(one.has, one.lacks, strict=False))
        yield Suspect(one.cost, Mistake(one.kind, "", one.text), _of_quotient(bench, wrt, one), mends=mends)


def _of_quotient(bench: Bench, wrt: str, one: Between) -> Callable[[int], Slots]:
    return lambda _: scalar(one.gives(bench, wrt))


def _giving(bench: Bench, wrt: str, mutant: Mutant) -> Callable[[int], Slots]:
    return lambda _: gradient(bench, wrt, mutant.edits)


def _residue(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Iterator[Suspect]:
    number = penalty(benches, wrt, claims)
    if number is not None:
        text = f"a penalty's term {number}*{wrt} was added, which the loss does not have"
        yield Suspect(2.0, Mistake("other", "", text), lambda k: _with_penalty(benches[k], wrt, number))


def _with_penalty(bench: Bench, wrt: str, number: Fraction) -> Slots:
    gradient_, own = bench.posed.delta(wrt), bench.posed.table[wrt]
    return entrywise(lambda slope, value: slope + value * number, gradient_, own)


def _telling(bench: Bench, wrt: str, suspects: Sequence[Suspect]) -> Iterator[str]:
    """Name another parameter whose gradient tells the explanations apart."""
    several = [one.mutant for one in suspects if one.mutant is not None]
    if len(suspects) < 2 or len(several) < 2:
        return
    for other in bench.posed.view.parameters:
        if other != wrt and not same(*(bench.gradient(mutant, other) for mutant in several[:2])):
            yield f"the gradient of {other} would tell the first two apart"
            return
