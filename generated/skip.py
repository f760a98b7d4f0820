"""skip: dense net with a skip connection.

Format 2, from network a3e01099f016210b…; do not edit.
Re-make: symgrad generate skip
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D, H, K = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Bounded: gradient = sympy.diff of the loss at D, K, N = 2, H = 3 (modulo random 61-bit primes, 4 points, error < 1e-20)
Proved: simplified, stable form = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Bounded: this text, executed exactly, = gradient at D, H, K, N = 2 (modulo random 61-bit primes, 5 points, error < 1e-20)
Bounded: train, executed exactly, = sgd at the gradients at D, H, K = 2, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 2·D·H + 2·D·K + 2·H·K + 2·H + 2·K.
Operations per sample, with gradients: 4·D·H + 4·D·K + 6·H·K + 6·H + 8·K + 1.
Workspaces of a training step: D·H + D·K + H·K + 2·H·N + H + 3·K·N + K numbers.

x (N, D) inputs · t (N, K) targets (free)
W1 (H, D), b1 (H,), W2 (K, H), W3 (K, D), b2 (K,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

FORMAT = 2
NETWORK = "a3e01099f016210b0eb25bd9654f0c527e561ff39c8fb3667f61501516dbf568"
SAMPLES = "N"
INPUTS = {"x": ("N", "D")}
DRAWN = {}
TARGETS = {"t": ("N", "K")}
OUTPUTS = {"o": ("N", "K")}
PARAMETERS = {"W1": ("H", "D"), "b1": ("H",), "W2": ("K", "H"), "W3": ("K", "D"), "b2": ("K",)}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {
    "W1": ("normal", ("D",)), "b1": ("zeros", ()), "W2": ("normal", ("H",)),
    "W3": ("normal", ("D",)), "b2": ("zeros", ()),
}
TRAINED = ("W1", "b1", "W2", "W3", "b2")
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
def larger(u, v):
    """Return the larger of two numbers."""
    return v if v > u else u


def power_of_two32(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    bits = np.float32(k + np.float32(12582912.0)).view(np.int32)
    return np.int32((bits + np.int32(127)) << np.int32(23)).view(np.float32)


@in_float32(power_of_two32)
def power_of_two(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    bits = np.float64(k + 6755399441055744.0).view(np.int64)
    return np.int64((bits + 1023) << 52).view(np.float64)


def split32(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * np.float32(1.4426950408889634) + np.float32(12582912.0)) - np.float32(12582912.0)
    return k, u - k * np.float32(0.693145751953125), k * np.float32(1.4286068203094173e-06)


@in_float32(split32)
def split(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    return k, u - k * 0.6931471803691238, k * 1.9082149292705877e-10


def series32(r):
    """Return e^r - 1 - r for |r| up to half of log 2."""
    q = np.float32(0.16666534) + r * np.float32(0.04166724)
    q = q + r * r * (np.float32(0.0083675118) + r * np.float32(0.0013863706))
    return r * r * (np.float32(0.5) + r * q)


@in_float32(series32)
def series(r):
    """Return e^r - 1 - r for |r| up to half of log 2."""
    r2 = r * r
    r4 = r2 * r2
    low = (0.5 + r * 0.16666666666666435) + r2 * (0.04166666666660379 + r * 0.008333333333498526)
    high = (0.001388888892687318 + r * 0.00019841269469344009) + r2 * (
        2.480150857500104e-05 + r * 2.755763806257441e-06
    ) + r4 * (2.76252341051791e-07 + r * 2.497930545805057e-08)
    return r2 * (low + r4 * high)


@inlined
def reduced(u):
    """Return k and p with e^u = 2^k (1 + p)."""
    k, a, b = split(u)
    r = a - b
    return k, r + series(r)


@inlined
def tanh(u):
    """Return (1 - e^-2|u|)/(1 + e^-2|u|) with the sign of u, within 2.1 ulp (float32: 2.1).

    The 1 is taken from 2^k, which keeps the digits near 0.
    """
    k, p = reduced(larger(type(u)(-2) * abs(u), type(u)(-44)))
    s = power_of_two(k)
    return type(u)(np.copysign((s * p + (s - type(u)(1))) / (s * p + (s + type(u)(1))), u))


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
def forward(x, W1, b1, W2, W3, b2):
    """Return o for the inputs x."""
    H = W1.shape[0]
    K = W2.shape[0]
    N = x.shape[0]
    o = np.empty((N, K), x.dtype)
    z1 = np.empty((N, H), x.dtype)
    a1 = np.empty((N, H), x.dtype)
    o_W3_x = np.empty((N, K), x.dtype)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H):
            z1[n, i] += b1[i]
    # a1[n,i] = tanh(z1[n,i])    (N, H)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = tanh(z1_flat[entry])
    # o[n,i] = Σ_j W2[i,j] a1[n,j] + Σ_j W3[i,j] x[n,j] + b2[i]    (N, K)
    np.dot(a1, W2.T, o)
    np.dot(x, W3.T, o_W3_x)
    for n in range(N):
        for i in range(K):
            o[n, i] += b2[i] + o_W3_x[n, i]
    return o


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, W1, b1, W2, W3, b2):
    """Return the loss J."""
    H = W1.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    z1 = np.empty((N, H), x.dtype)
    a1 = np.empty((N, H), x.dtype)
    o = np.empty((N, K), x.dtype)
    o_W3_x = np.empty((N, K), x.dtype)
    zero = constant(x, 0, 1)
    half_per_N = constant(x, 1, 2*N)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H):
            z1[n, i] += b1[i]
    # a1[n,i] = tanh(z1[n,i])    (N, H)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = tanh(z1_flat[entry])
    # o[n,i] = Σ_j W2[i,j] a1[n,j] + Σ_j W3[i,j] x[n,j] + b2[i]    (N, K)
    np.dot(a1, W2.T, o)
    np.dot(x, W3.T, o_W3_x)
    # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
    J = zero
    for n in range(N):
        for i in range(K):
            o[n, i] += b2[i] + o_W3_x[n, i]
            J += (o[n, i] - t[n, i])**2
    J = J*half_per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, W1, b1, W2, W3, b2, z1, a1, o, o_W3_x, do, dz1, dW1, db1, dW2, dW3, db2):
    """Return the loss J and fill in the gradients."""
    H = W1.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    zero = constant(x, 0, 1)
    per_N = constant(x, 1, N)
    half_per_N = constant(x, 1, 2*N)
    one = constant(x, 1, 1)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, H)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(H):
            z1[n, i] += b1[i]
    # a1[n,i] = tanh(z1[n,i])    (N, H)
    a1_flat = a1.reshape(-1)
    z1_flat = z1.reshape(-1)
    for entry in range(a1_flat.shape[0]):
        a1_flat[entry] = tanh(z1_flat[entry])
    # o[n,i] = Σ_j W2[i,j] a1[n,j] + Σ_j W3[i,j] x[n,j] + b2[i]    (N, K)
    np.dot(a1, W2.T, o)
    np.dot(x, W3.T, o_W3_x)
    # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
    J = zero
    # ∂J/∂b2[i] = Σ_n δo[n,i]    (K)
    db2[:] = 0
    for n in range(N):
        for i in range(K):
            o[n, i] += b2[i] + o_W3_x[n, i]
            J += (o[n, i] - t[n, i])**2
            # δo[n,i] = 1/N · (o[n,i] − t[n,i])    (N, K)
            do[n, i] = per_N*(o[n, i] - t[n, i])
        for i in range(K):
            db2[i] += do[n, i]
    J = J*half_per_N
    # ∂J/∂W3[i,j] = Σ_n δo[n,i] x[n,j]    (K, D)
    np.dot(do.T, x, dW3)
    # ∂J/∂W2[i,j] = Σ_n δo[n,i] a1[n,j]    (K, H)
    np.dot(do.T, a1, dW2)
    # δz1[n,i] = Σ_j W2[j,i] δo[n,j] · (1 − a1[n,i]²)    (N, H)
    np.dot(do, W2, dz1)
    # ∂J/∂b1[i] = Σ_n δz1[n,i]    (H)
    db1[:] = 0
    for n in range(N):
        for i in range(H):
            dz1[n, i] = dz1[n, i]*(one - a1[n, i]**2)
            db1[i] += dz1[n, i]
    # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (H, D)
    np.dot(dz1.T, x, dW1)
    return J


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, W1, b1, W2, W3, b2):
    """Return the loss J and the gradients dW1, db1, dW2, dW3, db2."""
    D = x.shape[1]
    H = W1.shape[0]
    K = t.shape[1]
    N = x.shape[0]
    z1 = np.empty((N, H), x.dtype)
    a1 = np.empty((N, H), x.dtype)
    o = np.empty((N, K), x.dtype)
    o_W3_x = np.empty((N, K), x.dtype)
    do = np.empty((N, K), x.dtype)
    dW1 = np.empty((H, D), x.dtype)
    db1 = np.empty(H, x.dtype)
    dW2 = np.empty((K, H), x.dtype)
    dW3 = np.empty((K, D), x.dtype)
    db2 = np.empty(K, x.dtype)
    dz1 = z1    # z1 is not read any more
    J = _gradients(x, t, W1, b1, W2, W3, b2, z1, a1, o, o_W3_x, do, dz1, dW1, db1, dW2, dW3, db2)
    return J, dW1, db1, dW2, dW3, db2


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, W1, b1, W2, W3, b2, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    D = x.shape[1]
    H = W1.shape[0]
    K = t.shape[1]
    learning_rate = constant(x, learning_rate, 1)
    z1 = np.empty((batch, H), x.dtype)
    a1 = np.empty((batch, H), x.dtype)
    o = np.empty((batch, K), x.dtype)
    o_W3_x = np.empty((batch, K), x.dtype)
    do = np.empty((batch, K), x.dtype)
    dW1 = np.empty((H, D), x.dtype)
    db1 = np.empty(H, x.dtype)
    dW2 = np.empty((K, H), x.dtype)
    dW3 = np.empty((K, D), x.dtype)
    db2 = np.empty(K, x.dtype)
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
                x_now, t_now, W1, b1, W2, W3, b2, z1[:size], a1[:size], o[:size], o_W3_x[:size], do[:size],
                dz1[:size], dW1, db1, dW2, dW3, db2,
            )
            losses[epoch] += J*size
            for i in range(H):
                for j in range(D):
                    W1[i, j] -= dW1[i, j]*learning_rate
            for i in range(H):
                b1[i] -= db1[i]*learning_rate
            for i in range(K):
                for j in range(H):
                    W2[i, j] -= dW2[i, j]*learning_rate
            for i in range(K):
                for j in range(D):
                    W3[i, j] -= dW3[i, j]*learning_rate
            for i in range(K):
                b2[i] -= db2[i]*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    return epoch
