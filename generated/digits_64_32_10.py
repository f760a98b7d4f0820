"""digits_64_32_10: handwritten digits, tanh and softmax.

Format 2, from network 1302ed7c62a94163…; do not edit.
Re-make: symgrad generate digits_64_32_10
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D, H, K = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, K, N = 2, H = 3 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Bounded: this text, executed exactly, = gradient at D = 64, H = 32, K = 10, N = 2 (modulo random 61-bit primes, 5 points, error < 1e-20)
Bounded: train, executed exactly, = sgd at the gradients at D = 64, H = 32, K = 10, N = 3 (batches of 2 and 1, 1 shuffled epoch; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 4861.
Operations per sample, with gradients: 10410.
Workspaces of a training step: 19.3 kB + 840 bytes per sample (float64).

x (N, 64) inputs · t (N,) targets (labels)
W1 (32, 64), b1 (32,), W2 (10, 32), b2 (10,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

FORMAT = 2
NETWORK = "1302ed7c62a941632cb35b49ea6dbce540e7856b673d9dddf04897e3ceb00a39"
SAMPLES = "N"
INPUTS = {"x": ("N", 64)}
DRAWN = {}
TARGETS = {"t": ("N",)}
OUTPUTS = {"y": ("N", 10)}
PARAMETERS = {"W1": (32, 64), "b1": (32,), "W2": (10, 32), "b2": (10,)}
KINDS = {"t": "labels"}
LABELS = {"t": 10}
NEEDS = ()
STARTS = {"W1": ("normal", (64,)), "b1": ("zeros", ()), "W2": ("normal", (32,)), "b2": ("zeros", ())}
TRAINED = ("W1", "b1", "W2", "b2")
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
def running_maximum(u, v):
    """Return the larger of two numbers; what it is subtracted from does not depend on it in the end."""
    return v if v > u else u


@inlined
def equal(u, v, one):
    """Return 1 where two labels are equal, else 0, in the type of `one`."""
    return type(one)(u == v)


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


def log32(u):
    """Return log u; minus infinity at 0, NaN below."""
    v = abs(u)
    tiny = v < np.float32(1.1754943508222875e-38)
    bits = np.float32(v * np.float32(33554432) if tiny else v).view(np.int32) - np.int32(1060439283)
    k = np.float32(bits >> np.int32(23)) - np.float32(25 if tiny else 0)
    m = np.int32((bits & np.int32(8388607)) + np.int32(1060439283)).view(np.float32)
    f = m - np.float32(1)  # u = 2^k (1 + f)
    rest = log_rest(f) + k * np.float32(1.4286068203094173e-06)
    value = k * np.float32(0.693145751953125) + (f + rest)
    value = u if u == np.float32(np.inf) else value
    value = np.float32(-np.inf) if u == np.float32(0) else value
    return value if u >= np.float32(0) else np.float32(np.nan)


@in_float32(log32)
def log(u):
    """Return log u, within 0.9 ulp (float32: 0.9); minus infinity at 0, NaN below."""
    v = abs(u)
    tiny = v < 2.2250738585072014e-308
    bits = np.float64(v * 18014398509481984.0 if tiny else v).view(np.int64) - 4604544269498187776
    k = np.float64(bits >> 52) - (54.0 if tiny else 0.0)
    f = np.int64((bits & 4503599627370495) + 4604544269498187776).view(np.float64) - 1.0  # u = 2^k (1 + f)
    value = k * 0.6931471803691238 + (f + (log_rest(f) + k * 1.9082149292705877e-10))
    value = u if u == np.inf else value
    value = -np.inf if u == 0.0 else value
    return value if u >= 0.0 else np.nan


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
def forward(x, W1, b1, W2, b2):
    """Return y for the inputs x."""
    N = x.shape[0]
    y = np.empty((N, 10), x.dtype)
    z1 = np.empty((N, 32), x.dtype)
    a1 = np.empty((N, 32), x.dtype)
    z2 = np.empty((N, 10), x.dtype)
    y_exp = np.empty((N, 10), x.dtype)
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 32)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(32):
            z1[n, i] += b1[i]
            # a1[n,i] = tanh(z1[n,i])    (N, 32)
            a1[n, i] = tanh(z1[n, i])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 10)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(10):
            z2[n, i] += b2[i]
        # y_max[n] = max_i z2[n,i]    (N)
        y_max = z2[n, 0]
        for i in range(10):
            y_max = running_maximum(y_max, z2[n, i])
        # y_exp[n,i] = exp(z2[n,i] − y_max[n])    (N, 10)
        for i in range(10):
            y_exp[n, i] = z2[n, i] - y_max
    y_exp_flat = y_exp.reshape(-1)
    for entry in range(y_exp_flat.shape[0]):
        y_exp_flat[entry] = exp(y_exp_flat[entry])
    for n in range(N):
        # y_sum[n] = Σ_i y_exp[n,i]    (N)
        y_sum = zero
        for i in range(10):
            y_sum += y_exp[n, i]
        # y[n,i] = y_exp[n,i]/y_sum[n]    (N, 10)
        per_y_sum = one/y_sum
        for i in range(10):
            y[n, i] = per_y_sum*y_exp[n, i]
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, W1, b1, W2, b2):
    """Return the loss J."""
    N = x.shape[0]
    z1 = np.empty((N, 32), x.dtype)
    a1 = np.empty((N, 32), x.dtype)
    z2 = np.empty((N, 10), x.dtype)
    y_max = np.empty(N, x.dtype)
    y_exp = np.empty((N, 10), x.dtype)
    zero = constant(x, 0, 1)
    per_N = constant(x, 1, N)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 32)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(32):
            z1[n, i] += b1[i]
            # a1[n,i] = tanh(z1[n,i])    (N, 32)
            a1[n, i] = tanh(z1[n, i])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 10)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(10):
            z2[n, i] += b2[i]
        # y_max[n] = max_i z2[n,i]    (N)
        y_max_max = z2[n, 0]
        for i in range(10):
            y_max_max = running_maximum(y_max_max, z2[n, i])
        y_max[n] = y_max_max
        # y_exp[n,i] = exp(z2[n,i] − y_max[n])    (N, 10)
        for i in range(10):
            y_exp[n, i] = z2[n, i] - y_max[n]
    y_exp_flat = y_exp.reshape(-1)
    for entry in range(y_exp_flat.shape[0]):
        y_exp_flat[entry] = exp(y_exp_flat[entry])
    # J = −1/N · Σ_n,i (z2[n,i] − y_max[n] − log(y_sum[n])) t_hot[n,i]
    J = zero
    for n in range(N):
        # y_sum[n] = Σ_i y_exp[n,i]    (N)
        y_sum = zero
        for i in range(10):
            y_sum += y_exp[n, i]
        i_t = t[n]
        J += z2[n, i_t] - y_max[n] - log(y_sum)
    J = -J*per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, W1, b1, W2, b2, z1, a1, z2, y_max, y_exp, y, dz2, dz1, dW1, db1, dW2, db2):
    """Return the loss J and fill in the gradients."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 32)
    np.dot(x, W1.T, z1)
    for n in range(N):
        for i in range(32):
            z1[n, i] += b1[i]
            # a1[n,i] = tanh(z1[n,i])    (N, 32)
            a1[n, i] = tanh(z1[n, i])
    # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 10)
    np.dot(a1, W2.T, z2)
    for n in range(N):
        for i in range(10):
            z2[n, i] += b2[i]
        # y_max[n] = max_i z2[n,i]    (N)
        y_max_max = z2[n, 0]
        for i in range(10):
            y_max_max = running_maximum(y_max_max, z2[n, i])
        y_max[n] = y_max_max
        # y_exp[n,i] = exp(z2[n,i] − y_max[n])    (N, 10)
        for i in range(10):
            y_exp[n, i] = z2[n, i] - y_max[n]
    y_exp_flat = y_exp.reshape(-1)
    for entry in range(y_exp_flat.shape[0]):
        y_exp_flat[entry] = exp(y_exp_flat[entry])
    # J = −1/N · Σ_n,i (z2[n,i] − y_max[n] − log(y_sum[n])) t_hot[n,i]
    J = zero
    # ∂J/∂b2[i] = Σ_n δz2[n,i]    (10)
    db2[:] = 0
    for n in range(N):
        # y_sum[n] = Σ_i y_exp[n,i]    (N)
        y_sum = zero
        for i in range(10):
            y_sum += y_exp[n, i]
        # y[n,i] = y_exp[n,i]/y_sum[n]    (N, 10)
        per_y_sum = one/y_sum
        for i in range(10):
            y[n, i] = per_y_sum*y_exp[n, i]
        i_t = t[n]
        J += z2[n, i_t] - y_max[n] - log(y_sum)
        for i in range(10):
            # δz2[n,i] = 1/N · (y[n,i] − t_hot[n,i])    (N, 10)
            dz2[n, i] = per_N*(y[n, i] - equal(t[n], i, one))
            db2[i] += dz2[n, i]
    J = -J*per_N
    # ∂J/∂W2[i,j] = Σ_n δz2[n,i] a1[n,j]    (10, 32)
    np.dot(dz2.T, a1, dW2)
    # δz1[n,i] = Σ_j W2[j,i] δz2[n,j] · (1 − a1[n,i]²)    (N, 32)
    np.dot(dz2, W2, dz1)
    # ∂J/∂b1[i] = Σ_n δz1[n,i]    (32)
    db1[:] = 0
    for n in range(N):
        for i in range(32):
            dz1[n, i] = dz1[n, i]*(one - a1[n, i]**2)
            db1[i] += dz1[n, i]
    # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (32, 64)
    np.dot(dz1.T, x, dW1)
    return J


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, W1, b1, W2, b2):
    """Return the loss J and the gradients dW1, db1, dW2, db2."""
    N = x.shape[0]
    z1 = np.empty((N, 32), x.dtype)
    a1 = np.empty((N, 32), x.dtype)
    z2 = np.empty((N, 10), x.dtype)
    y_max = np.empty(N, x.dtype)
    y_exp = np.empty((N, 10), x.dtype)
    y = np.empty((N, 10), x.dtype)
    dz2 = np.empty((N, 10), x.dtype)
    dW1 = np.empty((32, 64), x.dtype)
    db1 = np.empty(32, x.dtype)
    dW2 = np.empty((10, 32), x.dtype)
    db2 = np.empty(10, x.dtype)
    dz1 = z1    # z1 is not read any more
    J = _gradients(x, t, W1, b1, W2, b2, z1, a1, z2, y_max, y_exp, y, dz2, dz1, dW1, db1, dW2, db2)
    return J, dW1, db1, dW2, db2


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, W1, b1, W2, b2, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    learning_rate = constant(x, learning_rate, 1)
    z1 = np.empty((batch, 32), x.dtype)
    a1 = np.empty((batch, 32), x.dtype)
    z2 = np.empty((batch, 10), x.dtype)
    y_max = np.empty(batch, x.dtype)
    y_exp = np.empty((batch, 10), x.dtype)
    y = np.empty((batch, 10), x.dtype)
    dz2 = np.empty((batch, 10), x.dtype)
    dW1 = np.empty((32, 64), x.dtype)
    db1 = np.empty(32, x.dtype)
    dW2 = np.empty((10, 32), x.dtype)
    db2 = np.empty(10, x.dtype)
    dz1 = z1    # z1 is not read any more
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
            J = _gradients(
                x_now, t_now, W1, b1, W2, b2, z1[:size], a1[:size], z2[:size], y_max[:size], y_exp[:size],
                y[:size], dz2[:size], dz1[:size], dW1, db1, dW2, db2,
            )
            losses[epoch] += J*size
            for i in range(32):
                for j in range(64):
                    W1[i, j] -= dW1[i, j]*learning_rate
            for i in range(32):
                b1[i] -= db1[i]*learning_rate
            for i in range(10):
                for j in range(32):
                    W2[i, j] -= dW2[i, j]*learning_rate
            for i in range(10):
                b2[i] -= db2[i]*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    return epoch
