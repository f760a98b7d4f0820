"""An emitted kernel, run as it stands over exact numbers.

The text is plain Python over a closed set of statements.  Without Numba, with arrays of objects and with
its elementary functions abstracted to those of an algebra, running it *proves* something about the very
text that is compiled: at the sizes of the arrays given, this file computes these values.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import CodeType
from typing import Any

import numpy as np

from symgrad.errors import CheckError
from symgrad.exact.algebra import Algebra

Table = Mapping[str, Callable[..., Any]]


def run_exact(text: str, algebra: Algebra[Any], function: str, args: Sequence[Any]) -> Any:
    """Run a function of an emitted module over exact values.

    Parameters
    ----------
    text
        The text of a kernel that `symgrad.kernels.module.generate` wrote; never a text from outside.
    algebra
        Its values stand in the arrays.
    function
        ``forward``, ``loss``, ``gradients`` or ``train``.
    args
        Arrays of dtype object over the algebra (labels stay integers), and plain numbers.

    Returns
    -------
    What the function returns: values of the algebra and arrays of them.

    Raises
    ------
    CheckError
        If the module has no such function.
    """
    namespace: dict[str, Any] = {"__name__": "exact_run", "njit": _njit}
    exec(_compiled(text), namespace)
    namespace.update(stand_ins(algebra))
    if function not in namespace:
        raise CheckError(f"the kernel has no function {function}")
    return namespace[function](*args)


def objects(values: Any) -> Any:
    """Return nested sequences of exact values as a C-contiguous array of objects."""
    return np.ascontiguousarray(np.array(values, dtype=object))


def _njit(*given: Any, **_options: Any) -> Any:
    """Stand in for ``numba.njit``: leave the function as it is."""
    return given[0] if given else lambda function: function


def _compiled(text: str) -> CodeType:
    """Compile a module without its import of Numba."""
    tree = ast.parse(text)
    tree.body = [s for s in tree.body if not (isinstance(s, ast.ImportFrom) and s.module == "numba")]
    return compile(tree, "<kernel>", "exec")


def stand_ins(algebra: Algebra[Any]) -> Table:
    """Return for the name of every emitted helper what it means in an algebra."""
    number = algebra.number

    def constant(_array: Any, numerator: Any, denominator: Any) -> Any:
        exact = isinstance(numerator, int | Fraction | np.integer)
        return number(Fraction(int(numerator), int(denominator))) if exact else numerator / int(denominator)

    def sigmoid(u: Any) -> Any:
        return number(1) / (number(1) + algebra.exp(-u))

    def leaky_relu(u: Any) -> Any:
        return algebra.step(u) * u + (number(1) - algebra.step(u)) * u / 100

    return {
        "constant": constant,
        "sigmoid": sigmoid,
        "leaky_relu": leaky_relu,
        "exp": algebra.exp,
        "log": algebra.log,
        "tanh": algebra.tanh,
        "softplus": lambda u: algebra.log(number(1) + algebra.exp(u)),
        "sqrt": algebra.sqrt,
        "sine": algebra.sin,
        "cosine": algebra.cos,
        "erf": algebra.erf,
        "step": algebra.step,
        "reciprocal": lambda u: 1 / u,
        "sign": algebra.sign,
        "absolute": algebra.abs,
        "relu": lambda u: algebra.step(u) * u,
        "larger": algebra.maximum,
        "smaller": algebra.minimum,
        "running_maximum": algebra.shift,
        "equal": lambda u, v, _one: number(1 if u == v else 0),
    }
