"""Modules as code sees them: ``np``, ``math`` and a few of SciPy's, all on exact numbers."""

import builtins
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from symgrad.verify.arrays import tables
from symgrad.verify.arrays.conversions import array, cast, plain, wrapped
from symgrad.verify.arrays.elementwise import SYNONYMS, TABLE, Ufunc
from symgrad.verify.arrays.linalg import LinAlgError
from symgrad.verify.arrays.trace import Trace, UnsupportedError
from symgrad.verify.arrays.traced import Scalar, Traced

Names = Mapping[str, Any]


class Module:
    """A module with names of its own; what a real one has beyond them is refused with a message."""

    def __init__(self, title: str, names: Names, beyond: ModuleType | None = None, hint: str = "") -> None:
        self._title, self._names, self._beyond, self._hint = title, names, beyond, hint

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        if name.startswith("__") or not (self._hint or hasattr(self._beyond, name)):
            raise AttributeError(f"module {self._title!r} has no attribute {name!r}")
        hint = self._hint or "write it with sums, products and elementwise functions"
        raise UnsupportedError(f"{self._title}.{name} is not followed on exact numbers; {hint}")


class NumberType:
    """A type of numbers: converts, names a dtype, and knows its instances."""

    def __init__(self, t: Trace, like: Any, kinds: str) -> None:
        self._t, self._kinds = t, kinds
        self.dtype = np.dtype(like)

    def __call__(self, value: Any = 0) -> Any:
        if isinstance(value, str):
            return float(value)
        given = cast(array(self._t, value), self._kinds[0])
        return wrapped(self._t, given.values, given.kind)

    def __instancecheck__(self, value: object) -> bool:
        if isinstance(value, Scalar):
            return value.kind in self._kinds
        return isinstance(value, self.dtype.type)


class PlainFloat(NumberType):
    """Python's ``float``: what is known to be a float stays one."""

    def __call__(self, value: Any = 0) -> Any:
        return super().__call__(value) if isinstance(value, Traced) else float(value)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, float) or (isinstance(value, Scalar) and value.kind == "f")


class ArrayType:
    """``np.ndarray``: knows its instances."""

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, (Traced, np.ndarray)) and not isinstance(value, Scalar)


class NumberFamily:
    """``np.floating``, ``np.generic`` and the like: know their instances."""

    def __init__(self, like: type, kinds: str) -> None:
        self._like, self._kinds = like, kinds

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._like) or (isinstance(value, Scalar) and value.kind in self._kinds)


class Joined:
    """``np.r_`` and ``np.c_``: slices are ranges, the rest is joined."""

    def __init__(self, t: Trace, *, columns: bool) -> None:
        self._t, self._columns = t, columns

    def __getitem__(self, key: Any) -> Traced:
        parts = [self._part(part) for part in (key if isinstance(key, tuple) else (key,))]
        name = "column_stack" if self._columns else "concatenate"
        return self._t.functions[name](self._t, parts)

    def _part(self, part: Any) -> Traced:
        if isinstance(part, slice):
            return array(self._t, np.r_[slice(plain(part.start), plain(part.stop), plain(part.step))])
        found = array(self._t, part)
        return found if found.ndim else found.reshape(1)


