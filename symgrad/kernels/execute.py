"""An emitted kernel, run as it stands over exact numbers.

The text is plain Python over a closed set of statements.  Without Numba, with arrays of objects and with
its elementary functions abstracted to those of an algebra, running it *proves* something about the very
text that is compiled: at the sizes of the arrays given, this file computes these values.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import CodeType
from typing import Any

import numpy as np
import sympy as sp

from symgrad.errors import CheckError
from symgrad.exact.algebra import Algebra
from symgrad.exact.translate import translate
from symgrad.kernels.printer import NAMES as PRINTED
from symgrad.model.activations import ROWS, Activation
from symgrad.model.functions import Z, expand, primal

Table = Mapping[str, Callable[..., Any]]

IRRATIONAL: Mapping[float, sp.Expr] = {math.pi: sp.pi, math.e: sp.E}
"""What the numbers stand for that an emitted text takes from NumPy by name."""


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
    namespace: dict[str, Any] = {"__name__": "exact_run", **_NUMBA}
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


class _Types:
    """Stand in for ``numba.types`` and ``numba.config``: what is described with it is not called."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_given: None


_NUMBA: Mapping[str, Any] = {
    "njit": _njit, "overload": lambda _function: _njit, "types": _Types(), "config": _Types(),
    "intrinsic": _njit,
}  # fmt: skip


def _compiled(text: str) -> CodeType:
    """Compile a module without its imports of Numba."""
    tree = ast.parse(text)
    tree.body = [s for s in tree.body if not (isinstance(s, ast.ImportFrom) and _is_numba(s.module))]
    return compile(ast.fix_missing_locations(_Products().visit(tree)), "<kernel>", "exec")


def _is_numba(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "numba"


class _Products(ast.NodeTransformer):
    """Calls ``dot`` for ``np.dot``: over objects, NumPy goes on after an exception."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace the name of one function."""
        return ast.Name("dot", node.ctx) if ast.unparse(node) == "np.dot" else node


def stand_ins(algebra: Algebra[Any]) -> Table:
    """Return for the name of every emitted helper what it means in an algebra.

    The rows of the table of activations mean their primals; what else there is, one function each.  An entry
    to which nothing was added is the plain 0 of its array.
    """
    rows = {name: _of_row(row, algebra) for name, row in ROWS.items() if name in PRINTED}
    values = {name: _of_values(function, algebra) for name, function in _elementary(algebra).items()}
    return {**rows, **values, **_of_integers(algebra)}


def _of_values(function: Callable[..., Any], algebra: Algebra[Any]) -> Callable[..., Any]:
    return lambda *given: function(*(algebra.number(u) if isinstance(u, int) else u for u in given))


def _of_row(row: Activation, algebra: Algebra[Any]) -> Callable[[Any], Any]:
    body = expand(primal(row))
    return _of_values(lambda u: translate(body, algebra, {Z: u}), algebra)


def _elementary(algebra: Algebra[Any]) -> Table:
    """Return the functions of values."""
    return {
        "exp": algebra.exp,
        "log": algebra.log,
        "tanh": algebra.tanh,
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
        "between": lambda u, low, high: algebra.minimum(algebra.maximum(u, low), high),
        "running_maximum": algebra.shift,
        "greater": lambda u, v: algebra.equal(algebra.step(u - v), algebra.number(1)),
        "masked_exp": lambda m, u: m * algebra.exp(u),
        "candidate": lambda _m, u: u,
    }


def _of_integers(algebra: Algebra[Any]) -> Table:
    """Return the functions of arrays and of integers, and the product."""
    number = algebra.number

    def constant(_array: Any, numerator: Any, denominator: Any) -> Any:
        if isinstance(numerator, float) and numerator in IRRATIONAL:
            return translate(IRRATIONAL[numerator], algebra)
        exact = isinstance(numerator, int | Fraction | np.integer)
        return number(Fraction(int(numerator), int(denominator))) if exact else numerator / int(denominator)

    def product(left: Any, right: Any) -> Any:
        columns = right.T if right.ndim == 2 else [right]
        rows = left if left.ndim == 2 else [left]
        return objects(
            [[algebra.total(a * b for a, b in zip(r, c, strict=True)) for c in columns] for r in rows]
        )

    def dot(left: Any, right: Any, out: Any) -> None:
        out[...] = product(left, right).reshape(out.shape)

    def add_product(out: Any, rate: Any, left: Any, right: Any) -> None:
        out[...] += rate * product(left, right)

    return {
        "constant": constant,
        "dot": dot,
        "add_product": add_product,
        "typed": lambda k, _one: number(int(k)),
        "equal": lambda u, v, _one: number(1 if u == v else 0),
    }
