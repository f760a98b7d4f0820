"""xor_2_2_1: XOR, tanh and sigmoid.

Format 2, from network 0bcfefd835c004d7…; do not edit.
Re-make: symgrad generate xor_2_2_1
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D, H = 2, K, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D, H = 2, K, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, H, N = 2, K = 1 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D, H = 2, K, N = 1 (exact normal forms)
Proved: this text, executed exactly, = gradient at D, H, N = 2, K = 1 (exact normal forms)
Bounded: train, executed exactly, = sgd at the gradients at D, H = 2, K = 1, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 15.
Operations per sample, with gradients: 48.
Workspaces of a training step: none.

x (N, 2) inputs · t (N, 1) targets (free)
W1 (2, 2), b1 (2,), W2 (1, 2), b2 (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

FORMAT = 2
NETWORK = "0bcfefd835c004d7471b9cff49e1aa582b3cbc12e676346db70b2ace47744b17"
SAMPLES = "N"
INPUTS = {"x": ("N", 2)}
DRAWN = {}
TARGETS = {"t": ("N", 1)}
OUTPUTS = {"y": ("N", 1)}
PARAMETERS = {"W1": (2, 2), "b1": (2,), "W2": (1, 2), "b2": (1,)}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {"W1": ("normal", (2,)), "b1": ("zeros", ()), "W2": ("normal", (2,)), "b2": ("zeros", ())}
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
def tanh(u):
    """Return (1 - e^-2|u|)/(1 + e^-2|u|) with the sign of u, within 2.1 ulp (float32: 2.1).

    The 1 is taken from 2^k, which keeps the digits near 0.
    """
    k, p = reduced(larger(type(u)(-2) * abs(u), type(u)(-44)))
    s = power_of_two(k)
    return type(u)(np.copysign((s * p + (s - type(u)(1))) / (s * p + (s + type(u)(1))), u))


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
def forward(x, W1, b1, W2, b2):
    """Return y for the inputs x."""
    N = x.shape[0]
    y = np.empty((N, 1), x.dtype)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b2_0 = b2[0]
    for n in range(N):
        x_0 = x[n, 0]
        x_1 = x[n, 1]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 2)
        z1_0 = W1_00*x_0 + W1_01*x_1 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + b1_1
        # a1[n,i] = tanh(z1[n,i])    (N, 2)
        a1_0 = tanh(z1_0)
        a1_1 = tanh(z1_1)
        # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 1)
        z2_0 = W2_00*a1_0 + W2_01*a1_1 + b2_0
        # y[n,i] = σ(z2[n,i])    (N, 1)
        y_0 = sigmoid(z2_0)
        y[n, 0] = y_0
    return y


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, W1, b1, W2, b2):
    """Return the loss J."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b2_0 = b2[0]
    # J = 1/N · Σ_n,i (t[n,i] softplus(−z2[n,i]) + (1 − t[n,i]) softplus(z2[n,i]))
    J = zero
    for n in range(N):
        t_0 = t[n, 0]
        x_0 = x[n, 0]
        x_1 = x[n, 1]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 2)
        z1_0 = W1_00*x_0 + W1_01*x_1 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + b1_1
        # a1[n,i] = tanh(z1[n,i])    (N, 2)
        a1_0 = tanh(z1_0)
        a1_1 = tanh(z1_1)
        # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 1)
        z2_0 = W2_00*a1_0 + W2_01*a1_1 + b2_0
        # J = 1/N · Σ_n,i (t[n,i] softplus(−z2[n,i]) + (1 − t[n,i]) softplus(z2[n,i]))
        J += t_0*softplus(-z2_0) + (one - t_0)*softplus(z2_0)
    J = J*per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(x, t, W1_00, W1_01, W1_10, W1_11, b1_0, b1_1, W2_00, W2_01, b2_0, N):
    """Return the loss J and the gradients; samples stand last."""
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    # J = 1/N · Σ_n,i (t[n,i] softplus(−z2[n,i]) + (1 − t[n,i]) softplus(z2[n,i]))
    J = zero
    # ∂J/∂b2[i] = Σ_n δz2[n,i]    (1)
    db2_0 = zero
    # ∂J/∂W2[i,j] = Σ_n δz2[n,i] a1[n,j]    (1, 2)
    dW2_00 = zero
    dW2_01 = zero
    # ∂J/∂b1[i] = Σ_n δz1[n,i]    (2)
    db1_0 = zero
    db1_1 = zero
    # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (2, 2)
    dW1_00 = zero
    dW1_01 = zero
    dW1_10 = zero
    dW1_11 = zero
    for n in range(N):
        t_0 = t[0, n]
        x_0 = x[0, n]
        x_1 = x[1, n]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 2)
        z1_0 = W1_00*x_0 + W1_01*x_1 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + b1_1
        # a1[n,i] = tanh(z1[n,i])    (N, 2)
        a1_0 = tanh(z1_0)
        a1_1 = tanh(z1_1)
        # z2[n,i] = Σ_j W2[i,j] a1[n,j] + b2[i]    (N, 1)
        z2_0 = W2_00*a1_0 + W2_01*a1_1 + b2_0
        # y[n,i] = σ(z2[n,i])    (N, 1)
        y_0 = sigmoid(z2_0)
        # J = 1/N · Σ_n,i (t[n,i] softplus(−z2[n,i]) + (1 − t[n,i]) softplus(z2[n,i]))
        J += t_0*softplus(-z2_0) + (one - t_0)*softplus(z2_0)
        # δz2[n,i] = 1/N · (y[n,i] − t[n,i])    (N, 1)
        dz2_0 = per_N*(y_0 - t_0)
        # ∂J/∂b2[i] = Σ_n δz2[n,i]    (1)
        db2_0 += dz2_0
        # ∂J/∂W2[i,j] = Σ_n δz2[n,i] a1[n,j]    (1, 2)
        dW2_00 += a1_0*dz2_0
        dW2_01 += a1_1*dz2_0
        # δz1[n,i] = Σ_j W2[j,i] δz2[n,j] · (1 − a1[n,i]²)    (N, 2)
        dz1_0 = W2_00*dz2_0*(one - a1_0**2)
        dz1_1 = W2_01*dz2_0*(one - a1_1**2)
        # ∂J/∂b1[i] = Σ_n δz1[n,i]    (2)
        db1_0 += dz1_0
        db1_1 += dz1_1
        # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (2, 2)
        dW1_00 += dz1_0*x_0
        dW1_01 += dz1_0*x_1
        dW1_10 += dz1_1*x_0
        dW1_11 += dz1_1*x_1
    J = J*per_N
    return J, dW1_00, dW1_01, dW1_10, dW1_11, db1_0, db1_1, dW2_00, dW2_01, db2_0


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, W1, b1, W2, b2):
    """Return the loss J and the gradients dW1, db1, dW2, db2."""
    x_columns = np.ascontiguousarray(x.T)
    t_columns = np.ascontiguousarray(t.T)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    b1_0 = b1[0]
    b1_1 = b1[1]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    b2_0 = b2[0]
    J, dW1_00, dW1_01, dW1_10, dW1_11, db1_0, db1_1, dW2_00, dW2_01, db2_0 = _gradients(
        x_columns, t_columns, W1_00, W1_01, W1_10, W1_11, b1_0, b1_1, W2_00, W2_01, b2_0, x.shape[0],
    )
    dW1 = np.empty((2, 2), x.dtype)
    dW1[0, 0] = dW1_00
    dW1[0, 1] = dW1_01
    dW1[1, 0] = dW1_10
    dW1[1, 1] = dW1_11
    db1 = np.empty(2, x.dtype)
    db1[0] = db1_0
    db1[1] = db1_1
    dW2 = np.empty((1, 2), x.dtype)
    dW2[0, 0] = dW2_00
    dW2[0, 1] = dW2_01
    db2 = np.empty(1, x.dtype)
    db2[0] = db2_0
    return J, dW1, db1, dW2, db2


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def train(x, t, W1, b1, W2, b2, learning_rate, batch, shuffle, drop_last, random_state, stop, losses):
    """Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."""
    rows = x.shape[0]
    batch = min(batch, rows)
    last = rows - rows % batch if drop_last else rows
    learning_rate = constant(x, learning_rate, 1)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    b1_0 = b1[0]
    b1_1 = b1[1]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    b2_0 = b2[0]
    order = np.empty(rows if shuffle else 0, np.int64)
    batches = 1 if shuffle else -(-last//batch)
    x_batches = np.empty((batches, x.shape[1], batch), x.dtype)
    t_batches = np.empty((batches, t.shape[1], batch), t.dtype)
    if not shuffle:
        for first in range(0, last, batch):
            for n in range(min(batch, last - first)):
                for i0 in range(x.shape[1]):
                    x_batches[first//batch, i0, n] = x[first + n, i0]
                for i0 in range(t.shape[1]):
                    t_batches[first//batch, i0, n] = t[first + n, i0]
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
                    for i0 in range(x.shape[1]):
                        x_now[i0, n] = x[order[first + n], i0]
                    for i0 in range(t.shape[1]):
                        t_now[i0, n] = t[order[first + n], i0]
            J, dW1_00, dW1_01, dW1_10, dW1_11, db1_0, db1_1, dW2_00, dW2_01, db2_0 = _gradients(
                x_now, t_now, W1_00, W1_01, W1_10, W1_11, b1_0, b1_1, W2_00, W2_01, b2_0, size,
            )
            losses[epoch] += J*size
            W1_00 -= dW1_00*learning_rate
            W1_01 -= dW1_01*learning_rate
            W1_10 -= dW1_10*learning_rate
            W1_11 -= dW1_11*learning_rate
            b1_0 -= db1_0*learning_rate
            b1_1 -= db1_1*learning_rate
            W2_00 -= dW2_00*learning_rate
            W2_01 -= dW2_01*learning_rate
            b2_0 -= db2_0*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    W1[0, 0] = W1_00
    W1[0, 1] = W1_01
    W1[1, 0] = W1_10
    W1[1, 1] = W1_11
    b1[0] = b1_0
    b1[1] = b1_1
    W2[0, 0] = W2_00
    W2[0, 1] = W2_01
    b2[0] = b2_0
    return epoch
