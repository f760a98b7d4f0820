"""Arrays of exact numbers that behave as NumPy's do.

An array holds elements in an object array of NumPy's, which keeps its shape, its views and its broadcasting;
what is done to elements is looked up, by NumPy's name, in the functions of the trace.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, SupportsIndex

import numpy as np

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.operators import Operators
from symgrad.verify.arrays.trace import Element, Objects, Trace, UnsupportedError

KINDS = "bif"
DTYPES = {"b": np.dtype(bool), "i": np.dtype(np.int64), "f": np.dtype(np.float64)}
METHODS = frozenset(
    [
        "all",
        "any",
        "argmax",
        "argmin",
        "argpartition",
        "argsort",
        "clip",
        "compress",
        "conj",
        "conjugate",
        "cumprod",
        "cumsum",
        "diagonal",
        "dot",
        "max",
        "mean",
        "min",
        "nonzero",
        "prod",
        "ptp",
        "put",
        "ravel",
        "repeat",
        "round",
        "searchsorted",
        "squeeze",
        "std",
        "sum",
        "swapaxes",
        "take",
        "trace",
        "var",
    ]
)


class Traced(Operators):
    """An array of exact numbers.

    Attributes
    ----------
    tracing
        The run that it belongs to.
    values
        Its elements.
    kind
        ``b`` for conditions, ``i`` for integers, ``f`` for what NumPy would keep as floats.
    """

    __slots__ = ("kind", "tracing", "values")
    __array_priority__ = 1000

    def __init__(self, tracing: Trace, values: Objects, kind: str = "f") -> None:
        self.tracing, self.values, self.kind = tracing, values, kind

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in METHODS:
            refused = (
                UnsupportedError
                if hasattr(np.ndarray, name) and not name.startswith("__")
                else AttributeError
            )
            raise refused(f"'numpy.ndarray' object has no attribute {name!r} here")
        return partial(self.tracing.functions[name], self.tracing, self)

    def __deepcopy__(self, _memo: object) -> "Traced":
        return self.copy()

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths."""
        return self.values.shape

    @shape.setter
    def shape(self, lengths: Any) -> None:
        self.values = self.values.reshape(lengths)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.values.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.values.size

    @property
    def strides(self) -> tuple[int, ...]:
        """The steps between elements; only their ratios mean anything."""
        return self.values.strides

    @property
    def nbytes(self) -> int:
        """The bytes NumPy would spend on it."""
        return self.size * self.itemsize

    @property
    def itemsize(self) -> int:
        """The bytes NumPy would spend on an element."""
        return self.dtype.itemsize

    @property
    def dtype(self) -> Any:
        """The type NumPy would give it."""
        return DTYPES[self.kind]

    @property
    def T(self) -> "Traced":
        """The transpose."""
        return self._view(self.values.T)

    @property
    def mT(self) -> "Traced":
        """The transpose of the last two axes."""
        return self._view(self.values.swapaxes(-1, -2))

    @property
    def real(self) -> "Traced":
        """The array itself."""
        return self

    @property
    def flat(self) -> "Traced":
        """The elements in a row."""
        return self._view(self.values.reshape(-1))

    def _view(self, values: Objects) -> "Traced":
        return Traced(self.tracing, values, self.kind)

    def reshape(self, *lengths: Any, order: Any = "C", **_options: Any) -> "Traced":
        """Return the elements with other lengths."""
        shape = lengths[0] if len(lengths) == 1 else lengths
        return self.tracing.functions["reshape"](self.tracing, self, shape, order=order)

    def transpose(self, *axes: Any) -> "Traced":
        """Return the array with its axes in another order."""
        order = axes[0] if len(axes) == 1 else axes or None
        return self.tracing.functions["transpose"](self.tracing, self, order)

    def copy(self, order: str = "C") -> "Traced":
        """Return a copy."""
        return type(self)(self.tracing, self.values.copy(), self.kind)

    def flatten(self, order: Any = "C") -> "Traced":
        """Return a copy with one axis."""
        return self._view(self.values.flatten(order))

    def astype(self, dtype: Any, **_options: Any) -> "Traced":
        """Return a copy of another type; conditions stay indicators."""
        return self.tracing.functions["astype"](self.tracing, self, dtype)

    def view(self, *_types: Any) -> "Traced":
        """Return a view."""
        return self._view(self.values)

    def fill(self, value: Any) -> None:
        """Set all elements."""
        self[...] = value

    def sort(self, axis: int = -1, **_options: Any) -> None:
        """Sort in place."""
        self[...] = self.tracing.functions["sort"](self.tracing, self, axis)

    def item(self, *place: Any) -> Any:
        """Return one element."""
        return Scalar(self.tracing, boxed(self.values.item(*map(int, place))), self.kind)

    def tolist(self) -> Any:
        """Return nested lists."""
        return (
            [row.tolist() if isinstance(row, Traced) else row for row in self] if self.ndim else self.item()
        )

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self.values)))

    def __contains__(self, value: object) -> bool:
        return any(
            self.tracing.truth(found)
            for found in self.tracing.functions["equal"](self.tracing, self, value).values.flat
        )

    def __getitem__(self, key: Any) -> Any:
        return self.tracing.functions["getitem"](self.tracing, self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.tracing.functions["setitem"](self.tracing, self, key, value)

    def replaced(self, result: "Traced") -> "Traced":
        """Return the array itself with other elements, as operations in place leave it."""
        if KINDS.index(result.kind) > KINDS.index(self.kind):
            raise TypeError(
                f"Cannot cast ufunc output from {result.dtype} to {self.dtype} with casting rule 'same_kind'"
            )
        self[...] = result
        return self

    def __bool__(self) -> bool:
        if self.size != 1:
            text = (
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
            raise ValueError(text)
        return self.tracing.truth(self.values.item())

    def __int__(self) -> int:
        if self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        whole = self.tracing.functions["trunc"](self.tracing, self).values.item()
        return self.tracing.whole(whole)

    def __float__(self) -> float:
        raise UnsupportedError("a Python float keeps no exact number; leave float(…) out")

    def __complex__(self) -> complex:
        raise UnsupportedError("complex numbers are not followed")

    def __array__(self, *_types: Any, **_options: Any) -> Any:
        raise UnsupportedError("an array of exact numbers cannot become one of floats")

    def __index__(self) -> int:
        if self.kind == "f" or self.ndim:
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return self.tracing.whole(self.values.item())

    def __format__(self, spec: str) -> str:
        return format(self.tracing.approximately(self.values.item()), spec) if self.size == 1 else repr(self)

    def __repr__(self) -> str:
        return repr(np.vectorize(self.tracing.approximately, otypes=[float])(self.values))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return self.tracing.functions["ufunc"](self.tracing, ufunc.__name__, method, *inputs, **options)

    def __array_function__(self, function: Any, _types: Any, args: Any, options: Any) -> Any:
        return self.tracing.functions["called"](self.tracing, function, args, options)


class Scalar(Traced):
    """A single number, which does not change."""

    __slots__ = ()

    def replaced(self, result: Traced) -> Traced:
        """Return the result: a number does not change."""
        return result

    def __hash__(self) -> int:
        element = self.values.item()
        return hash(element if isinstance(element, float) or element.exact is None else element.exact)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("'numpy.float64' object does not support item assignment")

    def is_integer(self) -> bool:
        """Whether it is a whole number."""
        element = self.values.item()
        return isinstance(element, Slot) and element.exact is not None and element.exact.denominator == 1

    def __round__(self, digits: SupportsIndex | None = None) -> Any:
        return self.tracing.functions["round"](self.tracing, self, digits or 0)


def boxed(element: Element) -> Objects:
    """Return an array without axes that holds an element."""
    box = np.empty((), dtype=object)
    box[()] = element
    return box
