"""The exponential function and what is made of it.

e^u = 2^k · e^r with k = round(u / log 2), by adding and subtracting 1.5·2^52, and r = u − k log 2 by the two
steps of Cody and Waite; e^r − 1 − r is a polynomial of degree 11 (6 in float32) in Estrin's order, its
coefficients those of the least relative error of e^r (Remez).  sigmoid, which divides anyway, takes
e^r = h(r)/h(−r), h of degree 5 (3 in float32), whose odd part over its even part is tanh(r/2) at the nodes
of Chebyshev: fewer steps, and a shorter way from u to the value.
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

EXPONENTIALS: Mapping[str, Helper] = {
    "narrow": Helper('''
def narrow(u):
    """Say whether u is a float32; settled when the kernel is compiled."""
    return type(u)(1) + type(u)(1e-10) == type(u)(1)
'''),
    "between": Helper('''
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v
'''),
    "shift": Helper('''
def shift(u):
    """Return 1.5 2^52 (float32: 1.5 2^23), to which a number is added to round it: the last bits are it."""
    return type(u)(12582912.0) if narrow(u) else type(u)(6755399441055744.0)
''', ("narrow",)),
    "shifted": Helper('''
def shifted(u):
    """Return the whole number nearest to u / log 2, shifted."""
    if narrow(u):
        return type(u)(np.float32(u) * np.float32(1.4426950408889634) + np.float32(12582912.0))
    return type(u)(np.float64(u) * 1.4426950408889634 + 6755399441055744.0)
''', ("narrow",)),
    "power_of_shifted": Helper('''
def power_of_shifted(m, less):
    """Return 2^(k - less) for k shifted and a whole number by writing the bits of the exponent."""
    if narrow(m):
        few = np.float32(m).view(np.int32)
        return type(m)(np.int32((few + np.int32(127 - less)) << np.int32(23)).view(np.float32))
    bits = np.float64(m).view(np.int64)
    return type(m)(np.int64((bits + np.int64(1023 - less)) << 52).view(np.float64))
''', ("narrow",)),
    "power_of_two": Helper('''
def power_of_two(k):
    """Return 2^k for a whole number k."""
    return power_of_shifted(k + shift(k), 0)
''', ("power_of_shifted", "shift")),
    "times_power_of_two": Helper('''
def times_power_of_two(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    most = type(m)(120) if narrow(m) else type(m)(1000)
    near = between(k, -most, most)
    return m * power_of_two(near) * power_of_two(k - near)
''', ("narrow", "between", "power_of_two")),
    "split": Helper('''
def split(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = shifted(u) - shift(u)
    big = type(u)(0.693145751953125) if narrow(u) else type(u)(0.6931471803691238)
    small = type(u)(1.4286068203094173e-06) if narrow(u) else type(u)(1.9082149292705877e-10)
    return k, u - k * big, k * small
''', ("narrow", "shift", "shifted")),
    "series": Helper('''
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
''', ("narrow",)),
    "reduced": Helper('''
def reduced(u):
    """Return k and p with e^u = 2^k (1 + p)."""
    k, a, b = split(u)
    r = a - b
    return k, r + series(r)
''', ("split", "series")),
    "exp": Helper('''
def exp(u):
    """Return e^u, {within}."""
    edge = type(u)(110) if narrow(u) else type(u)(750)
    k, p = reduced(between(u, -edge, edge))
    return times_power_of_two(type(u)(1) + p, k)
''', ("narrow", "reduced", "times_power_of_two", "between")),
    "half": Helper('''
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
''', ("narrow",)),
    "sigmoid": Helper('''
def sigmoid(u):
    """Return 1/(1 + e^-u), {within}.

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
''', ("narrow", "split", "half", "between", "shift", "shifted", "power_of_shifted")),
    "tanh": Helper('''
def tanh(u):
    """Return (1 - e^-2|u|)/(1 + e^-2|u|) with the sign of u, {within}.

    The 1 is taken from 2^k, which keeps the digits near 0.
    """
    k, p = reduced(larger(type(u)(-2) * abs(u), type(u)(-44)))
    s = power_of_two(k)
    return type(u)(np.copysign((s * p + (s - type(u)(1))) / (s * p + (s + type(u)(1))), u))
''', ("reduced", "power_of_two", "larger")),
    "elu": Helper('''
def elu(u):
    """Return max(u, 0) + (e^min(u, 0) - 1), {within}."""
    k, p = reduced(between(u, type(u)(-80), type(u)(0)))
    s = power_of_two(k)
    return larger(u, type(u)(0)) + (s * p + (s - type(u)(1)))
''', ("reduced", "power_of_two", "between", "larger")),
    "selu": Helper('''
def selu(u):
    """Return 1.0507... max(u, 0) + 1.7580... (e^min(u, 0) - 1), {within}."""
    k, p = reduced(between(u, type(u)(-80), type(u)(0)))
    s = power_of_two(k)
    return larger(u, type(u)(0)) * type(u)(1.0507009873554805) + (s * p + (s - type(u)(1))) * type(u)(
        1.7580993408473766
    )
''', ("reduced", "power_of_two", "between", "larger")),
    "selu_slope": Helper('''
def selu_slope(u):
    """Return the derivative of selu, 1.0507... above 0, else 1.7580... e^u, {within}."""
    edge = type(u)(110) if narrow(u) else type(u)(750)
    k, p = reduced(between(u, -edge, type(u)(0)))
    steepest = type(u)(1.7580993408473766)
    below = times_power_of_two(steepest + p * steepest, k)
    return type(u)(1.0507009873554805) if u > type(u)(0) else below
''', ("narrow", "reduced", "times_power_of_two", "between")),
    "masked_exp": Helper('''
def masked_exp(m, u):
    """Return m e^u, and 0 where m is 0, whatever u is there."""
    return type(u)(0) if m == type(m)(0) else type(u)(m * exp(u))
''', ("exp",)),
}  # fmt: skip
