"""Do the two derivations agree, and are they right?  Each finding names its method and what it covers.

1. `induction`: every delta, as built, equals its out-edges composed with its children's deltas.  Local,
   linear in the graph, and true for all sizes.
2. `expansion`: the listed paths, multiplied out independently, against the deltas, as polynomials in
   the partials.  Too many paths are summed from the parameter upwards in a prime field instead.
3. `against_witness`: the deltas against `sympy.diff` of the instantiated loss, which knows no edges;
   by exact normal forms, or by evaluation modulo random primes where these grow too large.

Paths and deltas share their edges, so a wrong partial passes 1 and 2; it cannot pass 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod
from time import perf_counter
from typing import Any

import sympy as sp

from symgrad.derive.deltas import Backward, pull
from symgrad.derive.paths import LIST_LIMIT, count, paths, products
from symgrad.derive.rewrite import sums_to_one
from symgrad.derive.scalars import evaluate, witness
from symgrad.exact.algebra import Algebra, BudgetExceeded, Value
from symgrad.exact.degrees import Degrees
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.primefield import error_bound
from symgrad.exact.residues import Residues
from symgrad.exact.translate import translate
from symgrad.model.graph import Graph, Kind, Node, Term, edges_into
from symgrad.model.instances import entries, instantiate, numbered
from symgrad.model.terms import same

POINTS = 4
MONOMIALS = 200_000


@dataclass(frozen=True)
class Finding:
    """One statement of a certificate.

    Attributes
    ----------
    claim
        ``paths = deltas``, ``gradient`` or ``kernel``.
    verdict, evidence
        ``right`` | ``wrong`` | ``unknown``, and ``proved`` | ``bounded`` | ``counterexample`` | ``none``.
    method
        How, in a few words.
    sizes
        At which sizes it was shown; None means for all sizes.
    bound
        For bounded evidence, the probability that a wrong result passes.
    listed
        Whether the paths were listed one by one.
    where
        For a wrong verdict, the place.
    """

    claim: str
    verdict: str
    evidence: str
    method: str
    sizes: Mapping[str, int] | None = None
    bound: float | None = None
    listed: bool | None = None
    seconds: float = 0.0
    where: str = ""

    @property
    def right(self) -> bool:
        """Whether the statement was shown."""
        return self.verdict == "right"


def induction(graph: Graph, backward: Backward) -> Finding:
    """Show for all sizes that every delta equals its out-edges composed with its children's deltas.

    The edges are taken afresh from the definitions of `graph`, and each term is compared by its landing
    subscripts, its bound indices and its body.
    """
    started = perf_counter()
    seed = backward.of(backward.loss).axes[: len(graph[backward.loss].axes)]
    expected: dict[str, list[Term]] = {name: [] for name in backward.delta}
    target = graph[backward.loss]
    expected[backward.loss].append(Term((*target.index, *target.index), target.axes, sp.Integer(1)))
    for node in graph.nodes:
        if node.name in backward.delta:
            for edge in edges_into(node):
                if edge.parent in expected:
                    expected[edge.parent].append(pull(edge, backward.delta[edge.child], seed))
    verdicts = {name: _same_terms(terms, backward.of(name).terms) for name, terms in expected.items()}
    wrong = [name for name, equal in verdicts.items() if equal is False]
    unknown = [name for name, equal in verdicts.items() if equal is None]
    verdict = "wrong" if wrong else "unknown" if unknown else "right"
    evidence = {"wrong": "counterexample", "unknown": "none", "right": "proved"}[verdict]
    return Finding(
        "paths = deltas",
        verdict,
        evidence,
        "local induction over the graph",
        seconds=perf_counter() - started,
        where=", ".join(wrong or unknown),
    )


def _same_terms(expected: list[Term], built: tuple[Term, ...]) -> bool | None:
    """Match terms one to one up to renaming; None where renaming has too many ways."""
    left, unsure = list(built), False
    for term in expected:
        answers = [same(term, other) for other in left]
        unsure = unsure or None in answers
        if True not in answers:
            return None if unsure else False
        left.pop(answers.index(True))
    return not left


@dataclass(frozen=True)
class Instance:
    """A forward graph and its deltas at given sizes, as scalars, with the entries of every node."""

    sizes: Mapping[str, int]
    forward: Graph
    backward: Graph
    entries: Mapping[str, tuple[str, ...]]
    delta: Mapping[str, str]
    groups: tuple[tuple[str, ...], ...]
    _witnesses: dict[str, sp.Expr] = field(default_factory=dict[str, sp.Expr], compare=False)

    def witness(self, entry: str) -> sp.Expr:
        """Return `sympy.diff` of the composite loss with respect to an entry, derived once."""
        if entry not in self._witnesses:
            self._witnesses[entry] = witness(self.forward, entry, self.forward.loss or "")
        return self._witnesses[entry]


def at_sizes(graph: Graph, backward: Backward, sizes: Mapping[str, int]) -> Instance:
    """Instantiate both graphs; `groups` are the entries of targets whose sum is 1."""
    table = {sp.Symbol(k, integer=True, positive=True): sp.Integer(v) for k, v in sizes.items()}

    def names(node: Node) -> tuple[str, ...]:
        shape = tuple(int(s.xreplace(table)) for s in node.shape)
        return tuple(numbered(node, at) for at in entries(shape))

    own = {node.name: names(node) for node in backward.graph.nodes}
    delta = {
        entry: d for name, dn in backward.delta.items() for entry, d in zip(own[name], own[dn], strict=True)
    }
    groups = tuple(g for node in graph.nodes if sums_to_one(node) for g in _rows(node, own[node.name], table))
    cut = Graph(tuple(_as_leaf(node) for node in graph.nodes), graph.loss)
    both = Graph(tuple(_as_leaf(node) for node in backward.graph.nodes), graph.loss)
    return Instance(sizes, instantiate(cut, sizes), instantiate(both, sizes), own, delta, groups)


def _as_leaf(node: Node) -> Node:
    """Let the one-hot form of a label be given: what matters of it is that its entries add up to 1."""
    return (
        Node(node.name, node.axes, Kind.TARGET, targets=node.targets)
        if sums_to_one(node) and not node.is_leaf
        else node
    )


def _rows(node: Node, names: tuple[str, ...], table: Mapping[sp.Expr, sp.Expr]) -> list[tuple[str, ...]]:
    width = int(node.shape[-1].xreplace(table))
    return [names[k : k + width] for k in range(0, len(names), width)]


def expansion(instance: Instance, wrt: str, *, limit: int = LIST_LIMIT, seed: int = 0) -> Finding:
    """Compare the sum over all paths with the deltas, as polynomials in the partials, for all entries of a node."""
    started = perf_counter()
    total = sum(count(instance.forward, entry, auxiliaries=True) for entry in instance.entries[wrt])
    listed = total <= limit
    finding = _expanded(instance, wrt, limit) if listed else _summed_upwards(instance, wrt, seed)
    return replace(finding, sizes=instance.sizes, listed=listed, seconds=perf_counter() - started)


def _expanded(instance: Instance, wrt: str, limit: int) -> Finding:
    algebra = NormalForms(limit=MONOMIALS)
    label = _Labels(algebra)
    deltas = _label_deltas(instance, label)
    for entry in instance.entries[wrt]:
        listed = paths(instance.forward, entry, limit=limit, auxiliaries=True)
        total = algebra.number(0)
        for product in (p for path in listed for p in products(instance.forward, path)):
            total = total + label.product(product)
        if not algebra.equal(total, deltas[instance.delta[entry]]):
            return Finding(
                "paths = deltas", "wrong", "counterexample", "expansion of the listed paths", where=entry
            )
    return Finding("paths = deltas", "right", "proved", "expansion of the listed paths")


def _summed_upwards(instance: Instance, wrt: str, seed: int) -> Finding:
    method = f"path sums from the parameter upwards modulo a random 61-bit prime, {POINTS} points"
    bound = 0.0
    for point in range(POINTS):
        algebra = Residues(seed + point)
        label = _Labels(algebra)
        deltas = _label_deltas(instance, label)
        for entry in instance.entries[wrt]:
            if not algebra.equal(_upwards(instance.forward, entry, label), deltas[instance.delta[entry]]):
                return Finding("paths = deltas", "wrong", "counterexample", method, where=entry)
        bound = (len(instance.forward.nodes) / 2**60) ** (point + 1)
    return Finding("paths = deltas", "right", "bounded", method, bound=bound)


@dataclass(frozen=True)
class _Labels:
    """Each partial is one indeterminate, whatever it is made of; numbers stay numbers."""

    algebra: Algebra[Any]

    def __call__(self, partial: sp.Expr) -> Value:
        number, rest = partial.as_coeff_Mul()
        label = self.algebra.leaf(("partial", rest)) if rest != 1 else self.algebra.number(1)
        return label * self.algebra.number(Fraction(int(number.p), int(number.q)))

    def product(self, product: Term) -> Value:
        total: Value = self.algebra.number(1)
        for factor in product.body:
            total = total * self(factor)
        return total


def _label_deltas(instance: Instance, label: _Labels) -> dict[str, Value]:
    """Run the deltas, as built, over the labels."""
    values: dict[str, Value] = {}
    for node in instance.backward.nodes:
        if node.adjoint is not None:
            total: Value = label.algebra.number(0)
            for term in node.terms:
                total = total + _labelled(term, values, label)
            values[node.name] = total
    return values


def _labelled(term: Term, values: Mapping[str, Value], label: _Labels) -> Value:
    for access in term.accesses:
        if access.name in values:
            return values[access.name] * label(sp.diff(term.body, access))
    return label(term.body)


def _upwards(graph: Graph, entry: str, label: _Labels) -> Value:
    """Return Σ over paths of the product of labels, by tangents from the entry to the loss."""
    tangent: dict[str, Value] = {entry: label.algebra.number(1)}
    for node in graph.nodes:
        parts = [
            tangent[e.parent] * label(e.partial) for e in graph.in_edges[node.name] if e.parent in tangent
        ]
        if parts and node.name != entry:
            tangent[node.name] = sum(parts[1:], parts[0])
    return tangent.get(graph.loss or "", label.algebra.number(0))


def against_witness(
    instance: Instance, wrt: Sequence[str], *, assumed: bool = False, limit: int = MONOMIALS, seed: int = 0
) -> dict[str, Finding]:
    """Compare the deltas of all entries of some nodes with `sympy.diff` of the composite loss.

    Parameters
    ----------
    assumed
        Whether the deltas were simplified under the declared sums of the targets; then both sides are
        compared on targets that satisfy them.
    limit
        How many monomials a normal form may have before evaluation modulo random primes takes over.
    """
    try:
        trial = Trial.of(instance, NormalForms(limit=limit), assumed=assumed)
        return {name: _judged(name, [trial], "exact normal forms", "proved") for name in wrt}
    except BudgetExceeded:
        trials = [Trial.of(instance, Residues(seed + k), assumed=assumed) for k in range(POINTS)]
        method = f"modulo random 61-bit primes, {POINTS} points"
        return {name: _judged(name, trials, method, "bounded") for name in wrt}


@dataclass(frozen=True)
class Trial:
    """The deltas of an instance, evaluated once over an algebra."""

    instance: Instance
    algebra: Algebra[Any]
    values: Mapping[str, Value]

    @classmethod
    def of(cls, instance: Instance, algebra: Algebra[Any], *, assumed: bool) -> "Trial":
        """Evaluate the graph with its deltas."""
        given = _ones(instance, algebra) if assumed else {}
        return cls(instance, algebra, evaluate(instance.backward, algebra, given))

    def differs(self, name: str) -> str | None:
        """Return the first entry of a node whose delta is not `sympy.diff` of the loss."""
        forward = self.instance.forward
        memo = {node.ref: self.values[node.name] for node in forward.nodes}
        for entry in self.instance.entries[name]:
            truth = translate(self.instance.witness(entry), self.algebra, dict(memo))
            if not self.algebra.equal(self.values[self.instance.delta[entry]], truth):
                return entry
        return None


def _judged(name: str, trials: list[Trial], method: str, evidence: str) -> Finding:
    started = perf_counter()
    wrong = next((entry for trial in trials if (entry := trial.differs(name))), None)
    bound = None if evidence == "proved" or wrong else prod(_bound(trial, name) for trial in trials)
    verdict, evidence = ("wrong", "counterexample") if wrong else ("right", evidence)
    sizes = trials[0].instance.sizes
    seconds = perf_counter() - started
    return Finding("gradient", verdict, evidence, method, sizes, bound, seconds=seconds, where=wrong or "")


def _bound(trial: Trial, name: str) -> float:
    """Bound the chance that a wrong delta agrees with the witness at one point (Schwartz 1980, Zippel 1979)."""
    degrees = Trial.of(trial.instance, Degrees(), assumed=False)
    entry = trial.instance.entries[name][0]
    memo = {node.ref: degrees.values[node.name] for node in trial.instance.forward.nodes}
    truth = translate(trial.instance.witness(entry), degrees.algebra, memo)
    difference = degrees.values[trial.instance.delta[entry]] - truth
    degree = difference.above + degrees.algebra.collisions()
    return float(error_bound(degree, trial.algebra.prime, choices=trial.algebra.choices))


def _ones(instance: Instance, algebra: Algebra[Any]) -> dict[str, Value]:
    """Let the last entry of each group be 1 minus the others."""
    given: dict[str, Value] = {}
    for group in instance.groups:
        for name in group[:-1]:
            given[name] = algebra.leaf(name)
        given[group[-1]] = 1 - algebra.total(given[name] for name in group[:-1])
    return given
