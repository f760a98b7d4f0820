"""From plain numbers, lists and NumPy's arrays to arrays of exact numbers, and from one type to another."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from symgrad.verify.arrays.elements import indicator
from symgrad.verify.arrays.functions import trunc
from symgrad.verify.arrays.trace import Element, Objects, Trace, UnsupportedError
from symgrad.verify.arrays.traced import KINDS, Scalar, Traced, boxed


def array(t: Trace, value: Any) -> Traced:
    """Return what NumPy takes for an array as one of exact numbers; what is one is not copied."""
    if isinstance(value, Traced):
        return value
    if isinstance(value, np.ndarray):
        return Traced(t, numbered(t, value.astype(object)), kind_of(value.dtype))
    if isinstance(value, (list, tuple, range)):
        return _nested(t, value)
    if isinstance(value, Iterable):
        raise UnsupportedError(f"a {type(value).__name__} is no array; make it a list")
    return Scalar(t, boxed(t.element(value)), _kind_of_number(value))


def _nested(t: Trace, rows: Sequence[Any]) -> Traced:
    parts = [array(t, row) for row in rows]
    if len({part.shape for part in parts}) > 1:
        raise ValueError("setting an array element with a sequence: the array has an inhomogeneous shape")
    values = np.empty((len(parts), *(parts[0].shape if parts else ())), dtype=object)
    for place, part in enumerate(parts):
        values[place] = part.values if part.ndim else part.values.item()
    return Traced(t, values, widest(parts))


def numbered(t: Trace, values: Objects) -> Objects:
    """Return an object array with plain numbers made exact; where there are none, the array itself."""
    plain = [place for place, value in enumerate(values.flat) if _is_plain(value)]
    if not plain:
        return values
    fresh = values.copy()
    for place in plain:
        fresh.flat[place] = t.element(fresh.flat[place])
    return fresh


def _is_plain(value: object) -> bool:
    return isinstance(value, (Integral, np.generic, bool)) or (
        isinstance(value, float) and value - value == 0
    )


def wrapped(t: Trace, values: Any, kind: str) -> Traced:
    """Return elements as an array, or as a number where there are no axes."""
    if not isinstance(values, np.ndarray):
        return Scalar(t, boxed(t.element(values)), kind)
    return Traced(t, values, kind) if values.ndim else Scalar(t, values, kind)


def widest(arrays: Iterable[Traced]) -> str:
    """Return the kind that holds all of some arrays; that of floats for none."""
    return max((part.kind for part in arrays), key=KINDS.index, default="f")


def _kind_of_number(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "b"
    return "i" if isinstance(value, Integral) else "f"


def kind_of(dtype: Any) -> str:
    """Return the kind of a type of NumPy's, however it is named."""
    found = np.dtype(getattr(dtype, "dtype_of", dtype)).kind
    if found not in "biuf":
        raise UnsupportedError(f"arrays of type {np.dtype(dtype)} are not followed; real numbers are")
    return "i" if found == "u" else found


def cast(given: Traced, kind: str) -> Traced:
    """Return a copy of another kind: numbers become conditions, floats are cut off."""
    if kind == "b" and given.kind != "b":
        return mapped(indicator, given, kind)
    if kind == "i" and given.kind == "f":
        return mapped(trunc, given, kind)
    return type(given)(given.tracing, given.values.copy(), kind)


def mapped(function: Any, given: Traced, kind: str) -> Traced:
    """Return the values of a function of single elements."""
    results = np.frompyfunc(lambda element: function(given.tracing, element), 1, 1)(given.values)
    return wrapped(given.tracing, results, kind)


def fitting(t: Trace, value: Any, kind: str) -> Objects:
    """Return elements that an array of a kind can be assigned: what does not fit is cast."""
    given = array(t, value)
    return (cast(given, kind) if KINDS.index(given.kind) > KINDS.index(kind) else given).values


def plain(value: Any) -> Any:
    """Return an argument that is no array: whole numbers and conditions as Python's and NumPy's own.

    What is not known of them is decided at the witness.
    """
    if isinstance(value, Traced):
        return _plain_array(value)
    if isinstance(value, (list, tuple)):
        return type(value)(plain(entry) for entry in value)
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    return value


def _plain_array(value: Traced) -> Any:
    if value.kind == "f":
        return value.values if value.ndim else value.values.item()
    decide, dtype = (value.tracing.truth, bool) if value.kind == "b" else (value.tracing.whole, np.int64)
    if isinstance(value, Scalar):
        return decide(value.values.item())
    return np.array([decide(element) for element in value.values.flat], dtype=dtype).reshape(value.shape)


def elements_of(value: Any) -> list[Element]:
    """Return the elements of an array in a row."""
    return list(value.values.flat)
