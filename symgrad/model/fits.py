"""What has to hold of sizes so that every definition reads and lands inside of its arrays."""

from collections.abc import Iterator

import sympy as sp

from symgrad.model.graph import Graph
from symgrad.model.nodes import Term


def conditions(graph: Graph) -> tuple[sp.Expr, ...]:
    """Return what must not be negative, where sizes ≥ 1 alone do not ensure it, as ``H − K`` does not."""
    found = dict.fromkeys(sp.expand(value) for value in _values(graph))
    return tuple(sorted((value for value in found if value.is_nonnegative is not True), key=str))


def _values(graph: Graph) -> Iterator[sp.Expr]:
    for node in graph.nodes:
        yield from (extent - 1 for extent in node.shape if not extent.is_Symbol)
        for term in node.terms:
            accesses = ((node.name, term.write), *((r.name, r.index) for r in term.accesses))
            for name, subscripts in accesses:
                for subscript, extent in zip(subscripts, graph[name].shape, strict=True):
                    if term.sizes.get(subscript) != extent:
                        low, high = ends(subscript, term)
                        yield from (low, extent - 1 - high)


def ends(subscript: sp.Expr, term: Term) -> tuple[sp.Expr, sp.Expr]:
    """Return the lowest and the highest value of an affine subscript over the letters of its term."""
    low = high = sp.expand(subscript)
    for letter, size in term.sizes.items():
        slope = low.coeff(letter) if low.has(letter) else high.coeff(letter)
        first, last = {letter: sp.Integer(0)}, {letter: size - 1}
        rising = slope.is_nonnegative is True
        low, high = low.xreplace(first if rising else last), high.xreplace(last if rising else first)
    return sp.expand(low), sp.expand(high)
