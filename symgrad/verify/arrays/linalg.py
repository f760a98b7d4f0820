"""Linear algebra without decisions: determinants and inverses by formulas that divide once.

The characteristic polynomial by Faddeev and LeVerrier (Gantmacher 1959, IV §5) gives the determinant and the
adjugate from products and traces alone, so that nothing has to be known of a pivot.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.conversions import array, plain, wrapped
from symgrad.verify.arrays.creation import constant, copied
from symgrad.verify.arrays.sums import multi_dot, outer, product, total
from symgrad.verify.arrays.trace import Trace, UnsupportedError
from symgrad.verify.arrays.traced import Traced

_matmul = product("matmul")


class LinAlgError(ValueError):
    """A matrix of the wrong shape."""


def _identity(t: Trace, n: int) -> Traced:
    return array(t, np.eye(n))


def _square(t: Trace, given: Any) -> Traced:
    matrix = array(t, given)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    return Traced(t, matrix.values, "f")


def _characteristic(t: Trace, matrix: Traced) -> tuple[Traced, Traced]:
    """The determinant and the adjugate."""
    n = matrix.shape[-1]
    adjugate = _identity(t, n)
    coefficient = -matrix.trace()
    for k in range(2, n + 1):
        adjugate = _matmul(t, matrix, adjugate) + coefficient * _identity(t, n)
        coefficient = -_matmul(t, matrix, adjugate).trace() / k
    sign = -1 if n % 2 else 1
    return sign * coefficient, -sign * adjugate


def stacked(function: Callable[[Trace, Traced], Any]) -> Callable[..., Traced]:
    """Return a function of matrices as one of stacks of them."""

    def mapped(t: Trace, given: Any, **_options: Any) -> Traced:
        matrix = _square(t, given)
        outside = matrix.shape[:-2]
        if not outside:
            return function(t, matrix)
        results = [function(t, matrix[at]) for at in np.ndindex(outside)]
        found = array(t, results)
        return found.reshape(outside + found.shape[1:])

    return mapped


def _det(t: Trace, matrix: Traced) -> Traced:
    return _characteristic(t, matrix)[0]


def _inv(t: Trace, matrix: Traced) -> Traced:
    determinant, adjugate = _characteristic(t, matrix)
    return adjugate / determinant


def _cholesky(t: Trace, matrix: Traced) -> Traced:
    """Cholesky's factor by rows, from the lower triangle."""
    n = len(matrix)
    factor = constant(0)(t, (n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j] - product("dot")(t, factor[i, :j], factor[j, :j])
            factor[i, j] = t.functions["sqrt"](t, rest) if i == j else rest / factor[j, j]
    return factor


det, inv, cholesky = stacked(_det), stacked(_inv), stacked(_cholesky)


def slogdet(t: Trace, given: Any) -> tuple[Traced, Traced]:
    """np.linalg.slogdet; the sign is decided."""
    found = det(t, given)
    signs = np.frompyfunc(lambda d: t.tape.number(t.sign(d)) if isinstance(d, Slot) else d, 1, 1)(
        found.values
    )
    sign = wrapped(t, signs, "f")
    return sign, t.functions["log"](t, sign * found)


def solve(t: Trace, a: Any, b: Any, **_options: Any) -> Traced:
    """np.linalg.solve."""
    return _matmul(t, inv(t, a), array(t, b))


def solve_triangular(
    t: Trace, a: Any, b: Any, trans: Any = 0, lower: bool = False, **_options: Any
) -> Traced:
    """scipy.linalg.solve_triangular."""
    triangle = t.functions["tril" if lower else "triu"](t, a)
    return solve(t, triangle.T if trans in (1, "T") else triangle, b)


def cho_solve(t: Trace, factor: Any, b: Any, **_options: Any) -> Traced:
    """scipy.linalg.cho_solve."""
    triangle, lower = factor
    triangle = t.functions["tril" if lower else "triu"](t, triangle)
    matrix = _matmul(t, triangle, triangle.T) if lower else _matmul(t, triangle.T, triangle)
    return solve(t, matrix, b)


def pinv(t: Trace, given: Any, **_options: Any) -> Traced:
    """np.linalg.pinv of a matrix of full rank."""
    matrix = array(t, given)
    if matrix.shape[-2] < matrix.shape[-1]:
        return _matmul(t, matrix.mT, inv(t, _matmul(t, matrix, matrix.mT)))
    return _matmul(t, inv(t, _matmul(t, matrix.mT, matrix)), matrix.mT)


def lstsq(t: Trace, a: Any, b: Any, **_options: Any) -> tuple[Any, ...]:
    """np.linalg.lstsq with a matrix of full rank, its residuals and its rank."""
    a, b = array(t, a), array(t, b)
    found = _matmul(t, pinv(t, a), b)
    left = b - _matmul(t, a, found)
    return found, total(t, left * left, 0), min(a.shape), None


def matrix_power(t: Trace, given: Any, n: Any) -> Traced:
    """np.linalg.matrix_power."""
    matrix, count = _square(t, given), plain(n)
    result, base = _identity(t, matrix.shape[-1]), matrix if count >= 0 else inv(t, matrix)
    for _ in range(abs(count)):
        result = _matmul(t, result, base)
    return result


def norm(
    t: Trace, x: Any, order: Any = None, axis: Any = None, keepdims: bool = False, **options: Any
) -> Traced:
    """np.linalg.norm of vectors, and of matrices by Frobenius, rows or columns."""
    given, order = array(t, x), options.get("ord", order)
    axes = tuple(range(given.ndim)) if axis is None else tuple(np.atleast_1d(plain(axis)))
    if len(axes) == 2 and order not in (None, "fro"):
        return _matrix_norm(t, given, order, axes, keepdims)
    if order in (None, "fro", 2):
        return t.functions["sqrt"](t, total(t, given * given, axes, keepdims=keepdims))
    return _vector_norm(t, given, order, axes, keepdims)


def _vector_norm(t: Trace, given: Traced, order: Any, axes: tuple[int, ...], keepdims: bool) -> Traced:
    sizes = abs(given)
    if order in (float("inf"), float("-inf")):
        return t.functions["max" if order > 0 else "min"](t, sizes, axes, keepdims=keepdims)
    if order == 0:
        return t.functions["count_nonzero"](t, given, axes, keepdims=keepdims)
    return total(t, sizes**order, axes, keepdims=keepdims) ** (1 / array(t, order))


def _matrix_norm(t: Trace, given: Traced, order: Any, axes: tuple[int, ...], keepdims: bool) -> Traced:
    if order not in (1, -1, float("inf"), float("-inf")):
        raise UnsupportedError(
            f"np.linalg.norm(…, {order!r}) of a matrix needs singular values; write them otherwise"
        )
    summed, extreme = axes if abs(order) == 1 else axes[::-1]
    sums = total(t, abs(given), summed, keepdims=True)
    found = t.functions["max" if order > 0 else "min"](t, sums, extreme, keepdims=True)
    return found if keepdims else t.functions["squeeze"](t, found, axes)


TABLE: dict[str, Callable[..., Any]] = {
    "cholesky": cholesky,
    "cross": product("cross"),
    "det": det,
    "diagonal": lambda t, given, **options: given.diagonal(axis1=-2, axis2=-1, **options),
    "inv": inv,
    "lstsq": lstsq,
    "matmul": _matmul,
    "matrix_power": matrix_power,
    "matrix_transpose": lambda t, given: array(t, given).mT,
    "multi_dot": multi_dot,
    "norm": norm,
    "outer": outer,
    "pinv": pinv,
    "slogdet": slogdet,
    "solve": solve,
    "trace": lambda t, given: product("trace", 1)(t, given, axis1=-2, axis2=-1),
    "vector_norm": norm,
    "matrix_norm": lambda t, x, **options: norm(t, x, axis=(-2, -1), **options),
}
SCIPY = {name: TABLE[name] for name in ("det", "inv", "pinv", "solve", "norm", "lstsq")} | {
    "solve_triangular": solve_triangular,
    "cho_solve": cho_solve,
    "cholesky": lambda t, given, lower=False, **_: cholesky(t, given) if lower else cholesky(t, given).T,
    "cho_factor": lambda t, given, lower=False, **_: (
        cholesky(t, given) if lower else cholesky(t, given).T,
        lower,
    ),
    "block_diag": lambda t, *parts: _block_diagonal(t, parts),
    "toeplitz": lambda t, c, r=None: _toeplitz(t, array(t, c), array(t, c if r is None else r)),
}


def _block_diagonal(t: Trace, parts: tuple[Any, ...]) -> Traced:
    arrays = [array(t, part) for part in parts]
    found = constant(0)(t, tuple(np.sum([part.shape for part in arrays], axis=0)))
    row = column = 0
    for part in arrays:
        found[row : row + part.shape[0], column : column + part.shape[1]] = part
        row, column = row + part.shape[0], column + part.shape[1]
    return found


def _toeplitz(t: Trace, column: Traced, row: Traced) -> Traced:
    diagonals = [
        [column[i - j] if i >= j else row[j - i] for j in range(len(row))] for i in range(len(column))
    ]
    return copied(t, diagonals)
