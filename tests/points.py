"""Random points for the interpreter, differences in 60 digits, and how far two arrays are apart."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import numpy as np

from symgrad.model.graph import Graph, Node
from tests.interpreter import DECIMALS, DIGITS, Arithmetic, run, shape


def random_number(source: Random, *, positive: bool = False) -> Fraction:
    number = Fraction(source.randint(1, 40), source.randint(20, 40))
    return number if positive or source.random() < 0.5 else -number


def random_array(
    source: Random, extents: tuple[int, ...], arithmetic: Arithmetic, *, positive: bool = False
) -> np.ndarray:
    array = np.empty(extents, dtype=object)
    for place in product(*map(range, extents)):
        array[place] = arithmetic.number(random_number(source, positive=positive))
    return array


def random_target(source: Random, node: Node, sizes: Mapping[str, int], arithmetic: Arithmetic) -> np.ndarray:
    """Return values of the kind that is declared: labels, one-hot rows, distributions, anything in (0, 1]."""
    extents = shape(node.axes, sizes)
    if node.targets == "labels":
        classes = min(sizes.values(), default=2)
        labels = [Fraction(source.randrange(classes)) for _ in np.ndindex(extents)]
        return np.array(labels, dtype=object).reshape(extents)
    array = random_array(source, extents, arithmetic, positive=True)
    if node.targets == "one_hot" and extents:
        for row in np.ndindex(extents[:-1]):
            hot = source.randrange(extents[-1])
            array[row] = [arithmetic.number(Fraction(k == hot)) for k in range(extents[-1])]
    if node.targets == "distribution" and extents:
        for row in np.ndindex(extents[:-1]):
            array[row] = array[row] / sum(array[row])
    return array


def random_leaves(
    graph: Graph, sizes: Mapping[str, int], seed: int, arithmetic: Arithmetic = DECIMALS
) -> dict[str, np.ndarray]:
    """Return random values of all leaves, targets according to their kind."""
    source = Random(seed)
    return {
        node.name: random_target(source, node, sizes, arithmetic)
        if node.targets
        else random_array(source, shape(node.axes, sizes), arithmetic)
        for node in graph.nodes
        if node.is_leaf
    }


def differences(
    graph: Graph, wrt: str, leaves: Mapping[str, np.ndarray], sizes: Mapping[str, int], loss: str
) -> np.ndarray:
    """Return ∂loss/∂wrt by central differences in 60 digits; the axes of the loss stand in front."""
    base = run(graph, leaves, sizes)
    tiny = DIGITS.mpf(10) ** -20
    result = np.empty((*base[loss].shape, *base[wrt].shape), dtype=object)
    for place in np.ndindex(base[wrt].shape):
        sides = []
        for move in (tiny, -tiny):
            moved = base[wrt].copy()
            moved[place] = moved[place] + move
            sides.append(run(graph, leaves, sizes, set_to={wrt: moved})[loss])
        difference = (sides[0] - sides[1]) / (2 * tiny)
        result[(..., *place)] = difference
    return result


def distance(a: Any, b: Any) -> float:
    """Return the largest difference of two arrays, relative to their size where that is above 1."""
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    assert a.shape == b.shape
    pairs = zip(a.reshape(-1), b.reshape(-1), strict=True)
    return max((float(abs(x - y) / (1 + abs(x))) for x, y in pairs), default=0.0)