def _enumerated(t: Trace, given: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    given = array(t, given)
    return ((place, given[place]) for place in np.ndindex(given.shape))


def _on_plain(name: str) -> Callable[..., Any]:
    """A function of NumPy's of lengths and indices only."""
    return lambda *args, **options: getattr(np, name)(*plain(args), **plain(options))


def _bound(t: Trace, functions: Names) -> dict[str, Any]:
    return {name: partial(function, t) for name, function in functions.items()}


_AS_THEY_ARE = (
    "newaxis inf nan finfo iinfo s_ index_exp errstate seterr set_printoptions printoptions dtype issubdtype"
    " isscalar"
)
_OF_INDICES = (
    "ix_ ndindex tril_indices triu_indices diag_indices unravel_index ravel_multi_index broadcast_shapes"
)
_FLOATS = "float64 float32 float16 float_ double longdouble"
_INTS = "int64 int32 int16 int8 uint8 uint64 intp int_ intc uint32"
_WHOLE = ("ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "perm", "trunc")
_FAMILIES = {
    "generic": "bif",
    "number": "if",
    "inexact": "f",
    "floating": "f",
    "integer": "i",
    "signedinteger": "i",
}


def numpy_module(t: Trace) -> Module:
    """Return what code sees as ``np``."""
    ufuncs = {name: Ufunc(t, SYNONYMS.get(name, name)) for name in (*TABLE, *SYNONYMS) if hasattr(np, name)}
    types: dict[str, Any] = {
        **{name: NumberType(t, np.float64, "f") for name in _FLOATS.split()},
        **{name: NumberType(t, np.int64, "i") for name in _INTS.split()},
        **{name: NumberType(t, np.bool_, "b") for name in ("bool_", "bool")},
        **{name: NumberFamily(getattr(np, name), kinds) for name, kinds in _FAMILIES.items()},
        "ndarray": ArrayType(),
    }
    names = {
        **_bound(t, tables.FUNCTIONS),
        **{name: ufunc for name, ufunc in ufuncs.items() if name != "where"},
        **{name: getattr(np, name) for name in _AS_THEY_ARE.split()},
        **{name: _on_plain(name) for name in _OF_INDICES.split()},
        **types,
        "e": math.e,
        "pi": array(t, math.pi),
        "r_": Joined(t, columns=False),
        "c_": Joined(t, columns=True),
        "mgrid": np.mgrid,
        "ogrid": np.ogrid,
        "ndenumerate": partial(_enumerated, t),
        "linalg": Module("numpy.linalg", _bound(t, tables.LINALG) | {"LinAlgError": LinAlgError}, np.linalg),
        "random": _randomness("numpy.random"),
        "lib": Module("numpy.lib", {"stride_tricks": _stride_tricks(t)}, np.lib),
    }
    return Module("numpy", names, np)


def _stride_tricks(t: Trace) -> Module:
    names = ("sliding_window_view", "as_strided", "broadcast_to", "broadcast_arrays")
    return Module("numpy.lib.stride_tricks", {name: partial(tables.FUNCTIONS[name], t) for name in names})


def _randomness(title: str) -> Module:
    """Random numbers are refused; a seed may be set."""
    hint = "what is drawn must be given: name the array among the inputs (as a mask of kind 'keep')"
    return Module(title, {"seed": lambda *_seed: None}, None, hint)


def math_module(t: Trace) -> Module:
    """Return what code sees as ``math``."""
    names = _bound(t, tables.MATH) | {name: _whole(t, name) for name in _WHOLE}
    constants = {"pi": array(t, math.pi), "tau": array(t, math.tau), "e": array(t, math.e)}
    return Module("math", names | constants | {"inf": math.inf, "nan": math.nan}, math)


def _whole(t: Trace, name: str) -> Callable[..., Any]:
    """A function of the module math with whole numbers for values."""

    def function(*args: Any) -> int:
        if name in tables.MATH:
            return int(tables.MATH[name](t, *args))
        return getattr(math, name)(*(int(value) for value in args))

    return function


def modules(t: Trace) -> dict[str, Module]:
    """Return the modules that code may import, by their names."""
    numpy, special = numpy_module(t), Module("scipy.special", _bound(t, tables.SPECIAL), None, _HINT)
    inner = {
        "special": special,
        "linalg": Module("scipy.linalg", _bound(t, tables.SCIPY_LINALG), None, _HINT),
        "signal": Module("scipy.signal", _bound(t, tables.SIGNAL), None, _HINT),
        "stats": Module(
            "scipy.stats", {"norm": Module("norm", _bound(t, tables.NORMAL), None, _HINT)}, None, _HINT
        ),
    }
    return {
        "numpy": numpy,
        "numpy.linalg": numpy.linalg,
        "numpy.random": numpy.random,
        "numpy.lib": numpy.lib,
        "numpy.lib.stride_tricks": numpy.lib.stride_tricks,
        "math": math_module(t),
        "random": _randomness("random"),
        "scipy": Module("scipy", inner, None, _HINT),
        **{f"scipy.{name}": module for name, module in inner.items()},
    }


_HINT = "write it with NumPy"


def python_names(t: Trace) -> dict[str, Any]:
    """Return what takes the place of Python's own names: ``float``, ``max``, ``min``, ``__import__``."""
    return {
        "float": PlainFloat(t, np.float64, "f"),
        "max": partial(_of_two, t, "maximum", builtins.max),
        "min": partial(_of_two, t, "minimum", builtins.min),
        "__import__": partial(_imported, modules(t), vars(builtins)["__import__"]),
    }


def _imported(
    known: Mapping[str, Module],
    otherwise: Callable[..., Any],
    name: str,
    scope: Any = None,
    inside: Any = None,
    wanted: Any = (),
    level: int = 0,
) -> Any:
    """What an import statement binds: the module itself where names of it are wanted, else the outermost."""
    if name in known:
        return known[name if wanted else name.partition(".")[0]]
    return otherwise(name, scope, inside, wanted, level)


def _of_two(t: Trace, name: str, otherwise: Callable[..., Any], *values: Any, **options: Any) -> Any:
    """The larger or smaller of two numbers is a choice, right on both sides; that of more is decided."""
    if len(values) == 2 and not options and any(isinstance(value, Scalar) for value in values):
        return t.functions[name](t, *values)
    return otherwise(*values, **options)
