"""mlp: two hidden layers, symbolic widths.

Format 2, from network 04fb0e9520ba5c3d…; do not edit.
Re-make: symgrad generate mlp
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D, H1, H2, K = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D, H1, H2, K = 2, N = 1 (exact normal forms)
Bounded: gradient = the loss over dual numbers at D, H2, N = 2, H1, K = 3 (modulo random 61-bit primes, 4 points, error < 1e-20)
Proved: simplified, stable form = sympy.diff of the loss at D, H1, H2, K = 2, N = 1 (exact normal forms)
Bounded: this text, executed exactly, = gradient at D, H1, H2, K, N = 2 (modulo random 61-bit primes, 5 points, error < 1e-20)
Bounded: train, executed exactly, = sgd at the gradients at D, H1, H2, K = 2, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 2·D·H1 + 2·H1·H2 + 2·H1 + 2·H2·K + 2·H2 + 2·K.
Operations per sample, with gradients: 4·D·H1 + 6·H1·H2 + 6·H1 + 6·H2·K + 6·H2 + 11·K + 1.
Workspaces of a training step: D·H1 + H1·H2 + 2·H1·N + H1 + H2·K + 2·H2·N + H2 + 2·K·N + K numbers.

x (N, D) inputs · t (N, K) targets (free)
W1 (H1, D), b1 (H1,), W2 (H2, H1), b2 (H2,), W3 (K, H2), b3 (K,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

FORMAT = 2
NETWORK = "04fb0e9520ba5c3d96fb7ad9f9ca44117245a8747c186d3739ad81f9e7be5e56"
SAMPLES = "N"
INPUTS = {"x": ("N", "D")}
DRAWN = {}
TARGETS = {"t": ("N", "K")}
OUTPUTS = {"y": ("N", "K")}
PARAMETERS = {
    "W1": ("H1", "D"), "b1": ("H1",), "W2": ("H2", "H1"), "b2": ("H2",), "W3": ("K", "H2"),
    "b3": ("K",),
}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {
    "W1": ("normal", ("D",)), "b1": ("zeros", ()), "W2": ("normal", ("H1",)),
    "b2": ("zeros", ()), "W3": ("normal", ("H2",)), "b3": ("zeros", ()),
}
TRAINED = ("W1", "b1", "W2", "b2", "W3", "b3")
STATES = {}
OPTIONS = {"learning_rate": 0.1}
OPTIMIZER = "sgd"
TASK = "regression"


# Small functions become part of what calls them; their sums keep the order in which they are written.
INLINED = {"no_cfunc_wrapper": True, "forceinline": True, "error_model": "numpy", "fastmath": {"contract"}}
inlined = register_jitable(**INLINED)


def in_float32(narrow):
    """Have `narrow` computed where the first argument is a float32; else the function that is decorated."""
    def decorated(wide):
        def chosen(u, *others):
            return (narrow if type(u) is np.float32 else wide)(u, *others)

        @overload(chosen, strict=False, jit_options=INLINED)
        def compiled(u, *others):
            return narrow if u == types.float32 else wide

        return chosen

    return decorated


@inlined
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)


@inlined
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v


def split32(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * np.float32(1.4426950408889634) + np.float32(12582912.0)) - np.float32(12582912.0)
    return k, u - k * np.float32(0.693145751953125), k * np.float32(1.4286068203094173e-06)


@in_float32(split32)
def split(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    return k, u - k * 0.6931471803691238, k * 1.9082149292705877e-10


def half32(r, unit):
    """Return h(r) times a power of two, with e^r = h(r)/h(-r) for |r| up to half of log 2."""
    even = unit * np.float32(1.6875) + r * r * (unit * np.float32(0.16872576))
    return even + unit * r * (np.float32(0.84375) + r * r * np.float32(0.014050398))


@in_float32(half32)
def half(r, unit):
    """Return h(r) times a power of two, with e^r = h(r)/h(-r) for |r| up to half of log 2."""
    r2 = r * r
    even = unit * 1.6875 + r2 * (unit * 0.18749592093741765 + r2 * (unit * 0.001673699273258813))
    return even + unit * r * (0.84375 + r2 * (0.023435460468708962 + r2 * 5.5769597533582714e-05))


def sigmoid32(u):
    """Return 1/(1 + e^-u) in the same way, for m = 2^-40."""
    shifted = -u * np.float32(1.4426950408889634) + np.float32(12582912.0)
    k = between(shifted, np.float32(12582882.0), np.float32(12583072.0))  # from -30 to 160
    power = np.int32((np.float32(k).view(np.int32) + np.int32(87)) << np.int32(23)).view(np.float32)  # 2^k m
    _, a, b = split(-u)
    r = np.float32(0) if abs(u) > np.float32(1000) else a - b
    one = half(-r, np.float32(9.094947017729282e-13))
    return one / (power * half(r, np.float32(1)) + one)


@in_float32(sigmoid32)
def sigmoid(u):
    """Return 1/(1 + e^-u), within 2.3 ulp (float32: 2.6).

    With e^-u = 2^k h(r)/h(-r) it is m h(-r)/(2^k m h(r) + m h(-r)); for m = 2^-60 nothing overflows.  Where
    u is beyond what makes a difference, k is held, and r is 0: nothing waits for either.
    """
    shifted = -u * 1.4426950408889634 + 6755399441055744.0
    k = between(shifted, 6755399441055684.0, 6755399441056824.0)  # from -60 to 1080
    power = np.int64((np.float64(k).view(np.int64) + 963) << 52).view(np.float64)  # 2^k m
    _, a, b = split(-u)
    r = 0.0 if abs(u) > 1000.0 else a - b
    one = half(-r, 8.673617379884035e-19)
    return one / (power * half(r, 1.0) + one)


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
def forward(x, W1, b1, W2, b2, W3, b3):
    """Return y for the inputs x."""
    H1 = W1.shape[0]
    H2 = W2.shape[0]
    K = W3.shape[0]
    N = x.shape[0]
    y = np.empty((N, K), x.dtype)
    z1 = np.empty((N, H1), x.dtype)
    a1 = np.empty((N, H1), x.dtype)
    z2 = np.empty((N, H2), x.dtype)
    a2 = np.empty((N, H2), x.dtype)
    z3 = np.empty((N, K), x.dtype)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H1)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H1):
            z1[n, i] += b1[i]
    # a1[n,i] = σ(z1[n,i])    (N, H1)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = sigmoid(z1_flat[entry])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, H2)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(H2):
            z2[n, i] += b2[i]
    # a2[n,i] = σ(z2[n,i])    (N, H2)
    a2_flat = a2.reshape(-1)
    z2_flat = z2.reshape(-1)
    for entry in range(a2_flat.shape[0]):
        a2_flat[entry] = sigmoid(z2_flat[entry])
    # z3[n,i] = Σ_j W3[i,j] a2[n,j] + b3[i]    (N, K)
    np.dot(a2, W3.T, z3)
    for n in range(N):
        for i in range(K):
            z3[n, i] += b3[i]
    # y[n,i] = σ(z3[n,i])    (N, K)
    y_flat = y.reshape(-1)
    z3_flat = z3.reshape(-1)
    for entry in range(y_flat.shape[0]):
        y_flat[entry] = sigmoid(z3_flat[entry])
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, W1, b1, W2, b2, W3, b3):
    """Return the loss J."""
    H1 = W1.shape[0]
    H2 = W2.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    z1 = np.empty((N, H1), x.dtype)
    a1 = np.empty((N, H1), x.dtype)
    z2 = np.empty((N, H2), x.dtype)
    a2 = np.empty((N, H2), x.dtype)
    z3 = np.empty((N, K), x.dtype)
    y = np.empty((N, K), x.dtype)
    zero = constant(x, 0, 1)
    half_per_N = constant(x, 1, 2*N)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H1)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H1):
            z1[n, i] += b1[i]
    # a1[n,i] = σ(z1[n,i])    (N, H1)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = sigmoid(z1_flat[entry])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, H2)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(H2):
            z2[n, i] += b2[i]
    # a2[n,i] = σ(z2[n,i])    (N, H2)
    a2_flat = a2.reshape(-1)
    z2_flat = z2.reshape(-1)
    for entry in range(a2_flat.shape[0]):
        a2_flat[entry] = sigmoid(z2_flat[entry])
    # z3[n,i] = Σ_j W3[i,j] a2[n,j] + b3[i]    (N, K)
    np.dot(a2, W3.T, z3)
    for n in range(N):
        for i in range(K):
            z3[n, i] += b3[i]
    # y[n,i] = σ(z3[n,i])    (N, K)
    y_flat = y.reshape(-1)
    z3_flat = z3.reshape(-1)
    for entry in range(y_flat.shape[0]):
        y_flat[entry] = sigmoid(z3_flat[entry])
    # J = 1/(2 N) · Σ_n,i (y[n,i] − t[n,i])²
    J = zero
    for n in range(N):
        for i in range(K):
            J += (y[n, i] - t[n, i])**2
    J = J*half_per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(
    x, t, W1, b1, W2, b2, W3, b3, z1, a1, z2, a2, z3, y, dz3, dz2, dz1, dW1, db1, dW2, db2, dW3,
    db3,
):
    """Return the loss J and fill in the gradients."""
    H1 = W1.shape[0]
    H2 = W2.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    half_per_N = constant(x, 1, 2*N)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H1)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H1):
            z1[n, i] += b1[i]
    # a1[n,i] = σ(z1[n,i])    (N, H1)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = sigmoid(z1_flat[entry])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, H2)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(H2):
            z2[n, i] += b2[i]
    # a2[n,i] = σ(z2[n,i])    (N, H2)
    a2_flat = a2.reshape(-1)
    z2_flat = z2.reshape(-1)
    for entry in range(a2_flat.shape[0]):
        a2_flat[entry] = sigmoid(z2_flat[entry])
    # z3[n,i] = Σ_j W3[i,j] a2[n,j] + b3[i]    (N, K)
    np.dot(a2, W3.T, z3)
    for n in range(N):
        for i in range(K):
            z3[n, i] += b3[i]
    # y[n,i] = σ(z3[n,i])    (N, K)
    y_flat = y.reshape(-1)
    z3_flat = z3.reshape(-1)
    for entry in range(y_flat.shape[0]):
        y_flat[entry] = sigmoid(z3_flat[entry])
    # J = 1/(2 N) · Σ_n,i (y[n,i] − t[n,i])²
    J = zero
    # ∂J/∂b3[i] = Σ_n δz3[n,i]    (K)
    db3[:] = 0
    for n in range(N):
        for i in range(K):
            J += (y[n, i] - t[n, i])**2
            # δz3[n,i] = 1/N · (y[n,i] − t[n,i]) y[n,i] (1 − y[n,i])    (N, K)
            dz3[n, i] = per_N*y[n, i]*(one - y[n, i])*(y[n, i] - t[n, i])
            db3[i] += dz3[n, i]
    J = J*half_per_N
    # ∂J/∂W3[i,j] = Σ_n δz3[n,i] a2[n,j]    (K, H2)
    np.dot(dz3.T, a2, dW3)
    # δz2[n,i] = Σ_j W3[j,i] δz3[n,j] · a2[n,i] (1 − a2[n,i])    (N, H2)
    np.dot(dz3, W3, dz2)
    # ∂J/∂b2[i] = Σ_n δz2[n,i]    (H2)
    db2[:] = 0
    for n in range(N):
        for i in range(H2):
            dz2[n, i] = a2[n, i]*dz2[n, i]*(one - a2[n, i])
            db2[i] += dz2[n, i]
    # ∂J/∂W2[i,j] = Σ_n δz2[n,i] a1[n,j]    (H2, H1)
    np.dot(dz2.T, a1, dW2)
    # δz1[n,i] = Σ_j W2[j,i] δz2[n,j] · a1[n,i] (1 − a1[n,i])    (N, H1)
    np.dot(dz2, W2, dz1)
    # ∂J/∂b1[i] = Σ_n δz1[n,i]    (H1)
    db1[:] = 0
    for n in range(N):
        for i in range(H1):
            dz1[n, i] = a1[n, i]*dz1[n, i]*(one - a1[n, i])
            db1[i] += dz1[n, i]
    # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (H1, D)
    np.dot(dz1.T, x, dW1)
    return J


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, W1, b1, W2, b2, W3, b3):
    """Return the loss J and the gradients dW1, db1, dW2, db2, dW3, db3."""
    D = x.shape[1]
    H1 = W1.shape[0]
    H2 = W2.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    z1 = np.empty((N, H1), x.dtype)
    a1 = np.empty((N, H1), x.dtype)
    z2 = np.empty((N, H2), x.dtype)
    a2 = np.empty((N, H2), x.dtype)
    z3 = np.empty((N, K), x.dtype)
    y = np.empty((N, K), x.dtype)
    dW1 = np.empty((H1, D), x.dtype)
    db1 = np.empty(H1, x.dtype)
    dW2 = np.empty((H2, H1), x.dtype)
    db2 = np.empty(H2, x.dtype)
    dW3 = np.empty((K, H2), x.dtype)
    db3 = np.empty(K, x.dtype)
    dz3 = z3    # z3 is not read any more
    dz2 = z2    # z2 is not read any more
    dz1 = z1    # z1 is not read any more
    J = _gradients(
        x, t, W1, b1, W2, b2, W3, b3, z1, a1, z2, a2, z3, y, dz3, dz2, dz1, dW1, db1, dW2, db2, dW3,
        db3,
    )
    return J, dW1, db1, dW2, db2, dW3, db3


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, W1, b1, W2, b2, W3, b3, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    D = x.shape[1]
    H1 = W1.shape[0]
    H2 = W2.shape[0]
    K = t.shape[1]
    learning_rate = constant(x, learning_rate, 1)
    z1 = np.empty((batch, H1), x.dtype)
    a1 = np.empty((batch, H1), x.dtype)
    z2 = np.empty((batch, H2), x.dtype)
    a2 = np.empty((batch, H2), x.dtype)
    z3 = np.empty((batch, K), x.dtype)
    y = np.empty((batch, K), x.dtype)
    dW1 = np.empty((H1, D), x.dtype)
    db1 = np.empty(H1, x.dtype)
    dW2 = np.empty((H2, H1), x.dtype)
    db2 = np.empty(H2, x.dtype)
    dW3 = np.empty((K, H2), x.dtype)
    db3 = np.empty(K, x.dtype)
    dz3 = z3    # z3 is not read any more
    dz2 = z2    # z2 is not read any more
    dz1 = z1    # z1 is not read any more
    order = np.empty(rows if shuffle else 0, np.int64)
    x_batch = np.empty((batch, x.shape[1]), x.dtype)
    t_batch = np.empty((batch, t.shape[1]), t.dtype)
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
                    for i0 in range(t.shape[1]):
                        t_batch[n, i0] = t[order[first + n], i0]
                x_now = x_batch[:size]
                t_now = t_batch[:size]
            else:
                x_now = x[first:first + size]
                t_now = t[first:first + size]
            J = _gradients(
                x_now, t_now, W1, b1, W2, b2, W3, b3, z1[:size], a1[:size], z2[:size], a2[:size], z3[:size],
                y[:size], dz3[:size], dz2[:size], dz1[:size], dW1, db1, dW2, db2, dW3, db3,
            )
            losses[epoch] += J*size
            for i in range(H1):
                for j in range(D):
                    W1[i, j] -= dW1[i, j]*learning_rate
            for i in range(H1):
                b1[i] -= db1[i]*learning_rate
            for i in range(H2):
                for j in range(H1):
                    W2[i, j] -= dW2[i, j]*learning_rate
            for i in range(H2):
                b2[i] -= db2[i]*learning_rate
            for i in range(K):
                for j in range(H2):
                    W3[i, j] -= dW3[i, j]*learning_rate
            for i in range(K):
                b3[i] -= db3[i]*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    return epoch
