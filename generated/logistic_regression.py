"""logistic_regression: logistic regression.

Format 2, from network 8a8c0582c28078d3…; do not edit.
Re-make: symgrad generate logistic_regression
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, N = 2 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: this text, executed exactly, = gradient at D, N = 2 (exact normal forms)
Operations per sample, forward: 2·D + 2.
Operations per sample, with gradients: 4·D + 13.
Workspaces of a training step: D + 2·N + 1 numbers.

x (N, D) inputs · t (N,) targets (free)
w (D,), b (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit

FORMAT = 2
NETWORK = "8a8c0582c28078d3b53c593837fba5c0e57b78d307fda001e467b3772fc4f78a"
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
TASK = "classification"


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def narrow(u):
    """Say whether u is a float32; settled when the kernel is compiled."""
    return type(u)(1) + type(u)(1e-10) == type(u)(1)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def log(u):
    """Return log u; minus infinity at 0, NaN below."""
    w = np.float64(u)
    tiny = w < 2.2250738585072014e-308
    w = w * 18014398509481984.0 if tiny else w
    bits = np.float64(w).view(np.int64) + 2638149301829632
    k = np.float64((bits >> 52) - 1023) - (54.0 if tiny else 0.0)
    f = np.int64((bits & 4503599627370495) + 4604544269498187776).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    y = z * z
    even = y * (0.3999999999940942 + y * (0.22222198432149784 + y * 0.15313837699209373))
    odd = 0.2857142874366239 + y * (0.1818357216161805 + y * 0.14798198605116586)
    odd = z * (0.6666666666666735 + y * odd)
    square = 0.5 * f * f
    value = k * 0.6931471803691238 - ((square - (s * (square + even + odd) + k * 1.9082149292705877e-10)) - f)
    value = w if w == np.inf else value
    value = -np.inf if w == 0.0 else value
    return type(u)(value if w >= 0.0 else np.nan)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def larger(u, v):
    """Return the larger of two numbers."""
    return v if v > u else u


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def absolute(u):
    """Return |u|."""
    return -u if u < type(u)(0) else u


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def power_of_two(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    if narrow(k):
        few = np.float32(np.float32(k) + np.float32(12582912.0)).view(np.int32)
        return type(k)(np.int32((few + np.int32(127)) << np.int32(23)).view(np.float32))
    bits = np.float64(np.float64(k) + 6755399441055744.0).view(np.int64)
    return type(k)(np.int64((bits + 1023) << 52).view(np.float64))


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def reduced(u):
    """Return k and p with e^u = 2^k (1 + p)."""
    if narrow(u):
        v = np.float32(u)
        m = (v * np.float32(1.4426950408889634) + np.float32(12582912.0)) - np.float32(12582912.0)
        s = (v - m * np.float32(0.693145751953125)) - m * np.float32(1.4286068203094173e-06)
        q = np.float32(0.1666663) + s * np.float32(0.041666623)
        q = q + s * s * (np.float32(0.008357259) + s * np.float32(0.0013918787))
        return type(u)(m), type(u)(s + s * s * (np.float32(0.5) + s * q))
    w = np.float64(u)
    k = (w * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    r = (w - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    r2 = r * r
    r4 = r2 * r2
    low = (0.5 + r * 0.16666666666666666) + r2 * (0.04166666666665122 + r * 0.008333333333332145)
    high = (0.001388888890599716 + r * 0.00019841269854427524) + r2 * (
        2.4801536157973374e-05 + r * 2.7557279889588307e-06
    ) + r4 * (2.7613934750302004e-07 + r * 2.5095653027086784e-08)
    return type(u)(k), type(u)(r + r2 * (low + r4 * high))


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def exp(u):
    """Return e^u; its power of two in two factors, so that the ends of the range are right."""
    edge = type(u)(110) if narrow(u) else type(u)(750)
    most = type(u)(120) if narrow(u) else type(u)(1000)
    k, p = reduced(between(u, -edge, edge))
    near = between(k, -most, most)
    return (type(u)(1) + p) * power_of_two(near) * power_of_two(k - near)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def sigmoid(u):
    """Return 1/(1 + e^-u); below the range of e^-u what is left is less than 1e-307 (1e-38 in float32)."""
    edge = type(u)(88) if narrow(u) else type(u)(709)
    k, p = reduced(between(-u, type(u)(-80), edge))
    s = power_of_two(k)
    return type(u)(1) / (s * p + (s + type(u)(1)))


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def softplus(u):
    """Return log(1 + e^u) as max(u, 0) + log(1 + e), e = e^-|u|, with the rounding of 1 + e made good."""
    e = exp(-absolute(u))
    w = type(u)(1) + e
    return larger(u, type(u)(0)) + (log(w) + (e - (w - type(u)(1))) / w)


@njit(cache=True, nogil=True, error_model="numpy")
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
    z = np.empty(N, x.dtype)
    # z[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, z)
    for n in range(N):
        z[n] += b[0]
        # y[n] = σ(z[n])    (N)
        y[n] = sigmoid(z[n])
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, w, b):
    """Return the loss J."""
    N = x.shape[0]
    z = np.empty(N, x.dtype)
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    # z[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, z)
    # J = 1/N · Σ_n t[n] softplus(−z[n]) + 1/N · Σ_n (1 − t[n]) softplus(z[n])
    J = zero
    J_t_z = zero
    for n in range(N):
        z[n] += b[0]
        J += t[n]*softplus(-z[n])
        J_t_z += (one - t[n])*softplus(z[n])
    J = J*per_N + J_t_z*per_N
    return J


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, w, b, z, dz, dw, db):
    """Return the loss J and fill in the gradients."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    # z[n] = Σ_j w[j] x[n,j] + b    (N)
    np.dot(w, x.T, z)
    # J = 1/N · Σ_n t[n] softplus(−z[n]) + 1/N · Σ_n (1 − t[n]) softplus(z[n])
    J = zero
    J_t_z = zero
    # ∂J/∂b = Σ_n δz[n]
    db[0] = zero
    for n in range(N):
        z[n] += b[0]
        # y[n] = σ(z[n])    (N)
        y = sigmoid(z[n])
        J += t[n]*softplus(-z[n])
        J_t_z += (one - t[n])*softplus(z[n])
        # δz[n] = 1/N · (y[n] − t[n])    (N)
        dz[n] = per_N*(y - t[n])
        db[0] += dz[n]
    J = J*per_N + J_t_z*per_N
    # ∂J/∂w[j] = Σ_n δz[n] x[n,j]    (D)
    np.dot(dz, x, dw)
    return J


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, w, b):
    """Return the loss J and the gradients dw, db."""
    D = x.shape[1]
    N = x.shape[0]
    z = np.empty(N, x.dtype)
    dz = np.empty(N, x.dtype)
    dw = np.empty(D, x.dtype)
    db = np.empty(1, x.dtype)
    J = _gradients(x, t, w, b, z, dz, dw, db)
    return J, dw, db


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, w, b, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    D = x.shape[1]
    learning_rate = constant(x, learning_rate, 1)
    z = np.empty(batch, x.dtype)
    dz = np.empty(batch, x.dtype)
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
            J = _gradients(x_now, t_now, w, b, z[:size], dz[:size], dw, db)
            losses[epoch] += J*size
            for j in range(D):
                w[j] -= dw[j]*learning_rate
            b[0] -= db[0]*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    return epoch
