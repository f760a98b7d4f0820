"""What is asked about a backward pass, refused where it cannot be: functions, arrays, names, a batch."""

from collections.abc import Collection, Mapping, Sequence
from inspect import signature
from keyword import iskeyword
from math import prod
from numbers import Integral
from typing import Any, cast

from symgrad.arrays import spelled
from symgrad.errors import DataError, LimitError, SymgradError, UsageError, unknown
from symgrad.verify.evidence.domain import array_of

# More entries than exact numbers are kept for.
MOST_ENTRIES = 1_000_000

Specs = Mapping[str, Sequence[object]]


def check_function(value: object, place: str, what: str) -> None:
    """Refuse what is no function with named parameters."""
    try:
        signature(cast("Any", value))
    except (TypeError, ValueError):
        raise UsageError(f"{place} = {_short(value)}: {what}") from None


def batch_of(value: object) -> int:
    """Return the number of samples."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise UsageError(f"batch = {value!r}: a whole number of samples, 1 or more")
    return int(value)


def specs_of(shapes: object) -> dict[str, list[object]]:
    """Return the kind and the lengths of every array of ``{"x": (4, 3), "y": ("onehot", 4, 3)}``.

    Raises
    ------
    DataError
        If there are none.
    UsageError
        If one is not described by lengths, or by a kind and lengths; the message names it.
    """
    example = 'shapes={"x": (4, 3)}'
    if shapes is None or (isinstance(shapes, Sequence | Mapping) and not shapes):
        raise DataError(f"a loss that is a function needs its arrays: {example}")
    if not isinstance(shapes, Mapping):
        raise UsageError(f"shapes = {_short(shapes)}: arrays by their names, as in {example}")
    found = {_name(name): _spec(name, given) for name, given in cast("Mapping[Any, object]", shapes).items()}
    return checked(found)


def checked(arrays: Mapping[str, list[object]]) -> dict[str, list[object]]:
    """Return the arrays, if there is room for them all.

    Raises
    ------
    LimitError
        If they have too many entries.
    """
    entries = sum(prod(array_of(name, spec).shape) for name, spec in arrays.items())
    if entries > MOST_ENTRIES:
        raise LimitError(
            f"the arrays have {entries:,} entries, and at most {MOST_ENTRIES:,} are followed; take small "
            "ones, different lengths for different axes: a mistake shows there too"
        )
    return dict(arrays)


def names_asked(wrt: object, arrays: Collection[str]) -> tuple[str, ...]:
    """Return the arrays that gradients are asked for; none where nothing is said."""
    names = (wrt,) if isinstance(wrt, str) else () if wrt is None else wrt
    if not isinstance(names, list | tuple) or (wrt is not None and not names):
        raise UsageError(f'wrt = {_short(wrt)}: the name of an array, or names in order, as in ("W", "b")')
    given = tuple(cast("Sequence[object]", names))
    for name in given:
        if not isinstance(name, str) or name not in arrays:
            raise unknown("array", name, arrays)
        if given.count(name) > 1:
            raise UsageError(f"wrt names {name} twice")
    return cast("tuple[str, ...]", given)


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise UsageError(f"shapes has the key {name!r}, which is no name of an array")
    return name


def _spec(name: str, given: object) -> list[object]:
    place = f"shapes[{name!r}]"
    if isinstance(given, Mapping):
        one = f"shapes={{{', '.join(f'{key!r}: (…)' for key in cast('Mapping[object, object]', given))}}}"
        raise UsageError(
            f"{place} is a table: every array has a name of its own, {one}; "
            "a function that takes a table gets one from them, as in lambda w, b: loss({'w': w, 'b': b})"
        )
    shape = getattr(given, "shape", None)
    if isinstance(shape, tuple):
        raise UsageError(f"{place} is an array; give its shape, {spelled(cast('tuple[object, ...]', shape))}")
    if not isinstance(given, list | tuple) or any(isinstance(part, bool) for part in given):
        raise UsageError(
            f'{place} = {_short(given)}: lengths, as in (4, 3), or a kind and lengths: ("onehot", 4, 3)'
        )
    parts = [int(part) if isinstance(part, Integral) else part for part in cast("Sequence[object]", given)]
    spec = [*(() if parts and isinstance(parts[0], str) else ("normal",)), *parts]
    try:
        array_of(name, spec)
    except SymgradError as error:
        raise type(error)(f"{place}: {error}") from None
    return spec


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
