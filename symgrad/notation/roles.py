"""What the printers may know of a graph: which names are parameters, which are deltas and of what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.model.expressions import Ref
from symgrad.model.graph import Adjoint, Graph, Kind, Node, Term
from symgrad.model.landing import Shapes
from symgrad.notation.layout import Delta, Layout, Name, Partial
from symgrad.notation.picks import picked_by, positions

Aliases: TypeAlias = Mapping[str, tuple[str, tuple[Layout, ...]]]


@dataclass(frozen=True)
class Roles:
    """The roles of names; without any, names are only names.

    Attributes
    ----------
    kinds
        Inputs, targets, parameters, states and defined nodes.
    deltas
        The names that are deltas, printed as δz1 or ∂J/∂W1.
    ranks
        The number of axes of every node.
    loss
        The graph's loss, the one that δ refers to.
    shapes
        The sizes of the axes of every node.
    along
        The letters along which the graph has recurrences.
    integers
        For the one-hot form of an integer input, the name of that input.
    positions
        For the position of every maximum, what it is the position in.
    aliases
        Names that stand for a node at some subscripts, its labels in matrix style.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    deltas: Mapping[str, Adjoint] = field(default_factory=dict[str, Adjoint])
    ranks: Mapping[str, int] = field(default_factory=dict[str, int])
    loss: str | None = None
    shapes: Shapes = field(default_factory=dict[str, tuple[sp.Expr, ...]])
    along: frozenset[str] = frozenset()
    integers: Mapping[str, str] = field(default_factory=dict[str, str])
    positions: Mapping[str, Term] = field(default_factory=dict[str, Term])
    aliases: Aliases = field(default_factory=dict[str, tuple[str, tuple[Layout, ...]]])

    @classmethod
    def of(cls, graph: Graph) -> "Roles":
        """Read the roles off a graph, once."""
        return kept(graph, "roles", lambda: cls._read(graph))

    @classmethod
    def _read(cls, graph: Graph) -> "Roles":
        return cls(
            {n.name: n.kind for n in graph.nodes},
            {n.name: n.adjoint for n in graph.nodes if n.adjoint},
            {n.name: len(n.axes) for n in graph.nodes},
            graph.loss,
            graph.shapes,
            frozenset(group.along for group in graph.groups if group.along),
            picked_by(graph),
            positions(graph),
        )

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names that are parameters."""
        return frozenset(name for name, kind in self.kinds.items() if kind is Kind.PARAMETER)

    def of_node(self, node: Node) -> "Roles":
        """Add what a node says of itself."""
        return self if node.adjoint is None else self.with_deltas({node.name: node.adjoint})

    def with_deltas(self, more: Mapping[str, Adjoint]) -> "Roles":
        """Add names that are deltas, where the graph has no node of that name."""
        new = {name: adjoint for name, adjoint in more.items() if name not in self.kinds}
        return replace(self, deltas={**self.deltas, **new}) if new else self

    def with_aliases(self, more: Aliases) -> "Roles":
        """Add names that stand for nodes, in the roles of these."""
        kinds = {alias: self.kinds[name] for alias, (name, _) in more.items() if name in self.kinds}
        deltas = {alias: self.deltas[name] for alias, (name, _) in more.items() if name in self.deltas}
        new = replace(self, kinds={**self.kinds, **kinds}, deltas={**self.deltas, **deltas})
        return replace(new, aliases=more)


PLAIN = Roles()


def is_delta(ref: Ref, roles: Roles) -> bool:
    """Whether an access reads a delta."""
    return ref.name in roles.deltas


def named(name: str, subscripts: tuple[Layout, ...], roles: Roles, *, whole: bool = False) -> Layout:
    """Write a node, a delta as δ of its node or as ∂J/∂W."""
    if name in roles.aliases:
        base, labels = roles.aliases[name]
        return named(base, (*labels, *subscripts), replace(roles, aliases={}), whole=whole)
    adjoint = roles.deltas.get(name)
    if adjoint is None:
        return _by_name(name, subscripts, whole=whole)
    front = len(subscripts) - roles.ranks.get(adjoint.of, len(subscripts))
    front = max(front, 0)
    lower = named(adjoint.of, subscripts[front:], roles, whole=whole)
    leaf = roles.kinds.get(adjoint.of, Kind.DEFINED) is not Kind.DEFINED
    if isinstance(lower, Name) and not leaf and front == 0 and roles.loss in (None, adjoint.loss):
        return Delta(lower)
    array = whole and roles.ranks.get(adjoint.loss, 0) > 0
    upper = named(adjoint.loss, subscripts[:front], roles, whole=array)
    return _derivative(upper, lower, roles.deltas.get(adjoint.loss))


def _derivative(upper: Layout, lower: Layout, inner: Adjoint | None) -> Layout:
    """Write ∂²J/∂w∂v for the derivative of a gradient; that of anything by a delta stays as it is."""
    match upper:
        case _ if inner is None or not isinstance(lower, Name):
            return Partial(upper, lower)
        case Partial(first, second, more):
            return Partial(first, second, (*more, lower))
        case Delta(of):
            return Partial(Name(inner.loss), of, (lower,))
        case _:
            return Partial(upper, lower)


def _by_name(name: str, subscripts: tuple[Layout, ...], *, whole: bool) -> Layout:
    """Read δz1 as the delta of z1; δ and δ1 are names like others."""
    if name[0] == "δ" and name[1:2].isalpha():
        return Delta(Name(name[1:], subscripts, whole))
    return Name(name, subscripts, whole)
