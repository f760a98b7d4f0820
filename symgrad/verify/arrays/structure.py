"""Functions that move elements and compute nothing: NumPy's own, on the object arrays that hold them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symgrad.verify.arrays.conversions import array, numbered, plain, widest, wrapped
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.arrays.traced import Traced

# The arguments that are arrays, by their places; the others are lengths, axes and indices.
ONE_ARRAY = (
    "reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis squeeze expand_dims"
    " tile repeat broadcast_to flip fliplr flipud rot90 roll split array_split hsplit vsplit dsplit take"
    " take_along_axis diag diagflat diagonal tril triu pad resize trim_zeros delete unstack"
)
TWO_ARRAYS = "append"
SEQUENCES = "concatenate concat stack vstack hstack dstack column_stack row_stack"
EVERY_ARRAY = "broadcast_arrays meshgrid atleast_1d atleast_2d atleast_3d"


def moved(function: Callable[..., Any], arrays: Sequence[int] = (0,)) -> Callable[..., Any]:
    """Return a function of NumPy's whose arguments at some places are arrays."""

    def delegated(t: Trace, *args: Any, **options: Any) -> Any:
        given = {k: array(t, value) for k, value in enumerate(args) if k in arrays}
        options = {name: _option(t, name, value) for name, value in options.items()}
        values = [given[k].values if k in given else plain(value) for k, value in enumerate(args)]
        return _results(t, function(*values, **options), widest(given.values()))

    return delegated


def _option(t: Trace, name: str, value: Any) -> Any:
    return array(t, value).values if name in ("arr", "a", "values", "m", "v", "array") else plain(value)


def _results(t: Trace, found: Any, kind: str) -> Any:
    if isinstance(found, (list, tuple)):
        return type(found)(_results(t, part, kind) for part in found)
    return wrapped(t, numbered(t, found) if isinstance(found, np.ndarray) else found, kind)


def joined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy's of a sequence of arrays."""

    def delegated(t: Trace, parts: Any, *args: Any, **options: Any) -> Any:
        given = [array(t, part) for part in parts]
        out = options.pop("out", None)
        options.pop("dtype", None)
        found = _results(t, function([part.values for part in given], *args, **plain(options)), widest(given))
        if out is not None:
            out[...] = found
        return found

    return delegated


def spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy's all of whose arguments are arrays."""

    def delegated(t: Trace, *args: Any, **options: Any) -> Any:
        given = [array(t, value) for value in args]
        return _results(t, function(*(part.values for part in given), **plain(options)), widest(given))

    return delegated


def block(t: Trace, parts: Any) -> Traced:
    """np.block."""
    found: list[Traced] = []

    def opened(part: Any) -> Any:
        if isinstance(part, list):
            return [opened(inner) for inner in part]
        found.append(array(t, part))
        return found[-1].values

    return _results(t, np.block(opened(parts)), widest(found))


def insert(t: Trace, given: Any, place: Any, values: Any, axis: Any = None) -> Traced:
    """np.insert."""
    given, values = array(t, given), array(t, values)
    return _results(t, np.insert(given.values, plain(place), values.values, axis), widest([given, values]))


def windows(t: Trace, given: Any, window: Any, axis: Any = None, **_options: Any) -> Traced:
    """np.lib.stride_tricks.sliding_window_view."""
    given = array(t, given)
    found = np.lib.stride_tricks.sliding_window_view(given.values, plain(window), axis)
    return Traced(t, found, given.kind)


def strided(t: Trace, given: Any, shape: Any = None, strides: Any = None, **_options: Any) -> Traced:
    """np.lib.stride_tricks.as_strided."""
    given = array(t, given)
    found = np.lib.stride_tricks.as_strided(given.values, plain(shape), plain(strides))
    return Traced(t, found, given.kind)


def choose(t: Trace, places: Any, choices: Any, **_options: Any) -> Traced:
    """np.choose."""
    given = [array(t, choice) for choice in choices]
    return _results(t, np.choose(plain(array(t, places)), [part.values for part in given]), widest(given))


def select(t: Trace, conditions: Any, choices: Any, default: Any = 0) -> Traced:
    """np.select: the first choice whose condition holds."""
    result = array(t, default)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        result = t.functions["where"](t, condition, choice, result)
    return result


