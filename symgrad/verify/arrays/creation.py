"""Functions that make arrays, look for values in them, or apply functions to their parts."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symgrad.verify.arrays.conversions import array, cast, elements_of, kind_of, numbered, plain, wrapped
from symgrad.verify.arrays.elements import equal, plus
from symgrad.verify.arrays.reductions import ranked
from symgrad.verify.arrays.trace import Element, Trace
from symgrad.verify.arrays.traced import Traced


def copied(t: Trace, value: Any, dtype: Any = None, **_options: Any) -> Traced:
    """np.array."""
    found = array(t, value)
    fresh = Traced(t, found.values.copy(), found.kind)
    ndmin = _options.get("ndmin", 0)
    fresh = fresh if fresh.ndim >= ndmin else fresh.reshape((1,) * (ndmin - fresh.ndim) + fresh.shape)
    return fresh if dtype is None else cast(fresh, kind_of(dtype))


def as_array(t: Trace, value: Any, dtype: Any = None, **_options: Any) -> Traced:
    """np.asarray: what is an array of the type is not copied."""
    found = array(t, value)
    if dtype is not None and kind_of(dtype) != found.kind:
        found = cast(found, kind_of(dtype))
    return Traced(t, found.values, found.kind)


def converted(kind: str) -> Callable[..., Traced]:
    """Return what np.float64, np.int64 and the like do to a value."""

    def conversion(t: Trace, value: Any = 0) -> Traced:
        found = cast(array(t, value), kind)
        return wrapped(t, found.values, kind)

    return conversion


def filled(t: Trace, shape: Any, value: Any, dtype: Any = None, **_options: Any) -> Traced:
    """np.full."""
    given = array(t, value)
    given = given if dtype is None else cast(given, kind_of(dtype))
    lengths = plain(shape)
    return Traced(
        t, np.broadcast_to(given.values, lengths if np.ndim(lengths) else (lengths,)).copy(), given.kind
    )


def constant(value: float) -> Callable[..., Traced]:
    """Return np.zeros, np.ones or np.empty."""

    def made(t: Trace, shape: Any, dtype: Any = float, order: Any = "C", **_options: Any) -> Traced:
        return filled(t, shape, value, float if dtype is None else dtype)

    return made


def constant_like(value: float) -> Callable[..., Traced]:
    """Return np.zeros_like, np.ones_like or np.empty_like."""

    def made(
        t: Trace, given: Any, dtype: Any = None, *_rest: Any, shape: Any = None, **_options: Any
    ) -> Traced:
        return filled_like(t, given, value, dtype, shape=shape)

    return made


def filled_like(
    t: Trace, given: Any, value: Any, dtype: Any = None, *, shape: Any = None, **_options: Any
) -> Traced:
    """np.full_like."""
    given = array(t, given)
    return filled(t, given.shape if shape is None else shape, value, given.dtype if dtype is None else dtype)


def plainly(name: str) -> Callable[..., Any]:
    """Return a function of NumPy's that makes an array of simple numbers."""
    function = getattr(np, name)

    def made(t: Trace, *args: Any, **options: Any) -> Any:
        dtype = options.pop("dtype", None)
        found = function(*(plain(value) for value in args), **plain(options))
        exact = array(t, found)
        return exact if dtype is None else cast(exact, kind_of(dtype))

    return made


def arange(t: Trace, *limits: Any, dtype: Any = None, **_options: Any) -> Traced:
    """np.arange."""
    if all(getattr(limit, "kind", "f" if isinstance(limit, float) else "i") == "i" for limit in limits):
        found = array(t, np.arange(*(plain(limit) for limit in limits)))
    else:
        start, stop, step = (array(t, limit) for limit in _limits(limits))
        count = max(0, int(t.functions["ceil"](t, (stop - start) / step)))
        found = start + step * array(t, np.arange(count))
    return found if dtype is None else cast(found, kind_of(dtype))


