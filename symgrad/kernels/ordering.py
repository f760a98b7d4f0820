"""The order of loops: the innermost runs along memory, and what is read stands as far out as it can."""

from collections import Counter
from collections.abc import Iterable
from math import prod

import sympy as sp

from symgrad.kernels.pieces import letters
from symgrad.kernels.statements import Loop, Position, Statement, Statements
from symgrad.model.expressions import refs
from symgrad.model.graph import Axis

WINDOW = 32
"""Summands of a window that LLVM writes out, so that the loop around it is the one that it vectorises."""


def nest(axes: Iterable[Axis], body: Statements, positions: Iterable[Position] = ()) -> Statements:
    """Wrap statements in loops, the first axis outermost; a position is read as far out as it can be."""
    order, waiting = tuple(axes), list(positions)
    made: list[list[Statement]] = [[] for _ in range(len(order) + 1)]
    own = {axis.letter: k for k, axis in enumerate(order, 1)}
    for position in waiting:
        depth = max((own.get(str(s), 0) for s in letters(position.value)), default=0)
        own[position.letter] = depth
        made[depth].append(position)
    for axis, before in zip(reversed(order), reversed(made[1:]), strict=True):
        body = (Loop(axis.letter, axis.size, (*before, *body)),)
    return (*made[0], *body)


def ordered(inner: sp.Expr, summed: tuple[Axis, ...], own: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return the loops of a sum that is added up in an array: its leading letters outside, memory inside."""
    lead = own[:-2]
    axes = (*lead, *summed, *own[len(lead) :])
    last = along_memory(inner, (*summed, *own))
    return (*(axis for axis in axes if axis != last), last)


def along_memory(body: sp.Expr, axes: tuple[Axis, ...]) -> Axis:
    """Return the axis that most of the largest arrays have as their last subscript, the last of equals."""
    most = max((len(r.index) for r in refs(body)), default=0)
    last = Counter(
        s for r in refs(body) if r.index and len(r.index) == most
        for s in r.index[-1].free_symbols if r.index[-1].coeff(s) == 1
    )  # fmt: skip
    return max(reversed(axes), key=lambda axis: last[axis.symbol])


def is_window(inner: sp.Expr, summed: tuple[Axis, ...]) -> bool:
    """Whether a sum runs over a few neighbours: its letters only shift those of the result."""
    few = all(axis.size.is_Integer for axis in summed) and prod(int(a.size) for a in summed) <= WINDOW
    computed = {s for r in refs(inner) for i in r.index if not i.is_Symbol for s in i.free_symbols}
    return few and all(axis.symbol in computed for axis in summed)
