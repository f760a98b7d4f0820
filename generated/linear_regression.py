"""linear_regression: linear regression, SSE/(2m).

Format 2, from network 46ac3594a06c0013…; do not edit.
Re-make: symgrad generate linear_regression
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, N = 2 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: this text, executed exactly, = gradient at D, N = 2 (exact normal forms)
Bounded: train, executed exactly, = sgd at the gradients at D = 2, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 2·D + 1.
Operations per sample, with gradients: 4·D + 8.
Workspaces of a training step: D + 2·N + 1 numbers.

x (N, D) inputs · t (N,) targets (free)
w (D,), b (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit
from numba.extending import register_jitable

FORMAT = 2
NETWORK = "46ac3594a06c0013b8a09399698f3dd96fc77f37c89900367413a74a615b3c17"
SAMPLES = "N"
INPUTS = {"x": ("N", "D")}
DRAWN = {}
TARGETS = {"t": ("N",)}
OUTPUTS = {"y": ("N",)}
PARAMETERS = {"w": ("D",), "b": (1,)}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {"w": ("zeros", ()), "b": ("zeros", ())}
TRAINED = ("w", "b")
STATES = {}
OPTIONS = {"learning_rate": 0.1}
OPTIMIZER = "sgd"
TASK = "regression"


# Small functions become part of what calls them; their sums keep the order in which they are written.
INLINED = {"no_cfunc_wrapper": True, "forceinline": True, "error_model": "numpy", "fastmath": {"contract"}}
inlined = register_jitable(**INLINED)


@inlined
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)


@register_jitable(no_cfunc_wrapper=True, error_model="numpy")
def reorder(order, random_state):
    """Shuffle the numbers of the rows (Fisher and Yates); xorshift, its state the caller's."""
    for n in range(order.shape[0]):
        order[n] = n
    s = random_state[0]
    if s == np.uint64(0):
        s = np.uint64(88172645463325252)
    for n in range(order.shape[0] - 1, 0, -1):
        s ^= s << np.uint64(13)
        s ^= s >> np.uint64(7)
        s ^= s << np.uint64(17)
        k = np.int64(s % np.uint64(n + 1))
        order[n], order[k] = order[k], order[n]
    random_state[0] = s


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def forward(x, w, b):
    """Return y for the inputs x."""
    N = x.shape[0]
    y = np.empty(N, x.dtype)
    # y[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, y)
    for n in range(N):
        y[n] += b[0]
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, w, b):
    """Return the loss J."""
    N = x.shape[0]
    y = np.empty(N, x.dtype)
    zero = constant(x, 0, 1)
    half_per_N = constant(x, 1, 2*N)
    # y[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, y)
    # J = 1/(2 N) · Σ_n (y[n] − t[n])²
    J = zero
    for n in range(N):
        y[n] += b[0]
        J += (y[n] - t[n])**2
    J = J*half_per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, w, b, y, dy, dw, db):
    """Return the loss J and fill in the gradients."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    per_N = constant(x, 1, N)
    half_per_N = constant(x, 1, 2*N)
    # y[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, y)
    # J = 1/(2 N) · Σ_n (y[n] − t[n])²
    J = zero
    # ∂J/∂b = Σ_n δy[n]
    db[0] = zero
    for n in range(N):
        y[n] += b[0]
        J += (y[n] - t[n])**2
        # δy[n] = 1/N · (y[n] − t[n])    (N)
        dy[n] = per_N*(y[n] - t[n])
        db[0] += dy[n]
    J = J*half_per_N
    # ∂J/∂w[j] = Σ_n δy[n] x[n,j]    (D)
    np.dot(dy, x, dw)
    return J


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, w, b):
    """Return the loss J and the gradients dw, db."""
    D = x.shape[1]
    N = x.shape[0]
    y = np.empty(N, x.dtype)
    dy = np.empty(N, x.dtype)
    dw = np.empty(D, x.dtype)
    db = np.empty(1, x.dtype)
    J = _gradients(x, t, w, b, y, dy, dw, db)
    return J, dw, db


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, w, b, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    D = x.shape[1]
    learning_rate = constant(x, learning_rate, 1)
    y = np.empty(batch, x.dtype)
    dy = np.empty(batch, x.dtype)
    dw = np.empty(D, x.dtype)
    db = np.empty(1, x.dtype)
    order = np.empty(rows if shuffle else 0, np.int64)
    x_batch = np.empty((batch, x.shape[1]), x.dtype)
    t_batch = np.empty(batch, t.dtype)
    epoch = 0
    while epoch < losses.shape[0] and not stop[0]:
        if shuffle:
            reorder(order, random_state)
        losses[epoch] = 0
        for first in range(0, last, batch):
            if stop[0]:
                break
            size = min(batch, last - first)
            if shuffle:
                for n in range(size):
                    for i0 in range(x.shape[1]):
                        x_batch[n, i0] = x[order[first + n], i0]
                    t_batch[n] = t[order[first + n]]
                x_now = x_batch[:size]
                t_now = t_batch[:size]
            else:
                x_now = x[first:first + size]
                t_now = t[first:first + size]
            J = _gradients(x_now, t_now, w, b, y[:size], dy[:size], dw, db)
            losses[epoch] += J*size
            for j in range(D):
                w[j] -= dw[j]*learning_rate
            b[0] -= db[0]*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    return epoch
