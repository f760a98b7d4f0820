"""What a kernel is called with is checked before it is called.

Compiled code looks at no bounds: an array of another shape, or an id beyond its table, would be read, and in
a gradient written, where it does not belong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from inspect import Signature, signature
from typing import Any, TypeAlias

import numpy as np

from symgrad.arrays import Shape, bind, extent, names_in
from symgrad.errors import DataError

Function: TypeAlias = Callable[..., Any]
REMEMBERED = 8
"""So many calls whose shapes fit are remembered: the next one like them is hardly slowed down."""


@dataclass(frozen=True)
class Wanted:
    """What a kernel wants of its arguments.

    Attributes
    ----------
    shapes
        Of inputs, targets and parameters, by name: numbers, and names or formulas of sizes.
    labels
        For arrays of integers, how many values there are.
    needs
        Formulas of sizes that must not be negative.
    """

    shapes: Mapping[str, Shape]
    labels: Mapping[str, int | str]
    needs: tuple[str, ...] = ()

    @cached_property
    def following(self) -> tuple[tuple[str, Shape], ...]:
        """The shapes in which a size follows from others."""
        return tuple((name, shape) for name, shape in self.shapes.items() if any(map(_follows, shape)))


def guarded(function: Function, wanted: Wanted) -> Function:
    """Return a function of a kernel that refuses arrays that do not fit, and ids out of range.

    Raises
    ------
    DataError
        By the returned function, with the argument, what it is and what is wanted.
    """
    calls = signature(function)
    names = tuple(calls.parameters)
    shaped = tuple((name, place) for place, name in enumerate(names) if name in wanted.shapes)
    labels = tuple((name, place) for place, name in enumerate(names) if name in wanted.labels)

    @lru_cache(maxsize=REMEMBERED)
    def sizes(*shapes: tuple[int, ...]) -> Mapping[str, int]:
        return fitting({name: shape for (name, _), shape in zip(shaped, shapes, strict=True)}, wanted)

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        whole = not named and len(arguments) == len(names)
        given = arguments if whole else _in_order(calls, arguments, named)
        found = sizes(*[np.shape(given[place]) for _, place in shaped])
        for name, place in labels:
            check_ids(name, given[place], extent(wanted.labels[name], found))
        return function(*arguments, **named)

    return checked


def _in_order(calls: Signature, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
    bound = calls.bind(*arguments, **named)
    bound.apply_defaults()
    return tuple(bound.arguments.values())


def fitting(given: Mapping[str, tuple[int, ...]], wanted: Wanted) -> Mapping[str, int]:
    """Return the sizes that shapes show; refuse shapes that do not fit one another."""
    sizes: dict[str, int] = {}
    # A size that follows from others is compared once these are known.
    for name, shape in (*wanted.shapes.items(), *wanted.following):
        if name in given and given[name] != shape:
            sizes = bind(name, shape, given[name], sizes)
    check_needs(wanted.needs, sizes)
    return sizes


def _follows(size: int | str) -> bool:
    return isinstance(size, str) and not size.isidentifier()


def check_needs(needs: tuple[str, ...], sizes: Mapping[str, int]) -> None:
    """Refuse sizes for which a definition would read outside of an array, as a kernel beyond its image.

    Raises
    ------
    DataError
        With the sizes.
    """
    for need in needs:
        value = extent(need, sizes)
        if value is not None and value < 0:
            shown = ", ".join(f"{name} = {sizes[name]}" for name in dict.fromkeys(names_in(need)))
            raise DataError(
                f"{shown} is too small for this network: {need} is {value}, and must not be negative"
            )


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
