"""Convolutions as they are printed: ``(W ⋆ x)[i] = Σ_k W[k] x[i+k]``, ``(δ ∗ W)[i] = Σ_k δ[i−k] W[k]``."""

from functools import reduce
from operator import add, mul

import numpy as np

from symgrad.errors import ShapeError
from symgrad.verify.formulas.grids import Grid, entrywise, shown


def correlated(kernel: Grid, moving: Grid) -> Grid:
    """Let a kernel slide over an array as it is, wherever all of it finds entries."""
    _check(kernel, moving)
    out = tuple(m - k + 1 for k, m in zip(kernel.shape, moving.shape, strict=True))
    if min(out) < 1:
        raise ShapeError(f"shape {shown(kernel)} does not slide over {shown(moving)}, it is larger")
    return _slid(kernel, moving, out)


def convolved(moving: Grid, kernel: Grid) -> Grid:
    """Let a kernel slide over an array flipped, wherever one of its entries finds one; 0 stands outside."""
    _check(kernel, moving)
    ends = [(0, 0)] * len(moving.letters) + [(size - 1, size - 1) for size in kernel.shape]
    padded = Grid(np.pad(moving.array, ends, constant_values=0), moving.letters)
    flipped = np.flip(kernel.array, tuple(range(len(kernel.letters), kernel.array.ndim)))
    out = tuple(m + k - 1 for k, m in zip(kernel.shape, moving.shape, strict=True))
    return _slid(Grid(flipped, kernel.letters), padded, out)


def _check(kernel: Grid, moving: Grid) -> None:
    if not kernel.rank or kernel.rank != moving.rank:
        raise ShapeError(f"a convolution is of arrays alike, found {shown(kernel)} and {shown(moving)}")


def _slid(kernel: Grid, moving: Grid, out: tuple[int, ...]) -> Grid:
    one = (1,) * kernel.rank
    products = (
        entrywise(mul, _window(kernel, k, one), _window(moving, k, out)) for k in np.ndindex(*kernel.shape)
    )
    return reduce(lambda a, b: entrywise(add, a, b), products)


def _window(value: Grid, place: tuple[int, ...], sizes: tuple[int, ...]) -> Grid:
    spans = (slice(k, k + size) for k, size in zip(place, sizes, strict=True))
    return Grid(np.asarray(value.array[(..., *spans)], dtype=object), value.letters)
