"""Claims that are right under a condition: without a parameter, or for targets of another kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from symgrad.errors import DataError
from symgrad.model.graph import Kind
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.mistakes.network.bench import Bench, same
from symgrad.verify.mistakes.network.edits import above
from symgrad.verify.mistakes.network.flow import sampled
from symgrad.verify.mistakes.network.suspects import Suspect, is_bias
from symgrad.verify.networks.posing import Slots
from symgrad.verify.verdict import Mistake

MOST_NAMED = 3
COST = 1.5


@dataclass(frozen=True)
class Condition:
    """What is assumed of one leaf, in words, and the arrays that it then is."""

    text: str
    change: Callable[[Array], tuple[Array, ...]]
    leaf: str

    def domain(self, bench: Bench) -> Domain:
        """Return the domain of a network under the condition."""
        kept = (array for array in bench.posed.domain.arrays if array.name != self.leaf)
        return Domain((*kept, *self._changed(bench)))

    def points(self, bench: Bench) -> list[Mapping[str, Any]]:
        """Return the points of a bench, moved to where the condition holds."""
        moved = Domain(self._changed(bench))
        return [{**point, **moved.point(Random(k))} for k, point in enumerate(bench.points)]

    def _changed(self, bench: Bench) -> tuple[Array, ...]:
        return self.change(bench.posed.domain.by_name[self.leaf])


def under_conditions(benches: Sequence[Bench], wrt: str, claims: Sequence[Slots]) -> Iterator[Suspect]:
    """Yield the conditions under which a claim is the gradient."""
    for condition in _conditions(benches[0], wrt):
        if all(_holds(b, wrt, claim, condition) for b, claim in zip(benches, claims, strict=True)):
            yield _suspect(benches, wrt, condition)


def _suspect(benches: Sequence[Bench], wrt: str, condition: Condition) -> Suspect:
    return Suspect(
        COST,
        Mistake("other", "", condition.text),
        lambda k: benches[k].posed.delta(wrt),
        domain=lambda k: condition.domain(benches[k]),
    )


def _holds(bench: Bench, wrt: str, claim: Slots, condition: Condition) -> bool:
    both = {"claim": claim, "truth": bench.posed.delta(wrt)}
    found = sampled(bench.posed, condition.points(bench), both)
    return bool(found["truth"].any()) and same(found["claim"], found["truth"])


def _conditions(bench: Bench, wrt: str) -> Iterator[Condition]:
    graph, (owner, _) = bench.scene.graph, bench.place(wrt)
    for node in graph.nodes:
        if node.kind is Kind.PARAMETER and node.is_leaf and node.name != owner:
            yield Condition(_without(bench, node.name), _zeros, node.name)
    for array in bench.posed.domain.arrays:
        if graph[array.name].kind is Kind.TARGET and array.kind == "free":
            yield from _of_targets(array)


def _zeros(array: Array) -> tuple[Array, ...]:
    return tuple(Array(key, (), "const", (Fraction(0),)) for key in array.leaves)


def _of_targets(array: Array) -> Iterator[Condition]:
    for kind, words in (("one_hot", "one-hot targets"), ("distribution", "targets that add up to 1")):
        with suppress(DataError):
            changed = replace(array, kind=kind)
            text = (
                f'it is right for {words}, and {array.name} is free; where it is not, say targets = "{kind}"'
            )
            yield Condition(text, partial(_of_kind, changed.kind), array.name)


def _of_kind(kind: str, array: Array) -> tuple[Array, ...]:
    return (replace(array, kind=kind),)


def _without(bench: Bench, name: str) -> str:
    """Say that a parameter was left out, by the names of its entries."""
    entries = [str(entry) for entry in bench.posed.names[name].flat]
    named = entries if bench.posed.view.level == "neuron" and len(entries) <= MOST_NAMED else [name]
    children = [above(bench.scene.graph, edge.child) for edge in bench.scene.graph.out_edges[name]]
    users = ", ".join(dict.fromkeys(child for group in children for child in group))
    what = "bias" if is_bias(bench, name) else "parameter"
    return f"it would be right if {' = '.join(named)} = 0: the {what} was left out of {users}"
