"""A node as loops: every sum either a product by BLAS or a nest of loops, the rest pointwise."""

from collections.abc import Container, Iterator

import sympy as sp

from symgrad.kernels.landings import landed
from symgrad.kernels.matrices import Contraction
from symgrad.kernels.ordering import along_memory, is_window, nest, ordered
from symgrad.kernels.pieces import Piece, Summand, entry
from symgrad.kernels.positions import located
from symgrad.kernels.products import Workspaces, multiplied
from symgrad.kernels.remarks import headed
from symgrad.kernels.schedule import choose, own_axes, split
from symgrad.kernels.slices import plain_name
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Fill,
    Position,
    Record,
    Statement,
    Statements,
)
from symgrad.model.expressions import Ref, refs, reindex


class RunningMaximum(sp.Function):
    """The larger of two arguments of a row maximum, which only shifts what it is subtracted from."""

    nargs = 2
    is_real = True


EXPENSIVE = ("exp", "log", "sigmoid", "tanh", "softplus")
"""Functions of some thirty operations: worth a pass of their own where rows do not fill vectors."""

TOGETHER = 4
"""So many products are put together in one pass; of more, each is added on its own."""

VECTORS = 32
"""Entries that LLVM handles at once, four vectors of eight; what is left over of a row stays scalar."""


def statements(spec: KernelSpec, piece: Piece) -> Statements:
    """Return the statements that compute one node; allocations of what it needs besides stand among them."""
    piece = split(spec, located(spec, piece))
    if piece.reduce != "sum":
        made = _largest(piece) if piece.reduce == "max" else _position(piece)
    elif (called := _called(piece)) is not None:
        made = _applied(piece, called)
    else:
        made = (*_gathered(spec, piece), *landed(spec, piece))
    return tuple(headed(made, piece.comment))


def _called(piece: Piece) -> sp.Expr | None:
    """Return the value of a node that applies a costly function to rows that do not fill vectors."""
    if piece.landings or len(piece.summands) != 1 or not piece.axes:
        return None
    if piece.summands[0].summed or piece.summands[0].positions:
        return None
    value, width = piece.summands[0].factor, piece.axes[-1].size
    full = len(piece.axes) == 1 or (width.is_Integer and width % VECTORS == 0)
    return value if type(value).__name__ in EXPENSIVE and not full else None


def _applied(piece: Piece, value: sp.Expr) -> Statements:
    """Apply a function along memory, to its argument computed in place unless it is an array already."""
    (argument,) = value.args
    target = entry(piece.name, piece.index)
    count = sp.prod([axis.size for axis in piece.axes])
    plain = isinstance(argument, Ref) and argument.index == target.index
    source = argument.name if plain else piece.name
    apply = Apply(Ref(piece.name), type(value).__name__, Ref(source), count)
    return (apply,) if plain else (*nest(piece.axes, (Assign(target, argument),)), apply)


def _gathered(spec: KernelSpec, piece: Piece) -> Iterator[Statement]:
    """Yield the sums, and the value of every entry where it is more than a sum."""
    target = entry(piece.name, piece.index)
    pointwise = [s for s in piece.summands if not s.summed]
    sums = [s for s in piece.summands if s.summed]
    inside: list[Statement] = []
    values: list[sp.Expr] = []
    added = _one_by_one(spec, piece, sums) if len(sums) > TOGETHER else None
    if added:
        yield from added
        values, sums = [target], []
    for number, summand in enumerate(sums, 1):
        found = choose(spec, piece, summand).contraction
        along = found is None and _fits_inside(piece, summand)
        taken = {r.name for value in values for r in refs(value)}
        scalar = Ref(_numbered(f"{piece.name}_sum", number))
        place = scalar if along else _place(piece, summand, number, taken)
        made = _sum(piece, summand, place, number, found)
        if along:
            inside.extend(made)
        else:
            yield from made
        values.append(summand.factor * place)
    value = sp.Add(*values, *(s.factor for s in pointwise))
    positions = dict.fromkeys(p for s in pointwise for p in s.positions)
    if piece.summands and (inside or value != target):
        yield from nest(piece.axes, (*inside, settle(target, value)), positions)


