"""Rows of arrays: statements over the slice ``h[t]`` of one step, written as if it were an array ``h@``."""

import sympy as sp

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.statements import Statements
from symgrad.model.expressions import Ref

NOW = "@"
"""Marks the row of an array; what else is named after a row loses the mark."""


def placed(statements: Statements, step: sp.Symbol) -> Statements:
    """Return statements over rows as statements over arrays: ``h@[n,i]`` as ``h[t,n,i]``."""

    def access(ref: Ref) -> Ref:
        lead = (step,) if ref.name.endswith(NOW) else ()
        return Ref(plain_name(ref.name), (*lead, *ref.index))

    return map_accesses(statements, access, plain_name)


def plain_name(name: str) -> str:
    """Return a name without the mark."""
    return name.replace(NOW, "")
