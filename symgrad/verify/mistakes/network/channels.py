"""An edge at given sizes: which entries it leads from and to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from symgrad.model.expressions import size
from symgrad.model.graph import Edge
from symgrad.verify.networks.posing import Posed

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Channel:
    """An edge at given sizes: which entries it leads from and to, for all values of its letters.

    Attributes
    ----------
    letters
        The value of every letter.
    read, write
        The entry of the parent and of the child, counted through.
    """

    edge: Edge
    letters: Mapping[sp.Symbol, Places]
    read: "Landing"
    write: "Landing"

    def __len__(self) -> int:
        return len(self.read.places)

    def pulled(self, label: Any, delta: Any) -> Any:
        """Return what the edge adds to the parent's delta; points along the first axis."""
        return self.read.summed(label * delta[..., self.write.places])

    def pushed(self, label: Any, tangent: Any) -> Any:
        """Return what the edge adds to the child's tangent."""
        return self.write.summed(label * tangent[..., self.read.places])


@dataclass(frozen=True)
class Landing:
    """Where summands land among the entries of a node."""

    places: Places
    count: int

    @cached_property
    def _sorted(self) -> tuple[Places, Places, Places]:
        order = np.argsort(self.places, kind="stable")
        found, starts = np.unique(self.places[order], return_index=True)
        return order, found, starts

    def summed(self, summands: Any) -> Any:
        """Add up the summands that land at one place, along the last axis."""
        order, found, starts = self._sorted
        whole = np.zeros((*summands.shape[:-1], self.count), dtype=summands.dtype)
        if len(found):
            whole[..., found] = np.add.reduceat(summands[..., order], starts, axis=-1)
        return whole


def channel(edge: Edge, posed: Posed) -> Channel:
    """Return an edge at the sizes posed."""
    lengths = [int(axis.size.xreplace(size_numbers(posed.sizes))) for axis in edge.bound]
    grid = np.indices(lengths).reshape(len(lengths), prod(lengths))
    letters = {axis.symbol: grid[k] for k, axis in enumerate(edge.bound)}
    parent, child = posed.values[edge.parent], posed.values[edge.child]
    count = prod(lengths)
    read = flattened(edge.read, parent.shape, letters, posed.sizes, count)
    write = flattened(edge.write, child.shape, letters, posed.sizes, count)
    inside = (read >= 0) & (write >= 0)
    kept = {symbol: values[inside] for symbol, values in letters.items()}
    return Channel(edge, kept, Landing(read[inside], parent.size), Landing(write[inside], child.size))


def size_numbers(sizes: Mapping[str, int]) -> dict[sp.Expr, sp.Integer]:
    """Return the number of every size."""
    return {size(name): sp.Integer(number) for name, number in sizes.items()}


def flattened(
    index: Sequence[sp.Expr],
    shape: Sequence[int],
    letters: Mapping[sp.Symbol, Places],
    sizes: Mapping[str, int],
    count: int,
) -> Places:
    """Return the entries that subscripts lead to, counted through; −1 outside of the axes."""
    flat, inside = np.zeros(count, dtype=np.intp), np.ones(count, dtype=np.bool_)
    for subscript, length in zip(index, shape, strict=True):
        at = subscript_at(subscript.xreplace(size_numbers(sizes)), letters, count)
        inside &= (at >= 0) & (at < length)
        flat = flat * length + at
    return np.where(inside, flat, -1)


def subscript_at(subscript: sp.Expr, letters: Mapping[sp.Symbol, Places], count: int) -> Places:
    """Return the value of a subscript for all values of its letters."""
    if subscript in letters:
        return letters[subscript]
    used = sorted(subscript.free_symbols, key=str)
    rows = zip(*(letters[symbol].tolist() for symbol in used), strict=True) if used else iter([()] * count)
    found = [int(subscript.xreplace(dict(zip(used, map(sp.Integer, row), strict=True)))) for row in rows]
    return np.array(found, dtype=np.intp)
