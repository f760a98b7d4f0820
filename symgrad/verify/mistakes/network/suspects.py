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
from symgrad.verify.mistakes.network.ends import edges_in_sight, ends_in_sight, paths_through
from symgrad.verify.mistakes.network.exactly import gradient, path_sum
from symgrad.verify.mistakes.network.local import coefficient, ways_out
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
        mends = (Rewritten(write(slip.right)),)
        yield Suspect(slip.cost, Mistake(slip.kind, "", slip.text), gives, mends=mends)


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


def of_paths(bench: Bench, wrt: str, counted: Mapping[Path, Fraction]) -> Suspect:
    """Return what is wrong with a claim that counts some paths not once."""
    wrong = {path: times for path, times in counted.items() if times != 1}
    times = set(wrong.values())
    if len(times) > 1:
        return _of_paths_and_constant(bench, wrt, counted)
    kind, words = coefficient(next(iter(times)))
    use = ways_out(bench, wrt, list(counted), list(wrong)) if times == {Fraction(0)} else ""
    if use:
        kind = "bias_not_summed" if is_bias(bench, bench.place(wrt)[0]) else "missing_shared_weight_term"
    shown = [" -> ".join(reversed(path.nodes)) for path in wrong][:FEW]
    rest = [f"{len(wrong) - FEW} more"] if len(wrong) > FEW else []
    cost = 0.6 + 0.4 * len(wrong)
    mistake = Mistake(kind, f"along {', '.join([*shown, *rest])}", _counted(counted, wrong, words))
    mends = _missing(bench, wrt, list(counted), wrong) if times == {Fraction(0)} else ()
    mends = (Signs(),) if times == {Fraction(-1)} else mends
    return Suspect(cost, mistake, lambda _: path_sum(bench.posed, counted), mends=mends)


def _of_paths_and_constant(bench: Bench, wrt: str, counted: Mapping[Path, Fraction]) -> Suspect:
    """Return what is wrong where all paths count so often, and some of them not even that."""
    all_, number = Counter(counted.values()).most_common(1)[0]
    rest = {path: times / all_ for path, times in counted.items()} if all_ else {}
    if all_ in (0, 1) or number < FEW - 1 or len(set(rest.values())) > FEW - 1:
        wrong = sum(times != 1 for times in counted.values())
        text = f"{wrong} of {len(counted)} paths count otherwise"
        return Suspect(2.8, Mistake("other", "", text), lambda _: path_sum(bench.posed, counted))
    found, by = of_paths(bench, wrt, rest), Constant(all_)
    mistake = replace(found.mistake, text=f"two slips: {found.mistake.text}; and {by.text}")
    gives = partial(path_sum, bench.posed, counted)
    return replace(found, cost=found.cost + 1, mistake=mistake, gives=lambda _: gives(), mends=())


def _counted(counted: Mapping[Path, Fraction], wrong: Mapping[Path, Fraction], words: str) -> str:
    """Say how many paths there are, and how many of them are wrong."""
    if set(wrong.values()) == {Fraction(0)}:
        return f"only {len(counted) - len(wrong)} of the {len(counted)} paths to the loss are counted"
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