def piecewise(t: Trace, given: Any, conditions: Any, functions: Any, *args: Any, **options: Any) -> Traced:
    """np.piecewise: the last function whose condition holds, else one more or 0."""
    given = array(t, given)
    extra = len(functions) > len(conditions)
    result = _applied(functions[-1], given, args, options) if extra else array(t, 0)
    for condition, function in zip(conditions, functions, strict=False):
        result = t.functions["where"](t, condition, _applied(function, given, args, options), result)
    return result


def _applied(function: Any, given: Traced, args: Any, options: Any) -> Any:
    return function(given, *args, **options) if callable(function) else function


def put(t: Trace, given: Traced, places: Any, values: Any, **_options: Any) -> None:
    """np.put."""
    found = plain(array(t, places)).reshape(-1)
    values = np.resize(array(t, values).values, found.shape)
    for place, value in zip(found, values, strict=True):
        given[np.unravel_index(place, given.shape)] = wrapped(t, value, given.kind)


def put_along_axis(t: Trace, given: Traced, places: Any, values: Any, axis: Any) -> None:
    """np.put_along_axis."""
    places = plain(array(t, places))
    np.put_along_axis(
        given.values, places, np.broadcast_to(array(t, values).values, places.shape), plain(axis)
    )


def copyto(t: Trace, given: Traced, values: Any, where: Any = True, **_options: Any) -> None:
    """np.copyto."""
    given[...] = values if where is True else t.functions["where"](t, where, values, given)


def putmask(t: Trace, given: Traced, mask: Any, value: Any) -> None:
    """np.putmask and np.place with a single value."""
    given[array(t, mask)] = value


def fill_diagonal(t: Trace, given: Traced, value: Any, wrap: bool = False) -> None:
    """np.fill_diagonal."""
    n = min(given.shape)
    given[tuple(np.arange(n) for _ in given.shape)] = value


def difference(t: Trace, given: Any, n: int = 1, axis: int = -1, **_options: Any) -> Traced:
    """np.diff."""
    given = array(t, given)
    for _ in range(n):
        turned = Traced(t, np.moveaxis(given.values, axis, 0), given.kind)
        change = t.functions["subtract"](t, turned[1:], turned[:-1])
        given = Traced(t, np.moveaxis(change.values, 0, axis), change.kind)
    return given


def trapezoid(t: Trace, y: Any, x: Any = None, dx: Any = 1, axis: int = -1) -> Traced:
    """np.trapezoid."""
    turned = Traced(t, np.moveaxis(array(t, y).values, axis, -1), "f")
    widths = array(t, dx) if x is None else difference(t, x)
    return ((turned[..., 1:] + turned[..., :-1]) * widths / 2).sum(-1)


def vander(t: Trace, given: Any, N: int | None = None, increasing: bool = False) -> Traced:
    """np.vander."""
    column = array(t, given).reshape(-1, 1)
    powers = np.arange(len(column) if N is None else N)
    return t.functions["power"](t, column, powers if increasing else powers[::-1])


def polyval(t: Trace, coefficients: Any, x: Any) -> Any:
    """np.polyval."""
    result = array(t, 0)
    for coefficient in array(t, coefficients):
        result = result * x + coefficient
    return result


TABLE: dict[str, Callable[..., Any]] = {
    **{name: moved(getattr(np, name)) for name in ONE_ARRAY.split() if hasattr(np, name)},
    **{name: moved(getattr(np, name), (0, 1)) for name in TWO_ARRAYS.split()},
    **{name: joined(getattr(np, name)) for name in SEQUENCES.split() if hasattr(np, name)},
    **{name: spread(getattr(np, name)) for name in EVERY_ARRAY.split()},
    **{name: moved(getattr(np, name), (1,)) for name in ("compress", "extract")},
    "block": block,
    "insert": insert,
    "sliding_window_view": windows,
    "as_strided": strided,
    "choose": choose,
    "select": select,
    "piecewise": piecewise,
    "put": put,
    "put_along_axis": put_along_axis,
    "copyto": copyto,
    "putmask": putmask,
    "place": putmask,
    "fill_diagonal": fill_diagonal,
    "diff": difference,
    "trapezoid": trapezoid,
    "trapz": trapezoid,
    "vander": vander,
    "polyval": polyval,
}
