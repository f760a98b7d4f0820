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
    "between": Helper('''
def between(u, low, high):
    """Return u held between two bounds; NaN stays."""
    v = low if u < low else u
    return high if v > high else v
'''),
    "power_of_two": Helper('''
def power_of_two(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    bits = np.float64(k + 6755399441055744.0).view(np.int64)
    return np.int64((bits + 1023) << 52).view(np.float64)
''', float32='''
def power_of_two32(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    bits = np.float32(k + np.float32(12582912.0)).view(np.int32)
    return np.int32((bits + np.int32(127)) << np.int32(23)).view(np.float32)
'''),
    "times_power_of_two": Helper('''
def times_power_of_two(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    near = between(k, -1000.0, 1000.0)
    return m * power_of_two(near) * power_of_two(k - near)
''', ("between", "power_of_two"), float32='''
def times_power_of_two32(m, k):
    """Return m 2^k for a whole number k, in two factors, so that the ends of the range are right."""
    near = between(k, np.float32(-120), np.float32(120))
    return m * power_of_two(near) * power_of_two(k - near)
'''),
    "split": Helper('''
def split(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    return k, u - k * 0.6931471803691238, k * 1.9082149292705877e-10
''', float32='''
def split32(u):
    """Return k, a and b with u = k log 2 + a - b, a exact and b small."""
    k = (u * np.float32(1.4426950408889634) + np.float32(12582912.0)) - np.float32(12582912.0)
    return k, u - k * np.float32(0.693145751953125), k * np.float32(1.4286068203094173e-06)
'''),
    "series": Helper('''
def series(r):
    """Return e^r - 1 - r for |r| up to half of log 2."""
    r2 = r * r
    r4 = r2 * r2
    low = (0.5 + r * 0.16666666666666435) + r2 * (0.04166666666660379 + r * 0.008333333333498526)
    high = (0.001388888892687318 + r * 0.00019841269469344009) + r2 * (
        2.480150857500104e-05 + r * 2.755763806257441e-06
    ) + r4 * (2.76252341051791e-07 + r * 2.497930545805057e-08)
    return r2 * (low + r4 * high)
''', float32='''
def series32(r):
    """Return e^r - 1 - r for |r| up to half of log 2."""
    q = np.float32(0.16666534) + r * np.float32(0.04166724)
    q = q + r * r * (np.float32(0.0083675118) + r * np.float32(0.0013863706))
    return r * r * (np.float32(0.5) + r * q)
'''),
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
    k, p = reduced(between(u, -750.0, 750.0))
    return times_power_of_two(1.0 + p, k)
''', ("reduced", "times_power_of_two", "between"), float32='''
def exp32(u):
    """Return e^u."""
    k, p = reduced(between(u, np.float32(-110), np.float32(110)))
    return times_power_of_two(np.float32(1) + p, k)
'''),
    "half": Helper('''
def half(r, unit):
    """Return h(r) times a power of two, with e^r = h(r)/h(-r) for |r| up to half of log 2."""
    r2 = r * r
    even = unit * 1.6875 + r2 * (unit * 0.18749592093741765 + r2 * (unit * 0.001673699273258813))
    return even + unit * r * (0.84375 + r2 * (0.023435460468708962 + r2 * 5.5769597533582714e-05))
''', float32='''
def half32(r, unit):
    """Return h(r) times a power of two, with e^r = h(r)/h(-r) for |r| up to half of log 2."""
    even = unit * np.float32(1.6875) + r * r * (unit * np.float32(0.16872576))
    return even + unit * r * (np.float32(0.84375) + r * r * np.float32(0.014050398))
'''),
    "sigmoid": Helper('''
def sigmoid(u):
    """Return 1/(1 + e^-u), {within}.

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
''', ("split", "half", "between"), float32='''
def sigmoid32(u):
    """Return 1/(1 + e^-u) in the same way, for m = 2^-40."""
    shifted = -u * np.float32(1.4426950408889634) + np.float32(12582912.0)
    k = between(shifted, np.float32(12582882.0), np.float32(12583072.0))  # from -30 to 160
    power = np.int32((np.float32(k).view(np.int32) + np.int32(87)) << np.int32(23)).view(np.float32)  # 2^k m
    _, a, b = split(-u)
    r = np.float32(0) if abs(u) > np.float32(1000) else a - b
    one = half(-r, np.float32(9.094947017729282e-13))
    return one / (power * half(r, np.float32(1)) + one)
'''),
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
    k, p = reduced(between(u, -750.0, 0.0))
    below = times_power_of_two(1.7580993408473766 + p * 1.7580993408473766, k)
    return 1.0507009873554805 if u > 0.0 else below
''', ("reduced", "times_power_of_two", "between"), float32='''
def selu_slope32(u):
    """Return the derivative of selu."""
    k, p = reduced(between(u, np.float32(-110), np.float32(0)))
    steepest = np.float32(1.7580993408473766)
    below = times_power_of_two(steepest + p * steepest, k)
    return np.float32(1.0507009873554805) if u > np.float32(0) else below
'''),
    "masked_exp": Helper('''
def masked_exp(m, u):
    """Return m e^u, and 0 where m is 0, whatever u is there."""
    return type(u)(0) if m == type(m)(0) else type(u)(m * exp(u))
''', ("exp",)),
}  # fmt: skip
