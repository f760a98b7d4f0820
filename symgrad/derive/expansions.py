"""Paths against deltas, multiplied out: as polynomials in the partials, each one an indeterminate.

The paths are listed and multiplied out one by one.  Where there are too many, they are summed from the
parameters towards the loss in a prime field instead, along a random direction of all entries at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from time import perf_counter
from typing import Any, Generic, TypeVar

import sympy as sp

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, differ
from symgrad.derive.moved import direction
from symgrad.derive.paths import LIST_LIMIT, Link, links, paths_along, product_counts, products
from symgrad.derive.scalars import evaluate
from symgrad.exact.algebra import Algebra, BudgetError, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Tape, run
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Graph, Term, differentiate

CLAIM = "paths = deltas"
POINTS = 4
MONOMIALS = 200_000
WORK = 1_000_000
SUITABLE_PRIMES = 2**46  # fewer than there are primes of 61 bits as `Residues` draws them

V = TypeVar("V", bound=Value)
PathSum = Callable[[str, "Labels[Any]"], Any]


def expansions(
    instance: Instance, wrt: Sequence[str], *, limit: int = LIST_LIMIT, seed: int = 0
) -> dict[str, Finding]:
    """Compare the sums over all paths with the deltas, for all entries of some nodes.

    Parameters
    ----------
    limit
        How many products are listed at the most, of all nodes together; the paths to the other nodes are
        summed without listing.
    """
    found: dict[str, Finding] = {}
    table = links(instance.forward, auxiliaries=True)
    number = product_counts(instance.forward, instance.loss)
    many = {name: sum(number[entry] for entry in instance.entries[name]) for name in wrt}
    for name in sorted(wrt, key=many.__getitem__):
        limit -= many[name]
        if limit < 0:
            break
        with suppress(BudgetError):
            found[name] = _expanded(instance, name, table)
    rest = [name for name in wrt if name not in found]
    return found | (_summed_upwards(instance, rest, seed) if rest else {})


def expansion(instance: Instance, wrt: str, *, limit: int = LIST_LIMIT, seed: int = 0) -> Finding:
    """Compare the sum over all paths with the deltas, for all entries of one node."""
    return expansions(instance, [wrt], limit=limit, seed=seed)[wrt]


@dataclass(frozen=True)
class Labels(Generic[V]):
    """An algebra, and the value in it that stands for a partial."""

    algebra: Algebra[V]
    value: Callable[[sp.Expr], V]

    @staticmethod
    def free(algebra: Algebra[V]) -> "Labels[V]":
        """Let every monomial of a partial be an indeterminate; numbers stay numbers."""

        def value(partial: sp.Expr) -> V:
            return algebra.total(
                algebra.number(number) * (algebra.number(1) if rest[0] == 1 else algebra.leaf(rest))
                for number, rest in _monomials(partial)
            )

        return Labels(algebra, value)

    @staticmethod
    def at(instance: Instance, algebra: Decimals) -> "Labels[Real]":
        """Let every partial be its value at a point."""
        memo: dict[sp.Expr, Real] = {}
        evaluate(instance.backward, algebra, memo=memo)
        return Labels(algebra, lambda partial: translate(partial, algebra, memo))


Monomial = tuple[sp.Expr, tuple[Ref, ...]]


@lru_cache(maxsize=10_000)
def _monomials(partial: sp.Expr) -> tuple[tuple[Fraction, Monomial], ...]:
    """Return the addends of a partial as numbers and rests; equal polynomials give equal addends.

    A rest is a pattern and the accesses in it, so that partials alike are multiplied out once.
    """
    accesses = refs(partial)
    pattern = partial.xreplace(dict(zip(accesses, _slots(len(accesses)), strict=True)))
    found = _multiplied_out(pattern, len(accesses))
    return tuple((number, (rest, tuple(accesses[k] for k in places))) for number, rest, places in found)


@lru_cache(maxsize=10_000)
def _multiplied_out(pattern: sp.Expr, count: int) -> tuple[tuple[Fraction, sp.Expr, tuple[int, ...]], ...]:
    """Return the addends of a pattern: the number, the rest over slots of its own, and which those were."""
    parts = (part.as_coeff_Mul() for part in sp.Add.make_args(sp.expand_mul(sp.expand_multinomial(pattern))))
    return tuple((Fraction(int(number.p), int(number.q)), *_own(rest, count)) for number, rest in parts)


def _own(rest: sp.Expr, count: int) -> tuple[sp.Expr, tuple[int, ...]]:
    inside = rest.atoms(Ref)
    places = tuple(k for k, slot in enumerate(_slots(count)) if slot in inside)
    own = dict(zip((_slots(count)[k] for k in places), _slots(len(places)), strict=True))
    return rest.xreplace(own), places


@cache
def _slots(count: int) -> tuple[Ref, ...]:
    return tuple(Ref(f"slot{k:06}") for k in range(count))


def _expanded(instance: Instance, wrt: str, table: Mapping[str, tuple[Link, ...]]) -> Finding:
    started = perf_counter()
    method = "expansion of the listed paths"

    def path_sum(entry: str, labels: Labels[V]) -> V:
        listed = paths_along(table, instance.loss, entry)
        found = (p for path in listed for p in products(instance.forward, path))
        return labels.algebra.total(_product(p, labels) for p in found)

    wrong = _disagreement(instance, wrt, Labels.free(NormalForms(limit=MONOMIALS, work=WORK)), path_sum)
    finding = (
        _refuted(instance, wrong, method, path_sum) if wrong else Finding(CLAIM, "right", "proved", method)
    )
    return _told(finding, instance, started, 1, listed=True)


def _summed_upwards(instance: Instance, wrt: Sequence[str], seed: int) -> dict[str, Finding]:
    started = perf_counter()
    method = f"path sums from the parameters upwards modulo a random 61-bit prime, {POINTS} points"
    fields = [Residues(seed + point) for point in range(POINTS)]
    wrong = {} if _agree(instance, wrt, fields) else _disagreeing(instance, wrt, fields)
    bound = _chance(instance.forward) ** POINTS
    right = Finding(CLAIM, "right", "bounded", method, bound=bound)
    found = {
        n: _refuted(instance, wrong[n], method, _one_sum(instance)) if n in wrong else right for n in wrt
    }
    return {
        name: _told(finding, instance, started, len(wrt), listed=False) for name, finding in found.items()
    }


def _told(finding: Finding, instance: Instance, started: float, share: int, *, listed: bool) -> Finding:
    seconds = (perf_counter() - started) / share
    return replace(finding, sizes=instance.sizes, listed=listed, seconds=seconds)


def _one_sum(instance: Instance) -> PathSum:
    def path_sum(entry: str, labels: Labels[V]) -> V:
        return _upwards(instance.forward, {entry: labels.algebra.number(1)}, instance.loss, labels)

    return path_sum


def _agree(instance: Instance, wrt: Iterable[str], fields: Sequence[Residues]) -> bool:
    """Whether paths and deltas agree along a random direction."""
    entries = [entry for name in wrt for entry in instance.entries[name]]
    tape = Tape()
    labels, along = Labels.free(tape), direction(entries, tape)
    deltas = _deltas(instance, entries, labels)
    whole = tape.total(along[entry] * deltas[instance.delta[entry]] for entry in entries)
    sums = _upwards(instance.forward, along, instance.loss, labels)
    agree = all(field.equal(*run(tape, field, whole, sums)) for field in fields)
    tape.forget()
    return agree


def _disagreeing(instance: Instance, wrt: Iterable[str], fields: Sequence[Residues]) -> dict[str, str]:
    """Return the nodes at which paths and deltas differ, each with its first such entry."""
    doubted = [name for name in wrt if not _agree(instance, [name], fields)]
    path_sum, labelled = _one_sum(instance), [Labels.free(field) for field in fields]
    places = ((n, (_disagreement(instance, n, labels, path_sum) for labels in labelled)) for n in doubted)
    found = {name: next((entry for entry in entries if entry), "") for name, entries in places}
    return {name: entry for name, entry in found.items() if entry}


def _chance(graph: Graph) -> float:
    """Bound the chance that two different polynomials in the partials agree at one random point.

    Either the point is a root of their difference (Schwartz 1980, Zippel 1979), or the random prime
    divides its coefficients, which have a bounded number of bits.
    """
    numbers = [
        number
        for edges in graph.in_edges.values()
        for edge in edges
        for number, _ in _monomials(edge.partial)
    ]
    bits = sum(2 + number.numerator.bit_length() + number.denominator.bit_length() for number in numbers)
    return len(graph.nodes) / 2**60 + bits / 60 / SUITABLE_PRIMES


def _disagreement(instance: Instance, wrt: str, labels: Labels[V], path_sum: PathSum) -> str:
    """Return the first entry at which paths and deltas differ."""
    deltas = _deltas(instance, instance.entries[wrt], labels)
    for entry in instance.entries[wrt]:
        if not labels.algebra.equal(path_sum(entry, labels), deltas[instance.delta[entry]]):
            return entry
    return ""


def _refuted(instance: Instance, entry: str, method: str, path_sum: PathSum) -> Finding:
    """Confirm a difference by numbers: partials that are written differently may be equal."""

    def compare(algebra: Decimals) -> tuple[Real, Real]:
        labels = Labels.at(instance, algebra)
        return path_sum(entry, labels), _deltas(instance, [entry], labels)[instance.delta[entry]]

    if differ(instance, compare):
        return Finding(CLAIM, "wrong", "counterexample", method, where=entry)
    return Finding(CLAIM, "unknown", "none", f"{method}: the partials have other forms", where=entry)


def _product(product: Term, labels: Labels[V]) -> V:
    total = labels.algebra.number(1)
    for factor in product.body:
        total = total * labels.value(factor)
    return total


def _deltas(instance: Instance, entries: Iterable[str], labels: Labels[V]) -> dict[str, V]:
    """Run the deltas of some entries, as built, over the labels."""
    own = frozenset(instance.delta.values())
    values: dict[str, V] = {}
    for node in instance.backward.restricted(instance.delta[entry] for entry in entries).nodes:
        if node.name in own:
            values[node.name] = labels.algebra.total(_labelled(term, values, labels) for term in node.terms)
    return values


def _labelled(term: Term, values: Mapping[str, V], labels: Labels[V]) -> V:
    read = [access for access in term.accesses if access.name in values]
    if not read:
        return labels.value(term.body)
    return labels.algebra.total(values[a.name] * labels.value(differentiate(term.body, a)) for a in read)


def _upwards(graph: Graph, along: Mapping[str, V], loss: str, labels: Labels[V]) -> V:
    """Return Σ over paths of the product of labels, by tangents from the entries that move to the loss."""
    tangent: dict[str, V] = dict(along)
    for node in graph.nodes:
        inward = [edge for edge in graph.in_edges[node.name] if edge.parent in tangent]
        if inward:
            carried = (tangent[edge.parent] * labels.value(edge.partial) for edge in inward)
            start = [along[node.name]] if node.name in along else []
            tangent[node.name] = labels.algebra.total((*start, *carried))
    return tangent.get(loss, labels.algebra.number(0))
