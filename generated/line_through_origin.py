"""line_through_origin: y = w x, sum of squared errors.

Format 2, from network c6ab36a36a2513e4…; do not edit.
Re-make: symgrad generate line_through_origin
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at N = 2 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at N = 1 (exact normal forms)
Proved: this text, executed exactly, = gradient at N = 2 (exact normal forms)
Bounded: train, executed exactly, = sgd at the gradients at N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 1.
Operations per sample, with gradients: 9.
Workspaces of a training step: none.

x (N,) inputs · t (N,) targets (free)
w (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit
from numba.extending import register_jitable

FORMAT = 2
NETWORK = "c6ab36a36a2513e49b51178769d4f4c57d65e334c6c253efbe900a3311bbe3a4"
SAMPLES = "N"
INPUTS = {"x": ("N",)}
DRAWN = {}
TARGETS = {"t": ("N",)}
OUTPUTS = {"y": ("N",)}
PARAMETERS = {"w": (1,)}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {"w": ("zeros", ())}
TRAINED = ("w",)
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
def forward(x, w):
    """Return y for the inputs x."""
    N = x.shape[0]
    y = np.empty(N, x.dtype)
    w_0 = w[0]
    for n in range(N):
        x_n = x[n]
        # y[n] = w x[n]    (N)
        y_n = w_0*x_n
        y[n] = y_n
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, w):
    """Return the loss J."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    w_0 = w[0]
    # J = Σ_n (y[n] − t[n])²
    J = zero
    for n in range(N):
        t_n = t[n]
        x_n = x[n]
        # y[n] = w x[n]    (N)
        y = w_0*x_n
        # J = Σ_n (y[n] − t[n])²
        J += (t_n - y)**2
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, w_0, N):
    """Return the loss J and the gradients; samples stand last."""
    zero = constant(x, 0, 1)
    two = constant(x, 2, 1)
    # J = Σ_n (y[n] − t[n])²
    J = zero
    # ∂J/∂w = Σ_n δy[n] x[n]
    dw_0 = zero
    for n in range(N):
        t_n = t[n]
        x_n = x[n]
        # y[n] = w x[n]    (N)
        y = w_0*x_n
        # J = Σ_n (y[n] − t[n])²
        J += (t_n - y)**2
        # δy[n] = 2 (y[n] − t[n])    (N)
        dy = two*y - t_n*two
        # ∂J/∂w = Σ_n δy[n] x[n]
        dw_0 += dy*x_n
    return J, dw_0


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, w):
    """Return the loss J and the gradients dw."""
    w_0 = w[0]
    J, dw_0 = _gradients(x, t, w_0, x.shape[0])
    dw = np.empty(1, x.dtype)
    dw[0] = dw_0
    return J, dw


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, w, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    learning_rate = constant(x, learning_rate, 1)
    w_0 = w[0]
    order = np.empty(rows if shuffle else 0, np.int64)
    batches = 1 if shuffle else -(-last//batch)
    x_batches = np.empty((batches, batch), x.dtype)
    t_batches = np.empty((batches, batch), t.dtype)
    if not shuffle:
        for first in range(0, last, batch):
            for n in range(min(batch, last - first)):
                x_batches[first//batch, n] = x[first + n]
                t_batches[first//batch, n] = t[first + n]
    epoch = 0
    while epoch < losses.shape[0] and not stop[0]:
        if shuffle:
            reorder(order, random_state)
        losses[epoch] = 0
        for first in range(0, last, batch):
            if stop[0]:
                break
            size = min(batch, last - first)
            place = 0 if shuffle else first//batch
            x_now = x_batches[place]
            t_now = t_batches[place]
            if shuffle:
                for n in range(size):
                    x_now[n] = x[order[first + n]]
                    t_now[n] = t[order[first + n]]
            J, dw_0 = _gradients(x_now, t_now, w_0, size)
            losses[epoch] += J
            w_0 -= dw_0*learning_rate
        else:
            epoch += 1
    w[0] = w_0
    return epoch
