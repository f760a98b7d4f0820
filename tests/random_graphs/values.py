"""Values of leaves: what was declared of them, and so wide that no two meet at a kink by accident."""

from collections.abc import Mapping
from fractions import Fraction
from random import Random

import numpy as np

from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.labels import class_count
from tests.interpreter import Arithmetic, extent, shape

WIDE = 10**9


def numbers(
    source: Random, extents: tuple[int, ...], arithmetic: Arithmetic, low: int = -2 * WIDE
) -> np.ndarray:
    """Return an array of numbers from `low` to 2 · 10⁹, over 10⁹."""
    array = np.empty(extents, dtype=object)
    for place in np.ndindex(extents):
        array[place] = arithmetic.number(Fraction(source.randint(low, 2 * WIDE) or 1, WIDE))
    return array


def values(
    graph: Graph, node: Node, sizes: Mapping[str, int], source: Random, arithmetic: Arithmetic
) -> np.ndarray:
    """Return values of a leaf of the kind that is declared; targets that are free are positive."""
    extents = shape(node.axes, sizes)
    if node.targets == "labels":
        classes = class_count(graph, node.name)
        return integers(source, extents, 1 if classes is None else extent(classes, sizes))
    if node.drawn is not None:
        return integers(source, extents, 2)
    if node.targets in ("one_hot", "distribution") and extents:
        return rows(source, extents, arithmetic, hot=node.targets == "one_hot")
    signed = node.kind is Kind.PARAMETER or node.targets is None
    return numbers(source, extents, arithmetic, -2 * WIDE if signed else WIDE // 5)


def integers(source: Random, extents: tuple[int, ...], number: int) -> np.ndarray:
    array = np.empty(extents, dtype=object)
    for place in np.ndindex(extents):
        array[place] = Fraction(source.randrange(number))
    return array


def rows(source: Random, extents: tuple[int, ...], arithmetic: Arithmetic, *, hot: bool) -> np.ndarray:
    """Return rows that add up to 1."""
    array = numbers(source, extents, arithmetic, WIDE // 5)
    for front in np.ndindex(extents[:-1]):
        chosen = source.randrange(extents[-1])
        one = [arithmetic.number(Fraction(k == chosen)) for k in range(extents[-1])]
        array[front] = one if hot else array[front] / sum(array[front])
    return array
