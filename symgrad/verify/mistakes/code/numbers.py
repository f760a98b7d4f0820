"""NumPy for snippets that are differentiated by a complex step.

Order, sign and modulus look at the real part only and carry the imaginary one along, so that
``f(x + ih).imag / h`` is the derivative away from kinks.  Arrays that a program makes for itself are complex
from the start, otherwise an assignment into them would drop the derivative.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symgrad.verify.arrays.helpers import helpers

Values = Any


class Stepped(np.ndarray):
    """An array of numbers x + ih: what conjugates or takes a modulus elsewhere does not here."""

    def var(self, axis: Any = None, *_: Any, ddof: float = 0, keepdims: bool = False, **__: Any) -> Any:
        off = np.asarray(self) - np.asarray(self).mean(axis=axis, keepdims=True)
        square = (off * off).sum(axis=axis, keepdims=keepdims)
        share = square.size / max(off.size - ddof * square.size, 1)
        return stepped(square * share)

    def std(self, axis: Any = None, *_: Any, ddof: float = 0, keepdims: bool = False, **__: Any) -> Any:
        return np.sqrt(self.var(axis, ddof=ddof, keepdims=keepdims))

    def astype(self, kind: Any, *args: Any, **options: Any) -> Any:
        if np.iscomplexobj(self) and np.issubdtype(np.dtype(kind), np.floating):
            return self.copy()
        return super().astype(kind, *args, **options)

    def __abs__(self) -> Any:
        return absolute(self)


def stepped(value: Any) -> Any:
    """The value as an array that keeps its derivative."""
    return np.asarray(value).view(Stepped)


def sign(value: Any) -> Any:
    """−1, 0 or 1, by the real part."""
    return np.sign(np.real(value))


def absolute(value: Any) -> Any:
    """The modulus of a real quantity: sign times value."""
    return value * sign(value)


def norm(value: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The Euclidean (Frobenius) norm."""
    return np.sqrt(np.sum(np.asarray(value) ** 2, axis=axis, keepdims=keepdims))


def slogdet(matrix: Any) -> tuple[Any, Any]:
    """Sign and logarithm of a determinant."""
    determinant = np.linalg.det(matrix)
    return sign(determinant), np.log(absolute(determinant))


def logaddexp(left: Any, right: Any) -> Any:
    """log(exp(left) + exp(right))."""
    top = np.maximum(left, right)
    return top + np.log(np.exp(left - top) + np.exp(right - top))


def variance(value: Any, axis: Any = None, **options: Any) -> Any:
    """`numpy.var`."""
    return stepped(value).var(axis, **options)


def deviation(value: Any, axis: Any = None, **options: Any) -> Any:
    """`numpy.std`."""
    return np.sqrt(variance(value, axis, **options))


class Space:
    """A module of functions: some replaced, all others as they are."""

    def __init__(self, module: Any, replaced: Mapping[str, Any]) -> None:
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _complex(make: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any, **options: Any) -> Any:
        value = make(*args, **options)
        return stepped(value.astype(complex) if value.dtype == float else value)

    return made


def _converted(make: Callable[..., Any]) -> Callable[..., Any]:
    def made(value: Any, dtype: Any = None, **options: Any) -> Any:
        keeps = dtype is None or np.issubdtype(np.dtype(dtype), np.floating)
        array = make(value, **options) if keeps else make(value, dtype, **options)
        wanted = complex if keeps and dtype is not None and not np.iscomplexobj(array) else array.dtype
        return stepped(array.astype(wanted))

    return made


MADE = (
    "zeros",
    "ones",
    "empty",
    "full",
    "eye",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "identity",
)
NUMPY = Space(
    np,
    {name: _complex(getattr(np, name)) for name in MADE}
    | {name: _converted(getattr(np, name)) for name in ("array", "asarray")}
    | {
        "abs": absolute,
        "absolute": absolute,
        "fabs": absolute,
        "sign": sign,
        "heaviside": lambda value, half: np.heaviside(np.real(value), half),
        "logaddexp": logaddexp,
        "var": variance,
        "std": deviation,
        "linalg": Space(np.linalg, {"norm": norm, "slogdet": slogdet}),
    },
)
HELPERS = helpers(np)
PLAIN: Mapping[str, Any] = {"np": np, "numpy": np, **HELPERS}
STEPPED: Mapping[str, Any] = {"np": NUMPY, "numpy": NUMPY, "abs": absolute, "float": lambda v: v, **HELPERS}
