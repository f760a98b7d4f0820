"""logistic_regression: logistic regression.

Format 2, from network 8a8c0582c28078d3…; do not edit.
Re-make: symgrad generate logistic_regression
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, N = 2 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D = 2, N = 1 (exact normal forms)
Proved: this text, executed exactly, = gradient at D, N = 2 (exact normal forms)
Bounded: train, executed exactly, = sgd at the gradients at D = 2, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 2·D + 2.
Operations per sample, with gradients: 4·D + 15.
Workspaces of a training step: D + 2·N + 1 numbers.

x (N, D) inputs · t (N,) targets (free)
w (D,), b (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit
from numba.extending import register_jitable

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


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def larger(u, v):
    """Return the larger of two numbers."""
    return v if v > u else u


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def narrow(u):
    """Say whether u is a float32; settled when the kernel is compiled."""
    return type(u)(1) + type(u)(1e-10) == type(u)(1)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def shift(u):
    """Return 1.5 2^52 (float32: 1.5 2^23), to which a number is added to round it: the last bits are it."""
    return type(u)(12582912.0) if narrow(u) else type(u)(6755399441055744.0)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def shifted(u):
    """Return the whole number nearest to u / log 2, shifted."""
    if narrow(u):
        return type(u)(np.float32(u) * np.float32(1.4426950408889634) + np.float32(12582912.0))
    return type(u)(np.float64(u) * 1.4426950408889634 + 6755399441055744.0)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def power_of_shifted(m, less):
    """Return 2^(k - less) for k shifted and a whole number by writing the bits of the exponent."""
    if narrow(m):
        few = np.float32(m).view(np.int32)
        return type(m)(np.int32((few + np.int32(127 - less)) << np.int32(23)).view(np.float32))
    bits = np.float64(m).view(np.int64)
    return type(m)(np.int64((bits + np.int64(1023 - less)) << 52).view(np.float64))


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def series(r):
    """Return e^r - 1 - r for |r| up to half of log 2."""
    if narrow(r):
        s = np.float32(r)
        q = np.float32(0.16666534) + s * np.float32(0.04166724)
        q = q + s * s * (np.float32(0.0083675118) + s * np.float32(0.0013863706))
        return type(r)(s * s * (np.float32(0.5) + s * q))
    w = np.float64(r)
    w2 = w * w
    w4 = w2 * w2
    low = (0.5 + w * 0.16666666666666435) + w2 * (0.04166666666660379 + w * 0.008333333333498526)
    high = (0.001388888892687318 + w * 0.00019841269469344009) + w2 * (
        2.480150857500104e-05 + w * 2.755763806257441e-06
    ) + w4 * (2.76252341051791e-07 + w * 2.497930545805057e-08)
    return type(r)(w2 * (low + w4 * high))


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def half(r, unit):
    """Return h(r) times a power of two, with e^r = h(r)/h(-r) for |r| up to half of log 2."""
    if narrow(r):
        s, one = np.float32(r), np.float32(unit)
        even = one * np.float32(1.6875) + s * s * (one * np.float32(0.16872576))
        return type(r)(even + one * s * (np.float32(0.84375) + s * s * np.float32(0.014050398)))
    w, one = np.float64(r), np.float64(unit)
    w2 = w * w
    even = one * 1.6875 + w2 * (one * 0.18749592093741765 + w2 * (one * 0.001673699273258813))
    return type(r)(even + one * w * (0.84375 + w2 * (0.023435460468708962 + w2 * 5.5769597533582714e-05)))


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def log_rest(f):
    """Return log(1 + f) - f for -0.3 <= f <= 0.5; log(1 + f) = 2 atanh(f/(2 + f))."""
    square = type(f)(0.5) * f * f
    s = f / (type(f)(2) + f)
    z = s * s
    if narrow(f):
        x = np.float32(z)
        part = x * (np.float32(0.66666949) + x * (np.float32(0.39957657) + x * np.float32(0.30364514)))
        return s * (square + type(f)(part)) - square
    w = np.float64(z)
    y = w * w
    even = y * (0.39999999996099334 + y * (0.22222137587569257 + y * 0.15249440413890117))
    odd = 0.2857142940648211 + y * (0.1818639348504292 + y * 0.15374005909636862)
    odd = w * (0.6666666666667282 + y * odd)
    return s * (square + type(f)(even + odd)) - square


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def power_of_two(k):
    """Return 2^k for a whole number k."""
    return power_of_shifted(k + shift(k), 0)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def split(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = shifted(u) - shift(u)
    big = type(u)(0.693145751953125) if narrow(u) else type(u)(0.6931471803691238)
    small = type(u)(1.4286068203094173e-06) if narrow(u) else type(u)(1.9082149292705877e-10)
    return k, u - k * big, k * small


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def times_power_of_two(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    most = type(m)(120) if narrow(m) else type(m)(1000)
    near = between(k, -most, most)
    return m * power_of_two(near) * power_of_two(k - near)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def reduced(u):
    """Return k and p with e^u = 2^k (1 + p)."""
    k, a, b = split(u)
    r = a - b
    return k, r + series(r)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def sigmoid(u):
    """Return 1/(1 + e^-u), within 2.3 ulp (float32: 2.6).

    With e^-u = 2^k h(r)/h(-r) it is m h(-r)/(2^k m h(r) + m h(-r)); for m = 2^-60 (float32: 2^-40) nothing
    overflows.  Where u is beyond what makes a difference, k is held, and r is 0: nothing waits for either.
    """
    less, least, most = (40, -30, 160) if narrow(u) else (60, -60, 1080)
    m = type(u)(9.094947017729282e-13) if narrow(u) else type(u)(8.673617379884035e-19)
    _, a, b = split(-u)
    r = type(u)(0) if abs(u) > type(u)(1000) else a - b
    k = between(shifted(-u), shift(u) + type(u)(least), shift(u) + type(u)(most))
    one = half(-r, m)
    return one / (power_of_shifted(k, less) * half(r, type(u)(1)) + one)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def exp(u):
    """Return e^u, within 1 ulp (float32: 1.1)."""
    edge = type(u)(110) if narrow(u) else type(u)(750)
    k, p = reduced(between(u, -edge, edge))
    return times_power_of_two(type(u)(1) + p, k)


@register_jitable(no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract"})
def softplus(u):
    """Return log(1 + e^u), within 1.5 ulp (float32: 1.7).

    It is max(u, 0) + log(1 + e) with e = e^-|u|; where e > 1/2, log(1 + e) = log 2 + log((1 + e)/2).
    """
    e = exp(-abs(u))
    far = e > type(u)(0.5)
    f = type(u)(0.5) * e - type(u)(0.5) if far else e
    big = type(u)(0.693145751953125) if narrow(u) else type(u)(0.6931471803691238)
    small = type(u)(1.4286068203094173e-06) if narrow(u) else type(u)(1.9082149292705877e-10)
    value = f + (log_rest(f) + (small if far else type(u)(0)))
    return larger(u, type(u)(0)) + ((big if far else type(u)(0)) + value)


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


@register_jitable(
    no_cfunc_wrapper=True, forceinline=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}
)
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
