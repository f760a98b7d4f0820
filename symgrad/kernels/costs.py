"""What loops, packing and BLAS cost, in multiplications of a loop over constant bounds.

Measured on one core of a Zen 4 with OpenBLAS; a few numbers, so that a choice can be explained.
"""

from collections.abc import Iterable
from math import prod

import sympy as sp

from symgrad.kernels.matrices import Side
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis

CALL = 612.5
"""The cost of a call of BLAS."""
SHARE = 0.125
"""The cost of a multiplication in BLAS."""
COPY = 1.0
"""The cost of an entry that is packed, unpacked or added to the result, where it is copied along memory."""
APART = 3.0
"""The same where neighbours are not copied together."""
FAR = 4.0
"""How much more an entry costs where the matrix does not stay in the cache."""
CACHED = 1 << 15
"""Entries that stay in the cache."""
RUN = 4
"""Neighbours that are worth copying together."""
SIZE_ASSUMED = 64


def call(spec: KernelSpec, axes: Iterable[Axis]) -> float:
    """Return the cost of one product over rows, columns and what is summed."""
    return CALL + SHARE * width(spec, axes)


def copying(spec: KernelSpec, side: Side) -> float:
    """Return the cost of packing or unpacking a matrix."""
    entries, last = width(spec, side.stored), side.stored[-1]
    runs = side.lead is not None or along(side.ref, (last,)) >= RUN
    return entries * (COPY if runs else APART) * (1 if entries <= CACHED else FAR)


def along(ref: Ref, letters: tuple[Axis, ...]) -> float:
    """Return how far the last of some letters runs along memory."""
    if not letters or not ref.index or ref.index[-1].coeff(letters[-1].symbol) != 1:
        return 0
    extent = letters[-1].size
    return float(extent) if extent.is_Integer else SIZE_ASSUMED


def width(spec: KernelSpec, axes: Iterable[Axis]) -> int:
    """Return the product of some sizes; open ones count as they are assumed."""
    return prod(_number(spec, axis.size) for axis in axes)


def is_known(spec: KernelSpec, axes: Iterable[Axis]) -> bool:
    """Whether all sizes but the number of samples are numbers."""
    return all(axis.size.is_Integer or axis.size == spec.row for axis in axes)


def _number(spec: KernelSpec, extent: sp.Expr) -> int:
    assumed = {s: sp.Integer(spec.rows if s == spec.row else SIZE_ASSUMED) for s in extent.free_symbols}
    return int(extent.xreplace(assumed))
