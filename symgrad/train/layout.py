"""What a kernel module says of itself, and whether arrays fit it.

Shapes hold numbers and the names of symbolic sizes.  A size is bound by the first array that shows it;
every later array must agree, because a kernel does not check its bounds.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from symgrad.errors import DataError, DefinitionError, unknown

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Mapping[str, Array]
Shape: TypeAlias = tuple[int | str, ...]
Sizes: TypeAlias = Mapping[str, int]
Tail: TypeAlias = tuple[int | None, ...]

KERNEL_FORMAT = 1


class Kernel(Protocol):
    """A loaded kernel module: literals that describe it, and four compiled functions."""

    @property
    def FORMAT(self) -> int:
        """The version of the layout of kernels."""
        ...

    @property
    def NETWORK(self) -> str:
        """The hash of the network."""
        ...

    @property
    def INPUT(self) -> tuple[str, Shape]:
        """Name and shape of the inputs."""
        ...

    @property
    def TARGET(self) -> tuple[str, Shape, str] | None:
        """Name, shape and kind of the targets."""
        ...

    @property
    def PARAMETERS(self) -> dict[str, Shape]:
        """The shapes of the parameters."""
        ...

    @property
    def STATES(self) -> dict[str, Shape]:
        """The shapes of the optimizer's states."""
        ...

    @property
    def OPTIONS(self) -> dict[str, float]:
        """The optimizer's options with their defaults."""
        ...

    @property
    def OPTIMIZER(self) -> str:
        """The name of the optimizer."""
        ...

    @property
    def TASK(self) -> str:
        """``classification`` or ``regression``."""
        ...

    @property
    def forward(self) -> Callable[..., Array]:
        """Inputs and parameters to predictions."""
        ...

    @property
    def loss(self) -> Callable[..., float]:
        """Inputs, targets and parameters to the loss."""
        ...

    @property
    def gradients(self) -> Callable[..., tuple[Any, ...]]:
        """The loss and all gradients."""
        ...

    @property
    def train(self) -> Callable[..., int]:
        """Whole epochs in one call; how many were completed."""
        ...


def target_of(kernel: Kernel) -> tuple[str, Shape, str]:
    """Return name, shape and kind of the targets.

    Raises
    ------
    DataError
        If the network has no targets, so that there is nothing to train towards.
    """
    if kernel.TARGET is None:
        raise DataError("the network has no targets; it can predict, but not be trained or scored on data")
    return kernel.TARGET


def check_format(kernel: Kernel) -> None:
    """Refuse a kernel module of another format."""
    if kernel.FORMAT != KERNEL_FORMAT:
        raise DataError(
            f"the kernel has format {kernel.FORMAT}, not {KERNEL_FORMAT}: make it again (symgrad generate)"
        )


def spelled(shape: tuple[object, ...]) -> str:
    """Write a shape as people do: (32, D), and (32,) for one axis."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def bind(name: str, shape: Shape, actual: tuple[int, ...], sizes: Sizes) -> dict[str, int]:
    """Return the sizes with those that an array shows added; refuse an array that does not fit."""
    if len(shape) != len(actual):
        raise _misfit(name, shape, actual, sizes)
    known = dict(sizes)
    for size, length in zip(shape, actual, strict=True):
        wanted = known.setdefault(size, length) if isinstance(size, str) else size
        if wanted != length:
            raise _misfit(name, shape, actual, sizes)
    return known


def _misfit(name: str, shape: Shape, actual: tuple[int, ...], sizes: Sizes) -> DataError:
    wanted = tuple(sizes.get(s, s) if isinstance(s, str) else s for s in shape)
    return DataError(f"{name} has the shape {spelled(actual)}, but the network wants {spelled(wanted)}")


def bind_all(shapes: Mapping[str, Shape], arrays: Arrays, sizes: Sizes) -> dict[str, int]:
    """Bind a whole set of named arrays; refuse a missing or an extra one."""
    if set(shapes) != set(arrays):
        missing = ", ".join(n for n in shapes if n not in arrays) or "none"
        extra = ", ".join(n for n in arrays if n not in shapes) or "none"
        raise DataError(f"the arrays are not the network's: missing {missing}; not wanted {extra}")
    known = dict(sizes)
    for name, shape in shapes.items():
        known = bind(name, shape, arrays[name].shape, known)
    return known


def bind_table(kernel: Kernel, x: Array, t: Array, sizes: Sizes) -> dict[str, int]:
    """Bind the inputs and the targets."""
    (x_name, x_shape), (t_name, t_shape, _) = kernel.INPUT, target_of(kernel)
    return bind(t_name, t_shape, t.shape, bind(x_name, x_shape, x.shape, sizes))


def resolve(name: str, shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """Return a shape in numbers; refuse a size that neither the data nor the caller gave."""
    unbound = [s for s in shape if isinstance(s, str) and s not in sizes]
    if unbound:
        raise DefinitionError(
            f"the size {unbound[0]} of {name} does not follow from the data: give it, as in {unbound[0]}=10"
        )
    return tuple(sizes[s] if isinstance(s, str) else s for s in shape)


def check_sizes(kernel: Kernel, sizes: Sizes) -> None:
    """Refuse a size that the network does not have, and one below 1."""
    shapes = (kernel.INPUT[1], target_of(kernel)[1], *kernel.PARAMETERS.values())
    names = dict.fromkeys(size for shape in shapes for size in shape if isinstance(size, str))
    for name, size in sizes.items():
        if name not in names:
            raise unknown("size", name, names)
        if size < 1:
            raise DefinitionError(f"the size {name} is {size}; it must be at least 1")


def tail(shape: Shape, sizes: Sizes) -> Tail:
    """Return the shape of one sample, None for what is not known yet."""
    return tuple(sizes.get(s) if isinstance(s, str) else s for s in shape[1:])


def width(sample: Tail) -> int | None:
    """Return how many numbers one sample has, None if that is not known yet."""
    known = [size for size in sample if size is not None]
    return prod(known) if len(known) == len(sample) else None


def class_count(kernel: Kernel, sizes: Sizes, dtype: DTypeLike = np.float64) -> int | None:
    """Return the width of the network's output, None while sizes are symbolic.

    A kernel with labels for targets names no number of classes: its output on one row shows it.
    """
    sample, unknown_sizes = tail(kernel.INPUT[1], sizes), _symbols(kernel) - set(sizes)
    if None in sample or unknown_sizes:
        return None
    shapes = (resolve(name, shape, sizes) for name, shape in kernel.PARAMETERS.items())
    row = np.zeros((1, *(s for s in sample if s is not None)), dtype)
    return output_width(kernel.forward(row, *(np.zeros(shape, dtype) for shape in shapes)))


def _symbols(kernel: Kernel) -> set[str]:
    return {s for shape in kernel.PARAMETERS.values() for s in shape if isinstance(s, str)}


def output_width(outputs: Array) -> int:
    """Return how many outputs a sample has."""
    return prod(outputs.shape[1:])


def parameter_sizes(kernel: Kernel, parameters: Arrays) -> dict[str, int]:
    """Return the symbolic sizes that the parameters show."""
    return bind_all(kernel.PARAMETERS, parameters, {})
