"""The logarithm and what is made of it.

The argument is 2^k (1 + f) with 1 + f between √½ and √2, and log(1 + f) = 2 atanh s with s = f/(2 + f), put
together as in fdlibm: f − (f²/2 − s (f²/2 + R)), R a polynomial in s² (Remez).
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

LOGARITHMS: Mapping[str, Helper] = {
    "log_rest": Helper('''
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
''', float32='''
def log_rest32(f):
    """Return log(1 + f) - f for -0.3 <= f <= 0.5; log(1 + f) = 2 atanh(f/(2 + f))."""
    square = np.float32(0.5) * f * f
    s = f / (np.float32(2) + f)
    z = s * s
    part = z * (np.float32(0.66666949) + z * (np.float32(0.39957657) + z * np.float32(0.30364514)))
    return s * (square + part) - square
'''),
    "log": Helper('''
def log(u):
    """Return log u, {within}; minus infinity at 0, NaN below."""
    v = abs(u)
    tiny = v < 2.2250738585072014e-308
    bits = np.float64(v * 18014398509481984.0 if tiny else v).view(np.int64) - 4604544269498187776
    k = np.float64(bits >> 52) - (54.0 if tiny else 0.0)
    f = np.int64((bits & 4503599627370495) + 4604544269498187776).view(np.float64) - 1.0  # u = 2^k (1 + f)
    value = k * 0.6931471803691238 + (f + (log_rest(f) + k * 1.9082149292705877e-10))
    value = u if u == np.inf else value
    value = -np.inf if u == 0.0 else value
    return value if u >= 0.0 else np.nan
''', ("log_rest",), float32='''
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
'''),
    "log_of_two": Helper('''
def log_of_two(u):
    """Return log 2 in two parts, the second one small."""
    return 0.6931471803691238, 1.9082149292705877e-10
''', float32='''
def log_of_two32(u):
    """Return log 2 in two parts, the second one small."""
    return np.float32(0.693145751953125), np.float32(1.4286068203094173e-06)
'''),
    "softplus": Helper('''
def softplus(u):
    """Return log(1 + e^u), {within}.

    It is max(u, 0) + log(1 + e) with e = e^-|u|; where e > 1/2, log(1 + e) = log 2 + log((1 + e)/2).
    """
    e = exp(-abs(u))
    far = e > type(u)(0.5)
    f = type(u)(0.5) * e - type(u)(0.5) if far else e
    big, small = log_of_two(u)
    value = f + (log_rest(f) + (small if far else type(u)(0)))
    return larger(u, type(u)(0)) + ((big if far else type(u)(0)) + value)
''', ("exp", "log_rest", "larger", "log_of_two")),
    "softplus_ratio": Helper('''
def softplus_ratio(u):
    """Return log(1 + e^u) (1 + e^-u), {within}: 1 as far below 0 as no digit says otherwise."""
    v = larger(u, type(u)(-40))
    e = exp(-abs(v))
    below = e if v < type(u)(0) else type(u)(1)
    return softplus(v) * ((type(u)(1) + e) / below)
''', ("exp", "softplus", "larger")),
    "log_cosh": Helper('''
def log_cosh(u):
    """Return log((e^u + e^-u)/2), {within}.

    From 1 on it is |u| - log 2 + log(1 + e^-2|u|), below u^2 times a polynomial.
    """
    v = abs(np.float64(u))
    s = between(v * v, 0.0, 1.0)
    p = 7.200321795627527e-09
    p = ((p * s - 7.309766024496693e-08) * s + 3.7697328636143926e-07) * s - 1.3750119564175308e-06
    p = ((p * s + 4.189932193889061e-06) * s - 1.1825400591166529e-05) * s + 3.272059654321331e-05
    p = ((p * s - 9.097051501447237e-05) * s + 0.00025657612761014967) * s - 0.0007386022478162393
    p = ((p * s + 0.002186948778646702) * s - 0.006746031741268455) * s + 0.02222222222206332
    p = (p * s - 0.08333333333333123) * s + 0.5
    e = exp(-2.0 * v)
    far = (v - 0.6931471803691238) + ((e + log_rest(e)) - 1.9082149292705877e-10)
    return type(u)(v * (v * p) if v < 1.0 else far)
''', ("exp", "log_rest", "between")),
    "xlogx": Helper('''
def xlogx(u):
    """Return u log u, {within}, and 0 at 0."""
    w = np.float64(u)
    return type(u)(0.0 if w == 0.0 else w * log(w))
''', ("log",)),
}  # fmt: skip
