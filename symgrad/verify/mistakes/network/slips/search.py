"""A claim with one slip in it: the slip is found, and what the claim says without it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, takewhile
from math import inf
from time import perf_counter
from typing import Any

import numpy as np

from symgrad.errors import ShapeError
from symgrad.exact.algebra import ExactError
from symgrad.exact.floats import Floats
from symgrad.model.functions import VOCABULARY, Pointwise
from symgrad.model.graph import Kind
from symgrad.model.syntax import Call, Chain, Formula, Name, Neg, Number, Power, children, walk, with_children
from symgrad.verify.formulas.elementary import Elementary
from symgrad.verify.formulas.evaluation import evaluate
from symgrad.verify.formulas.setting import Beyond
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.flow import sampled
from symgrad.verify.mistakes.network.slips.names import chained, factors_missing, functions, other_names
from symgrad.verify.mistakes.network.slips.operators import (
    divisions,
    factors_too_many,
    numbers,
    signs,
    summands,
    sums,
)
from symgrad.verify.mistakes.network.slips.single import value
from symgrad.verify.mistakes.network.slips.subscripts import other_subscripts
from symgrad.verify.mistakes.network.slips.terms import Slip, Slips, Terms, everywhere, places
from symgrad.verify.mistakes.network.slips.together import together
from symgrad.verify.networks.posing import Slots

NEAR = 1e-7
ALIKE = 0.05
# How many formulas are tried, times the number of terms in each.
MOST = 20_000
LIKELY = (signs, numbers, other_subscripts, sums, other_names, functions, factors_too_many, divisions)
OTHERS = (chained, summands, factors_missing)


@dataclass(frozen=True)
class Spelled:
    """A claim as it was written down.

    Attributes
    ----------
    formula
        What was written.
    own
        The index letters of the node.
    letters
        Those that stay free in the claim.
    tables
        The value of every name on the tape of the first, the second … network.
    beyond
        What stands there beyond the ends of axes.
    value
        The value of another formula on the tape of the first, the second … network.
    """

    formula: Formula
    own: tuple[str, ...]
    letters: tuple[str, ...]
    tables: Sequence[Mapping[str, Slots]]
    beyond: Sequence[Mapping[str, Beyond]]
    value: Callable[[int, Formula], Slots]

    def at(self, order: Sequence[int]) -> "Spelled":
        """Return it with the networks in another order."""
        tables, beyond = [self.tables[k] for k in order], [self.beyond[k] for k in order]
        return replace(
            self, tables=tables, beyond=beyond, value=lambda k, formula: self.value(order[k], formula)
        )


class FloatFunctions(Elementary):
    """The function table of floats."""

    def __init__(self) -> None:
        self.floats = Floats()
        super().__init__(self.floats)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        function, of = super().__getitem__(name), self.floats.of
        return lambda *values: float(function(*(of(float(value)) for value in values)).array)


@dataclass(frozen=True)
class Trial:
    """One point in floats at which formulas are tried; `single` where everything is one number."""

    table: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    letters: tuple[str, ...]
    beyond: Mapping[str, Beyond]
    truth: Any
    single: bool

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """How far the free letters run."""
        return dict(zip(self.letters, self.truth.shape, strict=False))

    def holds(self, formula: Formula) -> bool:
        """Whether a formula has the value of the gradient at the point."""
        try:
            found = self._value(formula)
        except (ShapeError, ExactError, ArithmeticError, TypeError, KeyError):
            return False
        if found.shape != self.truth.shape:
            return False
        apart = np.abs(found.astype(np.float64) - self.truth)
        return bool((apart <= NEAR * max(np.abs(self.truth).max(initial=0.0), 1e-12)).all())

    def _value(self, formula: Formula) -> Any:
        if self.single:
            return np.asarray(value(formula, self.singles, self.functions))
        return evaluate(
            formula,
            self.table,
            self.functions,
            axes=self.letters,
            sizes=self.sizes,
            beyond=self.beyond,
        )

    @cached_property
    def singles(self) -> Mapping[str, float]:
        """What is one number."""
        return {name: float(array[()]) for name, array in self.table.items() if not np.ndim(array)}


def slips(bench: Bench, wrt: str, spelled: Spelled, until: float = inf) -> Iterator[Slip]:
    """Yield the slips without which a claim is the gradient, as far as floats tell, the likeliest first."""
    terms = _terms(bench, wrt, spelled)
    formula = _indexed(spelled.formula, terms, spelled.own)
    written = replace(spelled, letters=spelled.letters if formula == spelled.formula else spelled.own)
    at = _trial(bench, wrt, written)
    most = MOST // sum(1 for _ in walk(formula))
    for tried in (together(formula, terms), _each(formula, terms, LIKELY), _each(formula, terms, OTHERS)):
        within = takewhile(lambda _: perf_counter() < until, islice(_new(formula, tried), most))
        found = [slip for slip in within if at.holds(slip.right)]
        if found:
            best = min(slip.cost for slip in found)
            yield from (slip for slip in found if slip.cost <= best + ALIKE)
            return


def _new(formula: Formula, tried: Iterable[Slip]) -> Iterator[Slip]:
    seen = {formula}
    for slip in tried:
        if slip.right not in seen:
            seen.add(slip.right)
            yield slip


def _each(formula: Formula, terms: Terms, rows: Iterable[Slips]) -> Iterator[Slip]:
    often = {part for part, times in Counter(walk(formula)).items() if times > 1 and isinstance(part, Name)}
    for row in rows:
        for inner, put in places(formula):
            for slip in row(inner, terms):
                yield replace(slip, right=put(slip.right))
                if inner in often:
                    yield replace(slip, right=everywhere(formula, inner, slip.right), cost=slip.cost + 0.1)


def _indexed(formula: Formula, terms: Terms, letters: Sequence[str]) -> Formula:
    """Return a formula of whole arrays, joined entry by entry, with the letters of its entries."""
    arrays = [part for part in walk(formula) if isinstance(part, Name) and terms.shapes.get(part.name)]
    plain = not any(part.subscripts for part in arrays) and _is_entrywise(formula)
    alike = len({terms.shapes[part.name] for part in arrays}) == 1 and bool(letters)
    whole = alike and all(len(terms.shapes[part.name]) == len(letters) for part in arrays)
    return _with_letters(formula, terms, tuple(map(Name, letters))) if plain and whole else formula


def _is_entrywise(formula: Formula) -> bool:
    chains = (part for part in walk(formula) if isinstance(part, Chain))
    others = (
        part for part in walk(formula) if not isinstance(part, Chain | Name | Number | Neg | Call | Power)
    )
    return not any(others) and all(set(chain.operators) <= set("+-*/") for chain in chains)


def _with_letters(formula: Formula, terms: Terms, letters: tuple[Formula, ...]) -> Formula:
    if isinstance(formula, Name):
        return replace(formula, subscripts=letters) if terms.shapes.get(formula.name) else formula
    parts = tuple(_with_letters(part, terms, letters) for part in children(formula))
    return with_children(formula, parts) if parts else formula


def _terms(bench: Bench, wrt: str, spelled: Spelled) -> Terms:
    graph, posed = bench.scene.graph, bench.posed
    prefix = f"∂{graph.loss}/∂"
    owners = {name: bench.place(name)[0] for name in posed.table}
    deltas = {prefix + name: owner for name, owner in owners.items() if owner in bench.flow.above}
    shapes = {name: array.shape for name, array in spelled.tables[0].items()}
    bodies = (term.body for node in graph.nodes for term in node.terms)
    used = {type(one).row.name for body in bodies for one in body.atoms(Pointwise)}
    return Terms(
        graph,
        shapes,
        {name: owner for name, owner in {**owners, **deltas}.items() if name in shapes},
        dict(_runs(spelled, bench.posed.delta(wrt).shape, shapes)),
        tuple(name for name in posed.sizes if name in shapes),
        tuple(sorted(used & set(VOCABULARY))),
        _places(bench, prefix),
        asked=prefix + wrt,
        of_parameter=graph[bench.place(wrt)[0]].kind is Kind.PARAMETER,
    )


def _places(bench: Bench, prefix: str) -> dict[str, tuple[int, ...]]:
    """Return where every entry stands in its node; nothing at the layer level."""
    if bench.posed.view.level == "layer":
        return {}
    at = {entry: place for entry, (_, place) in bench.posed.places.items()}
    return at | {prefix + entry: place for entry, place in at.items()}


def _runs(
    spelled: Spelled, shape: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[str, int]]:
    """Yield the index letters of a claim, and how far each runs."""
    yield from zip(spelled.letters, shape, strict=False)
    for part in walk(spelled.formula):
        if isinstance(part, Name) and part.name in shapes:
            pairs = zip(part.subscripts, shapes[part.name], strict=False)
            yield from (
                (at.name, length) for at, length in pairs if isinstance(at, Name) and at.name not in shapes
            )


def _trial(bench: Bench, wrt: str, spelled: Spelled) -> Trial:
    table = _at_a_point(bench, spelled.tables[0])
    edges = _at_a_point(bench, {name: edge.values for name, edge in spelled.beyond[0].items()})
    beyond = {name: replace(edge, values=edges[name]) for name, edge in spelled.beyond[0].items()}
    names = {part.name for part in walk(spelled.formula) if isinstance(part, Name)}
    single = bench.posed.view.level == "neuron" and not any(np.ndim(table.get(name, 0)) for name in names)
    truth = bench.truth(wrt)[0].reshape(bench.posed.delta(wrt).shape)
    return Trial(table, FloatFunctions(), spelled.letters, beyond, truth, single)


def _at_a_point(bench: Bench, given: Mapping[str, Slots]) -> dict[str, Any]:
    """Return arrays in floats."""
    found = sampled(bench.posed, bench.points[:1], given)
    return {name: found[name][0].reshape(array.shape).astype(object) for name, array in given.items()}
