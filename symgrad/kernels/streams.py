"""Data that do not stay in the cache: what counts is how often memory is read, and in which order.

A product of samples and a vector multiplies every entry once; by BLAS the data are read for it, and once more
for the gradient.  A loop over samples that computes both reads them once, row by row.
"""

from symgrad.kernels.costs import is_known, width
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Product, Statements, walk
from symgrad.model.graph import Axis

CACHE = 1 << 20
"""Bytes of a core's own cache."""
ENTRY = 8


def streams(spec: KernelSpec) -> str | None:
    """Return why a batch counts as read from memory, or None where it stays in the cache."""
    leaves = [spec.axes(spec.graph[name]) for name in spec.leaves if spec.has_samples(name)]
    if not all(is_known(spec, axes) for axes in leaves):
        return None
    held = ENTRY * sum(width(spec, axes) for axes in leaves)
    return f"{spec.rows} rows are {held >> 20} MB, more than a cache holds" if held > CACHE else None


def by_vector(spec: KernelSpec, axes: tuple[Axis, ...]) -> bool:
    """Whether a product over some axes is that of samples and a vector, which reads every entry once."""
    extents = [axis.size for axis in axes if axis.size != 1]
    return len(extents) <= 2 and spec.row in extents and bool(streams(spec))


def one_pass(spec: KernelSpec, made: Statements) -> bool:
    """Whether statements read the samples of a large batch in loops alone."""
    return bool(streams(spec)) and not any(isinstance(s, Product) for s in walk(made))
