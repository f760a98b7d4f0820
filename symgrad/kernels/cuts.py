"""Statements that fill an array, cut to some of its rows, so that several threads each fill their own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.ordering import nest
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Assign,
    Fill,
    Loop,
    Product,
    Statement,
    Statements,
    written,
)
from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis

Bounds = tuple[sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Cut:
    """Arrays of the same axes, the first one filled, and which rows are meant, from one to before another."""

    names: tuple[str, ...]
    axes: tuple[Axis, ...]
    rows: Bounds

    @property
    def name(self) -> str:
        """The array that is filled."""
        return self.names[0]

    @property
    def first(self) -> Axis:
        """The axis of the rows."""
        return self.axes[0]

    @property
    def place(self) -> Ref:
        """Any entry."""
        return Ref(self.name, tuple(axis.symbol for axis in self.axes))


class _Whole(Exception):
    """A statement fills an array in another way than row by row."""


def cut(made: Statements, to: Cut) -> Statements | None:
    """Return what fills some rows of an array as the statements fill all; None where rows cannot be told."""
    if not to.axes:
        return None
    try:
        return tuple(_cut(made, to))
    except _Whole:
        return None


def _cut(made: Statements, to: Cut) -> Iterator[Statement]:
    for statement in made:
        match statement:
            case Allocate(name) if name == to.name:
                yield statement
            case Fill(name, comment, ()) if name == to.name:
                yield from cut_loops(nest(to.axes, (Assign(to.place, sp.Integer(0)),)), to, comment)
            case Loop(letter, stop) if letter == to.first.letter and stop == to.first.size:
                yield from cut_loops((_checked(statement, to),), to, statement.comment)
            case Loop(body=body):
                yield replace(statement, body=tuple(_cut(body, to)))
            case Product():
                yield _product(statement, to)
            case _:
                raise _Whole


def cut_loops(made: Statements, to: Cut, comment: str) -> Iterator[Statement]:
    """Yield loops over all rows as loops over some."""
    for loop in made:
        assert isinstance(loop, Loop)
        yield replace(loop, start=to.rows[0], stop=to.rows[1], comment=comment)


def _checked(loop: Loop, to: Cut) -> Loop:
    """Return a loop over rows that fills in every turn its own row alone, entry by entry."""
    for statement in _inside(loop.body):
        targets = written(statement)
        own = all(not t.index or (t.name in to.names and t.index[0] == to.first.symbol) for t in targets)
        if not isinstance(statement, Assign | Accumulate | Fill | Product) or not own:
            raise _Whole
    return loop


def _inside(made: Statements) -> Iterator[Statement]:
    for statement in made:
        yield from _inside(statement.body) if isinstance(statement, Loop) else (statement,)


def _product(made: Product, to: Cut) -> Product:
    """Return a product of some rows of its left factor; its text says how a matrix is kept and scaled."""
    out, left = made.out, made.left
    rows = to.first.size if out.shape is None else out.shape[0]
    alone = out.name == to.name and not out.index and not out.transposed and rows == to.first.size
    matrix = len(to.axes) == MATRIX or out.shape is not None
    if not alone or not matrix or left.part or (left.shape and not left.transposed):
        raise _Whole
    new = made if made.rate is not None else replace(made, rate=sp.S.One, keep=sp.S.Zero)
    factor = replace(left, columns=to.rows) if left.transposed else replace(left, part=to.rows)
    return replace(new, out=replace(out, part=to.rows), left=factor)
