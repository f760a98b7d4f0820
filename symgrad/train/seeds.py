"""One seed, several independent streams: what one purpose draws does not move the others."""

from typing import Literal, TypeAlias

import numpy as np

from symgrad.errors import SymgradError

Purpose: TypeAlias = Literal["holdout", "parameters", "order"]
PURPOSES: tuple[Purpose, ...] = ("holdout", "parameters", "order")


def generator(seed: int, purpose: Purpose) -> np.random.Generator:
    """Return the generator of one purpose."""
    if seed < 0:
        raise SymgradError(f"the seed is {seed}; it must be 0 or larger")
    return np.random.default_rng([seed, PURPOSES.index(purpose)])
