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
from numba import njit, types
from numba.extending import overload, register_jitable

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


@inlined
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v


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


def log_rest32(f):
    """Return log(1 + f) - f for -0.3 <= f <= 0.5; log(1 + f) = 2 atanh(f/(2 + f))."""
    square = np.float32(0.5) * f * f
    s = f / (np.float32(2) + f)
    z = s * s
    part = z * (np.float32(0.66666949) + z * (np.float32(0.39957657) + z * np.float32(0.30364514)))
    return s * (square + part) - square


@in_float32(log_rest32)
def log_rest(f):
    """Return log(1 + f) - f for -0.3 <= f <= 0.5; log(1 + f) = 2 atanh(f/(2 + f))."""
    square = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    y = z * z
    even = y * (0.39999999996099334 + y * (0.22222137587569257 + y * 0.15249440413890117))
    odd = 0.2857142940648211 + y * (0.1818639348504292 + y * 0.15374005909636862)
    odd = z * (0.6666666666667282 + y * odd)
    return s * (square + (even + odd)) - square


def log_of_two32(u):
    """Return log 2 in two parts, the second one small."""
    return np.float32(0.693145751953125), np.float32(1.4286068203094173e-06)


@in_float32(log_of_two32)
def log_of_two(u):
    """Return log 2 in two parts, the second one small."""
    return 0.6931471803691238, 1.9082149292705877e-10


def times_power_of_two32(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    near = between(k, np.float32(-120), np.float32(120))
    return m * power_of_two(near) * power_of_two(k - near)


@in_float32(times_power_of_two32)
def times_power_of_two(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    near = between(k, -1000.0, 1000.0)
    return m * power_of_two(near) * power_of_two(k - near)


@inlined
def reduced(u):
    """Return k and p with e^u = 2^k (1 + p)."""
    k, a, b = split(u)
    r = a - b
    return k, r + series(r)


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


def exp32(u):
    """Return e^u."""
    k, p = reduced(between(u, np.float32(-110), np.float32(110)))
    return times_power_of_two(np.float32(1) + p, k)


@in_float32(exp32)
def exp(u):
    """Return e^u, within 1 ulp (float32: 1.1)."""
    k, p = reduced(between(u, -750.0, 750.0))
    return times_power_of_two(1.0 + p, k)


@inlined
def softplus(u):
    """Return log(1 + e^u), within 1.5 ulp (float32: 1.7).

    It is max(u, 0) + log(1 + e) with e = e^-|u|; where e > 1/2, log(1 + e) = log 2 + log((1 + e)/2).
    """
    e = exp(-abs(u))
    far = e > type(u)(0.5)
    f = type(u)(0.5) * e - type(u)(0.5) if far else e
    big, small = log_of_two(u)
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


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
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
