"""Arrays of numbers of any kind, some of whose axes are index letters, and how they are joined.

A vector with one axis is a column until it is transposed; as in NumPy it may also stand on the left of a
matrix.  What does not fit is refused with both shapes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Rational
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from symgrad.errors import ShapeError

Objects: TypeAlias = npt.NDArray[np.object_]
Whole: TypeAlias = Literal["", "ones", "eye"]


@dataclass(frozen=True)
class Grid:
    """A value of a formula.

    Attributes
    ----------
    array
        The numbers; first the axes of the letters, then the others.
    letters
        The index letters that are free in it.
    row
        Whether a vector was transposed.
    whole
        ``ones`` and ``eye`` for a vector of ones and an identity matrix of whatever size fits; the array is
        their factor.
    """

    array: Objects
    letters: tuple[str, ...] = ()
    row: bool = False
    whole: Whole = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes that are no letters."""
        return self.array.shape[len(self.letters) :]

    @property
    def rank(self) -> int:
        """The number of axes that are no letters."""
        return self.array.ndim - len(self.letters)


def grid(value: Any) -> Grid:
    """Return a number or an array as a grid."""
    array = np.empty((), dtype=object)
    array[()] = value
    return Grid(np.asarray(value, dtype=object) if isinstance(value, np.ndarray | list | tuple) else array)


def exactly(number: Any) -> Fraction | None:
    """Return a number as a fraction if it is known: also the exact value of a step of a tape."""
    known = number if isinstance(number, Rational) else getattr(number, "exact", None)
    return Fraction(int(known.numerator), int(known.denominator)) if isinstance(known, Rational) else None


def shown(value: Grid) -> str:
    """Return a shape as it is shown: ``4×3``, ``3``, ``1×3`` for a row."""
    if value.whole:
        return {"ones": "ones", "eye": "the identity"}[value.whole]
    return "×".join(map(str, (1, *value.shape) if value.row else value.shape)) or "a number"


def together(left: Grid, right: Grid) -> tuple[str, ...]:
    """Return the letters of two grids. ShapeError where one letter runs differently far."""
    for letter in set(left.letters) & set(right.letters):
        one, other = (g.array.shape[g.letters.index(letter)] for g in (left, right))
        if one != other:
            raise ShapeError(f"the index {letter} runs over {one} entries here and over {other} there")
    return (*left.letters, *(letter for letter in right.letters if letter not in left.letters))


def spread(value: Grid, letters: tuple[str, ...], rank: int) -> Objects:
    """Return an array with an axis for each letter and `rank` others, of size 1 where it has none."""
    order = [value.letters.index(letter) for letter in letters if letter in value.letters]
    axes = (*order, *range(len(value.letters), value.array.ndim))
    sizes = dict(zip(value.letters, value.array.shape, strict=False))
    shape = (*(sizes.get(letter, 1) for letter in letters), *(1,) * (rank - value.rank), *value.shape)
    return value.array.transpose(axes).reshape(shape)


def entrywise(operation: Callable[[Any, Any], Any], left: Grid, right: Grid) -> Grid:
    """Join two grids entry by entry, as NumPy broadcasts them."""
    left, right = _sized(left, right), _sized(right, left)
    letters, rank = together(left, right), max(left.rank, right.rank)
    try:
        np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        raise ShapeError(f"shapes {shown(left)} and {shown(right)} do not fit entry by entry") from None
    joined = _applied(operation, spread(left, letters, rank), spread(right, letters, rank))
    vectors = [g.row for g in (left, right) if g.rank == rank]
    return Grid(joined, letters, rank == 1 and all(vectors))


def mapped(function: Callable[[Any], Any], value: Grid) -> Grid:
    """Apply a function of one number to every entry."""
    return replace(value, array=_applied(function, value.array), whole="")


def _applied(operation: Callable[..., Any], *arrays: Objects) -> Objects:
    return np.asarray(np.frompyfunc(operation, len(arrays), 1)(*arrays), dtype=object)


def _sized(value: Grid, other: Grid) -> Grid:
    """Give ones and identities the size that stands beside them."""
    if value.whole == "eye":
        if other.rank != 2 or other.whole:
            raise ShapeError("nothing tells the size of the identity; write it as an array")
        entries = np.vectorize(Fraction, otypes=[object])(np.eye(*other.shape, dtype=int))
        return Grid(_applied(_times, entries, value.array.reshape((1, 1))))
    return replace(value, whole="")


def scaled(operation: Callable[[Any, Any], Any], left: Grid, right: Grid) -> Grid:
    """Multiply or divide; a multiple of an identity of open size stays one."""
    for whole, number in ((left, right), (right, left)):
        if whole.whole and not number.array.ndim and not number.whole:
            array = operation(left.array[()], right.array[()])
            return replace(whole, array=grid(array).array)
    return entrywise(operation, left, right)


