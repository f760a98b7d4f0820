"""classifier_3_3_3: 3-3-3 classifier, sigmoid and squared error.

Format 2, from network f807946201fe3a6f…; do not edit.
Re-make: symgrad generate classifier_3_3_3
Proved: paths = deltas for all sizes (local induction over the graph)
Proved: paths = deltas at D, H, K = 2, N = 1 (expansion of the listed paths)
Proved: gradient = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Proved: gradient = sympy.diff of the loss at D, K, N = 2, H = 3 (exact normal forms)
Proved: simplified, stable form = sympy.diff of the loss at D, H, K = 2, N = 1 (exact normal forms)
Bounded: this text, executed exactly, = gradient at D, H, K = 3, N = 2 (modulo random 61-bit primes, 5 points, error < 1e-20)
Bounded: train, executed exactly, = sgd at the gradients at D, H, K, N = 3 (batches of 2 and 1, 2 shuffled epochs; modulo random 61-bit primes, 4 points, error < 1e-20)
Operations per sample, forward: 42.
Operations per sample, with gradients: 133.
Workspaces of a training step: none.

x (N, 3) inputs · t (N, 3) targets (free)
W1 (3, 3), b1 (3,), W2 (3, 3), b2 (1,) parameters

Arrays are C-contiguous, samples first, all of one type, float32 or float64."""

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

FORMAT = 2
NETWORK = "f807946201fe3a6f90fc3fc430f43f9d40fc5d19ebf8400415cdb53de5e08df5"
SAMPLES = "N"
INPUTS = {"x": ("N", 3)}
DRAWN = {}
TARGETS = {"t": ("N", 3)}
OUTPUTS = {"o": ("N", 3)}
PARAMETERS = {"W1": (3, 3), "b1": (3,), "W2": (3, 3), "b2": (1,)}
KINDS = {"t": "free"}
LABELS = {}
NEEDS = ()
STARTS = {"W1": ("normal", (3,)), "b1": ("zeros", ()), "W2": ("normal", (3,)), "b2": ("zeros", ())}
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
def forward(x, W1, b1, W2, b2):
    """Return o for the inputs x."""
    N = x.shape[0]
    o = np.empty((N, 3), x.dtype)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_02 = W1[0, 2]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W1_12 = W1[1, 2]
    W1_20 = W1[2, 0]
    W1_21 = W1[2, 1]
    W1_22 = W1[2, 2]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    W2_02 = W2[0, 2]
    W2_10 = W2[1, 0]
    W2_11 = W2[1, 1]
    W2_12 = W2[1, 2]
    W2_20 = W2[2, 0]
    W2_21 = W2[2, 1]
    W2_22 = W2[2, 2]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b1_2 = b1[2]
    b2_0 = b2[0]
    for n in range(N):
        x_0 = x[n, 0]
        x_1 = x[n, 1]
        x_2 = x[n, 2]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 3)
        z1_0 = W1_00*x_0 + W1_01*x_1 + W1_02*x_2 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + W1_12*x_2 + b1_1
        z1_2 = W1_20*x_0 + W1_21*x_1 + W1_22*x_2 + b1_2
        # a1[n,i] = σ(z1[n,i])    (N, 3)
        a1_0 = sigmoid(z1_0)
        a1_1 = sigmoid(z1_1)
        a1_2 = sigmoid(z1_2)
        # q[n,i] = Σ_j W2[i,j] a1[n,j] + b2    (N, 3)
        q_0 = W2_00*a1_0 + W2_01*a1_1 + W2_02*a1_2 + b2_0
        q_1 = W2_10*a1_0 + W2_11*a1_1 + W2_12*a1_2 + b2_0
        q_2 = W2_20*a1_0 + W2_21*a1_1 + W2_22*a1_2 + b2_0
        # o[n,i] = σ(q[n,i])    (N, 3)
        o_0 = sigmoid(q_0)
        o_1 = sigmoid(q_1)
        o_2 = sigmoid(q_2)
        o[n, 0] = o_0
        o[n, 1] = o_1
        o[n, 2] = o_2
    return o


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def loss(x, t, W1, b1, W2, b2):
    """Return the loss J."""
    N = x.shape[0]
    zero = constant(x, 0, 1)
    half_per_N = constant(x, 1, 2*N)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_02 = W1[0, 2]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W1_12 = W1[1, 2]
    W1_20 = W1[2, 0]
    W1_21 = W1[2, 1]
    W1_22 = W1[2, 2]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    W2_02 = W2[0, 2]
    W2_10 = W2[1, 0]
    W2_11 = W2[1, 1]
    W2_12 = W2[1, 2]
    W2_20 = W2[2, 0]
    W2_21 = W2[2, 1]
    W2_22 = W2[2, 2]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b1_2 = b1[2]
    b2_0 = b2[0]
    # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
    J = zero
    for n in range(N):
        t_0 = t[n, 0]
        t_1 = t[n, 1]
        t_2 = t[n, 2]
        x_0 = x[n, 0]
        x_1 = x[n, 1]
        x_2 = x[n, 2]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 3)
        z1_0 = W1_00*x_0 + W1_01*x_1 + W1_02*x_2 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + W1_12*x_2 + b1_1
        z1_2 = W1_20*x_0 + W1_21*x_1 + W1_22*x_2 + b1_2
        # a1[n,i] = σ(z1[n,i])    (N, 3)
        a1_0 = sigmoid(z1_0)
        a1_1 = sigmoid(z1_1)
        a1_2 = sigmoid(z1_2)
        # q[n,i] = Σ_j W2[i,j] a1[n,j] + b2    (N, 3)
        q_0 = W2_00*a1_0 + W2_01*a1_1 + W2_02*a1_2 + b2_0
        q_1 = W2_10*a1_0 + W2_11*a1_1 + W2_12*a1_2 + b2_0
        q_2 = W2_20*a1_0 + W2_21*a1_1 + W2_22*a1_2 + b2_0
        # o[n,i] = σ(q[n,i])    (N, 3)
        o_0 = sigmoid(q_0)
        o_1 = sigmoid(q_1)
        o_2 = sigmoid(q_2)
        # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
        J += (o_0 - t_0)**2 + (o_1 - t_1)**2 + (o_2 - t_2)**2
    J = J*half_per_N
    return J


@njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _gradients(
    x, t, W1_00, W1_01, W1_02, W1_10, W1_11, W1_12, W1_20, W1_21, W1_22, b1_0, b1_1, b1_2, W2_00,
    W2_01, W2_02, W2_10, W2_11, W2_12, W2_20, W2_21, W2_22, b2_0, N,
):
    """Return the loss J and the gradients; samples stand last."""
    zero = constant(x, 0, 1)
    one = constant(x, 1, 1)
    per_N = constant(x, 1, N)
    half_per_N = constant(x, 1, 2*N)
    # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
    J = zero
    # ∂J/∂b2 = Σ_n,i δq[n,i]
    db2_0 = zero
    # ∂J/∂W2[i,j] = Σ_n δq[n,i] a1[n,j]    (3, 3)
    dW2_00 = zero
    dW2_01 = zero
    dW2_02 = zero
    dW2_10 = zero
    dW2_11 = zero
    dW2_12 = zero
    dW2_20 = zero
    dW2_21 = zero
    dW2_22 = zero
    # ∂J/∂b1[i] = Σ_n δz1[n,i]    (3)
    db1_0 = zero
    db1_1 = zero
    db1_2 = zero
    # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (3, 3)
    dW1_00 = zero
    dW1_01 = zero
    dW1_02 = zero
    dW1_10 = zero
    dW1_11 = zero
    dW1_12 = zero
    dW1_20 = zero
    dW1_21 = zero
    dW1_22 = zero
    for n in range(N):
        t_0 = t[0, n]
        t_1 = t[1, n]
        t_2 = t[2, n]
        x_0 = x[0, n]
        x_1 = x[1, n]
        x_2 = x[2, n]
        # z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]    (N, 3)
        z1_0 = W1_00*x_0 + W1_01*x_1 + W1_02*x_2 + b1_0
        z1_1 = W1_10*x_0 + W1_11*x_1 + W1_12*x_2 + b1_1
        z1_2 = W1_20*x_0 + W1_21*x_1 + W1_22*x_2 + b1_2
        # a1[n,i] = σ(z1[n,i])    (N, 3)
        a1_0 = sigmoid(z1_0)
        a1_1 = sigmoid(z1_1)
        a1_2 = sigmoid(z1_2)
        # q[n,i] = Σ_j W2[i,j] a1[n,j] + b2    (N, 3)
        q_0 = W2_00*a1_0 + W2_01*a1_1 + W2_02*a1_2 + b2_0
        q_1 = W2_10*a1_0 + W2_11*a1_1 + W2_12*a1_2 + b2_0
        q_2 = W2_20*a1_0 + W2_21*a1_1 + W2_22*a1_2 + b2_0
        # o[n,i] = σ(q[n,i])    (N, 3)
        o_0 = sigmoid(q_0)
        o_1 = sigmoid(q_1)
        o_2 = sigmoid(q_2)
        # J = 1/(2 N) · Σ_n,i (o[n,i] − t[n,i])²
        J += (o_0 - t_0)**2 + (o_1 - t_1)**2 + (o_2 - t_2)**2
        # δq[n,i] = 1/N · (o[n,i] − t[n,i]) o[n,i] (1 − o[n,i])    (N, 3)
        dq_0 = o_0*per_N*(one - o_0)*(o_0 - t_0)
        dq_1 = o_1*per_N*(one - o_1)*(o_1 - t_1)
        dq_2 = o_2*per_N*(one - o_2)*(o_2 - t_2)
        # ∂J/∂b2 = Σ_n,i δq[n,i]
        db2_0 += dq_0 + dq_1 + dq_2
        # ∂J/∂W2[i,j] = Σ_n δq[n,i] a1[n,j]    (3, 3)
        dW2_00 += a1_0*dq_0
        dW2_01 += a1_1*dq_0
        dW2_02 += a1_2*dq_0
        dW2_10 += a1_0*dq_1
        dW2_11 += a1_1*dq_1
        dW2_12 += a1_2*dq_1
        dW2_20 += a1_0*dq_2
        dW2_21 += a1_1*dq_2
        dW2_22 += a1_2*dq_2
        # δz1[n,i] = Σ_j W2[j,i] δq[n,j] · a1[n,i] (1 − a1[n,i])    (N, 3)
        dz1_0 = a1_0*(one - a1_0)*(W2_00*dq_0 + W2_10*dq_1 + W2_20*dq_2)
        dz1_1 = a1_1*(one - a1_1)*(W2_01*dq_0 + W2_11*dq_1 + W2_21*dq_2)
        dz1_2 = a1_2*(one - a1_2)*(W2_02*dq_0 + W2_12*dq_1 + W2_22*dq_2)
        # ∂J/∂b1[i] = Σ_n δz1[n,i]    (3)
        db1_0 += dz1_0
        db1_1 += dz1_1
        db1_2 += dz1_2
        # ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]    (3, 3)
        dW1_00 += dz1_0*x_0
        dW1_01 += dz1_0*x_1
        dW1_02 += dz1_0*x_2
        dW1_10 += dz1_1*x_0
        dW1_11 += dz1_1*x_1
        dW1_12 += dz1_1*x_2
        dW1_20 += dz1_2*x_0
        dW1_21 += dz1_2*x_1
        dW1_22 += dz1_2*x_2
    J = J*half_per_N
    return (
        J, dW1_00, dW1_01, dW1_02, dW1_10, dW1_11, dW1_12, dW1_20, dW1_21, dW1_22, db1_0, db1_1,
        db1_2, dW2_00, dW2_01, dW2_02, dW2_10, dW2_11, dW2_12, dW2_20, dW2_21, dW2_22, db2_0,
    )


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def gradients(x, t, W1, b1, W2, b2):
    """Return the loss J and the gradients dW1, db1, dW2, db2."""
    x_columns = np.ascontiguousarray(x.T)
    t_columns = np.ascontiguousarray(t.T)
    W1_00 = W1[0, 0]
    W1_01 = W1[0, 1]
    W1_02 = W1[0, 2]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W1_12 = W1[1, 2]
    W1_20 = W1[2, 0]
    W1_21 = W1[2, 1]
    W1_22 = W1[2, 2]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b1_2 = b1[2]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    W2_02 = W2[0, 2]
    W2_10 = W2[1, 0]
    W2_11 = W2[1, 1]
    W2_12 = W2[1, 2]
    W2_20 = W2[2, 0]
    W2_21 = W2[2, 1]
    W2_22 = W2[2, 2]
    b2_0 = b2[0]
    (
        J, dW1_00, dW1_01, dW1_02, dW1_10, dW1_11, dW1_12, dW1_20, dW1_21, dW1_22, db1_0, db1_1,
        db1_2, dW2_00, dW2_01, dW2_02, dW2_10, dW2_11, dW2_12, dW2_20, dW2_21, dW2_22, db2_0,
    ) = _gradients(
        x_columns, t_columns, W1_00, W1_01, W1_02, W1_10, W1_11, W1_12, W1_20, W1_21, W1_22, b1_0,
        b1_1, b1_2, W2_00, W2_01, W2_02, W2_10, W2_11, W2_12, W2_20, W2_21, W2_22, b2_0, x.shape[0],
    )
    dW1 = np.empty((3, 3), x.dtype)
    dW1[0, 0] = dW1_00
    dW1[0, 1] = dW1_01
    dW1[0, 2] = dW1_02
    dW1[1, 0] = dW1_10
    dW1[1, 1] = dW1_11
    dW1[1, 2] = dW1_12
    dW1[2, 0] = dW1_20
    dW1[2, 1] = dW1_21
    dW1[2, 2] = dW1_22
    db1 = np.empty(3, x.dtype)
    db1[0] = db1_0
    db1[1] = db1_1
    db1[2] = db1_2
    dW2 = np.empty((3, 3), x.dtype)
    dW2[0, 0] = dW2_00
    dW2[0, 1] = dW2_01
    dW2[0, 2] = dW2_02
    dW2[1, 0] = dW2_10
    dW2[1, 1] = dW2_11
    dW2[1, 2] = dW2_12
    dW2[2, 0] = dW2_20
    dW2[2, 1] = dW2_21
    dW2[2, 2] = dW2_22
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
    W1_02 = W1[0, 2]
    W1_10 = W1[1, 0]
    W1_11 = W1[1, 1]
    W1_12 = W1[1, 2]
    W1_20 = W1[2, 0]
    W1_21 = W1[2, 1]
    W1_22 = W1[2, 2]
    b1_0 = b1[0]
    b1_1 = b1[1]
    b1_2 = b1[2]
    W2_00 = W2[0, 0]
    W2_01 = W2[0, 1]
    W2_02 = W2[0, 2]
    W2_10 = W2[1, 0]
    W2_11 = W2[1, 1]
    W2_12 = W2[1, 2]
    W2_20 = W2[2, 0]
    W2_21 = W2[2, 1]
    W2_22 = W2[2, 2]
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
            (
                J, dW1_00, dW1_01, dW1_02, dW1_10, dW1_11, dW1_12, dW1_20, dW1_21, dW1_22, db1_0, db1_1,
                db1_2, dW2_00, dW2_01, dW2_02, dW2_10, dW2_11, dW2_12, dW2_20, dW2_21, dW2_22, db2_0,
            ) = _gradients(
                x_now, t_now, W1_00, W1_01, W1_02, W1_10, W1_11, W1_12, W1_20, W1_21, W1_22, b1_0, b1_1,
                b1_2, W2_00, W2_01, W2_02, W2_10, W2_11, W2_12, W2_20, W2_21, W2_22, b2_0, size,
            )
            losses[epoch] += J*size
            W1_00 -= dW1_00*learning_rate
            W1_01 -= dW1_01*learning_rate
            W1_02 -= dW1_02*learning_rate
            W1_10 -= dW1_10*learning_rate
            W1_11 -= dW1_11*learning_rate
            W1_12 -= dW1_12*learning_rate
            W1_20 -= dW1_20*learning_rate
            W1_21 -= dW1_21*learning_rate
            W1_22 -= dW1_22*learning_rate
            b1_0 -= db1_0*learning_rate
            b1_1 -= db1_1*learning_rate
            b1_2 -= db1_2*learning_rate
            W2_00 -= dW2_00*learning_rate
            W2_01 -= dW2_01*learning_rate
            W2_02 -= dW2_02*learning_rate
            W2_10 -= dW2_10*learning_rate
            W2_11 -= dW2_11*learning_rate
            W2_12 -= dW2_12*learning_rate
            W2_20 -= dW2_20*learning_rate
            W2_21 -= dW2_21*learning_rate
            W2_22 -= dW2_22*learning_rate
            b2_0 -= db2_0*learning_rate
        else:
            losses[epoch] /= last
            epoch += 1
    W1[0, 0] = W1_00
    W1[0, 1] = W1_01
    W1[0, 2] = W1_02
    W1[1, 0] = W1_10
    W1[1, 1] = W1_11
    W1[1, 2] = W1_12
    W1[2, 0] = W1_20
    W1[2, 1] = W1_21
    W1[2, 2] = W1_22
    b1[0] = b1_0
    b1[1] = b1_1
    b1[2] = b1_2
    W2[0, 0] = W2_00
    W2[0, 1] = W2_01
    W2[0, 2] = W2_02
    W2[1, 0] = W2_10
    W2[1, 1] = W2_11
    W2[1, 2] = W2_12
    W2[2, 0] = W2_20
    W2[2, 1] = W2_21
    W2[2, 2] = W2_22
    b2[0] = b2_0
    return epoch
