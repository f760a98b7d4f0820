"""A matrix product as statements: packing, the call, and what is done with the result, in its turns."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.kernels.matrices import Contraction, Side
from symgrad.kernels.ordering import nest
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Assign,
    Operand,
    Product,
    Statement,
    Statements,
)
from symgrad.model.expressions import Ref


@dataclass(frozen=True)
class Workspaces:
    """The names of the arrays that a product needs besides its factors."""

    left: str
    right: str
    result: str

    @classmethod
    def of(cls, name: str, number: int) -> "Workspaces":
        """Return names such as ``z1_columns``, numbered where a node has several sums."""
        tail = "" if number == 1 else str(number)
        return cls(f"{name}_rows{tail}", f"{name}_columns{tail}", f"{name}_part{tail}")


def multiplied(found: Contraction, place: Ref, names: Workspaces) -> Statements:
    """Return the statements that put a product into the array of an entry; allocations stand first.

    Where there are steps, that array is 0 before.
    """
    if found.out.lead is not None and not found.steps:
        return _turned(found, names, Operand(place.name, index=found.out.lead, shape=_joined(found.out)), ())
    axes = (*found.out.first, *found.out.second)
    part = Ref(names.result, tuple(a.symbol for a in axes))
    made = Accumulate(place, part) if found.steps else Assign(place, part)
    return apart(found, names, nest(axes, (made,)))


def apart(found: Contraction, names: Workspaces, after: Statements) -> Statements:
    """Return the statements of a product in a workspace, and what is done with it in each turn."""
    side = found.out
    room = Allocate(names.result, tuple(a.size for a in (*side.first, *side.second)))
    return (room, *_turned(found, names, Operand(names.result, shape=_joined(side)), after))


def _turned(found: Contraction, names: Workspaces, out: Operand, after: Statements) -> Statements:
    packed = [(s, n) for s, n in ((found.left, names.left), (found.right, names.right)) if s.lead is None]
    around = {a.symbol for a in (*found.turns, *found.steps)}
    before = [s for s in packed if not _moves(s[0], around)]
    inside = [s for s in packed if s not in before]
    factors = _operand(found.left, names.left), _operand(found.right, names.right)
    product = Product(out, *factors, found.multiplications, tiled=found.tiled)
    body = (*(s for side, name in inside for s in _packing(side, name)), product, *after)
    rooms = (Allocate(name, tuple(a.size for a in side.stored)) for side, name in packed)
    once = (s for side, name in before for s in _packing(side, name))
    return (*rooms, *once, *nest((*found.turns, *found.steps), body))


def _moves(side: Side, around: set[sp.Symbol]) -> bool:
    return any(i.free_symbols & around for i in side.ref.index)


def _packing(side: Side, name: str) -> Iterator[Statement]:
    axes = side.stored
    yield from nest(axes, (Assign(Ref(name, tuple(a.symbol for a in axes)), side.ref),))


def _operand(side: Side, name: str) -> Operand:
    turned = side.turned and bool(side.first) and bool(side.second)
    if side.lead is None:
        return Operand(name, turned, (), _joined(side))
    return Operand(side.ref.name, turned, side.lead, _joined(side), side.part)


def _joined(side: Side) -> tuple[sp.Expr, ...] | None:
    """Return the sizes of a matrix whose axes are joined ones, in the order of memory."""
    blocks = (side.second, side.first) if side.turned else (side.first, side.second)
    blocks = tuple(block for block in blocks if block)
    if all(len(block) == 1 for block in blocks):
        return None
    return tuple(sp.prod([axis.size for axis in block]) for block in blocks)