def transposed(value: Grid) -> Grid:
    """Turn a column into a row and back, swap the axes of a matrix."""
    if value.whole == "eye":
        return value
    if value.rank > 2:
        raise ShapeError(f"an array of {value.rank} axes has no transpose; write its indices")
    if value.rank == 2:
        return replace(value, array=value.array.swapaxes(-1, -2))
    return replace(value, row=not value.row) if value.rank or value.whole else value


def product(left: Grid, right: Grid) -> Grid:
    """The product of matrices and vectors; a number multiplies anything."""
    if "eye" in (left.whole, right.whole):
        return _with_identity(left, right)
    if "ones" in (left.whole, right.whole):
        return _with_ones(left, right)
    if not left.rank or not right.rank:
        return entrywise(_times, left, right)
    if max(left.rank, right.rank) > 2:
        raise ShapeError("a product of matrices has two axes at most; write its indices")
    return _multiplied(left, right)


def fits(left: Grid, right: Grid) -> bool:
    """Whether two arrays have a product of matrices."""
    return bool(left.whole or right.whole or not left.rank or not right.rank) or _inner(left, right)


def summed(array: Objects, axis: int) -> Objects:
    """Add up along an axis."""
    return np.asarray(np.add.reduce(array, axis=axis), dtype=object)


def _multiplied(left: Grid, right: Grid) -> Grid:
    if not _inner(left, right):
        raise ShapeError(f"shapes {shown(left)} and {shown(right)} do not fit as a product of matrices")
    letters = together(left, right)
    rows, columns = _as_left(left, right), _as_right(left, right)
    one = _as_matrix(left, letters, rows.shape)[..., :, :, None]
    other = _as_matrix(right, letters, columns.shape)[..., None, :, :]
    entries = summed(_applied(_times, one, other), -2)
    kept = (..., slice(None) if rows.kept else 0, slice(None) if columns.kept else 0)
    row = columns.kept and not rows.kept and left.row
    return Grid(np.asarray(entries[kept], dtype=object), letters, row)


@dataclass(frozen=True)
class _Matrix:
    """How a factor stands in a product, and whether its outer axis stays in the result."""

    shape: tuple[int, int]
    kept: bool


def _as_matrix(value: Grid, letters: tuple[str, ...], shape: tuple[int, int]) -> Objects:
    array = spread(value, letters, value.rank)
    return array.reshape((*array.shape[: len(letters)], *shape))


def _inner(left: Grid, right: Grid) -> bool:
    """Whether the axes that a product sums over are equally long."""
    if max(left.rank, right.rank) > 2 or (left.rank == right.rank == 1 and left.row and right.row):
        return False
    return _as_left(left, right).shape[1] == _as_right(left, right).shape[0]


def _as_left(left: Grid, right: Grid) -> _Matrix:
    """Take a vector for a column before a row, else for a row."""
    if left.rank == 2:
        return _Matrix((left.shape[0], left.shape[1]), True)
    (size,) = left.shape
    before_row = right.row if right.rank == 1 else right.shape[0] == 1 != size
    column = not left.row and before_row
    return _Matrix((size, 1) if column else (1, size), column)


def _as_right(left: Grid, right: Grid) -> _Matrix:
    """Take a vector for a column, but a row behind a column for a row."""
    if right.rank == 2:
        return _Matrix((right.shape[0], right.shape[1]), True)
    (size,) = right.shape
    behind_column = not left.row if left.rank == 1 else left.shape[1] == 1 != size
    row = right.row and behind_column
    return _Matrix((1, size) if row else (size, 1), row)


def _with_identity(left: Grid, right: Grid) -> Grid:
    if left.whole == right.whole:
        return replace(left, array=np.asarray(_applied(_times, left.array, right.array), dtype=object))
    identity, other = (left, right) if left.whole == "eye" else (right, left)
    return replace(entrywise(_times, replace(identity, whole=""), other), row=other.row, whole=other.whole)


def _with_ones(left: Grid, right: Grid) -> Grid:
    """Sum over the axis that stands beside ones; a vector beside their other side gets an axis."""
    ones, other = (left, right) if left.whole == "ones" else (right, left)
    if other.whole or other.rank > 2:
        raise ShapeError("nothing tells the size of the vector of ones; write the sum")
    if not other.rank:
        return scaled(_times, ones, other)
    factor = replace(ones, whole="", row=False)
    first = ones is left
    if other.rank == 1 and other.row == first and ones.row != first:
        axis = -2 if first else -1
        return entrywise(_times, factor, Grid(np.expand_dims(other.array, axis), other.letters))
    axis = -2 if first and other.rank == 2 else -1
    total = Grid(summed(other.array, axis), other.letters, first and other.rank == 2)
    return replace(entrywise(_times, factor, total), row=total.row)


def _times(a: Any, b: Any) -> Any:
    return a * b
