"""What looks like a claim: a mistake in words, with the gradient that it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from symgrad.derive.paths import Path
from symgrad.model.expressions import Ref
from symgrad.model.graph import Edge
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.exactly import gradient, path_sum
from symgrad.verify.mistakes.network.local import coefficient, ways_out
from symgrad.verify.mistakes.network.mend import at_place, by_value
from symgrad.verify.mistakes.network.ratio import Constant
from symgrad.verify.networks.posing import Slots
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
    by
        The constant that the claim is too large by, if that is all.
    """

    cost: float
    mistake: Mistake
    gives: Callable[[int], Slots]
    mutant: Mutant | None = None
    by: Constant | None = None


def told(benches: Sequence[Bench], wrt: str, mutant: Mutant, cost: float) -> Suspect:
    """Return a mistake of the catalogue in words, with the names of the entries that it concerns."""
    bench = benches[0]
    edges = [edit.edge for edit in mutant.edits]
    places = dict.fromkeys(" -> ".join(_ends(bench, wrt, edge)) for edge in edges)
    mistake = Mistake(mutant.kind, ", ".join(places), _worded(bench, wrt, mutant, edges[0]))
    return Suspect(cost, mistake, lambda k: gradient(benches[k], wrt, mutant.edits), mutant)


def _worded(bench: Bench, wrt: str, mutant: Mutant, edge: Edge) -> str:
    parent, child = _ends(bench, wrt, edge)
    text = mutant.text.replace("{child}", child).replace("{parent}", parent)
    return text.replace("{detail}", _detail(bench, wrt, mutant.detail, edge))


def _detail(bench: Bench, wrt: str, detail: str | sp.Expr, edge: Edge) -> str:
    """Return what is different on an edge, by the names of entries where it joins one pair of them."""
    if isinstance(detail, str):
        return detail
    places = bench.ways(wrt, edge)
    if len(places) == 1 and bench.posed.view.level == "neuron":
        return at_place(bench, bench.flow.channels[edge.key], places[0], detail)
    return str(by_value(bench, edge, detail))


def _ends(bench: Bench, wrt: str, edge: Edge) -> tuple[str, str]:
    """Return the ends of an edge by the names of entries where these are one each, else of the nodes."""
    pairs = {bench.ends(edge, number) for number in bench.ways(wrt, edge)}
    return next(iter(pairs)) if len(pairs) == 1 else (edge.parent, edge.child)


def of_paths(bench: Bench, wrt: str, counted: Mapping[Path, Fraction]) -> Suspect:
    """Return what is wrong with a claim that counts some paths not once."""
    wrong = {path: times for path, times in counted.items() if times != 1}
    times = set(wrong.values())
    kind, words = coefficient(next(iter(times))) if len(times) == 1 else ("other", "count otherwise")
    use = ways_out(bench, wrt, list(counted), list(wrong)) if times == {Fraction(0)} else ""
    if use:
        kind = "bias_not_summed" if _is_bias(bench, wrt) else "missing_shared_weight_term"
    shown = [" -> ".join(path.nodes) for path in wrong][:FEW]
    several = words.replace("was ", "were ").replace("has ", "have ")
    text = f"{len(wrong)} of {len(counted)} paths {several if len(wrong) > 1 else words}"
    cost = 0.6 + 0.4 * len(wrong) + (0.0 if len(times) == 1 else 1.0)
    return Suspect(cost, Mistake(kind, "; ".join(shown), text), lambda _: path_sum(bench.posed, counted))


def _is_bias(bench: Bench, wrt: str) -> bool:
    """Whether a parameter is only added."""
    owner, _ = bench.place(wrt)
    return all(not edge.partial.atoms(Ref) for edge in bench.scene.graph.out_edges[owner])
