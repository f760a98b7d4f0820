"""Where a product in tiles of the kernel's own is faster than BLAS: measured with OpenBLAS on a Zen 5."""

from symgrad.kernels.costs import width
from symgrad.kernels.matrices import Contraction
from symgrad.kernels.spec import KernelSpec

SMALL = 1_000_000
"""Multiplications up to which OpenBLAS does not copy."""
CACHE = 1 << 18
"""Entries of a turned left factor that stay in the cache: its rows are read in columns."""
WIDE, NARROW = 64, 16
"""The columns of a tile of float32, and of one at the right edge."""
EDGE = 0.75
"""How fast tiles at the edge are, against the others."""
FULL = 0.9
"""How fast all tiles together have to be."""


def in_tiles(spec: KernelSpec, found: Contraction, wish: str | None) -> bool:
    """Whether a product is computed in tiles; it can be if it is one of matrices, the right one not turned.

    Parameters
    ----------
    wish
        What was asked for: with ``"tiles"``, all that can be.
    """
    left, right = found.left, found.right
    matrices = all((left.first, left.second, right.second))
    return matrices and not right.turned and (wish == "tiles" or (wish is None and _pays(spec, found)))


def _pays(spec: KernelSpec, found: Contraction) -> bool:
    left, columns = found.left, found.right.second
    if not spec.fast or width(spec, (*left.first, *left.second, *columns)) <= SMALL:
        return False
    cached = not left.turned or width(spec, left.stored) <= CACHE
    return cached and _fullness(width(spec, columns)) >= FULL


def _fullness(columns: int) -> float:
    """Return the speed of tiles over some columns, against that of full ones."""
    whole, rest = divmod(columns, WIDE)
    return columns / (whole * WIDE + -(-rest // NARROW) * NARROW / EDGE)
