"""What a kernel is called with: everything is checked here, because a kernel checks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from symgrad.errors import DataError, SymgradError, unknown
from symgrad.train.columns import as_argument
from symgrad.train.data import Table
from symgrad.train.initial import State, check_dtype
from symgrad.train.layout import Array, Kernel, Sizes, bind_all, check_format


@dataclass(frozen=True)
class Order:
    """How the rows are visited: see `symgrad.train.run.fit`."""

    batch: int | None
    shuffle: bool
    drop_last: bool


def check_at_least_one(**counts: int | None) -> None:
    """Refuse a count below 1."""
    for name, value in counts.items():
        if value is not None and value < 1:
            raise SymgradError(f"{name} is {value}; it must be at least 1")


def option_values(kernel: Kernel, options: Mapping[str, float]) -> dict[str, float]:
    """Return all options of the optimizer in the kernel's order, the given ones instead of its defaults."""
    for name, value in options.items():
        if name not in kernel.OPTIONS:
            raise unknown(f"option of the optimizer {kernel.OPTIMIZER}", name, kernel.OPTIONS)
        if not isfinite(value):
            raise SymgradError(f"the option {name} is {value}; it must be finite")
        _check_bounds(kernel, name, value)
    return {name: float(options.get(name, default)) for name, default in kernel.OPTIONS.items()}


def _check_bounds(kernel: Kernel, name: str, value: float) -> None:
    """Refuse a value out of bounds; a kernel says only those that it has."""
    if value <= 0 and name in getattr(kernel, "POSITIVE", ()):
        raise SymgradError(f"the option {name} is {value:g}; it must be above 0")
    if value < 0 and name in getattr(kernel, "NOT_NEGATIVE", ()):
        raise SymgradError(f"the option {name} is {value:g}; it must be at least 0")


def kernel_arguments(
    kernel: Kernel, samples: Table, state: State, options: Mapping[str, float], order: Order
) -> tuple[Any, ...]:
    """Return what a kernel trains with, up to the generator state, after checking that it fits."""
    check_format(kernel)
    dtype = _check_arrays(state)
    sizes = bind_all({**kernel.INPUTS, **kernel.TARGETS}, samples.arrays, {})
    sizes = bind_all(kernel.PARAMETERS, state.parameters, sizes)
    bind_all(kernel.STATES, state.states, sizes)
    arrays = {name: _finite(kernel, name, array, sizes, dtype) for name, array in samples.arrays.items()}
    data = [arrays[name] for name in (*kernel.INPUTS, *kernel.TARGETS)]
    parameters = [state.parameters[name] for name in kernel.PARAMETERS]
    states = [state.states[name] for name in kernel.STATES]
    rows = len(samples) if order.batch is None else min(order.batch, len(samples))
    last = (rows, order.shuffle, order.drop_last, state.random_state)
    return (*data, *parameters, *states, *options.values(), *last)


def _check_arrays(state: State) -> np.dtype[Any]:
    arrays = {**state.parameters, **state.states}
    dtypes = {array.dtype for array in arrays.values()}
    if len(dtypes) != 1:
        raise DataError("all parameters and states must have one type, float64 or float32")
    for name, array in arrays.items():
        if not (array.flags.c_contiguous and array.flags.writeable):
            raise DataError(f"{name} must be contiguous and writable, for training changes it in place")
    dtype = dtypes.pop()
    check_dtype(dtype)
    return dtype


def _finite(kernel: Kernel, name: str, array: Array, sizes: Sizes, dtype: np.dtype[Any]) -> Array:
    ready = as_argument(kernel, name, array, sizes, dtype)
    if not np.isfinite(ready).all():
        raise DataError(f"some numbers of {name} are not finite as {dtype}: scale them, or train in float64")
    return ready
