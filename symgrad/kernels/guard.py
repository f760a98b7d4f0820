"""Integers that say where a kernel reads and writes are checked before it is called.

Compiled code looks at no bounds: an id beyond its table would read, and in a gradient write, memory that is
not the table's.  Everything else that a kernel is called with is checked by `symgrad.train`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from inspect import signature
from typing import Any, TypeAlias

import numpy as np

from symgrad.errors import DataError

Function: TypeAlias = Callable[..., Any]
Shapes: TypeAlias = Mapping[str, tuple[int | str, ...]]


def guarded(
    function: Callable[..., Any], labels: Mapping[str, int | str], shapes: Shapes
) -> Callable[..., Any]:
    """Return a function of a kernel that refuses ids out of range; without ids as it is.

    Parameters
    ----------
    labels
        How many ids there are, by argument: a number, or the name of a size.
    shapes
        Of the parameters, which say how large such a size is.

    Raises
    ------
    DataError
        By the returned function, with the argument, the place, the value and what is allowed.
    """
    names = tuple(signature(function).parameters)
    integers = {name: limit for name, limit in labels.items() if name in names}
    if not integers:
        return function

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        given = {**dict(zip(names, arguments, strict=False)), **named}
        for name, limit in integers.items():
            if name in given:
                check_ids(name, given[name], limit if isinstance(limit, int) else _size(limit, shapes, given))
        return function(*arguments, **named)

    return checked


def check_ids(name: str, values: object, count: int | None) -> None:
    """Refuse what is no array of integers from 0 to `count` − 1.

    Raises
    ------
    DataError
        With the name, the place, the value and what is allowed.
    """
    found = np.asarray(values)
    if found.dtype.kind not in "iu":
        raise DataError(
            f"{name} holds {found.dtype}; it takes integers, as {name}.astype(np.int64) makes them"
        )
    wrong = np.argwhere((found < 0) | (False if count is None else found >= count))
    if wrong.size:
        place = tuple(map(int, wrong[0]))
        allowed = "0, 1, 2, …" if count is None else f"0 to {count - 1}"
        raise DataError(f"{name}{list(place)} is {found[place]}, which is not one of {allowed}")


def _size(name: str, shapes: Shapes, given: Mapping[str, Any]) -> int | None:
    """Return a size as the parameters have it; None where none has it."""
    return next(_extents(name, shapes, given), None)


def _extents(name: str, shapes: Shapes, given: Mapping[str, Any]) -> Iterator[int]:
    for owner, shape in shapes.items():
        if name in shape and owner in given:
            yield np.shape(given[owner])[shape.index(name)]
