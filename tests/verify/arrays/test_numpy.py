"""Every function does what NumPy does: the same call on exact numbers and on floats."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.verify.arrays.exactly import Run, same

RANDOM = np.random.default_rng(5)
ARRAYS: dict[str, Any] = {
    "x": RANDOM.normal(size=(3, 4)),
    "y": RANDOM.normal(size=(3, 4)),
    "u": RANDOM.uniform(0.1, 0.9, (3, 4)),
    "v": RANDOM.normal(size=4),
    "w": RANDOM.normal(size=3),
    "A": RANDOM.normal(size=(3, 3)),
    "S": np.array([[4.0, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]]),
    "T": RANDOM.normal(size=(2, 3, 3)),
    "k": np.array([2, 0, 1, 2]),
    "m": np.array([[True, False, True, True]] * 2 + [[False] * 4]),
    "c": RANDOM.normal(size=(2, 3, 4)),
}
CALLS = """
x + y; x - y; x * y; x / y; x ** 2; u ** v; 2 ** x; -x; +x; abs(x); x @ x.T; v @ v; x // u; x % u; 1 / u
x > y; x < 0; x >= y; x <= y; x == x; x != y; ~m; m & (x > 0); m | (x > 0); m ^ (x > 0); m * x; m + 1
1 - m; m + m
np.exp(x); np.log(u); np.log2(u); np.log10(u); np.log1p(u); np.expm1(x); np.exp2(x); np.sqrt(u)
np.cbrt(x)
np.sin(x); np.cos(x); np.tan(x); np.sinh(x); np.cosh(x); np.tanh(x); np.arcsinh(x); np.arccosh(1 + u)
np.arctanh(u)
np.square(x); np.reciprocal(x); np.sign(x); np.fabs(x); np.absolute(x); np.hypot(x, y)
np.logaddexp(x, y)
np.logaddexp2(x, y); np.heaviside(x, 0.5); np.deg2rad(x); np.degrees(x); np.sinc(x)
np.float_power(u, 2)
np.maximum(x, y); np.minimum(x, 0); np.fmax(x, y); np.clip(x, -0.5, 0.5); np.clip(x, 0, None)
np.fmod(x, u)
np.floor(x); np.ceil(x); np.trunc(x); np.rint(x); np.round(x, 1); np.around(x); x.round(2)
np.isnan(x); np.isfinite(x); np.isinf(x); np.logical_and(m, x > 0); np.logical_or(m, x)
np.logical_not(x)
np.where(x > 0, x, y); np.where(m, 1, x); np.where(x > 0, 0.0, 1.0)
np.select([x > 1, x > 0], [x, y], 7)
np.sum(x); np.sum(x, axis=0); x.sum(1, keepdims=True); np.sum(m); x.sum(axis=(0, 1)); np.sum(x, where=m)
np.sum(c, axis=(0, -1)); np.add.reduce(x); np.add.reduce(c, axis=(0, 1)); np.sum([x, y])
np.sum(x, initial=2)
np.mean(x); x.mean(0); np.mean(x, axis=1, keepdims=True); np.var(x); x.var(axis=0, ddof=1); np.std(x, 1)
m.mean()
np.average(x, axis=1, weights=v); np.average(x); np.average(w, weights=w); np.cov(x)
np.cov(x.T, bias=True)
np.prod(x); np.prod(x, axis=1); np.cumsum(x); np.cumsum(x, axis=1); np.cumprod(x, axis=0)
np.multiply.reduce(x)
np.maximum.accumulate(v); np.add.accumulate(x, axis=1); np.multiply.outer(v, w); np.add.outer(v, w)
np.max(x); x.max(axis=0); np.max(x, 1, keepdims=True); x.min(-1); np.amin(x); np.ptp(x, axis=0)
np.max(c, axis=(1, 2))
np.maximum.reduce(x); np.argmax(x); x.argmax(1); np.argmin(x, axis=0)
np.argmax(x, axis=1, keepdims=True)
np.sort(x); np.sort(x, axis=0); np.argsort(v); v.argsort()[::-1]; np.sort(x, axis=None); np.median(x)
np.median(x, axis=1)
np.any(x > 1); np.all(x > -9, axis=1); (x > 0).any(0); np.count_nonzero(x > 0)
np.count_nonzero(m, axis=1)
np.nonzero(m); np.argwhere(m); np.flatnonzero(x > 0); np.where(m); x[m]; x[x > 0]; x[m].sum()
m.nonzero()
np.dot(x, v); np.dot(v, v); np.dot(A, A); np.dot(c, v); np.matmul(T, A); T @ w; w @ T; np.inner(x, y)
np.vdot(x, y)
np.outer(v, w); np.tensordot(c, x, axes=([1, 2], [0, 1])); np.tensordot(x, y, 2); np.kron(x, A)
np.trace(A); A.trace()
np.einsum('ij,kj->ik', x, y); np.einsum('ij->j', x); np.einsum('ii', A); np.einsum('bij,bjk->bik', T, T)
np.einsum('...ij,j', T, w); np.einsum('i,j->ij', v, w); np.einsum('ij,ij->', x, y)
np.einsum('ii->i', A)
np.convolve(v, w); np.convolve(v, w, 'valid'); np.convolve(v, w, mode='same')
np.correlate(v, w, 'full'); np.cross(w, A)
np.linalg.multi_dot([A, A, w]); np.linalg.matrix_power(A, 3); np.linalg.matrix_power(A, -1)
np.linalg.matrix_power(A, 0)
np.linalg.det(A); np.linalg.det(T); np.linalg.inv(A); np.linalg.inv(T); np.linalg.solve(A, w)
np.linalg.solve(A, x)
np.linalg.cholesky(S); np.linalg.slogdet(A); np.linalg.pinv(x); np.linalg.pinv(x.T); np.linalg.norm(x)
np.linalg.norm(v, 1)
np.linalg.norm(x, axis=1); np.linalg.norm(x, axis=1, keepdims=True); np.linalg.norm(v, np.inf)
np.linalg.norm(v, ord=3)
np.linalg.norm(A, 'fro'); np.linalg.norm(A, 1); np.linalg.norm(A, np.inf)
np.linalg.lstsq(x.T, v, rcond=None)[0]
x.T; x.reshape(4, 3); x.reshape(-1); x.reshape((2, 6)); np.reshape(x, (6, -1)); x.ravel(); x.flatten()
x.transpose()
c.transpose(2, 0, 1); np.transpose(c, (1, 0, 2)); np.swapaxes(c, 0, 2); np.moveaxis(c, 0, -1)
c.swapaxes(1, 2)
np.squeeze(x[None]); np.expand_dims(x, 1); x[:, None]; x[np.newaxis, ...]; np.atleast_2d(v)
np.broadcast_to(v, (3, 4))
np.concatenate([x, y]); np.concatenate((x, y), axis=1); np.stack([x, y]); np.stack((x, y), -1)
np.vstack([v, x])
np.hstack([v, w]); np.hstack([x, y]); np.column_stack([w, w]); np.dstack([x, y]); np.append(v, 1.0)
np.append(x, y, axis=0)
np.insert(v, 0, 1); np.insert(x, 0, 1, axis=1); np.delete(v, 1); np.delete(x, 0, axis=1)
np.block([[A, A], [A, A]])
np.tile(v, 2); np.tile(v, (2, 1)); np.repeat(x, 2, axis=0); x.repeat(2); np.flip(x); np.fliplr(x)
np.flipud(x); np.rot90(x)
np.roll(v, 1); np.roll(x, 1, axis=1); np.split(v, 2); np.split(x, [1, 3], axis=1); np.array_split(v, 3)
np.hsplit(x, 2)
np.diag(v); np.diag(A); np.diag(A, 1); np.diagflat(x); np.diagonal(A); np.tril(A); np.triu(A, 1)
np.pad(v, 2)
np.pad(x, ((1, 0), (0, 2))); np.pad(x, 1, mode='edge'); np.pad(v, (1, 1), constant_values=3); np.diff(v)
np.diff(x, axis=0)
np.take(v, k); np.take(x, [0, 2], axis=1); x.take([1])
np.take_along_axis(x, np.argsort(x, axis=1), axis=1); v[k]; x[:, k]
np.zeros((2, 3)); np.ones(3); np.full((2, 2), 0.5); np.eye(3)[k]; np.identity(2); np.eye(2, 3, k=1)
np.zeros_like(x)
np.ones_like(x); np.full_like(x, 2); np.empty_like(x) * 0; np.zeros(3, dtype=int)
np.zeros_like(x, dtype=bool); np.tri(3)
np.arange(5); np.arange(1, 2, 0.25); np.arange(3) / 2; np.linspace(0, 1, 5)
np.linspace(0, 1, 4, endpoint=False)
np.array([[1, 2], [3, 4]]); np.array([v[0], 1.5]); np.array([v, v]); np.asarray(x)
np.asarray([1, 2], dtype=float)
np.array([1, 2]) / 2; np.logspace(0, 2, 3); np.r_[v, 1, w]; np.c_[w, w]; np.r_[0:3]; np.vander(w, 3)
np.polyval(v, w)
x.astype(int); m.astype(float); x.astype(bool); m.astype(int); np.float64(x); np.int64(m)
(x > 0).astype(np.float64)
np.unique(k); np.unique(k, return_counts=True); np.unique(k, return_inverse=True); np.bincount(k)
np.bincount(k, minlength=5)
np.bincount(k, weights=v); np.isin(k, [0, 2]); np.searchsorted(np.sort(v), w); np.meshgrid(v, w)
np.broadcast_arrays(x, v)
np.ix_([0, 1], [2])[0]; x[np.ix_([0, 2], [1, 3])]; x[np.tril_indices(3)]; x[np.arange(3), k[:3]]; x[1]
x[1, 2]; x[-1, ::-2]
x[..., 0]; c[:, 1]; c[0, :, [1, 2]]; x[[0, 2]]; x[[True, False, True]]; x[:, [True, False, True, False]]
len(x); x.shape
np.lib.stride_tricks.sliding_window_view(v, 2); np.lib.stride_tricks.sliding_window_view(x, (2, 2))
x.size; x.ndim
np.choose(k, [v, v + 1, v + 2]); np.compress([True, False, True, True], v); np.extract(m, x)
np.trim_zeros(v); x.item(5)
np.vectorize(lambda a, b: a * b + 1)(x, v); np.apply_along_axis(np.sum, 0, x)
np.apply_along_axis(lambda r: r[::-1], 1, x)
np.fromfunction(lambda i, j: i + 2 * j, (2, 3)); np.indices((2, 2))
np.piecewise(v, [v > 0], [lambda a: a * 2, -1])
np.allclose(x, x); np.isclose(v, v + 1e-12); np.array_equal(x, x)
np.nan_to_num(np.array([np.nan, 1.0])); np.size(x, 0)
np.resize(v, (2, 4)); np.matrix_transpose(T); T.mT; np.linalg.trace(T); np.vecdot(x, y)
np.logical_xor(m, x > 0)
np.percentile(x, 30); np.quantile(v, [0.1, 0.5]); np.digitize(v, np.sort(w)); np.trapezoid(x, dx=0.5)
np.einsum(x, [0, 1], y, [2, 1], [0, 2]); np.trapezoid(w, np.arange(3.0)); np.exp(-np.inf)
np.maximum(-np.inf, x); np.where(m, x, -np.inf).max(); np.exp(np.where(m, x, -np.inf))
np.array(2) - np.inf
""".replace("\n", ";")
EACH = [call.strip() for call in CALLS.split(";") if call.strip()]


@pytest.mark.parametrize("call", EACH)
def test_a_call(call: str) -> None:
    run = Run()
    exact = {
        name: run.leaves(array) if name not in ("k", "m") else run.np.array(array)
        for name, array in ARRAYS.items()
    }
    with np.errstate(all="ignore"):
        wanted = eval(call, {"np": np, **ARRAYS})
    same(run, eval(call, {"np": run.np, **exact}), wanted)


IN_PLACE = [
    "a[0] = 1",
    "a[:, 1] += v[:3]",
    "a[a > 0] = 0",
    "a[a > 0] *= -2",
    "a[a < 0] = np.exp(a[a < 0])",
    "a[[0, 0, 1]] += 1",
    "np.add.at(a, [0, 0, 1], 1.0)",
    "np.add.at(a, (k[:3], k[1:]), np.array([1.0, 2.0, 3.0]))",
    "np.subtract.at(a, 1, v)",
    "a[np.arange(3), k[:3]] -= 1",
    "a *= v; a /= 2; a -= a.mean(); a += 1; a **= 2",
    "a[1:, ::2] = a[:-1, 1::2]",
    "a[...] = v",
    "b = a.T; b[0] = 5",
    "b = a.reshape(4, 3); b[0, 0] = 5",
    "b = a.copy(); b[0] = 5; a[1] = b[0]",
    "np.fill_diagonal(a, 7)",
    "np.put_along_axis(a, np.array([[0], [1], [2]]), 9.0, axis=1)",
    "np.copyto(a, v, where=a > 0)",
    "np.putmask(a, a > 0, 3.0)",
    "np.put(a, [0, 5], [1.0, 2.0])",
    "np.multiply(a, 2, out=a)",
    "np.clip(a, 0, 1, out=a)",
    "np.maximum(a, 0, out=a)",
    "np.dot(a, np.eye(4), out=a)",
    "a.sort(axis=1)",
    "a.fill(2)",
    "a[a.sum(axis=1) > 0] = 0",
    "a[:, v > 0] = 0",
    "a[(a > 0) & (a < 1)] = 0",
    "a[0, a[0] > 0] += 1",
    "s = a[0, 0]; s += 1",
    "a.flat[3] = 1",
    "a = np.exp(a, where=a > 0, out=np.zeros_like(a))",
    "a = np.divide(a, v, out=np.zeros_like(a), where=v != 0)",
]


@pytest.mark.parametrize("statements", IN_PLACE)
def test_what_happens_in_place(statements: str) -> None:
    run = Run()
    plain: dict[str, Any] = {"np": np, "a": ARRAYS["x"].copy(), "v": ARRAYS["v"], "k": ARRAYS["k"]}
    exact = {
        "np": run.np,
        "a": run.leaves(ARRAYS["x"]),
        "v": run.leaves(ARRAYS["v"]),
        "k": run.np.array(ARRAYS["k"]),
    }
    exec(statements, plain)
    exec(statements, exact)
    same(run, exact["a"], plain["a"])


SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)


@given(st.data())
def test_indices_are_numpys(data: st.DataObject) -> None:
    shape = data.draw(SHAPES)
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True) | hnp.integer_array_indices(shape))
    run = Run()
    exact, wanted = run.leaves(array), array[index]
    same(run, exact[index], wanted)
    exact[index] = -exact[index]
    array[index] = -array[index]
    same(run, exact, array)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_broadcasting_is_numpys(shapes: hnp.BroadcastableShapes) -> None:
    left, right = (np.arange(1.0, 1 + np.prod(shape)).reshape(shape) for shape in shapes.input_shapes)
    run = Run()
    same(run, run.leaves(left) / run.leaves(right), left / right)
    same(
        run,
        run.np.where(run.leaves(left) > run.leaves(right), 1, run.leaves(right)),
        np.where(left > right, 1, right),
    )


@given(hnp.arrays(np.bool_, SHAPES))
def test_masks_choose_what_numpy_chooses(mask: np.ndarray) -> None:
    run = Run()
    array = np.arange(mask.size, dtype=float).reshape(mask.shape) + 0.5
    exact, sign = run.leaves(array), run.leaves(np.where(mask, 1.0, -1.0))
    same(run, exact[sign > 0], array[mask])
    exact[sign > 0] *= 3
    exact[sign < 0] = exact[sign < 0] + 1
    array[mask] *= 3
    array[~mask] = array[~mask] + 1
    same(run, exact, array)
