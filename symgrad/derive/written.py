"""Numbers and arrays as people write them, read exactly: decimal strings, fractions, floats, nested rows."""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np

from symgrad.errors import DataError
from symgrad.model.model import Numbers

WRITTEN = re.compile(r"[+-]?\s*(\d+/\d+|(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?)")
LONGEST = 1_000


def exact_number(value: Any, where: str) -> Fraction:
    """Return a number as it was written: a string, an integer, a fraction, a float by its shortest form.

    Raises
    ------
    DataError
        If it is no finite number; the message names `where`.
    """
    if isinstance(value, str):
        return _read(value.replace("−", "-").strip(), where)
    if isinstance(value, bool | np.bool_) or not isinstance(value, Decimal | Real):
        raise DataError(f"{where} is {value!r}, which is no number; give a number or a decimal string")
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if not math.isfinite(value):
        raise DataError(f"{where} is {value}; give a finite number")
    return Fraction(str(value))


def _read(text: str, where: str) -> Fraction:
    if len(text) > LONGEST or not WRITTEN.fullmatch(text) or re.search(r"/0+$", text):
        raise DataError(f"{where} is {text[:30]!r}, which is no number; write it as in 0.15, 3/4 or 1e-3")
    return Fraction(text.replace(" ", ""))


def is_nested(value: Any) -> bool:
    """Whether a value is an array rather than a number."""
    if isinstance(value, str):
        return "," in value or ";" in value
    return isinstance(value, Iterable) and not (isinstance(value, np.ndarray) and not value.ndim)


def _rows(text: str) -> list[Any]:
    """Split ``0.1, 0.2; 0.3, 0.4`` into rows; one row with a semicolon behind it is a matrix.

    A comma at the end of a row ends nothing: ``0.1,`` is a vector with one entry.
    """
    rows = [row.strip().removesuffix(",").split(",") for row in text.split(";") if row.strip()]
    return rows if ";" in text else rows[0]


def read_rows(value: Any, where: str) -> Numbers:
    """Return a number or nested rows of numbers, exactly."""
    if isinstance(value, str) and is_nested(value):
        value = _rows(value)
    if is_nested(value):
        return tuple(read_rows(part, f"{where}[{k}]") for k, part in enumerate(value, 1))
    return exact_number(value.item() if isinstance(value, np.ndarray) else value, where)


def shape_of(rows: Numbers, name: str) -> tuple[int, ...]:
    """Return the shape of nested rows. DataError if they are ragged or empty."""
    if isinstance(rows, Fraction):
        return ()
    inner = {shape_of(row, name) for row in rows}
    if len(inner) != 1:
        raise DataError(f"{name}: its rows are empty or of different lengths; give rows of one length")
    return (len(rows), *inner.pop())


def entry(rows: Numbers, at: tuple[int, ...]) -> Fraction:
    """Return the number at some subscripts, counted from 0."""
    for k in at:
        rows = rows[k] if isinstance(rows, tuple) else rows
    if isinstance(rows, tuple):
        raise DataError(f"the subscripts {at} are too few")
    return rows
