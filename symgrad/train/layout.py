"""What a kernel module says of itself, and whether arrays fit it.

Shapes hold numbers and the names of symbolic sizes.  A size is bound by the first array that shows it;
every later array must agree, because a kernel does not check its bounds.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from symgrad.arrays import Shape, bind, extent, names_in
from symgrad.errors import DataError, DefinitionError, unknown

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Mapping[str, Array]
Sizes: TypeAlias = Mapping[str, int]
Tail: TypeAlias = tuple[int | None, ...]

KERNEL_FORMAT = 2


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
    def SAMPLES(self) -> str:
        """The size of the first axis of every array that holds samples."""
        ...

    @property
    def INPUTS(self) -> dict[str, Shape]:
        """The shapes of the inputs, by name."""
        ...

    @property
    def TARGETS(self) -> dict[str, Shape]:
        """The shapes of the targets."""
        ...

    @property
    def OUTPUTS(self) -> dict[str, Shape]:
        """The shapes of the predictions."""
        ...

    @property
    def KINDS(self) -> dict[str, str]:
        """What targets and inputs of integers are: ``labels``, ``one_hot``, ``distribution``, ``free``."""
        ...

    @property
    def LABELS(self) -> dict[str, int | str]:
        """For arrays of integers, how many values there are: 0 up to one less."""
        ...

    @property
    def STARTS(self) -> dict[str, tuple[str, Shape]]:
        """How parameters start: a word, and the sizes whose product is the fan-in."""
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
    def forward(self) -> Callable[..., Any]:
        """Inputs and parameters to predictions, a tuple of several."""
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


def check_format(kernel: Kernel) -> None:
    """Refuse a kernel module of another format."""
    if kernel.FORMAT != KERNEL_FORMAT:
        raise DataError(
            f"the kernel has format {kernel.FORMAT}, not {KERNEL_FORMAT}: make it again (symgrad generate)"
        )


def bind_all(shapes: Mapping[str, Shape], arrays: Arrays, sizes: Sizes) -> dict[str, int]:
    """Bind a whole set of named arrays; refuse a missing or an extra one."""
    if set(shapes) != set(arrays):
        missing = ", ".join(n for n in shapes if n not in arrays) or "none"
        extra = ", ".join(n for n in arrays if n not in shapes) or "none"
        raise DataError(f"the arrays are not the network's: missing {missing}; not wanted {extra}")
    known = dict(sizes)
    # A size that follows from others is compared once these are known.
    for name, shape in (*shapes.items(), *shapes.items()):
        known = bind(name, shape, arrays[name].shape, known)
    return known


def resolve(name: str, shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """Return a shape in numbers; refuse a size that neither the data nor the caller gave."""
    found = tuple(extent(size, sizes) for size in shape)
    known = tuple(size for size in found if size is not None)
    if len(known) < len(found):
        missing = next(word for size in shape for word in names_in(size) if word not in sizes)
        raise DefinitionError(
            f"the size {missing} of {name} does not follow from the data: give it, as in {missing}=10"
        )
    return known


def check_sizes(kernel: Kernel, sizes: Sizes) -> None:
    """Refuse a size that the network does not have, and one below 1."""
    tables = (kernel.INPUTS, kernel.TARGETS, kernel.PARAMETERS)
    shapes = (shape for table in tables for shape in table.values())
    names = dict.fromkeys(name for shape in shapes for size in shape for name in names_in(size))
    for name, size in sizes.items():
        if name not in names:
            raise unknown("size", name, names)
        if size < 1:
            raise DefinitionError(f"the size {name} is {size}; it must be at least 1")


def has_samples(kernel: Kernel, name: str) -> bool:
    """Tell whether the first axis of an input or a target are the samples."""
    return {**kernel.INPUTS, **kernel.TARGETS}[name][:1] == (kernel.SAMPLES,)


def tail(shape: Shape, sizes: Sizes) -> Tail:
    """Return a shape in numbers, None for what is not known yet."""
    return tuple(extent(size, sizes) for size in shape)


def width(sample: Tail) -> int | None:
    """Return how many numbers one sample has, None if that is not known yet."""
    known = [size for size in sample if size is not None]
    return prod(known) if len(known) == len(sample) else None


def class_count(kernel: Kernel, name: str, sizes: Sizes) -> int | None:
    """Return how many values an array of integers can take, None where that is open."""
    return extent(kernel.LABELS[name], sizes) if name in kernel.LABELS else None


def output_width(outputs: Array) -> int:
    """Return how many outputs a sample has."""
    return prod(outputs.shape[1:])


def parameter_sizes(kernel: Kernel, parameters: Arrays) -> dict[str, int]:
    """Return the symbolic sizes that the parameters show."""
    return bind_all(kernel.PARAMETERS, parameters, {})
