"""Factors that stand before a sum: what does not depend on what is summed is multiplied once.

::

    z[i] = Σ_j δ[j] W[j,i] a[i]      becomes      s[i] = Σ_j δ[j] W[j,i],   z[i] = s[i] a[i]

So people write a sum, and so kernels compute it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

import sympy as sp

from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Graph, Node
from symgrad.model.nodes import Kind, Term
from symgrad.model.terms import summed


def outside(graph: Graph, names: Iterable[str]) -> Graph:
    """Return a graph in which sums of some nodes are nodes of their own, without the factors before them."""
    chosen = frozenset(names)
    nodes = [
        made for node in graph.nodes for made in (_apart(graph, node) if node.name in chosen else (node,))
    ]
    return Graph(tuple(nodes), graph.loss)


def _apart(graph: Graph, node: Node) -> Iterator[Node]:
    """Yield the sums of a node and, last, the node."""
    names = (name for k in count(1) if (name := f"{node.name}_sum{k}") not in graph)
    terms = list[Term]()
    for term in node.terms if node.reduce == "sum" else ():
        before, behind = _split(term)
        if before in (1, -1) or behind == 1:
            terms.append(term)
            continue
        axes = tuple(axis for axis in term.bound if axis not in summed(term))
        own = tuple(axis.symbol for axis in axes)
        name = next(names)
        yield Node(name, axes, Kind.DEFINED, (Term(own, term.bound, behind),), auxiliary=True)
        terms.append(Term(term.write, axes, before * Ref(name, own)))
    yield replace(node, terms=tuple(terms)) if terms else node


def _split(term: Term) -> tuple[sp.Expr, sp.Expr]:
    """Return the product of the factors of a term that know nothing of what is summed, and of the others."""
    inside = {axis.symbol for axis in summed(term)}
    factors = sp.Mul.make_args(term.body)
    before = [factor for factor in factors if not _letters(factor) & inside]
    return sp.Mul(*before), sp.Mul(*(factor for factor in factors if factor not in before))


def _letters(factor: sp.Expr) -> set[sp.Basic]:
    return factor.free_symbols.union(*(at.free_symbols for ref in refs(factor) for at in ref.index))
