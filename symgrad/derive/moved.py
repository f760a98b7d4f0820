"""The second witness: the loss moved along a direction, by evaluating the definitions over dual numbers.

`sympy.diff` of the composite loss needs the loss as one formula, which for a deep network is exponentially
long.  Here every definition is evaluated once, over u + ε u′: the coefficient of ε in the loss is the
derivative along the direction.  It reads the definitions and SymPy's derivatives of elementary functions,
and knows nothing of edges, deltas or their order (forward mode: Griewank, Walther 2008, chapter 3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from symgrad.derive.instancing import Instance
from symgrad.derive.scalars import evaluate
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.duals import Dual, Duals
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Kind, Node, Term

V = TypeVar("V", bound=Value)

MOVED = "_moved"


def direction(entries: Iterable[str], algebra: Algebra[V]) -> dict[str, V]:
    """Return an independent quantity for every entry: two gradients that differ, differ along it."""
    return {entry: algebra.leaf(("direction", entry)) for entry in entries}


def tangent(instance: Instance, algebra: Algebra[V], given: Mapping[str, V], along: Mapping[str, V]) -> V:
    """Return the derivative of the loss along a direction.

    Parameters
    ----------
    given
        Values of leaves; a leaf without one is a generator of the algebra.
    along
        The component of the direction for every entry that moves.
    """
    duals = Duals(algebra)
    inner = [entry for entry in along if not instance.forward[entry].is_leaf]
    moved = _with_moves(instance.forward, inner)
    leaves: dict[str, Dual[V]] = {f"{e}{MOVED}": duals.moving(algebra.number(0), along[e]) for e in inner}
    for node in instance.forward.nodes:
        if node.is_leaf:
            value = given[node.name] if node.name in given else algebra.leaf(node.name)
            leaves[node.name] = Dual(duals, value, along.get(node.name))
    found = evaluate(moved, duals, leaves)[instance.loss].tangent
    return algebra.number(0) if found is None else found


def _with_moves(graph: Graph, entries: list[str]) -> Graph:
    """Add to every such node, beside its definition, a leaf that moves it."""
    if not entries:
        return graph
    wanted = set(entries)
    extra = tuple(Node(f"{entry}{MOVED}", kind=Kind.INPUT) for entry in entries)
    nodes = (_with_move(node) if node.name in wanted else node for node in graph.nodes)
    return Graph((*extra, *nodes), graph.loss)


def _with_move(node: Node) -> Node:
    return replace(node, terms=(*node.terms, Term((), (), Ref(f"{node.name}{MOVED}"))))


def written_length(graph: Graph, name: str) -> int:
    """Return how long a node of a scalar graph would be as one formula, without writing it."""
    above = graph.ancestors(name)
    length: dict[str, int] = {}
    for node in graph.nodes:
        if node.name in above:
            reads = (r.name for term in node.terms for r in term.accesses)
            length[node.name] = 1 + len(node.terms) + sum(length[read] for read in reads)
    return length[name]
