"""Elementwise functions as people write them, recognised in code by their values.

Only the functions stand here.  Their derivatives are taken by a complex step; the short forms in which people
write them are proposals, used where they have the value of the derivative.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.numbers import HELPERS, NUMPY, stepped
from symgrad.verify.mistakes.code.slopes import STEP

sigmoid, relu, softmax = (HELPERS[name] for name in ("sigmoid", "relu", "softmax"))


@dataclass(frozen=True)
class Function:
    """A function that derivations speak of by name.

    Attributes
    ----------
    apply
        Its value, for arrays of any numbers.
    activation
        Whether it is called an activation; the square root in a norm is not.
    """

    apply: Any
    activation: bool = True


def _softplus(z: Any) -> Any:
    return np.log(1 + np.exp(z))


def _leaky(slope: float) -> Function:
    return Function(lambda z: np.maximum(z, 0) + slope * np.minimum(z, 0))


def _gelu(z: Any) -> Any:
    return z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2


FUNCTIONS: Mapping[str, Function] = {
    "sigmoid": Function(sigmoid),
    "tanh": Function(np.tanh),
    "relu": Function(relu),
    "softplus": Function(_softplus),
    "log-sigmoid": Function(lambda z: -_softplus(-z)),
    "leaky relu": _leaky(0.01),
    "leaky relu (0.1)": _leaky(0.1),
    "leaky relu (0.2)": _leaky(0.2),
    "elu": Function(lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)),
    "silu": Function(lambda z: z * sigmoid(z)),
    "gelu": Function(_gelu),
    "softsign": Function(lambda z: z / (1 + NUMPY.abs(z))),
    "sin": Function(np.sin),
    "cos": Function(np.cos),
    "exp": Function(np.exp),
    "arctan": Function(np.arctan),
    "log": Function(np.log, activation=False),
    "sqrt": Function(np.sqrt, activation=False),
    "abs": Function(NUMPY.abs, activation=False),
    "square": Function(np.square, activation=False),
}
# By the calls that apply them.
NAMED = {
    "np.tanh": "tanh",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "np.maximum": "relu",
    "np.exp": "exp",
    "np.log": "log",
    "np.sqrt": "sqrt",
    "np.abs": "abs",
    "np.sin": "sin",
    "np.cos": "cos",
}
SHORT_FORMS = (
    "a*(1 - a)",
    "1 - a**2",
    "z > 0",
    "a > 0",
    "a",
    "sigmoid(z)",
    "np.where(z > 0, 1, 0.01)",
    "1/z",
    "1/(2*a)",
    "np.sign(z)",
    "2*z",
    "np.cos(z)",
    "-np.sin(z)",
    "a + sigmoid(z)*(1 - a)",
)
SOFTMAX_AXES = (-1, 0)


def slope_of(function: Any, z: Any) -> Any:
    """The derivative of an elementwise function, by a complex step."""
    return np.imag(function(stepped(np.asarray(z) + 1j * STEP))) / STEP


def softmax_axis(z: Any, value: Any) -> int | None:
    """Along which axis a value is the softmax of z, if it is one."""
    for axis in SOFTMAX_AXES[: max(np.ndim(z), 0)]:
        if np.shape(z)[axis] > 1 and np.allclose(softmax(z, axis), value, rtol=1e-10, atol=0):
            return axis
    return None


def spelled(form: str, z: ast.expr, a: ast.expr | None) -> ast.expr | None:
    """A short form with the names of a program; None where it needs a value that has no name."""
    tree = ast.parse(form, mode="eval").body
    needs = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if a is None and "a" in needs:
        return None
    return _Renamed({"z": z} | ({"a": a} if a is not None else {})).visit(tree)


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)