def _limits(limits: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    start, stop = (0, limits[0]) if len(limits) == 1 else limits[:2]
    return start, stop, limits[2] if len(limits) > 2 else 1


def linspace(
    t: Trace, start: Any, stop: Any, num: Any = 50, endpoint: bool = True, **_options: Any
) -> Traced:
    """np.linspace."""
    count = plain(num)
    start, stop = array(t, start), array(t, stop)
    return start + (stop - start) * array(t, np.arange(count)) / max(count - bool(endpoint), 1)


def logspace(
    t: Trace, start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10, **_options: Any
) -> Traced:
    """np.logspace."""
    return t.functions["power"](t, base, linspace(t, start, stop, num, endpoint))


def unique(
    t: Trace,
    given: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    **_options: Any,
) -> Any:
    """np.unique, of the elements in order."""
    given = array(t, given)
    row = list(given.values.flat)
    groups: list[list[int]] = []
    for place in ranked(t, row):
        known = groups and t.truth(equal(t, row[place], row[groups[-1][0]]))
        groups[-1].append(place) if known else groups.append([place])
    group_of = {place: k for k, group in enumerate(groups) for place in group}
    found = (
        Traced(t, given.values.reshape(-1)[[group[0] for group in groups]], given.kind),
        array(t, np.array([group[0] for group in groups])),
        array(t, np.array([group_of[place] for place in range(len(row))])).reshape(given.shape),
        array(t, np.array([len(group) for group in groups])),
    )
    kept = [
        part
        for part, keep in zip(found, (True, return_index, return_inverse, return_counts), strict=True)
        if keep
    ]
    return kept[0] if len(kept) == 1 else tuple(kept)


def bincount(t: Trace, given: Any, weights: Any = None, minlength: int = 0) -> Traced:
    """np.bincount."""
    places = plain(array(t, given))
    added = array(t, np.ones(len(places), dtype=int) if weights is None else weights)
    sums: list[Element] = [t.tape.number(0)] * max(int(places.max(initial=-1)) + 1, plain(minlength))
    for place, weight in zip(places, elements_of(added), strict=True):
        sums[place] = plus(t, sums[place], weight)
    return wrapped(t, np.array(sums, dtype=object), added.kind)


def isin(t: Trace, given: Any, among: Any, *, invert: bool = False, **_options: Any) -> Traced:
    """np.isin."""
    given, others = array(t, given), array(t, among).ravel()
    found = t.functions["any"](t, given.reshape((*given.shape, 1)) == others, -1)
    return ~found if invert else found


def searchsorted(t: Trace, given: Any, values: Any, side: str = "left", **_options: Any) -> Traced:
    """np.searchsorted."""
    given, values = array(t, given), array(t, values)
    column = values.reshape((*values.shape, 1))
    before = given < column if side == "left" else given <= column
    return array(t, plain(t.functions["sum"](t, before, -1)))


def vectorized(t: Trace, function: Callable[..., Any], *_types: Any, **_options: Any) -> Callable[..., Any]:
    """np.vectorize: the function of every element."""

    def looped(*operands: Any) -> Any:
        given = np.broadcast_arrays(*(array(t, operand).values for operand in operands))
        kinds = [array(t, operand).kind for operand in operands]
        results = [
            function(*(wrapped(t, part[place], kind) for part, kind in zip(given, kinds, strict=True)))
            for place in np.ndindex(given[0].shape)
        ]
        shape = given[0].shape
        return array(t, results).reshape(shape) if shape else array(t, results)[0]

    return looped


def along_axis(
    t: Trace, function: Callable[..., Any], axis: int, given: Any, *args: Any, **options: Any
) -> Traced:
    """np.apply_along_axis."""
    given = array(t, given)
    rows = np.moveaxis(given.values, axis, -1)
    outer = rows.shape[:-1]
    results = array(
        t, [function(Traced(t, rows[at], given.kind), *args, **options) for at in np.ndindex(outer)]
    )
    shaped = results.values.reshape(outer + results.shape[1:])
    back = np.moveaxis(shaped, -1, axis) if results.ndim > 1 else shaped
    return wrapped(t, back, results.kind)


def from_function(
    t: Trace, function: Callable[..., Any], shape: Any, dtype: Any = float, **options: Any
) -> Any:
    """np.fromfunction."""
    places = [cast(array(t, part), kind_of(dtype)) for part in np.indices(plain(shape))]
    return function(*places, **options)


def from_iterable(t: Trace, values: Any, dtype: Any = None, *_rest: Any, **_options: Any) -> Traced:
    """np.fromiter."""
    return copied(t, list(values), dtype)


def rounded(t: Trace, given: Any, decimals: Any = 0, **_options: Any) -> Traced:
    """np.round."""
    scale = 10 ** plain(decimals)
    return t.functions["rint"](t, array(t, given) * scale) / scale


def clipped(
    t: Trace, given: Any, low: Any = None, high: Any = None, out: Any = None, **options: Any
) -> Traced:
    """np.clip."""
    low, high = options.get("min", options.get("a_min", low)), options.get("max", options.get("a_max", high))
    result = array(t, given)
    result = result if low is None else t.functions["maximum"](t, result, low)
    result = result if high is None else t.functions["minimum"](t, result, high)
    if out is not None:
        out[...] = result
    return result


def not_a_number_to(t: Trace, given: Any, copy: bool = True, nan: float = 0.0, **_options: Any) -> Traced:
    """np.nan_to_num of arrays without infinities."""
    given = array(t, given)
    values = np.frompyfunc(lambda x: t.element(nan) if isinstance(x, float) and x != x else x, 1, 1)(
        given.values
    )
    return wrapped(t, numbered(t, values) if isinstance(values, np.ndarray) else values, given.kind)
