"""Rational parametrisations: arrays with a property, written by free parameters.

Each function takes as many values as `needed` says of it and a shape, and returns the entries row by row.
The values may be fractions, or elements of any algebra.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

Shape = tuple[int, ...]
Entries = list[Any]


@dataclass(frozen=True)
class Parametrisation:
    """A way to write an array.

    Attributes
    ----------
    entries
        The entries from the values of the parameters.
    needed
        How many parameters an array of a shape has.
    positive
        Whether the parameters are positive.
    """

    entries: Callable[[Sequence[Any], Shape], Entries]
    needed: Callable[[Shape], int] = prod
    positive: bool = False


def _plain(values: Sequence[Any], shape: Shape) -> Entries:
    return list(values)


def _below_one(values: Sequence[Any], shape: Shape) -> Entries:
    return [value / (1 + value) for value in values]


def _shares(values: Sequence[Any], shape: Shape) -> Entries:
    whole = sum(values[1:], values[0])
    return [value / whole for value in values]


def _rows(values: Sequence[Any], width: int) -> list[Sequence[Any]]:
    return [values[k : k + width] for k in range(0, len(values), width)]


def _row_shares(values: Sequence[Any], shape: Shape) -> Entries:
    return [share for row in _rows(values, shape[-1]) for share in _shares(row, shape)]


def _column_shares(values: Sequence[Any], shape: Shape) -> Entries:
    across = prod(shape[1:])
    columns = [_shares(values[k::across], shape) for k in range(across)]
    return [column[i] for i in range(shape[0]) for column in columns]


def _all_but_last(shape: Shape) -> int:
    return prod(shape) - prod(shape[:-1])


def _last_from_others(values: Sequence[Any], shape: Shape) -> Entries:
    if shape[-1] == 1:
        return [1] * prod(shape)
    rows = _rows(values, shape[-1] - 1)
    return [entry for row in rows for entry in (*row, 1 - sum(row[1:], row[0]))]


def _all_but_first(shape: Shape) -> int:
    return prod(shape) - prod(shape[1:])


def _last_of_columns(values: Sequence[Any], shape: Shape) -> Entries:
    across = prod(shape[1:])
    if shape[0] == 1:
        return [1] * across
    columns = (values[k::across] for k in range(across))
    return [*values, *(1 - sum(column[1:], column[0]) for column in columns)]


def _triangle(shape: Shape) -> int:
    return shape[0] * (shape[0] + 1) // 2


def _symmetric(values: Sequence[Any], shape: Shape) -> Entries:
    n = shape[0]
    upper = iter(values)
    above = {(i, j): next(upper) for i in range(n) for j in range(i, n)}
    return [above[min(i, j), max(i, j)] for i in range(n) for j in range(n)]


def _positive_definite(values: Sequence[Any], shape: Shape) -> Entries:
    """L Lᵀ + 1 with a lower triangular L."""
    n = shape[0]
    lower = iter(values)
    factor = [[next(lower) for _ in range(i + 1)] for i in range(n)]
    products = (
        [a * b for a, b in zip(factor[i], factor[j], strict=False)] for i in range(n) for j in range(n)
    )
    return [sum(ab[1:], ab[0] + (k % (n + 1) == 0)) for k, ab in enumerate(products)]


def _reflectors(shape: Shape) -> int:
    n, k = shape
    return sum(n - j for j in range(k))


def _orthonormal(values: Sequence[Any], shape: Shape) -> Entries:
    """The first columns of a product of reflections 1 − 2 v vᵀ / vᵀv (Householder 1958)."""
    n, k = shape
    columns = [[int(i == j) for i in range(n)] for j in range(k)]
    place = len(values)
    for j in reversed(range(k)):
        place -= n - j
        axis = [*[0] * j, *values[place : place + n - j]]
        columns = [_reflected(column, axis) for column in columns]
    return [columns[j][i] for i in range(n) for j in range(k)]


def _reflected(column: Entries, axis: Entries) -> Entries:
    along = sum(c * v for c, v in zip(column, axis, strict=True))
    length = sum(v * v for v in axis)
    return [c - 2 * along * v / length for c, v in zip(column, axis, strict=True)]


def _unit_rows(values: Sequence[Any], shape: Shape) -> Entries:
    """Rows of length 1, by projection from a pole of the sphere."""
    if shape[-1] == 1:
        return [1] * prod(shape)
    return [entry for row in _rows(values, shape[-1] - 1) for entry in _on_sphere(row)]


def _on_sphere(row: Sequence[Any]) -> Entries:
    square = sum(t * t for t in row)
    return [*(2 * t / (1 + square) for t in row), (1 - square) / (1 + square)]


PLAIN = Parametrisation(_plain)
POSITIVE = Parametrisation(_plain, positive=True)
BELOW_ONE = Parametrisation(_below_one, positive=True)
SHARES = Parametrisation(_shares, positive=True)
ROW_SHARES = Parametrisation(_row_shares, positive=True)
COLUMN_SHARES = Parametrisation(_column_shares, positive=True)
ROWS_TO_ONE = Parametrisation(_last_from_others, _all_but_last)
COLUMNS_TO_ONE = Parametrisation(_last_of_columns, _all_but_first)
SYMMETRIC = Parametrisation(_symmetric, _triangle)
POSITIVE_DEFINITE = Parametrisation(_positive_definite, _triangle)
ORTHONORMAL = Parametrisation(_orthonormal, _reflectors)
UNIT_ROWS = Parametrisation(_unit_rows, _all_but_last)
