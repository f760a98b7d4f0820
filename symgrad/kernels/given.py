"""The arrays that a kernel is called with, made what its text takes for granted, or refused.

Compiled code multiplies where arrays lie: rows one behind the other, all of one type, and what it writes
apart from all it reads.  What is only read is copied where it lies otherwise; what training changes in place
cannot be, and is refused before anything has changed.
"""

from collections.abc import Collection, Mapping
from ctypes import addressof, c_char
from typing import Any

import numpy as np

from symgrad.errors import DataError

FLOATS = (np.dtype("float32"), np.dtype("float64"))
MOST = 2**63 - 1
BESIDE: Mapping[str, tuple[str, ...]] = {
    "random_state": ("uint64",),
    "stop": ("uint8", "bool"),
    "losses": ("float64",),
}
"""The types of the arrays with one axis that `train` is given besides those of the network."""
HELD = ("random_state", "stop")
"""Those of them whose first entry holds something, however long training takes."""


def prepared(given: Mapping[str, Any], labels: Collection[str], changed: Collection[str]) -> dict[str, Any]:
    """Return arrays as compiled code takes them.

    Parameters
    ----------
    labels
        The names of arrays of integers.
    changed
        The names of those that are written to.

    Raises
    ------
    DataError
        If something is no array, of another type than the others, or if what is written to is read-only, not
        contiguous, or shares memory with another argument.
    """
    arrays = {name: _array(name, value) for name, value in given.items()}
    _check_types({n: a for n, a in arrays.items() if n not in labels and n not in BESIDE})
    for name, array in arrays.items():
        _check_beside(name, array)
        if name in changed:
            _check_writeable(name, array)
    found = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    check_apart(found, changed)
    return found


def check_numbers(given: Mapping[str, Any]) -> None:
    """Refuse what is no number of samples; a batch of less than one would never end."""
    batch = given.get("batch", 1)
    if not isinstance(batch, int | np.integer):
        raise DataError(f"batch = {batch!r}: give a whole number of samples")
    if not 1 <= batch <= MOST:
        raise DataError(f"batch = {batch}: there must be at least one sample, and at most 2^63 − 1")


def _array(name: str, value: Any) -> Any:
    if isinstance(value, np.memmap):
        return np.asarray(value)
    if type(value) is not np.ndarray:
        raise DataError(f"{name} is a {type(value).__name__}, not a NumPy array: give np.asarray({name})")
    return value


def _check_types(arrays: Mapping[str, Any]) -> None:
    """Refuse numbers of a type that kernels do not have, and different types in one call."""
    for name, array in arrays.items():
        if array.dtype not in FLOATS:
            raise DataError(
                f"{name} holds {array.dtype}; it takes float32 or float64, as {name}.astype(float) makes them"
            )
    first = next(iter(arrays), "")
    for name, array in arrays.items():
        if array.dtype != arrays[first].dtype:
            raise DataError(
                f"{name} holds {array.dtype}, and {first} {arrays[first].dtype}: all arrays of a call must "
                "have one type"
            )


def _check_beside(name: str, array: Any) -> None:
    kinds = BESIDE.get(name)
    if kinds is None:
        return
    if array.dtype not in kinds or array.ndim != 1:
        known = " or ".join(kinds)
        raise DataError(
            f"{name} is an array of {array.dtype} with {array.ndim} axes; it must be one of {known} with one"
        )
    if name in HELD and not array.size:
        raise DataError(f"{name} is empty: its first entry is read")


def _check_writeable(name: str, array: Any) -> None:
    if not array.flags.writeable:
        raise DataError(f"{name} is read-only, and changed in place: give a copy")
    if not array.flags.c_contiguous:
        raise DataError(
            f"{name} is changed in place, and its rows do not lie one behind the other: "
            f"give np.ascontiguousarray({name})"
        )


def check_apart(arrays: Mapping[str, Any], changed: Collection[str]) -> None:
    """Refuse arrays that overlap where one of them is written to; all of them are contiguous."""
    if not changed:
        return
    spans = sorted([(_address(a), a.nbytes, n) for n, a in arrays.items() if a.nbytes])
    end, before = 0, ""
    for start, length, name in spans:
        if start < end and (before in changed or name in changed):
            raise DataError(f"{before} and {name} share memory, and one of them is changed: give a copy")
        if start + length > end:
            end, before = start + length, name


def _address(array: Any) -> int:
    """Return where the entries of an array lie; through its buffer, in half the time of ``array.ctypes``."""
    return addressof(c_char.from_buffer(array)) if array.flags.writeable else array.ctypes.data
