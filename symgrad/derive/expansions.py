"""Paths against deltas, multiplied out: as polynomials in the partials, each one an indeterminate.

The paths are listed and multiplied out one by one.  Where there are too many, they are summed from the
parameter towards the loss in a prime field instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from time import perf_counter
from typing import Any, Generic, TypeVar

import sympy as sp

from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, differ, over
from symgrad.derive.paths import LIST_LIMIT, count_products, paths, products
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.exact.translate import translate
from symgrad.model.functions import expand
from symgrad.model.graph import Graph, Term

CLAIM = "paths = deltas"
POINTS = 4
MONOMIALS = 200_000
SUITABLE_PRIMES = 2**46  # fewer than there are primes of 61 bits as `Residues` draws them

V = TypeVar("V", bound=Value)
PathSum = Callable[[str, "Labels[Any]"], Any]


def expansion(instance: Instance, wrt: str, *, limit: int = LIST_LIMIT, seed: int = 0) -> Finding:
    """Compare the sum over all paths with the deltas, for all entries of a node."""
    started = perf_counter()
    found = instance.entries[wrt]
    total = sum(count_products(instance.forward, entry, instance.loss, auxiliaries=True) for entry in found)
    listed = total <= limit
    finding = _expanded(instance, wrt, limit) if listed else _summed_upwards(instance, wrt, seed)
    return replace(finding, sizes=instance.sizes, listed=listed, seconds=perf_counter() - started)


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
                algebra.number(number) * (algebra.leaf(("partial", rest)) if rest != 1 else algebra.number(1))
                for number, rest in _monomials(partial)
            )

        return Labels(algebra, value)

    @staticmethod
    def at(instance: Instance, algebra: Decimals) -> "Labels[Real]":
        """Let every partial be its value at a point."""
        values = over(instance, algebra, assumed=False)
        memo = {node.ref: values[node.name] for node in instance.forward.nodes}
        return Labels(algebra, lambda partial: translate(expand(partial), algebra, memo))


@lru_cache(maxsize=10_000)
def _monomials(partial: sp.Expr) -> tuple[tuple[Fraction, sp.Expr], ...]:
    """Return the addends of a partial as numbers and rests; equal polynomials give equal addends."""
    parts = (part.as_coeff_Mul() for part in sp.Add.make_args(sp.expand_mul(sp.expand_multinomial(partial))))
    return tuple((Fraction(int(number.p), int(number.q)), rest) for number, rest in parts)


def _expanded(instance: Instance, wrt: str, limit: int) -> Finding:
    method = "expansion of the listed paths"

    def path_sum(entry: str, labels: Labels[V]) -> V:
        listed = paths(instance.forward, entry, instance.loss, limit=limit, auxiliaries=True)
        found = (p for path in listed for p in products(instance.forward, path))
        return labels.algebra.total(_product(p, labels) for p in found)

    wrong = _disagreement(instance, wrt, Labels.free(NormalForms(limit=MONOMIALS)), path_sum)
    return _refuted(instance, wrong, method, path_sum) if wrong else Finding(CLAIM, "right", "proved", method)


def _summed_upwards(instance: Instance, wrt: str, seed: int) -> Finding:
    method = f"path sums from the parameter upwards modulo a random 61-bit prime, {POINTS} points"

    def path_sum(entry: str, labels: Labels[V]) -> V:
        return _upwards(instance.forward, entry, instance.loss, labels)

    for point in range(POINTS):
        wrong = _disagreement(instance, wrt, Labels.free(Residues(seed + point)), path_sum)
        if wrong:
            return _refuted(instance, wrong, method, path_sum)
    return Finding(CLAIM, "right", "bounded", method, bound=_chance(instance.forward) ** POINTS)


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
    deltas = _deltas(instance, labels)
    for entry in instance.entries[wrt]:
        if not labels.algebra.equal(path_sum(entry, labels), deltas[instance.delta[entry]]):
            return entry
    return ""


def _refuted(instance: Instance, entry: str, method: str, path_sum: PathSum) -> Finding:
    """Confirm a difference by numbers: partials that are written differently may be equal."""

    def compare(algebra: Decimals) -> tuple[Real, Real]:
        labels = Labels.at(instance, algebra)
        return path_sum(entry, labels), _deltas(instance, labels)[instance.delta[entry]]

    if differ(instance, compare):
        return Finding(CLAIM, "wrong", "counterexample", method, where=entry)
    return Finding(CLAIM, "unknown", "none", f"{method}: the partials have other forms", where=entry)


def _product(product: Term, labels: Labels[V]) -> V:
    total = labels.algebra.number(1)
    for factor in product.body:
        total = total * labels.value(factor)
    return total


def _deltas(instance: Instance, labels: Labels[V]) -> dict[str, V]:
    """Run the deltas, as built, over the labels."""
    own = frozenset(instance.delta.values())
    values: dict[str, V] = {}
    for node in instance.backward.nodes:
        if node.name in own:
            values[node.name] = labels.algebra.total(_labelled(term, values, labels) for term in node.terms)
    return values


def _labelled(term: Term, values: Mapping[str, V], labels: Labels[V]) -> V:
    read = [access for access in term.accesses if access.name in values]
    if not read:
        return labels.value(term.body)
    return labels.algebra.total(values[a.name] * labels.value(sp.diff(term.body, a)) for a in read)


def _upwards(graph: Graph, entry: str, loss: str, labels: Labels[V]) -> V:
    """Return Σ over paths of the product of labels, by tangents from the entry to the loss."""
    tangent: dict[str, V] = {entry: labels.algebra.number(1)}
    for node in graph.nodes:
        inward = [edge for edge in graph.in_edges[node.name] if edge.parent in tangent]
        if inward and node.name != entry:
            tangent[node.name] = labels.algebra.total(
                tangent[edge.parent] * labels.value(edge.partial) for edge in inward
            )
    return tangent.get(loss, labels.algebra.number(0))
