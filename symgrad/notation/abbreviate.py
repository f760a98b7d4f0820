"""Closed forms that would be too long to read: the nodes of the network name their parts.

A closed form grows exponentially with depth, a graph does not.  How long it would be is counted
before it is built.
"""

from collections.abc import Mapping

import sympy as sp

from symgrad.derive.formulas import Delta, Derivative, Factor, Formula, Line, Summand
from symgrad.model.ends import joined
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.landing import Landed
from symgrad.model.terms import onto, summed
from symgrad.notation.arrange import arrange
from symgrad.notation.unicode import write

LIMIT = 20_000


def closed_length(local: Formula, graph: Graph) -> int:
    """Return about how many characters the closed form of a local form would have, without building it."""
    known = _node_lengths(graph)
    return sum(_length(f, known) for line in local.lines for s in line.right for f in s.factors)


def abbreviated(local: Formula, graph: Graph) -> Formula:
    """Return a closed form with named subexpressions: the definitions of the nodes used, then the gradient.

    Parameters
    ----------
    local
        The gradient over named nodes.
    graph
        Where these are defined; a node that is no sum (a maximum) keeps its name without a line.
    """
    named = {r.name for line in local.lines for s in line.right for f in s.factors for r in _accesses(f)}
    used = frozenset[str]().union(*(graph.ancestors(name) for name in named))
    defined = [n for n in graph.nodes if n.name in used and not n.is_leaf and n.reduce == "sum"]
    lines = (definition_line(node, graph) for node in defined)
    return Formula("closed", (*lines, *local.lines), local.assumptions)


def definition_line(node: Node, graph: Graph) -> Line:
    """Return a node's definition as a line of a formula."""
    found = joined(node.terms, node.axes, graph.shapes, graph.names_of(Kind.PARAMETER))
    landed = (one.landed or Landed(onto(one.term, node.axes)) for one in found)
    return Line(
        node.ref,
        tuple(Summand(summed(one.term), (one.term.body,), one.outside, one.beyond) for one in landed),
    )


def _accesses(factor: Factor) -> set[Ref]:
    return set() if isinstance(factor, Derivative | Delta) else factor.atoms(Ref)


def _node_lengths(graph: Graph) -> dict[str, int]:
    """Return the length of every node written out over the leaves, parents first."""
    known: dict[str, int] = {}
    known.update({name: len(write(arrange(graph[name].ref))) for name in graph.recurrent})
    for node in graph.nodes:
        if node.name in known:
            continue
        written = sum(_length(term.body, known) + 3 for term in node.terms)
        known[node.name] = written or len(write(arrange(node.ref)))
    return known


def _length(factor: Factor, known: Mapping[str, int]) -> int:
    if isinstance(factor, Derivative | Delta):
        return 0
    inside = [r for r in sp.preorder_traversal(factor) if isinstance(r, Ref)]
    return len(write(arrange(factor))) + sum(known[r.name] - len(write(arrange(r))) for r in inside)