def _one_by_one(spec: KernelSpec, piece: Piece, sums: list[Summand]) -> Statements | None:
    """Return products that are added to a node in turn, in one workspace; None if they do not all fit it."""
    target, part = entry(piece.name, piece.index), entry(f"{piece.name}_term", piece.index)
    found = [choose(spec, piece, summand).contraction for summand in sums]
    if not all(found) or any(own_axes(piece, s) != piece.axes or s.factor != 1 for s in sums):
        return None
    first = tuple(_sum(piece, sums[0], target, 1, found[0]))
    others = [tuple(_sum(piece, s, part, 2, f)) for s, f in zip(sums[1:], found[1:], strict=True)]
    rooms = {tuple(s for s in made if isinstance(s, Allocate)) for made in others}
    if len(rooms) > 1:
        return None
    add = nest(piece.axes, (Accumulate(target, part),))
    parts = (s for made in others for s in (*made, *add) if not isinstance(s, Allocate))
    return (*first, *rooms.pop(), *parts)


def settle(target: Ref, value: sp.Expr) -> Assign | Accumulate:
    """Set an entry to a value; add where the value is the entry and something else."""
    if value.is_Add and target in value.args and target not in refs(change := value - target):
        return Accumulate(target, change)
    return Assign(target, value)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"


def _place(piece: Piece, summand: Summand, number: int, taken: Container[str]) -> Ref:
    """Return where a sum is collected: in the node itself, or in an array named after both.

    What sums before it are collected in is `taken`.
    """
    index = tuple(axis.symbol for axis in own_axes(piece, summand))
    if number == 1 and index == piece.index:
        return entry(piece.name, index)
    names = "_".join(sorted({r.name for r in refs(summand.inner)}))
    name = plain_name(f"{piece.name}_{names}")
    return entry(f"{name}_{number}" if number > 2 or name in taken else name, index)


def _fits_inside(piece: Piece, summand: Summand) -> bool:
    """Whether a sum in loops is a scalar collected in the innermost own loop.

    It is if its last letter runs along memory, or if it runs over a small window.
    """
    if not piece.axes or own_axes(piece, summand) != piece.axes:
        return False
    if is_window(summand.inner, summand.summed):
        return True
    return along_memory(summand.inner, (*summand.summed, *piece.axes)) in summand.summed


def _sum(
    piece: Piece, summand: Summand, place: Ref, number: int, found: Contraction | None
) -> Iterator[Statement]:
    own = tuple(axis for axis in piece.axes if axis.symbol in place.index)
    if place.index and place.name != piece.name:
        yield Allocate(place.name, tuple(axis.size for axis in own))
    if found is None or found.steps:
        yield Fill(place.name) if place.index else Assign(place, sp.Integer(0))
    if found:
        yield from multiplied(found, place, Workspaces.of(piece.name, number))
    else:
        order = ordered(summand.inner, summand.summed, own)
        yield from nest(order, (Accumulate(place, summand.inner),), summand.positions)


def _largest(piece: Piece) -> Statements:
    """Find the largest summand of every entry."""
    target, best = entry(piece.name, piece.index), Ref(f"{piece.name}_max")
    first = piece.summands[0]
    made: list[Statement] = [Assign(best, _at_first(first))]
    for summand in piece.summands:
        made.extend(nest(summand.summed, (Assign(best, RunningMaximum(best, summand.inner)),)))
    return nest(piece.axes, (*made, Assign(target, best)))


def _position(piece: Piece) -> Statements:
    """Find the position of the largest summand of every entry, the first of equals."""
    best, here = Ref(f"{piece.name}_max"), Ref(f"{piece.name}_here")
    place = f"{piece.name}_place"
    made: list[Statement] = [Assign(best, _at_first(piece.summands[0])), Position(place, sp.Integer(0))]
    before: sp.Expr = sp.Integer(0)
    for summand in piece.summands:
        number: sp.Expr = sp.Integer(0)
        for axis in summand.summed:
            number = number * axis.size + axis.symbol
        record = Record(best, here, place, sp.expand(before + number))
        made.extend(nest(summand.summed, (Assign(here, summand.inner), record)))
        before = before + sp.prod([axis.size for axis in summand.summed])
    return nest(piece.axes, (*made, Assign(entry(piece.name, piece.index), Ref(place))))


def _at_first(summand: Summand) -> sp.Expr:
    return reindex(summand.inner, {a.symbol: sp.Integer(0) for a in summand.summed})
