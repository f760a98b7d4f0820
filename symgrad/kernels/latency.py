"""Straight-line code for one sample: a step takes as long as its chain of operations.

Each layer waits for the one before, the next sample for the weights of this one, and nothing is computed side
by side; what counts is how soon a value is there, not how many operations there are.
"""

import sympy as sp

from symgrad.kernels.mapping import map_values
from symgrad.kernels.statements import Statements, expressions
from symgrad.model.activations import SIGMOID
from symgrad.model.functions import function_of


class SigmoidOfOne(sp.Function):
    """The sigmoid of one number at a time."""

    nargs = 1
    is_real = True


SOONER = {function_of(SIGMOID): SigmoidOfOne}
"""For functions that loops over many numbers call, those that have one number's value sooner."""


def soon(statements: Statements) -> Statements:
    """Take the functions whose values are there sooner."""
    return map_values(statements, _sooner)


def _sooner(value: sp.Expr) -> sp.Expr:
    for usual, sooner in SOONER.items():
        value = value.replace(usual, sooner)
    return value


def is_sooner(statements: Statements) -> bool:
    """Whether statements call such functions."""
    return any(value.has(*SOONER.values()) for s in statements for value in expressions(s))
