"""What looks like a claim: a mistake in words, with the gradient that it gives."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import sympy as sp

from symgrad.derive.paths import Path
from symgrad.model.expressions import Ref
from symgrad.model.graph import Edge
from symgrad.model.writing import write
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.ends import edges_in_sight, ends_in_sight, paths_through, shown_ends
from symgrad.verify.mistakes.network.exactly import gradient, path_sum
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.local import coefficient, counted_paths, one_edge, ways_out
from symgrad.verify.mistakes.network.mend import (
    Exchange,
    Mend,
    Rewritten,
    Signs,
    Summands,
    at_place,
    by_value,
)
from symgrad.verify.mistakes.network.ratio import Constant
from symgrad.verify.mistakes.network.slips.search import Spelled, slips
from symgrad.verify.mistakes.network.slips.terms import Slip
from symgrad.verify.networks.answers import answer, summands
from symgrad.verify.networks.posing import Slots, entrywise
from symgrad.verify.verdict import Mistake

FEW = 3
OF_USE = 0.8


@dataclass(frozen=True)
class Suspect:
    """What looks like the claim.

    Attributes
    ----------
    gives
        What it gives at the sizes of the first, the second … network.
    mutant
        The mistake of the catalogue that it is, if it is one: then other gradients follow from it.
    mends
        What may mend the claim.
    domain
        Where the claim is what this gives, if it is not everywhere.
    """

    cost: float
    mistake: Mistake
    gives: Callable[[int], Slots]
    mutant: Mutant | None = None
    mends: tuple[Mend, ...] = ()
    domain: Callable[[int], Domain] | None = None


def told(benches: Sequence[Bench], wrt: str, mutant: Mutant, cost: float) -> Suspect:
    """Return a mistake of the catalogue in words, with the names of the entries that it concerns."""
    bench = benches[0]
    edges = [edit.edge for edit in mutant.edits]
    places = ", ".join(edges_in_sight(bench, wrt, edges))
    ends = ends_in_sight(bench, wrt, edges[0])
    text = _worded(bench, wrt, mutant, edges[0], ends)
    mistake = Mistake(mutant.kind, places, text + paths_through(bench, wrt, mutant))
    return Suspect(
        cost, mistake, lambda k: gradient(benches[k], wrt, mutant.edits), mutant, _mends(mutant, *ends)
    )


def of_slips(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Slots], spelled: Spelled, until: float
) -> Iterator[Suspect]:
    """Yield the slips of the pen without which a claim is the gradient."""
    for slip in slips(benches[0], wrt, spelled, until):
        gives = partial(_less_the_slip, benches, wrt, claims, spelled, slip)
        yield Suspect(slip.cost, Mistake(slip.kind, "", slip.text), gives, mends=tuple(of_slip(slip)))


def of_slip(slip: Slip) -> Iterator[Mend]:
    """Yield what mends a slip: another name, else the claim written anew."""
    if slip.names is not None:
        yield Exchange(*slip.names)
    yield Rewritten(write(slip.right))


def _less_the_slip(
    benches: Sequence[Bench], wrt: str, claims: Sequence[Slots], spelled: Spelled, slip: Slip, k: int
) -> Slots:
    """Return the gradient with what the slip changes: the claim, if it is the gradient without it."""
    without, truth = spelled.value(k, slip.right), benches[k].posed.delta(wrt)
    return entrywise(lambda claim, right, mended: right + (claim - mended), claims[k], truth, without)


def _mends(mutant: Mutant, parent: str, child: str) -> tuple[Mend, ...]:
    """Return what may mend a claim with a mistake of the catalogue."""
    if mutant.kind == "derivative_at_wrong_argument":
        return Exchange(parent, child), Exchange(child, parent)
    return (Signs(),) if mutant.kind == "wrong_sign" else ()


def _worded(bench: Bench, wrt: str, mutant: Mutant, edge: Edge, ends: tuple[str, str]) -> str:
    text = mutant.text.replace("{detail}", _detail(bench, wrt, mutant.detail, edge))
    return text.replace("{child}", ends[1]).replace("{parent}", ends[0])


def _detail(bench: Bench, wrt: str, detail: str | sp.Expr, edge: Edge) -> str:
    """Return what is different on an edge, by the names of entries where it joins one pair of them."""
    if isinstance(detail, str):
        return detail
    places = bench.ways(wrt, edge)
    if len(places) == 1 and bench.posed.view.level == "neuron":
        return at_place(bench, bench.flow.channels[edge.key], places[0], detail)
    return str(by_value(bench, edge, detail))


def on_the_way(bench: Bench, wrt: str, claim: Floating, *, edges: bool = True) -> Iterator[Suspect]:
    """Yield the paths that a claim counts otherwise, and the single edges on which it has another partial."""
    counted = counted_paths(bench, wrt, claim)
    if counted is not None and counted.wrong:
        yield from of_paths(bench, wrt, dict(zip(counted.paths, counted.times, strict=True)))
    for mutant, place, mends in one_edge(bench, wrt, claim) if edges else ():
        ends = shown_ends(bench, place.edge, [place.number])
        text = mutant.text.replace("{parent}", ends[0]).replace("{child}", ends[1])
        mistake = Mistake(mutant.kind, " -> ".join(ends), text)
        gives = partial(_giving, bench, wrt, mutant)
        yield Suspect(mutant.cost, mistake, gives, mutant, mends)


def _giving(bench: Bench, wrt: str, mutant: Mutant, _: int) -> Slots:
    return gradient(bench, wrt, mutant.edits)


def of_paths(bench: Bench, wrt: str, counted: Mapping[Path, Fraction]) -> Iterator[Suspect]:
    """Yield what is wrong with a claim that counts some paths not once."""
    wrong = {path: times for path, times in counted.items() if times != 1}
    if len(set(wrong.values())) > 1:
        yield from _of_paths_and_constant(bench, wrt, counted)
        return
    times = next(iter(wrong.values()))
    kind, words = coefficient(times)
    shown = [" -> ".join(reversed(path.nodes)) for path in wrong][:FEW]
    rest = [f"{len(wrong) - FEW} more"] if len(wrong) > FEW else []
    mistake = Mistake(kind, f"along {', '.join([*shown, *rest])}", _counted(counted, wrong, words))
    mends = _missing(bench, wrt, list(counted), wrong) if times == 0 else ()
    mends = (Signs(),) if times == -1 else mends
    found = Suspect(0.6 + 0.4 * len(wrong), mistake, lambda _: path_sum(bench.posed, counted), mends=mends)
    use = ways_out(bench, wrt, list(counted), list(wrong)) if times == 0 else ""
    yield from _of_uses(bench, wrt, found, use) if use else (found,)


def _of_uses(bench: Bench, wrt: str, found: Suspect, use: str) -> Iterator[Suspect]:
    """Yield what it is to leave out all paths through some uses of a shared parameter."""
    what = "uses" if " and " in use else "use"
    left_out = f"the {what} of {wrt} in {use} {'were' if what == 'uses' else 'was'} left out"
    text = f"{left_out}: {found.mistake.text}"
    shared = replace(found.mistake, kind="missing_shared_weight_term", text=text)
    yield replace(found, cost=OF_USE, mistake=shared)
    if is_bias(bench, bench.place(wrt)[0]):
        unsummed = replace(
            found.mistake, kind="bias_not_summed", text=f"the terms of {wrt} have to be summed"
        )
        yield replace(found, cost=OF_USE + 0.1, mistake=unsummed)


def _of_paths_and_constant(bench: Bench, wrt: str, counted: Mapping[Path, Fraction]) -> Iterator[Suspect]:
    """Return what is wrong where all paths count so often, and some of them not even that."""
    all_, number = Counter(counted.values()).most_common(1)[0]
    rest = {path: times / all_ for path, times in counted.items()} if all_ else {}
    if all_ in (0, 1) or number < FEW - 1 or len(set(rest.values())) > FEW - 1:
        wrong = sum(times != 1 for times in counted.values())
        text = f"{wrong} of {len(counted)} paths count otherwise"
        yield Suspect(2.8, Mistake("other", "", text), lambda _: path_sum(bench.posed, counted))
        return
    found, by = next(of_paths(bench, wrt, rest)), Constant(all_)
    mistake = replace(found.mistake, text=f"two slips: {found.mistake.text}; and {by.text}")
    gives = partial(path_sum, bench.posed, counted)
    yield replace(found, cost=found.cost + 1, mistake=mistake, gives=lambda _: gives(), mends=())


def _counted(counted: Mapping[Path, Fraction], wrong: Mapping[Path, Fraction], words: str) -> str:
    """Say how many paths there are, and how many of them are wrong."""
    if set(wrong.values()) == {Fraction(0)}:
        left = len(counted) - len(wrong)
        return f"only {left} of the {len(counted)} paths to the loss {'is' if left == 1 else 'are'} counted"
    several = words.replace("was ", "were ").replace("has ", "have ")
    return f"{len(wrong)} of {len(counted)} paths {several if len(wrong) > 1 else words}"


def _missing(
    bench: Bench, wrt: str, listed: Sequence[Path], wrong: Mapping[Path, Fraction]
) -> tuple[Mend, ...]:
    """Return the terms of the paths that are missing, if the formula has one for every path."""
    terms = summands(answer(bench.posed.view, wrt))
    if len(terms) != len(listed) or len(wrong) > FEW:
        return ()
    return (Summands(tuple(term for term, path in zip(terms, listed, strict=True) if path in wrong)),)


def is_bias(bench: Bench, owner: str) -> bool:
    """Whether a parameter of the layer view is only added."""
    return all(not edge.partial.atoms(Ref) for edge in bench.scene.graph.out_edges[owner])
