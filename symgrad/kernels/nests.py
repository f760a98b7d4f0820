"""A node as loops: every sum either a product by BLAS or a nest of loops, the rest pointwise.

The letter that stands last in most accesses is the innermost loop, so that it runs along memory.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy as sp

from symgrad.kernels.pieces import Piece, Summand, entry
from symgrad.kernels.schedule import Contraction, choose
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Commented,
    Fill,
    Loop,
    Product,
    Statement,
    Statements,
)
from symgrad.model.expressions import Ref, refs, reindex
from symgrad.model.graph import Axis


class RunningMaximum(sp.Function):
    """The larger of two arguments of a row maximum, which only shifts what it is subtracted from."""

    nargs = 2
    is_real = True


EXPENSIVE = ("exp", "log", "sigmoid", "tanh", "softplus")
"""Functions of some thirty operations: worth a pass of their own where rows do not fill vectors."""

VECTORS = 32
"""Entries that LLVM handles at once, four vectors of eight; what is left over of a row stays scalar."""


def statements(spec: KernelSpec, piece: Piece) -> Statements:
    """Return the statements that compute one node; allocations of what it needs besides stand first."""
    if piece.scattered:
        return _scatter(piece)
    if piece.maximum:
        return _maximum(piece)
    if (called := _called(piece)) is not None:
        return _applied(piece, called)
    return tuple(_gathered(spec, piece))


def _called(piece: Piece) -> sp.Expr | None:
    """Return the value of a node that applies a costly function to rows that do not fill vectors."""
    if len(piece.summands) != 1 or piece.summands[0].summed or not piece.axes:
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
    apply = Apply(piece.name, type(value).__name__, argument.name if plain else piece.name, count)
    if plain:
        return (replace(apply, comment=piece.comment),)
    return (*nest(piece.axes, (Assign(target, argument),), piece.comment), apply)


def nest(axes: Iterable[Axis], body: Statements, comment: str = "") -> Statements:
    """Wrap statements in loops, the first axis outermost."""
    for axis in reversed(tuple(axes)):
        body = (Loop(axis.letter, axis.size, body),)
    return (commented(body[0], comment), *body[1:])


def commented(statement: Statement, comment: str) -> Statement:
    """Put the formula above a statement."""
    return replace(statement, comment=comment) if isinstance(statement, Commented) else statement


def _gathered(spec: KernelSpec, piece: Piece) -> Iterator[Statement]:
    target = entry(piece.name, piece.index)
    pointwise = [s.factor for s in piece.summands if not s.summed]
    sums = [s for s in piece.summands if s.summed]
    before: list[Statement] = []
    inside: list[Statement] = []
    values: list[sp.Expr] = []
    for number, summand in enumerate(sums, 1):
        place = _place(spec, piece, summand, number)
        made = list(_sum(spec, piece, summand, place))
        along = _fits_inside(spec, piece, summand)
        (inside if along else before).extend(made)
        values.append(summand.factor * place)
    value = sp.Add(*values, *pointwise)
    if inside or value != target:
        before.extend(nest(piece.axes, (*inside, settle(target, value))))
    yield from _headed(before, piece.comment)


def settle(target: Ref, value: sp.Expr) -> Assign | Accumulate:
    """Set an entry to a value; add where the value is the entry and something else."""
    change = value - target
    adds = value.is_Add and target in value.args and target not in refs(change)
    return Accumulate(target, change) if adds else Assign(target, value)


def _headed(made: list[Statement], comment: str) -> Iterator[Statement]:
    """Put the comment above the first statement that computes."""
    told = False
    for statement in made:
        yield statement if told or isinstance(statement, Allocate) else commented(statement, comment)
        told = told or not isinstance(statement, Allocate)


def _place(spec: KernelSpec, piece: Piece, summand: Summand, number: int) -> Ref:
    """Return where a sum is collected: in the node itself, a scalar, or an array named after both."""
    index = _own(piece, summand.inner)
    if _fits_inside(spec, piece, summand):
        return Ref(f"{piece.name}_sum" if number == 1 else f"{piece.name}_sum{number}")
    if number == 1 and index == piece.index:
        return entry(piece.name, index)
    names = "_".join(sorted({r.name for r in refs(summand.inner)}))
    return entry(f"{piece.name}_{names}" if number <= 2 else f"{piece.name}_{names}_{number}", index)


def _fits_inside(spec: KernelSpec, piece: Piece, summand: Summand) -> bool:
    """Whether a sum is a scalar collected in the innermost own loop: its last letter runs along memory."""
    if (
        choose(spec, piece, summand).contraction
        or not piece.axes
        or _own(piece, summand.inner) != piece.index
    ):
        return False
    return _along_memory(summand.inner, (*summand.summed, *piece.axes)) in summand.summed


def _own(piece: Piece, inner: sp.Expr) -> tuple[sp.Symbol, ...]:
    used = {s for r in refs(inner) for i in r.index for s in i.free_symbols}
    return tuple(s for s in piece.index if s in used)


def _along_memory(body: sp.Expr, axes: tuple[Axis, ...]) -> Axis:
    """Return the axis that most of the largest arrays have as their last subscript, the last of equals."""
    most = max((len(r.index) for r in refs(body)), default=0)
    last = Counter(r.index[-1] for r in refs(body) if r.index and len(r.index) == most)
    return max(reversed(axes), key=lambda axis: last[axis.symbol])


def _sum(spec: KernelSpec, piece: Piece, summand: Summand, place: Ref) -> Iterator[Statement]:
    found = choose(spec, piece, summand).contraction
    own = tuple(axis for axis in piece.axes if axis.symbol in place.index)
    if place.index and place.name != piece.name:
        yield Allocate(place.name, tuple(axis.size for axis in own))
    if found:
        yield product(place.name, found, summand.summed[0])
    elif place.index:
        yield Fill(place.name)
        yield from _accumulated(place, summand, own)
    else:
        yield Assign(place, sp.Integer(0))
        yield from _accumulated(place, summand, ())


def product(out: str, found: Contraction, summed: Axis) -> Product:
    """Return the statement of a contraction."""
    count = summed.size * sp.prod([axis.size for axis in found.axes])
    return Product(out, found.left, found.right, count)


def _accumulated(place: Ref, summand: Summand, own: tuple[Axis, ...]) -> Statements:
    axes = (*summand.summed, *own)
    inner = _along_memory(summand.inner, axes)
    order = (*(a for a in axes if a != inner), inner)
    return nest(order, (Accumulate(place, summand.inner),))


def _scatter(piece: Piece) -> Statements:
    """Add every entry where it lands."""
    scalar = not piece.axes
    start: Statement = Assign(Ref(piece.name), sp.Integer(0)) if scalar else Fill(piece.name)
    made: list[Statement] = [commented(start, piece.comment)]
    for term in piece.scattered:
        made.extend(nest(term.bound, (Accumulate(entry(piece.name, term.write), term.body),)))
    return tuple(made)


def _maximum(piece: Piece) -> Statements:
    target = entry(piece.name, piece.index)
    best = Ref(f"{piece.name}_max")
    made: list[Statement] = []
    for k, summand in enumerate(piece.summands):
        body = summand.factor * summand.inner
        if k == 0:
            made.append(Assign(best, reindex(body, {a.symbol: sp.Integer(0) for a in summand.summed})))
        made.extend(nest(summand.summed, (Assign(best, RunningMaximum(best, body)),)))
    return nest(piece.axes, (*made, Assign(target, best)), piece.comment)
