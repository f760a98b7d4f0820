"""A forward graph and its deltas as scalars at given sizes: where statements about them are tried."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import TypeVar

import sympy as sp

from symgrad.derive.curves import Curve, curve
from symgrad.derive.deltas import Backward
from symgrad.derive.rewrite import sums_to_one
from symgrad.derive.scalars import evaluate, witness
from symgrad.errors import DefinitionError
from symgrad.exact.agreement import Runs
from symgrad.exact.algebra import Algebra, ExactError, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.tapes import Tape
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.instances import entries, instantiate, numbered

V = TypeVar("V", bound=Value)

TRIES = 20
TOLERANCE = Fraction(1, 10**30)


@dataclass(frozen=True)
class Instance:
    """A forward graph and its deltas at given sizes, as scalars, with the entries of every node.

    Attributes
    ----------
    entries
        For every node, the names of its scalars.
    delta
        For every entry, the name of its delta.
    groups
        The entries of targets whose sum is 1.
    witnesses
        The derivatives of the composite loss that were given, or asked for one by one so far.
    runs
        What was computed of the instance so far, at points and over degrees.
    """

    sizes: Mapping[str, int]
    forward: Graph
    backward: Graph
    entries: Mapping[str, tuple[str, ...]]
    delta: Mapping[str, str]
    groups: tuple[tuple[str, ...], ...]
    witnesses: dict[str, sp.Expr] = field(default_factory=dict[str, sp.Expr], compare=False)
    runs: Runs = field(default_factory=lambda: Runs(Tape()), compare=False)

    @property
    def loss(self) -> str:
        """The scalar that was derived."""
        return self.forward.loss or ""

    @property
    def curve(self) -> Curve:
        """The composite loss while all leaves move that have deltas."""
        return curve(self.forward, self.loss, self.moving)

    @cached_property
    def moving(self) -> tuple[str, ...]:
        """The leaves that have deltas."""
        return tuple(sorted(entry for entry in self.delta if self.forward[entry].is_leaf))

    def witness(self, entry: str) -> sp.Expr:
        """Return `sympy.diff` of the composite loss with respect to a single entry, derived once."""
        if entry not in self.witnesses:
            self.witnesses[entry] = witness(self.forward, entry, self.loss)
        return self.witnesses[entry]


def at_sizes(
    graph: Graph, backward: Backward, sizes: Mapping[str, int], like: Instance | None = None
) -> Instance:
    """Instantiate a graph and its deltas.

    Parameters
    ----------
    like
        An instance of the same graph at the same sizes with other deltas; what both have is taken from it.

    Raises
    ------
    DefinitionError
        If what was derived has axes, or a size is missing.
    LimitError
        If there would be too many scalars.
    """
    if graph[backward.loss].axes:
        raise DefinitionError(f"{backward.loss} has axes; proofs at given sizes take a scalar")
    cut = Graph.of_legal(map(as_leaf, graph.nodes), backward.loss)
    both = Graph.of_legal(map(as_leaf, backward.graph.nodes), backward.loss)
    forward = instantiate(cut, sizes) if like is None else like.forward
    alike = (node for node in cut.nodes if both.by_name.get(node.name) == node)
    done = (forward[name] for node in alike for name in names_of(node, sizes))
    derived = instantiate(both, sizes, done=done)
    own = {node.name: names_of(node, sizes) for node in backward.graph.nodes}
    delta = {
        entry: d for name, dn in backward.delta.items() for entry, d in zip(own[name], own[dn], strict=True)
    }
    groups = tuple(g for node in graph.nodes if sums_to_one(node) for g in rows_of(node, sizes))
    made = Instance(sizes, forward, derived, own, delta, groups)
    return made if like is None else replace(made, witnesses=like.witnesses, runs=like.runs)


def names_of(node: Node, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the names of the entries of a node at given sizes."""
    return tuple(numbered(node, at) for at in entries(_shape(node, sizes)))


def rows_of(node: Node, sizes: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return the names of the entries of a node, row by row."""
    width, names = _shape(node, sizes)[-1], names_of(node, sizes)
    return [names[k : k + width] for k in range(0, len(names), width)]


def _shape(node: Node, sizes: Mapping[str, int]) -> tuple[int, ...]:
    table = {sp.Symbol(k, integer=True, positive=True): sp.Integer(v) for k, v in sizes.items()}
    return tuple(int(s.xreplace(table)) for s in node.shape)


def as_leaf(node: Node) -> Node:
    """Let the one-hot form of a label be given: what matters of it is that its entries add up to 1."""
    if node.is_leaf or not sums_to_one(node):
        return node
    return Node(node.name, node.axes, Kind.TARGET, targets=node.targets)


def with_ones(instance: Instance, algebra: Algebra[V]) -> dict[str, V]:
    """Let the last entry of each group be 1 minus the others."""
    given: dict[str, V] = {}
    for *first, last in instance.groups:
        given |= {name: algebra.leaf(name) for name in first}
        given[last] = 1 - algebra.total(given[name] for name in first)
    return given


def over(
    instance: Instance, algebra: Algebra[V], *, assumed: bool, memo: dict[sp.Expr, V] | None = None
) -> dict[str, V]:
    """Evaluate the leaves, the loss and the deltas, with all that these read.

    The loss comes first: normal forms split cases in the order in which they meet them, and deltas, which may
    have shorter forms, are to be split by the cases of the loss.

    Parameters
    ----------
    assumed
        Whether targets add up to 1, as they are declared to.
    memo
        Values of expressions; extended.
    """
    given = with_ones(instance, algebra) if assumed else None
    leaves = (node.name for node in instance.forward.nodes if node.is_leaf)
    read = instance.backward.restricted((*leaves, instance.loss, *instance.delta.values()))
    return evaluate(read, algebra, given, memo)


def points(instance: Instance) -> Iterator[Decimals]:
    """Yield a few algebras of decimals, the leaves at random rational points."""
    for seed in range(TRIES):
        source, algebra = Random(seed), Decimals()
        for node in instance.forward.nodes:
            if node.is_leaf:
                low = 1 if node.kind is Kind.TARGET else -40
                value = Fraction(source.randint(low, 40) or 1, source.randint(20, 50))
                algebra.define(node.name, algebra.number(value))
        yield algebra


def differ(instance: Instance, compare: Callable[[Decimals], tuple[Real, Real]]) -> bool:
    """Whether two values differ at the first random point at which both are defined; False if there is none.

    Different normal forms are only a candidate refutation; this is what confirms it.
    """
    for algebra in points(instance):
        try:
            one, other = compare(algebra)
        except ExactError:
            continue
        return bool(algebra.abs(one - other) > TOLERANCE * (1 + algebra.abs(one)))
    return False
