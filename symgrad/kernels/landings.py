"""Terms that land at computed subscripts: a scatter, ``dx[n,c,2i+k] += …``.

Terms that never meet, as those of a concatenation or a reshape, are copies; zeros are put first only where
the terms do not cover every entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import sympy as sp

from symgrad.kernels.ordering import nest, ordered
from symgrad.kernels.pieces import Landing, Piece, entry
from symgrad.kernels.products import Workspaces, apart
from symgrad.kernels.schedule import landing
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Assign, Fill, Statement
from symgrad.kernels.strides import digits
from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis


def landed(spec: KernelSpec, piece: Piece) -> Iterator[Statement]:
    """Yield the statements that add the landing terms of a node to what its summands gave."""
    boxes = [_box(term) for term in piece.landings]
    alone = not piece.summands and _never_meet(boxes)
    if not piece.summands and not (alone and _cover(boxes, piece.axes)):
        yield Fill(piece.name) if piece.axes else Assign(Ref(piece.name), sp.Integer(0))
    for number, term in enumerate(piece.landings, 1 + len(piece.summands)):
        yield from _landed(spec, piece, term, number, alone=alone)


def _landed(
    spec: KernelSpec, piece: Piece, term: Landing, number: int, *, alone: bool
) -> Iterator[Statement]:
    """Add a term where it lands; put it there if nothing else does."""
    target = entry(piece.name, term.write)
    found = landing(spec, piece, term)
    product = found.choice.contraction
    if product is None:
        made = Assign(target, term.body) if alone else Accumulate(target, term.body)
        yield from nest(_order(term, found.summed), (made,), term.positions)
        return
    names = Workspaces.of(piece.name, number)
    axes = (*product.out.first, *product.out.second)
    part = Ref(names.result, tuple(a.symbol for a in axes))
    known = {a.symbol for a in (*axes, *product.turns, *product.steps, *found.summed)}
    rest = tuple(axis for axis in term.bound if axis.symbol not in known)
    after = nest((*axes, *rest), (Accumulate(target, found.factor * part),))
    yield from apart(product, names, after)


def _order(term: Landing, summed: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return the loops of a term: as it binds them, the last one along memory."""
    own = tuple(axis for axis in term.bound if axis not in summed)
    target = Ref("", term.write)
    return ordered(target * term.body, summed, own) if own else summed


@dataclass(frozen=True)
class _Box:
    """Where a term lands: on each axis a stretch without gaps, every place once."""

    starts: tuple[sp.Expr, ...]
    sizes: tuple[sp.Expr, ...]


def _never_meet(boxes: list[_Box | None]) -> bool:
    """Whether terms write no entry twice."""
    found = [box for box in boxes if box is not None]
    return len(found) == len(boxes) and all(_disjoint(a, b) for a, b in combinations(found, 2))


def _cover(boxes: list[_Box | None], axes: tuple[Axis, ...]) -> bool:
    """Whether terms that never meet write every entry."""
    places = sp.Add(*(sp.prod(box.sizes) for box in boxes if box is not None))
    return sp.expand(places - sp.prod([axis.size for axis in axes])) == 0


def _box(term: Landing) -> _Box | None:
    used = [s for w in term.write for s in w.free_symbols if not s.is_positive]
    bound = {axis.symbol: axis.size for axis in term.bound}
    if term.positions or len(used) != len(set(used)) or set(used) != set(bound):
        return None
    stretches = [digits(w, [s for s in bound if s in w.free_symbols], bound) for w in term.write]
    found = [stretch for stretch in stretches if stretch is not None]
    if len(found) < len(stretches):
        return None
    return _Box(tuple(s.start for s in found), tuple(s.count for s in found))


def _disjoint(one: _Box, other: _Box) -> bool:
    def behind(a: _Box, b: _Box, axis: int) -> bool:
        return sp.expand(b.starts[axis] - a.starts[axis] - a.sizes[axis]).is_nonnegative is True

    return any(behind(one, other, k) or behind(other, one, k) for k in range(len(one.starts)))
