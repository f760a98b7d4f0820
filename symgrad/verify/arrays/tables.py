"""What NumPy's functions do on exact numbers: one table, by NumPy's names."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symgrad.verify.arrays import creation, linalg, reductions, signals, structure, sums
from symgrad.verify.arrays.conversions import array
from symgrad.verify.arrays.elementwise import SYNONYMS, TABLE, Ufunc, bitwise, elementwise
from symgrad.verify.arrays.indexing import getitem, plain_key, setitem
from symgrad.verify.arrays.trace import Trace, UnsupportedError
from symgrad.verify.arrays.traced import Traced

Functions = Mapping[str, Callable[..., Any]]


def _by_name(name: str) -> Callable[..., Any]:
    return lambda t, *operands: elementwise(t, name, *operands)


def _bitwise(name: str) -> Callable[..., Any]:
    return lambda t, *operands: bitwise(t, name, *operands)


def _ufunc(t: Trace, name: str, method: str, *operands: Any, **options: Any) -> Any:
    """Carry out what NumPy hands over of an elementwise function of its own."""
    if name in PRODUCTS and method == "__call__":
        return t.functions[name](t, *operands, **options)
    if name not in t.functions:
        raise UnsupportedError(f"{name} is not followed on exact numbers")
    return getattr(Ufunc(t, SYNONYMS.get(name, name)), method)(*operands, **options)


def _called(t: Trace, function: Any, args: Any, options: Any) -> Any:
    """Carry out what NumPy hands over of any other function of its own."""
    name = function.__name__
    table = linalg.TABLE if function.__module__ == "numpy.linalg" else t.functions
    if name not in table:
        raise UnsupportedError(f"np.{name} is not followed on exact numbers; write it with sums and products")
    return table[name](t, *args, **options)


PRODUCTS = ("matmul", "vecdot", "matvec", "vecmat")
FUNCTIONS: Functions = {
    **{name: _by_name(name) for name in TABLE},
    **{name: _by_name(other) for name, other in SYNONYMS.items()},
    **{
        name: _bitwise(name) for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "invert", "bitwise_not")
    },
    **structure.TABLE,
    **{
        name: sums.product(name)
        for name in ("dot", "matmul", "inner", "tensordot", "kron", "convolve", "correlate", "cross")
    },
    "einsum": sums.einsum,
    "matvec": sums.matvec,
    "vecmat": sums.vecmat,
    "vecdot": sums.vecdot,
    "vdot": sums.vdot,
    "outer": sums.outer,
    "trace": sums.product("trace", 1),
    "sum": sums.total,
    "nansum": sums.total,
    "cumsum": sums.cumulative,
    "mean": sums.mean,
    "var": sums.variance,
    "std": sums.deviation,
    "average": sums.average,
    "cov": sums.covariance,
    "prod": reductions.folded("multiply", 1),
    "cumprod": reductions.cumulative_by("multiply"),
    "cummax": reductions.cumulative_by("maximum"),
    "cummin": reductions.cumulative_by("minimum"),
    "all": reductions.folded("logical_and", 1, "b"),
    "any": reductions.folded("logical_or", 0, "b"),
    "max": reductions.extreme(reductions.largest, "maximum"),
    "amax": reductions.extreme(reductions.largest, "maximum"),
    "min": reductions.extreme(reductions.smallest, "minimum"),
    "amin": reductions.extreme(reductions.smallest, "minimum"),
    "argmax": reductions.argument(reductions.largest),
    "argmin": reductions.argument(reductions.smallest),
    "ptp": reductions.spread,
    "sort": reductions.sort,
    "argsort": reductions.argsort,
    "partition": reductions.partition,
    "argpartition": reductions.argpartition,
    "median": reductions.median,
    "quantile": reductions.quantile,
    "percentile": reductions.percentile,
    "digitize": lambda t, given, bins, right=False: creation.searchsorted(
        t, bins, given, "left" if right else "right"
    ),
    "count_nonzero": reductions.count_nonzero,
    "nonzero": reductions.nonzero,
    "argwhere": reductions.argwhere,
    "flatnonzero": reductions.flatnonzero,
    "where": reductions.where,
    "logsumexp": reductions.logsumexp,
    "softmax": reductions.softmax,
    "log_softmax": reductions.log_softmax,
    "isclose": reductions.isclose,
    "allclose": reductions.allclose,
    "array_equal": reductions.array_equal,
    "array": creation.copied,
    "copy": creation.copied,
    "asarray": creation.as_array,
    "asanyarray": creation.as_array,
    "ascontiguousarray": creation.as_array,
    "asfortranarray": creation.as_array,
    "astype": lambda t, given, dtype, **_options: given.tracing.functions["array"](t, given, dtype),
    "zeros": creation.constant(0),
    "ones": creation.constant(1),
    "empty": creation.constant(0),
    "full": creation.filled,
    "zeros_like": creation.constant_like(0),
    "ones_like": creation.constant_like(1),
    "empty_like": creation.constant_like(0),
    "full_like": creation.filled_like,
    "eye": creation.plainly("eye"),
    "identity": creation.plainly("identity"),
    "tri": creation.plainly("tri"),
    "indices": creation.plainly("indices"),
    "arange": creation.arange,
    "linspace": creation.linspace,
    "logspace": creation.logspace,
    "unique": creation.unique,
    "bincount": creation.bincount,
    "isin": creation.isin,
    "in1d": creation.isin,
    "searchsorted": creation.searchsorted,
    "vectorize": creation.vectorized,
    "frompyfunc": creation.vectorized,
    "apply_along_axis": creation.along_axis,
    "fromfunction": creation.from_function,
    "fromiter": creation.from_iterable,
    "round": creation.rounded,
    "around": creation.rounded,
    "clip": creation.clipped,
    "nan_to_num": creation.not_a_number_to,
    "real": array,
    "conj": array,
    "conjugate": array,
    "shape": lambda t, given: array(t, given).shape,
    "ndim": lambda t, given: array(t, given).ndim,
    "size": lambda t, given, axis=None: array(t, given).size if axis is None else array(t, given).shape[axis],
    "getitem": getitem,
    "setitem": setitem,
    "key": plain_key,
    "ufunc": _ufunc,
    "called": _called,
}
SPECIAL: Functions = {
    name: FUNCTIONS[name]
    for name in [
        "cbrt",
        "entr",
        "erf",
        "erfc",
        "exp2",
        "expit",
        "expm1",
        "log1p",
        "log_expit",
        "log_softmax",
        "logit",
        "logsumexp",
        "ndtr",
        "softmax",
        "xlog1py",
        "xlogy",
    ]
} | {"rel_entr": lambda t, x, y: FUNCTIONS["xlogy"](t, x, array(t, x) / y)}
MATH: Functions = {
    name: FUNCTIONS[{"pow": "power", "fsum": "sum", "fmod": "fmod"}.get(name, name)]
    for name in [
        "acosh",
        "asinh",
        "atanh",
        "cbrt",
        "ceil",
        "cos",
        "cosh",
        "degrees",
        "erf",
        "erfc",
        "exp",
        "exp2",
        "expm1",
        "fabs",
        "floor",
        "fmod",
        "fsum",
        "hypot",
        "isclose",
        "isfinite",
        "isinf",
        "isnan",
        "log10",
        "log1p",
        "log2",
        "pow",
        "prod",
        "radians",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "trunc",
    ]
} | {"log": lambda t, x, base=None: _log(t, x, base)}


def _log(t: Trace, x: Any, base: Any) -> Traced:
    logarithm = elementwise(t, "log", x)
    return logarithm if base is None else logarithm / elementwise(t, "log", base)


def _density(t: Trace, x: Any, loc: Any = 0, scale: Any = 1) -> Traced:
    z = (array(t, x) - loc) / scale
    root = elementwise(t, "sqrt", 2 * array(t, np.pi))
    return elementwise(t, "exp", -z * z / 2) / (root * array(t, scale))


def _distribution(t: Trace, x: Any, loc: Any = 0, scale: Any = 1) -> Traced:
    return elementwise(t, "ndtr", (array(t, x) - loc) / scale)


NORMAL: Functions = {
    "pdf": _density,
    "cdf": _distribution,
    "logpdf": lambda t, x, loc=0, scale=1: elementwise(t, "log", _density(t, x, loc, scale)),
    "logcdf": lambda t, x, loc=0, scale=1: elementwise(t, "log", _distribution(t, x, loc, scale)),
}
LINALG: Functions = linalg.TABLE
SCIPY_LINALG: Functions = linalg.SCIPY
SIGNAL: Functions = signals.TABLE
