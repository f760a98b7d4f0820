"""Functions of whole arrays: sums, means and maxima along an axis or a letter, softmax, norms, diagonals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add, mul, sub, truediv
from typing import Any, TypeAlias

import numpy as np

from symgrad.errors import ShapeError
from symgrad.model.syntax import Kind
from symgrad.verify.formulas.grids import (
    Grid,
    Objects,
    entrywise,
    exactly,
    grid,
    mapped,
    scaled,
    shown,
    summed,
)
from symgrad.verify.formulas.setting import Functions


def folded(kind: Kind, array: Objects, axis: int, functions: Functions) -> Objects:
    """Return the sum, the mean or the maximum along an axis."""
    if not array.shape[axis]:
        raise ShapeError(f"the {kind} of nothing: an axis has no entries")
    if kind == "max":
        entries = np.moveaxis(array, axis, 0)
        larger = np.frompyfunc(functions["max"], 2, 1)
        return np.asarray(reduce(larger, entries), dtype=object)
    total = summed(array, axis)
    return total if kind == "sum" else np.asarray(total / Fraction(array.shape[axis]), dtype=object)


def along_letter(kind: Kind, value: Grid, letter: str, run: range, functions: Functions) -> Grid:
    """Return the sum, the mean or the maximum over an index letter."""
    if letter not in value.letters:
        if not run:
            raise ShapeError(f"the {kind} over {letter} has no entries")
        times = Fraction(len(run) if kind == "sum" else 1)
        return replace(scaled(mul, value, grid(times)), row=value.row)
    axis = value.letters.index(letter)
    letters = tuple(other for other in value.letters if other != letter)
    return Grid(folded(kind, value.array, axis, functions), letters, value.row)


def along_axis(kind: Kind, value: Grid, axis: int | None, keep: bool, functions: Functions) -> Grid:
    """Return the sum, the mean or the maximum along an axis, or of all entries."""
    if axis is None:
        entries = value.array.reshape((*value.array.shape[: len(value.letters)], -1))
        total = folded(kind, entries, -1, functions)
        return Grid(total.reshape((*total.shape, *(1,) * value.rank)) if keep else total, value.letters)
    if not -value.rank <= axis < value.rank:
        raise ShapeError(f"shape {shown(value)} has no axis {axis}; axes are counted from 0")
    place = len(value.letters) + axis % value.rank
    total = folded(kind, value.array, place, functions)
    return Grid(np.expand_dims(total, place) if keep else total, value.letters)


def softmax(functions: Functions, z: Grid) -> Grid:
    """exp(z) / Σ exp(z) along the last axis."""
    exponentials, totals = _exponentials(functions, z)
    return replace(entrywise(truediv, exponentials, totals), row=z.row)


def log_softmax(functions: Functions, z: Grid) -> Grid:
    """z − log Σ exp(z) along the last axis."""
    _, totals = _exponentials(functions, z)
    return replace(entrywise(sub, z, mapped(functions["log"], totals)), row=z.row)


def _exponentials(functions: Functions, z: Grid) -> tuple[Grid, Grid]:
    if not z.rank:
        raise ShapeError("softmax is of a vector, found a number; write its entry, as in p[k]")
    exponentials = mapped(functions["exp"], z)
    return exponentials, along_axis("sum", exponentials, -1, True, functions)


def norm(functions: Functions, value: Grid) -> Grid:
    """The root of the sum of all squares."""
    return mapped(functions["sqrt"], along_axis("sum", entrywise(mul, value, value), None, False, functions))


def diag(_functions: Functions, value: Grid) -> Grid:
    """The diagonal matrix of a vector, the diagonal of a square matrix."""
    if value.rank == 2 and value.shape[0] == value.shape[1]:
        return Grid(np.diagonal(value.array, axis1=-2, axis2=-1), value.letters)
    if value.rank != 1:
        raise ShapeError(f"diag is of a vector or a square matrix, found {shown(value)}")
    square = np.broadcast_to(np.expand_dims(value.array, -1), (*value.array.shape, value.shape[0]))
    return scaled(mul, Grid(square, value.letters), Grid(grid(Fraction(1)).array, whole="eye"))


def shape(_functions: Functions, value: Grid, axis: Grid) -> Grid:
    """The size of an axis."""
    number = int(axis.array[()])
    if not -value.rank <= number < value.rank:
        raise ShapeError(f"shape {shown(value)} has no axis {number}; axes are counted from 0")
    return grid(Fraction(value.shape[number]))


def entry(_functions: Functions, value: Grid, at: Grid) -> Grid:
    """An entry along the last axis, or all of them by a letter."""
    if not value.rank:
        raise ShapeError("a number has no entries")
    if not at.letters:
        place = exactly(at.array[()])
        if place is None or not 0 <= place < value.shape[-1]:
            raise ShapeError(f"shape {shown(value)} has no such entry")
        return Grid(np.asarray(value.array[..., int(place)], dtype=object), value.letters)
    if at.letters[0] in value.letters or at.array.shape != value.shape[-1:]:
        raise ShapeError(f"the index {at.letters[0]} does not run over the last axis of {shown(value)}")
    moved = np.moveaxis(value.array, -1, len(value.letters))
    return Grid(moved, (*value.letters, at.letters[0]))


def floor(_functions: Functions, value: Grid) -> Grid:
    """A number that is known, such as a size, rounded down."""
    number = None if value.array.ndim else exactly(value.array[()])
    if number is None:
        raise ShapeError("only numbers and sizes are rounded down")
    return grid(Fraction(number.numerator // number.denominator))


def where(_functions: Functions, condition: Grid, chosen: Grid, other: Grid) -> Grid:
    """One value where a condition is 1, another where it is 0."""
    rest = entrywise(sub, grid(Fraction(1)), condition)
    return entrywise(add, entrywise(mul, condition, chosen), entrywise(mul, rest, other))


Special: TypeAlias = Callable[..., Grid]

SPECIAL: Mapping[str, Special] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "norm": norm,
    "diag": diag,
    "shape": shape,
    "floor": floor,
    "entry": entry,
    "where": where,
}


def applied(name: str, functions: Functions, *values: Any) -> Grid:
    """Return the value of a call."""
    if name in SPECIAL:
        return SPECIAL[name](functions, *values)
    if len(values) == 1:
        return mapped(functions[name], *values)
    return reduce(lambda a, b: entrywise(functions[name], a, b), values)
