"""What a function begins with: sizes, allocations, the numbers that its statements name."""

from functools import lru_cache

import sympy as sp

from symgrad.kernels.constants import named
from symgrad.kernels.statements import Allocate, Call, Size, Statement, Statements, shown, walk
from symgrad.model.expressions import refs


def open_sizes(made: Statements) -> set[sp.Basic]:
    """Return the symbols of the sizes that the text of some statements names, and that of what they call."""
    return {s for statement in walk(made) for s in _open_sizes(statement)}


def _open_sizes(statement: Statement) -> set[sp.Basic]:
    if isinstance(statement, Call):
        return open_sizes(statement.body)
    return {s for value in shown(statement) for s in _sizes_in(value)}


@lru_cache(maxsize=50_000)
def _sizes_in(value: sp.Expr) -> frozenset[sp.Basic]:
    inside = (i for r in refs(value) for i in r.index)
    return frozenset(s for e in (value, *inside) for s in e.free_symbols if s.is_positive)


def without_allocations(made: Statements) -> Statements:
    """Return statements that are no allocations."""
    return tuple(s for s in made if not isinstance(s, Allocate))


def allocations_first(made: Statements) -> Statements:
    """Return statements, those first that allocate."""
    return (*(s for s in made if isinstance(s, Allocate)), *without_allocations(made))


def constants_up(body: Statements) -> Statements:
    """Name the numbers of a body, and compute the constants behind the sizes and arrays."""
    head = tuple(s for s in body if isinstance(s, Size | Allocate))
    constants, rest = named(tuple(s for s in body if not isinstance(s, Size | Allocate)))
    return (*head, *constants, *rest)
