"""What the printers may know of a graph: which names are parameters, which are deltas and of what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symgrad.model.expressions import Ref
from symgrad.model.graph import Adjoint, Graph, Kind, Node
from symgrad.notation.layout import Delta, Layout, Name, Partial


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
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    deltas: Mapping[str, Adjoint] = field(default_factory=dict[str, Adjoint])
    ranks: Mapping[str, int] = field(default_factory=dict[str, int])
    loss: str | None = None

    @classmethod
    def of(cls, graph: Graph) -> "Roles":
        """Read the roles off a graph."""
        return cls(
            {n.name: n.kind for n in graph.nodes},
            {n.name: n.adjoint for n in graph.nodes if n.adjoint},
            {n.name: len(n.axes) for n in graph.nodes},
            graph.loss,
        )

    def of_node(self, node: Node) -> "Roles":
        """Add what a node says of itself."""
        return self if node.adjoint is None else self.with_deltas({node.name: node.adjoint})

    def with_deltas(self, more: Mapping[str, Adjoint]) -> "Roles":
        """Add names that are deltas, where the graph has no node of that name."""
        new = {name: adjoint for name, adjoint in more.items() if name not in self.kinds}
        return replace(self, deltas={**self.deltas, **new}) if new else self


PLAIN = Roles()


def is_delta(ref: Ref, roles: Roles) -> bool:
    """Whether an access reads a delta."""
    return ref.name in roles.deltas


def named(name: str, subscripts: tuple[Layout, ...], roles: Roles, *, whole: bool = False) -> Layout:
    """Write a node, a delta as δ of its node or as ∂J/∂W."""
    adjoint = roles.deltas.get(name)
    if adjoint is None:
        return _by_name(name, subscripts, whole=whole)
    front = len(subscripts) - roles.ranks.get(adjoint.of, len(subscripts))
    front = max(front, 0)
    lower = Name(adjoint.of, subscripts[front:], whole)
    leaf = roles.kinds.get(adjoint.of, Kind.DEFINED) is not Kind.DEFINED
    if not leaf and front == 0 and roles.loss in (None, adjoint.loss):
        return Delta(lower)
    return Partial(Name(adjoint.loss, subscripts[:front]), lower)


def _by_name(name: str, subscripts: tuple[Layout, ...], *, whole: bool) -> Layout:
    """Read δz1 as the delta of z1; δ and δ1 are names like others."""
    if name[0] == "δ" and name[1:2].isalpha():
        return Delta(Name(name[1:], subscripts, whole))
    return Name(name, subscripts, whole)
