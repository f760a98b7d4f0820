"""What a kernel is called with: everything is checked here, because a kernel checks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from symgrad.errors import DataError, SymgradError, unknown
from symgrad.train.columns import check_labels
from symgrad.train.data import Table
from symgrad.train.initial import State, check_dtype
from symgrad.train.layout import Array, Kernel, bind_all, bind_table, check_format, output_width, target_of


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
    return {name: float(options.get(name, default)) for name, default in kernel.OPTIONS.items()}


def kernel_arguments(
    kernel: Kernel, samples: Table, state: State, options: Mapping[str, float], order: Order
) -> tuple[Any, ...]:
    """Return what a kernel trains with, up to the generator state, after checking that it fits."""
    check_format(kernel)
    dtype = _check_arrays(state)
    sizes = bind_table(kernel, samples.x, samples.t, {})
    bind_all(kernel.STATES, state.states, bind_all(kernel.PARAMETERS, state.parameters, sizes))
    parameters = [state.parameters[name] for name in kernel.PARAMETERS]
    states = [state.states[name] for name in kernel.STATES]
    x = _cast(samples.x, dtype)
    data = (x, _targets(kernel, samples.t, x, parameters))
    rows = len(x) if order.batch is None else min(order.batch, len(x))
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


def _cast(array: Array, dtype: np.dtype[Any]) -> Array:
    with np.errstate(over="ignore"):
        cast = np.ascontiguousarray(array, dtype)
    if not np.isfinite(cast).all():
        raise DataError(f"some of the data are not finite as {dtype}: scale them, or train in float64")
    return cast


def _targets(kernel: Kernel, t: Array, x: Array, parameters: list[Array]) -> Array:
    if target_of(kernel)[2] != "labels":
        return _cast(t, x.dtype)
    check_labels("the targets", t, output_width(kernel.forward(x[:1], *parameters)))
    return np.ascontiguousarray(t, np.int64)
