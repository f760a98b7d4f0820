"""The core: a network is one graph of named, indexed definitions.

::

    Axis   n : N                                    an index and its size
    Node   z[n,i]                                   a name with axes; a leaf has no terms
    Term   z[write] += Σ_B body                     every index of the term is bound in B
    Edge   x[read] → z[write], bound B, partial     one access in a body = one edge

Each body is pointwise in its accesses, and SymPy differentiates it: the only calculus in the
program.  Everything else is bookkeeping of indices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property, lru_cache

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, refs
from symgrad.model.functions import slope
from symgrad.model.legality import check_names, check_node
from symgrad.model.nodes import Adjoint, Axis, Kind, Node, Term
from symgrad.model.order import Group, groups


@dataclass(frozen=True)
class Edge:
    """``parent[read] → child[write]`` over `bound`, carrying the local partial; `shape` is the child's."""

    parent: str
    child: str
    term: int
    access: int
    read: tuple[sp.Expr, ...]
    write: tuple[sp.Expr, ...]
    bound: tuple[Axis, ...]
    partial: sp.Expr
    shape: tuple[sp.Expr, ...]

    @property
    def key(self) -> tuple[str, int, int]:
        """Where the edge stands: child, term, access."""
        return self.child, self.term, self.access


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, parents first.

    A node may depend on itself along an axis, as h[t] on h[t−1]; `groups` says which nodes are such a
    recurrence, along which letter, and in which direction it is walked.

    Raises
    ------
    DefinitionError
        If a name is used twice, an access reads an unknown node or has the wrong number of
        subscripts, an index is free, sizes disagree, or the definitions form a cycle that is no
        recurrence.
    """

    nodes: tuple[Node, ...]
    loss: str | None = None
    by_name: Mapping[str, Node] = field(init=False, repr=False, compare=False, hash=False)
    groups: tuple[Group, ...] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        check_names(self.nodes)
        table = {node.name: node for node in self.nodes}
        object.__setattr__(self, "by_name", table)
        for node in self.nodes:
            check_node(node, table)
        ordered = groups(self.nodes, table)
        object.__setattr__(self, "groups", ordered)
        object.__setattr__(self, "nodes", tuple(table[name] for group in ordered for name in group.names))
        if self.loss is not None and self.loss not in table:
            raise DefinitionError(f"the loss {self.loss!r} is not defined")

    @classmethod
    def of_legal(cls, nodes: Iterable[Node], loss: str | None) -> "Graph":
        """Return the graph of nodes that were checked before: part of a graph, or its entries as scalars."""
        given = tuple(nodes)
        table = {node.name: node for node in given}
        ordered = groups(given, table)
        self = object.__new__(cls)
        sorted_ = tuple(table[name] for group in ordered for name in group.names)
        for name, value in (("nodes", sorted_), ("loss", loss), ("by_name", table), ("groups", ordered)):
            object.__setattr__(self, name, value)
        return self

    def __getstate__(self) -> dict[str, object]:
        """Leave behind what was derived of the graph: a copy finds it again."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def of_kind(self, kind: Kind) -> tuple[Node, ...]:
        """Return the nodes of one kind, in the order of the graph."""
        return tuple(node for node in self.nodes if node.kind is kind)

    def names_of(self, kind: Kind) -> frozenset[str]:
        """Return the names of the nodes of one kind."""
        return self._names_by_kind.get(kind, frozenset())

    @cached_property
    def _names_by_kind(self) -> Mapping[Kind, frozenset[str]]:
        kinds = {node.kind for node in self.nodes}
        return {kind: frozenset(node.name for node in self.nodes if node.kind is kind) for kind in kinds}

    @cached_property
    def shapes(self) -> Mapping[str, tuple[sp.Expr, ...]]:
        """The sizes of the axes of every node."""
        return {node.name: node.shape for node in self.nodes}

    @property
    def is_forward(self) -> bool:
        """Whether no node is a delta: nothing was derived in this graph yet."""
        return all(node.adjoint is None for node in self.nodes)

    @cached_property
    def recurrent(self) -> frozenset[str]:
        """The nodes of recurrences."""
        return frozenset(name for group in self.groups if group.along for name in group.names)

    @property
    def parameters(self) -> tuple[Node, ...]:
        """The parameters, in the order of the graph."""
        return self.of_kind(Kind.PARAMETER)

    @cached_property
    def in_edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """For every node, the edges from its parents into it."""
        return {node.name: tuple(edges_into(node)) for node in self.nodes}

    @cached_property
    def out_edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """For every node, the edges from it to its children."""
        out: dict[str, list[Edge]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for edge in self.in_edges[node.name]:
                out[edge.parent].append(edge)
        return {name: tuple(edges) for name, edges in out.items()}

    def ancestors(self, *names: str) -> frozenset[str]:
        """Return the nodes and everything that they depend on."""
        reads, seen = self._reads, set[str]()
        waiting = list(names)
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += reads[here]
        return frozenset(seen)

    def descendants(self, *names: str) -> frozenset[str]:
        """Return the nodes and everything that depends on them."""
        seen = set(names)
        for group in self.groups:
            if not all(seen.isdisjoint(self._reads[name]) for name in group.names):
                seen.update(group.names)
        return frozenset(seen)

    @cached_property
    def _reads(self) -> Mapping[str, frozenset[str]]:
        """For every node, the names of what it reads."""
        return {node.name: frozenset(r.name for t in node.terms for r in t.accesses) for node in self.nodes}

    def restricted(self, names: Iterable[str]) -> "Graph":
        """Return the graph of those nodes and everything they depend on."""
        keep = self.ancestors(*names)
        kept = (node for node in self.nodes if node.name in keep)
        return Graph.of_legal(kept, self.loss if self.loss in keep else None)


def edges_into(node: Node) -> Iterable[Edge]:
    """Yield one edge for each access of each term of a definition; zero partials are no edges.

    The position of a maximum is constant off ties, so nothing leads into it.

    Raises
    ------
    DefinitionError
        If the node is a shift by a maximum, which only rewritten graphs have.
    """
    if node.reduce == "argmax":
        return
    if node.reduce != "sum":
        raise DefinitionError(
            f"{node.name} is the shift of a stable form; derive the graph before it is rewritten"
        )
    for t, term in enumerate(node.terms):
        for a, access in enumerate(term.accesses):
            partial = differentiate(term.body, access)
            if partial != 0:
                where = (access.index, term.write, term.bound)
                yield Edge(access.name, node.name, t, a, *where, partial, node.shape)


@lru_cache(maxsize=50_000)
def differentiate(body: sp.Expr, access: Ref) -> sp.Expr:
    """Return ∂body/∂access; equal bodies up to the names of their accesses are derived once."""
    accesses = refs(body)
    slots = dict(zip(accesses, _slots(len(accesses)), strict=True))
    partial = _differentiate(body.xreplace(slots), slots[access])
    return partial.xreplace({slot: ref for ref, slot in slots.items()})


@cache
def _differentiate(body: sp.Expr, slot: sp.Symbol) -> sp.Expr:
    return sp.factor_terms(slope(body, slot))


@cache
def _slots(count: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Dummy(f"slot{k}", real=True) for k in range(count))


__all__ = [
    "Adjoint",
    "Axis",
    "Edge",
    "Graph",
    "Group",
    "Kind",
    "Node",
    "Term",
    "differentiate",
    "edges_into",
]
