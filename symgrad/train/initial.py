"""Where training begins: parameters from a seed, states at zero, the order of the samples."""

from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
from numpy.typing import DTypeLike

from symgrad.errors import SymgradError
from symgrad.train.layout import Array, Kernel, Sizes, bind_table, check_sizes, resolve
from symgrad.train.seeds import generator


@dataclass(frozen=True, eq=False)
class State:
    """All that training changes; the arrays are updated in place.

    Attributes
    ----------
    parameters, states
        Those of the network and of its optimizer, by name.
    random_state
        One uint64: the generator that orders the samples.
    """

    parameters: dict[str, Array]
    states: dict[str, Array]
    random_state: Array


def initial_state(
    kernel: Kernel,
    x: Array,
    t: Array,
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
    x, t
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
    known = bind_table(kernel, x, t, given)
    shapes = {name: resolve(name, shape, known) for name, shape in kernel.PARAMETERS.items()}
    draw = generator(seed, "parameters")
    parameters = {name: initial_parameter(name, shape, draw, dtype) for name, shape in shapes.items()}
    return fresh_state(kernel, parameters, known, seed)


def fresh_state(kernel: Kernel, parameters: dict[str, Array], sizes: Sizes, seed: int) -> State:
    """Return given parameters with an optimizer that has not yet made a step."""
    dtype = next((array.dtype for array in parameters.values()), np.dtype(np.float64))
    states = {name: np.zeros(resolve(name, shape, sizes), dtype) for name, shape in kernel.STATES.items()}
    return State(parameters, states, initial_order(seed))


def initial_order(seed: int) -> Array:
    """Return the generator state of the kernel: never 0, where some generators stay."""
    return generator(seed, "order").integers(1, 2**64 - 1, size=1, dtype=np.uint64)


def initial_parameter(
    name: str, shape: tuple[int, ...], draw: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Return weights drawn from a normal distribution of deviation 1/√fan_in, and biases of zero.

    A weight has at least two axes, (out, in, …); a vector starts at zero.  So does a scalar whose
    name begins with b; other scalars are the weights of a network written neuron by neuron.
    """
    if len(shape) == 1 or (not shape and name.startswith("b")):
        return np.zeros(shape, dtype)
    return np.asarray(draw.standard_normal(shape) / sqrt(prod(shape[1:])), dtype)


def check_dtype(dtype: DTypeLike) -> None:
    """Refuse all but the two types that kernels are made for."""
    if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise SymgradError(f"the type {np.dtype(dtype)} is not one that kernels know; use float64 or float32")
