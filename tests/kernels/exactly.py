"""Leaves of networks as exact values, for texts that are executed without a compiler."""

from typing import Any

import numpy as np

from symgrad.exact.residues import Residues
from symgrad.kernels.execute import objects
from symgrad.kernels.spec import KernelSpec

ROWS = 3


def leaf(spec: KernelSpec, name: str, field: Residues, rows: int = ROWS) -> Any:
    """Return an input, a target or a parameter as unknowns of a field, ids as numbers."""
    shape = [rows if s == spec.row else int(s) for s in spec.extents(name)]
    if spec.is_integer(name):
        return np.arange(rows) % int(spec.classes[name])
    return objects([field.leaf(f"{name}{at}") for at in np.ndindex(*shape)]).reshape(shape)
