"""The closed set of statements between a graph and a text.

Expressions are SymPy's, over `Ref` (an entry of an array, or a scalar when it has no subscripts), index
and size symbols, and no number except 0 and ±1: all others are named constants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from symgrad.model.expressions import Ref, index, refs


@dataclass(frozen=True)
class Size:
    """``name = array.shape[axis]``, a number known as `extent` or an open size."""

    name: str
    array: str
    axis: int
    extent: sp.Expr | None = None


@dataclass(frozen=True)
class Constant:
    """``name = numerator/denominator`` in the type of the arrays."""

    name: str
    numerator: sp.Expr
    denominator: sp.Expr


@dataclass(frozen=True)
class Allocate:
    """``name = np.empty(shape)`` in the type of the arrays, or of integers."""

    name: str
    shape: tuple[sp.Expr, ...]
    integer: bool = False


@dataclass(frozen=True)
class Fill:
    """``name[:] = 0``, or of the slice at some leading subscripts."""

    name: str
    comment: str = ""
    index: tuple[sp.Expr, ...] = ()


@dataclass(frozen=True)
class Assign:
    """``target = value``"""

    target: Ref
    value: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Accumulate:
    """``target += value``"""

    target: Ref
    value: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Position:
    """``letter = value``, an integer that other subscripts are made of: an id, a row of the largest entry."""

    letter: str
    value: sp.Expr


@dataclass(frozen=True)
class Record:
    """``if greater(value, best): best = value; place = position``"""

    best: Ref
    value: Ref
    place: str
    position: sp.Expr


@dataclass(frozen=True)
class Operand:
    """An array, or the slice of it at some leading subscripts, as a matrix in a product.

    Attributes
    ----------
    shape
        The sizes that its axes are joined to; None where they are those of a matrix or vector already.
    part, columns
        Which places of its first axis, and which columns of the matrix as it stands in memory, are meant,
        from the first one to before the second; None for all.
    transposed
        Whether rows and columns change places, after the axes are joined.
    """

    name: str
    transposed: bool = False
    index: tuple[sp.Expr, ...] = ()
    shape: tuple[sp.Expr, ...] | None = None
    part: tuple[sp.Expr, sp.Expr] | None = None
    columns: tuple[sp.Expr, sp.Expr] | None = None

    @property
    def ref(self) -> Ref:
        """The slice as an access."""
        return Ref(self.name, self.index)


@dataclass(frozen=True)
class Product:
    """``out = left @ right`` or ``out = keep · out + rate · left @ right``, by BLAS or in tiles."""

    out: Operand
    left: Operand
    right: Operand
    multiplications: sp.Expr
    comment: str = ""
    rate: sp.Expr | None = None
    keep: sp.Expr = sp.S.One
    tiled: bool = False


@dataclass(frozen=True)
class Apply:
    """``out = function(source)`` for arrays or slices, entry by entry along memory, whatever the shape."""

    out: Ref
    function: str
    source: Ref
    size: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Loop:
    """``for letter in range(start, stop, step)``, or down from ``stop - 1`` to ``start``."""

    letter: str
    stop: sp.Expr
    body: "tuple[Statement, ...]"
    start: sp.Expr = sp.S.Zero
    comment: str = ""
    down: bool = False
    step: int = 1


@dataclass(frozen=True)
class When:
    """``if start <= letter < stop``: some turns of a loop of `size` turns."""

    letter: str
    start: sp.Expr
    stop: sp.Expr
    size: sp.Expr
    body: "tuple[Statement, ...]"
    comment: str = ""


@dataclass(frozen=True)
class Call:
    """``name(arguments)``: a function that does what `body` does."""

    name: str
    arguments: tuple[str, ...]
    body: "tuple[Statement, ...]"
    comment: str = ""


@dataclass(frozen=True)
class Return:
    """``return names``"""

    names: tuple[str, ...]


Statement: TypeAlias = (
    Size
    | Constant
    | Allocate
    | Fill
    | Position
    | Record
    | Assign
    | Accumulate
    | Product
    | Apply
    | Loop
    | When
    | Call
    | Return
)
Commented: TypeAlias = Fill | Assign | Accumulate | Product | Apply | Loop | When
Statements: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True)
class Function:
    """A function of the emitted module.

    Attributes
    ----------
    inner
        Whether only compiled functions call it.
    inline
        Whether its text stands for each call, also where it is long.
    ordered
        Whether it adds up in the order of its text.
    """

    name: str
    arguments: tuple[str, ...]
    summary: str
    body: Statements
    workspaces: tuple[Allocate, ...] = ()
    inner: bool = False
    inline: bool = False
    ordered: bool = False


def walk(statements: Statements) -> Iterator[Statement]:
    """Yield all statements, those inside loops and conditions too, from top to bottom."""
    for statement in statements:
        yield statement
        if isinstance(statement, Loop | When):
            yield from walk(statement.body)


def expressions(statement: Statement) -> tuple[sp.Expr, ...]:
    """Return the values that a statement computes."""
    return (statement.value,) if isinstance(statement, Assign | Accumulate) else ()


def written(statement: Statement) -> tuple[Ref, ...]:
    """Return what a statement writes: entries, or slices, which have fewer subscripts than their array."""
    match statement:
        case Assign(target) | Accumulate(target):
            return (target,)
        case Record(place) | Apply(place):
            return (place,)
        case Product(out):
            return (out.ref,)
        case Fill(name, _, at):
            return (Ref(name, at),)
        case _:
            return ()


def read(statement: Statement) -> tuple[Ref, ...]:
    """Return the entries and slices that a statement reads."""
    match statement:
        case Position(_, value):
            return refs(value)
        case Record(best, value):
            return best, value
        case Product(out, left, right, rate=rate, keep=keep):
            return left.ref, right.ref, *(() if rate is None else (out.ref, *refs(rate), *refs(keep)))
        case Apply(source=source):
            return (source,)
        case _:
            return tuple(r for value in expressions(statement) for r in refs(value))


def _shown(operand: Operand) -> tuple[sp.Expr, ...]:
    return *operand.index, *(operand.shape or ()), *(operand.part or ()), *(operand.columns or ())


def shown(statement: Statement) -> tuple[sp.Expr, ...]:
    """Return the expressions that the text of a statement shows."""
    match statement:
        case Assign(target, value) | Accumulate(target, value):
            return target, value
        case Position(_, value):
            return (value,)
        case Record(_, _, _, position):
            return (position,)
        case Product(out, left, right):
            return tuple(e for o in (out, left, right) for e in _shown(o))
        case Allocate(_, shape):
            return shape
        case Apply(out, _, source):
            return out, source
        case Fill(name, _, at):
            return (Ref(name, at),)
        case Loop(_, stop, _, start):
            return start, stop
        case When(letter, start, stop):
            return index(letter), start, stop
        case _:
            return ()
