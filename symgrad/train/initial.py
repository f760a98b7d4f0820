"""Where training begins: parameters from a seed, states at zero, the generator of order and masks."""

from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
from numpy.typing import DTypeLike

from symgrad.errors import SymgradError
from symgrad.train.data import Table
from symgrad.train.layout import Array, Kernel, Sizes, bind_all, check_sizes, resolve
from symgrad.train.seeds import generator


@dataclass(frozen=True, eq=False)
class State:
    """All that training changes; the arrays are updated in place.

    Attributes
    ----------
    parameters, states
        Those of the network and of its optimizer, by name.
    random_state
        One uint64: the generator that orders the samples and draws masks.
    """

    parameters: dict[str, Array]
    states: dict[str, Array]
    random_state: Array


def initial_state(
    kernel: Kernel,
    samples: Table,
    *,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    sizes: Sizes | None = None,
) -> State:
    """Return the start of a training.

    Parameters
    ----------
    kernel
        A loaded kernel module.
    samples
        The training data, from which symbolic sizes are read.
    seed
        The same seed gives the same start.
    dtype
        float64 or float32.
    sizes
        Symbolic sizes that the data do not show, such as those of hidden layers.
    """
    check_dtype(dtype)
    given = {} if sizes is None else sizes
    check_sizes(kernel, given)
    known = bind_all({**kernel.INPUTS, **kernel.TARGETS}, samples.arrays, given)
    draw = generator(seed, "parameters")
    parameters = {name: _parameter(kernel, name, known, draw, dtype) for name in kernel.PARAMETERS}
    return fresh_state(kernel, parameters, known, seed)


def _parameter(kernel: Kernel, name: str, sizes: Sizes, draw: np.random.Generator, dtype: DTypeLike) -> Array:
    word, fan_in = kernel.STARTS[name]
    shape = resolve(name, kernel.PARAMETERS[name], sizes)
    return initial_parameter(word, shape, prod(resolve(name, fan_in, sizes)), draw, dtype)


def fresh_state(kernel: Kernel, parameters: dict[str, Array], sizes: Sizes, seed: int) -> State:
    """Return given parameters with an optimizer that has not yet made a step."""
    dtype = next((array.dtype for array in parameters.values()), np.dtype(np.float64))
    states = {name: np.zeros(resolve(name, shape, sizes), dtype) for name, shape in kernel.STATES.items()}
    return State(parameters, states, initial_order(seed))


def initial_order(seed: int) -> Array:
    """Return the generator state of the kernel: never 0, where some generators stay."""
    return generator(seed, "order").integers(1, 2**64 - 1, size=1, dtype=np.uint64)


def initial_parameter(
    word: str, shape: tuple[int, ...], fan_in: int, draw: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Return zeros, ones, or numbers from a normal distribution of deviation 1/√fan_in."""
    if word != "normal":
        return np.full(shape, float(word == "ones"), dtype)
    return np.asarray(draw.standard_normal(shape) / sqrt(fan_in), dtype)


def check_dtype(dtype: DTypeLike) -> None:
    """Refuse all but the two types that kernels are made for."""
    if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise SymgradError(f"the type {np.dtype(dtype)} is not one that kernels know; use float64 or float32")
