"""The sizes at which a kernel is run exactly: its own, or smaller ones where these are too large."""

from collections.abc import Iterator, Mapping
from itertools import chain

import sympy as sp

from symgrad.model.expressions import size
from symgrad.model.graph import Graph, Term
from symgrad.model.model import Model

LEAST = 2
"""An axis of one entry would hide what goes wrong with its index."""
MOST = 32
"""How far sizes without a number are raised until the network fits together."""
PRODUCTS = 100_000
"""Products that exact arithmetic multiplies out in a few seconds."""


def fitting(model: Model, samples: int) -> dict[str, int]:
    """Return numbers for all sizes: the known ones, and for the others the least that fit together."""
    for unknown in range(LEAST, MOST):
        numbers = model.numbers(unknown, samples)
        if _fits(model.graph, numbers):
            return numbers
    return model.numbers(LEAST, samples)


def is_large(graph: Graph, numbers: Mapping[str, int]) -> bool:
    """Whether there are too many products to multiply them out."""
    known = _table(numbers)
    terms = (term for node in graph.nodes for term in node.terms)
    return sum(int(sp.prod([a.size.xreplace(known) for a in t.bound])) for t in terms) > PRODUCTS


def smaller(model: Model, numbers: Mapping[str, int], samples: str | None) -> dict[str, int]:
    """Return the least numbers that fit together, size after size; no axis shrinks to one entry."""
    found = dict(numbers)
    wide = _wide(model.graph, numbers)
    for name in numbers:
        if name != samples:
            choices = ({**found, name: number} for number in range(LEAST, found[name]))
            fits = (c for c in choices if _fits(model.graph, c) and wide <= _wide(model.graph, c))
            found = next(fits, found)
    return found


def _table(numbers: Mapping[str, int]) -> dict[sp.Expr, sp.Expr]:
    return {size(name): sp.Integer(number) for name, number in numbers.items()}


def _wide(graph: Graph, numbers: Mapping[str, int]) -> set[tuple[str, int]]:
    """Return the axes that have more than one entry."""
    known = _table(numbers)
    return {(n.name, k) for n in graph.nodes for k, s in enumerate(n.shape) if s.xreplace(known) > 1}


def _fits(graph: Graph, numbers: Mapping[str, int]) -> bool:
    """Whether all axes have entries, and every subscript stays in its axis."""
    known = _table(numbers)
    shapes = {node.name: [s.xreplace(known) for s in node.shape] for node in graph.nodes}
    if not all(s >= 1 for shape in shapes.values() for s in shape):
        return False
    places = (
        (name, at) for node in graph.nodes for t in node.terms for name, at in _ends(node.name, t, known)
    )
    return all(0 <= i < extent for name, at in places for i, extent in zip(at, shapes[name], strict=True))


def _ends(name: str, term: Term, known: dict[sp.Expr, sp.Expr]) -> Iterator[tuple[str, list[sp.Expr]]]:
    """Yield the subscripts of all that a term touches, at the first and at the last turn of its letters."""
    last = {axis.symbol: axis.size.xreplace(known) - 1 for axis in term.bound}
    first = dict.fromkeys(last, sp.Integer(0))
    touched = chain([(name, term.write)], ((r.name, r.index) for r in term.accesses))
    for array, subscripts in touched:
        for end in (first, last):
            yield array, [i.xreplace({**known, **end}) for i in subscripts]
