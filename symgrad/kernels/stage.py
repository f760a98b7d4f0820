"""The arrays that a kernel is tried on: independent quantities in every entry, at small sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from symgrad.arrays import extent
from symgrad.exact.algebra import Algebra
from symgrad.kernels.described import Described
from symgrad.kernels.execute import objects
from symgrad.model.rules import Optimizer

Arrays = dict[str, Any]

SUM_IS_ONE = ("one_hot", "distribution")
BEGUN = 2
"""How many steps and epochs lie behind: a rule that does not count them is found out."""
SETTLED = Fraction(3, 2)
"""The value of options that must be numbers; all others stay open."""


@dataclass(frozen=True)
class Stage:
    """What `train` is called with.

    Attributes
    ----------
    data
        The inputs that are given, and the targets.
    """

    data: Arrays
    parameters: Arrays
    states: Arrays
    options: dict[str, Any]

    def copy(self) -> "Stage":
        """Return a stage with arrays of its own."""
        return Stage(_copied(self.data), _copied(self.parameters), _copied(self.states), self.options)


def _copied(arrays: Arrays) -> Arrays:
    return {name: array.copy() for name, array in arrays.items()}


def stage(kernel: Described, rule: Optimizer, algebra: Algebra[Any], sizes: Mapping[str, int]) -> Stage:
    """Return arrays for everything that a kernel trains with."""
    given = (*kernel["INPUTS"], *kernel["TARGETS"])
    return Stage(
        {name: leaf(kernel, name, algebra, sizes) for name in given},
        {name: leaf(kernel, name, algebra, sizes) for name in kernel["PARAMETERS"]},
        {name: _state(kernel, name, algebra, sizes) for name in kernel["STATES"]},
        {
            name: SETTLED if name in settled(rule) else algebra.leaf(("option", name), positive=True)
            for name in kernel["OPTIONS"]
        },
    )


def leaf(
    kernel: Described, name: str, algebra: Algebra[Any], sizes: Mapping[str, int], *, version: int = 0
) -> Any:
    """Return an array of independent quantities; labels are numbers, and what adds up to 1 does.

    Parameters
    ----------
    version
        Arrays of two versions have nothing to do with each other.
    """
    shape, kind = kernel.shape(name, sizes), kernel["KINDS"].get(name)
    if kind == "labels":
        return (version + np.arange(int(np.prod(shape)))).reshape(shape) % _labels(kernel, name, sizes)
    positive = name in kernel["TARGETS"]
    entries = [algebra.leaf((name, at, version), positive=positive) for at in np.ndindex(*shape)]
    found = objects(entries).reshape(shape)
    if kind in SUM_IS_ONE and len(shape) > 1:
        for row in np.ndindex(*shape[:-1]):
            found[(*row, -1)] = 1 - algebra.total(found[row][:-1])
    return found


def _labels(kernel: Described, name: str, sizes: Mapping[str, int]) -> int:
    return extent(kernel["LABELS"].get(name, 2), sizes) or 1


def _state(kernel: Described, name: str, algebra: Algebra[Any], sizes: Mapping[str, int]) -> Any:
    """Return the state of an optimizer: how much is behind it, or anything positive for every entry."""
    if name in ("step", "epochs_done"):
        return objects([BEGUN])
    shape = kernel.shape(name, sizes)
    entries = [algebra.leaf((name, at), positive=True) for at in np.ndindex(*shape)]
    return objects(entries).reshape(shape)


def settled(rule: Optimizer) -> set[str]:
    """Return the options that must be numbers: those that are rounded down, or stand in an exponent."""
    values = [equation.value for equation in rule.equations]
    whole = [part for value in values for part in value.atoms(sp.floor)]
    whole += [power.exp for value in values for power in value.atoms(sp.Pow)]
    found = {str(s) for part in whole for s in part.free_symbols}
    for equation in reversed(rule.shared):
        if equation.target in found:
            found |= {str(s) for s in equation.value.free_symbols}
    return found & set(rule.options)
