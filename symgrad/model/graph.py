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
from dataclasses import dataclass, field
from functools import cache, cached_property

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, refs
from symgrad.model.functions import Step
from symgrad.model.legality import check_names, check_term
from symgrad.model.nodes import Adjoint, Axis, Kind, Node, Term


@dataclass(frozen=True)
class Edge:
    """``parent[read] → child[write]`` over `bound`, carrying the local partial."""

    parent: str
    child: str
    term: int
    access: int
    read: tuple[sp.Expr, ...]
    write: tuple[sp.Expr, ...]
    bound: tuple[Axis, ...]
    partial: sp.Expr

    @property
    def key(self) -> tuple[str, int, int]:
        """Where the edge stands: child, term, access."""
        return self.child, self.term, self.access


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, parents first.

    Raises
    ------
    DefinitionError
        If a name is used twice, an access reads an unknown node or has the wrong number of
        subscripts, an index is free, sizes disagree, or the definitions form a cycle.
    """

    nodes: tuple[Node, ...]
    loss: str | None = None
    by_name: Mapping[str, Node] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        check_names(self.nodes)
        table = {node.name: node for node in self.nodes}
        object.__setattr__(self, "by_name", table)
        for node in self.nodes:
            for term in node.terms:
                check_term(node, term, table)
        object.__setattr__(self, "nodes", _sorted(self.nodes, table))
        if self.loss is not None and self.loss not in table:
            raise DefinitionError(f"the loss {self.loss!r} is not defined")

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def of_kind(self, kind: Kind) -> tuple[Node, ...]:
        """Return the nodes of one kind, in the order of the graph."""
        return tuple(node for node in self.nodes if node.kind is kind)

    @property
    def is_forward(self) -> bool:
        """Whether no node is a delta: nothing was derived in this graph yet."""
        return all(node.adjoint is None for node in self.nodes)

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

    def ancestors(self, name: str) -> frozenset[str]:
        """Return the node and everything it depends on."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += [r.name for term in self[here].terms for r in term.accesses]
        return frozenset(seen)

    def restricted(self, names: Iterable[str]) -> "Graph":
        """Return the graph of those nodes and everything they depend on."""
        keep = frozenset[str]().union(*(self.ancestors(name) for name in names))
        return Graph(tuple(n for n in self.nodes if n.name in keep), self.loss if self.loss in keep else None)


def edges_into(node: Node) -> Iterable[Edge]:
    """Yield one edge for each access of each term of a definition; zero partials are no edges.

    Raises
    ------
    DefinitionError
        If the node is the maximum of its terms: which of them it is depends on the values.
    """
    if node.reduce != "sum":
        raise DefinitionError(f"{node.name} is a maximum over an index, which cannot be derived yet")
    for t, term in enumerate(node.terms):
        for a, access in enumerate(term.accesses):
            partial = differentiate(term.body, access)
            if partial != 0:
                yield Edge(access.name, node.name, t, a, access.index, term.write, term.bound, partial)


def differentiate(body: sp.Expr, access: Ref) -> sp.Expr:
    """Return ∂body/∂access; equal bodies up to the names of their accesses are derived once."""
    accesses = refs(body)
    slots = dict(zip(accesses, _slots(len(accesses)), strict=True))
    partial = _differentiate(body.xreplace(slots), slots[access])
    return partial.xreplace({slot: ref for ref, slot in slots.items()})


@cache
def _differentiate(body: sp.Expr, slot: sp.Symbol) -> sp.Expr:
    derived = sp.diff(body, slot)
    kinks = {kink: Step(kink.args[0]) for kink in derived.atoms(sp.Heaviside)}
    return sp.factor_terms(derived.xreplace(kinks))


@cache
def _slots(count: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Dummy(f"slot{k}", real=True) for k in range(count))


def _sorted(nodes: tuple[Node, ...], table: Mapping[str, Node]) -> tuple[Node, ...]:
    """Sort parents first, else in the order given; name a cycle when there is one."""
    done: dict[str, Node] = {}
    open_: dict[str, None] = {}
    for root in nodes:
        stack = [(root.name, iter(_parents(root)))] if root.name not in done else []
        open_.update({root.name: None} if stack else {})
        while stack:
            name, parents = stack[-1]
            step = next((p for p in parents if p not in done), None)
            if step is None:
                stack.pop()
                del open_[name]
                done[name] = table[name]
            elif step in open_:
                circle = " → ".join([*list(open_)[list(open_).index(step) :], step])
                raise DefinitionError(f"the definitions form a cycle: {circle}")
            else:
                open_[step] = None
                stack.append((step, iter(_parents(table[step]))))
    return tuple(done.values())


def _parents(node: Node) -> list[str]:
    return sorted({r.name for term in node.terms for r in term.accesses})


__all__ = [
    "Adjoint",
    "Axis",
    "Edge",
    "Graph",
    "Kind",
    "Node",
    "Term",
    "differentiate",
    "edges_into",
]
