"""A sum as a matrix product: its factors as matrices, read as they stand or packed, and its turns."""

from dataclasses import dataclass

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis

Stretch = tuple[sp.Expr, sp.Expr]
MATRIX = 2
"""The axes of a matrix."""


@dataclass(frozen=True)
class Side:
    """A factor as a matrix.

    Attributes
    ----------
    ref
        The access.
    first, second
        The letters of its rows and of its columns.
    lead
        Its leading subscripts, which are fixed in a turn; None if it has to be packed.
    turned
        Whether the columns stand first in memory.
    part
        Which places of its first axis behind `lead` are read; None for all of them.
    """

    ref: Ref
    first: tuple[Axis, ...]
    second: tuple[Axis, ...]
    lead: tuple[sp.Expr, ...] | None
    turned: bool
    part: Stretch | None = None

    @property
    def stored(self) -> tuple[Axis, ...]:
        """The letters as they stand in memory."""
        return (*self.second, *self.first) if self.turned else (*self.first, *self.second)


@dataclass(frozen=True)
class Contraction:
    """A sum as a matrix product, in turns.

    Attributes
    ----------
    turns
        Own letters that are fixed in a turn.
    steps
        Summed letters that are fixed in a turn: its product is added to the result.
    left, right
        The factors.
    out
        The result in a turn; packed, it is computed apart and copied.
    cost
        In multiplications of a loop.
    tiled
        Whether it is computed in tiles of the kernel's own, not by BLAS.
    """

    turns: tuple[Axis, ...]
    steps: tuple[Axis, ...]
    left: Side
    right: Side
    out: Side
    cost: float
    tiled: bool = False

    @property
    def packs(self) -> bool:
        """Whether anything has to be packed or copied."""
        return any(side.lead is None for side in (self.left, self.right, self.out))

    @property
    def multiplications(self) -> sp.Expr:
        """The number of multiplications in a turn."""
        return sp.prod([axis.size for axis in (*self.left.first, *self.left.second, *self.right.second)])
