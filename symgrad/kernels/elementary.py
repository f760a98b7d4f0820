"""The text of the emitted elementary functions, and what each needs.

Each works for float32 and float64: ``type(u)`` is the type of its argument, in Python as in Numba, and a
comparison that only narrow numbers pass is settled at compile time.  exp and log are polynomials in plain
Python, because LLVM turns them into vector instructions where a call of libm stays scalar:

exp(u) = 2^k · e^r with k = round(u / ln 2) by adding and subtracting 1.5·2^52, r by the two steps of Cody
and Waite, e^r − 1 a polynomial of degree 11 (6 in float32) in Estrin's order; log(u) as in fdlibm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DECORATOR = '@njit(cache=True, nogil=True, forceinline=True, error_model="numpy", fastmath={"contract"})'


@dataclass(frozen=True)
class Helper:
    """An emitted function and the helpers that its text calls."""

    text: str
    needs: tuple[str, ...] = ()


HELPERS: Mapping[str, Helper] = {
    "constant": Helper('''
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)
'''),
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
    "power_of_two": Helper('''
def power_of_two(k):
    """Return 2^k for a whole number k by writing the bits of the exponent."""
    if narrow(k):
        few = np.float32(np.float32(k) + np.float32(12582912.0)).view(np.int32)
        return type(k)(np.int32((few + np.int32(127)) << np.int32(23)).view(np.float32))
    bits = np.float64(np.float64(k) + 6755399441055744.0).view(np.int64)
    return type(k)(np.int64((bits + 1023) << 52).view(np.float64))
''', ("narrow",)),
    "reduced": Helper('''
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
''', ("narrow",)),
    "exp": Helper('''
def exp(u):
    """Return e^u; its power of two in two factors, so that the ends of the range are right."""
    edge = type(u)(110) if narrow(u) else type(u)(750)
    most = type(u)(120) if narrow(u) else type(u)(1000)
    k, p = reduced(between(u, -edge, edge))
    near = between(k, -most, most)
    return (type(u)(1) + p) * power_of_two(near) * power_of_two(k - near)
''', ("narrow", "reduced", "power_of_two", "between")),
    "sigmoid": Helper('''
def sigmoid(u):
    """Return 1/(1 + e^-u); below the range of e^-u what is left is less than 1e-307 (1e-38 in float32)."""
    edge = type(u)(88) if narrow(u) else type(u)(709)
    k, p = reduced(between(-u, type(u)(-80), edge))
    s = power_of_two(k)
    return type(u)(1) / (s * p + (s + type(u)(1)))
''', ("narrow", "reduced", "power_of_two", "between")),
    "tanh": Helper('''
def tanh(u):
    """Return (e^2u - 1)/(e^2u + 1); the 1 is taken from 2^k, which keeps the digits near 0."""
    k, p = reduced(between(u + u, type(u)(-40), type(u)(40)))
    s = power_of_two(k)
    return (s * p + (s - type(u)(1))) / (s * p + (s + type(u)(1)))
''', ("reduced", "power_of_two", "between")),
    "log": Helper('''
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
'''),
    "softplus": Helper('''
def softplus(u):
    """Return log(1 + e^u) as max(u, 0) + log(1 + e), e = e^-|u|, with the rounding of 1 + e made good."""
    e = exp(-absolute(u))
    w = type(u)(1) + e
    return larger(u, type(u)(0)) + (log(w) + (e - (w - type(u)(1))) / w)
''', ("exp", "log", "larger", "absolute")),
    "larger": Helper('''
def larger(u, v):
    """Return the larger of two numbers."""
    return v if v > u else u
'''),
    "running_maximum": Helper('''
def running_maximum(u, v):
    """Return the larger of two numbers; what it is subtracted from does not depend on it in the end."""
    return v if v > u else u
'''),
    "smaller": Helper('''
def smaller(u, v):
    """Return the smaller of two numbers."""
    return v if v < u else u
'''),
    "absolute": Helper('''
def absolute(u):
    """Return |u|."""
    return -u if u < type(u)(0) else u
'''),
    "sign": Helper('''
def sign(u):
    """Return -1, 0 or 1."""
    return type(u)(u > type(u)(0)) - type(u)(u < type(u)(0))
'''),
    "step": Helper('''
def step(u):
    """Return 1 where u > 0, else 0."""
    return type(u)(u > type(u)(0))
'''),
    "reciprocal": Helper('''
def reciprocal(u):
    """Return 1/u, and 0 where u is 0."""
    return type(u)(0) if u == type(u)(0) else type(u)(1) / u
'''),
    "typed": Helper('''
def typed(k, one):
    """Return an integer in the type of `one`."""
    return type(one)(k)
'''),
    "equal": Helper('''
def equal(u, v, one):
    """Return 1 where two labels are equal, else 0, in the type of `one`."""
    return type(one)(u == v)
'''),
    "relu": Helper('''
def relu(u):
    """Return max(u, 0)."""
    return type(u)(0) if u < type(u)(0) else u
'''),
    "leaky_relu": Helper('''
def leaky_relu(u):
    """Return u where u > 0, else u/100."""
    return u / type(u)(100) if u < type(u)(0) else u
'''),
    "sqrt": Helper('''
def sqrt(u):
    """Return the square root of u."""
    return type(u)(np.sqrt(u))
'''),
    "sine": Helper('''
def sine(u):
    """Return sin u."""
    return type(u)(np.sin(u))
'''),
    "cosine": Helper('''
def cosine(u):
    """Return cos u."""
    return type(u)(np.cos(u))
'''),
    "erfc_tail": Helper('''
def erfc_tail(u):
    """Return erfc u for u >= 1, as e^-u^2 / (u + 3) times a polynomial in (u - 3)/(u + 3)."""
    w = between(np.float64(u), 1.0, 27.0)
    t = (w - 3.0) / (w + 3.0)
    p = -4.292057559497335e-09
    p = ((p * t + 1.0867799041810734e-07) * t - 2.10644898698037e-07) * t - 4.740153151676138e-07
    p = ((p * t + 1.010177787925127e-06) * t + 2.79346990532456e-06) * t - 4.759822140521589e-06
    p = ((p * t - 1.7476755527899663e-05) * t + 3.0401436349913066e-05) * t + 0.00010756223632612626
    p = ((p * t - 0.00027677836935620283) * t - 0.0005483097401415202) * t + 0.003034062047341796
    p = ((p * t - 0.0012124166257485437) * t - 0.026827234626628192) * t + 0.11952776128727634
    p = ((p * t - 0.3104672619005224) * t + 0.5902283571041018) * t - 0.8833944531698839
    p = p * t + 1.0740069070883398
    return type(u)(exp(-w * w) * p / (w + 3.0))
''', ("exp", "between")),
    "erf": Helper('''
def erf(u):
    """Return the error function of u: below 1 as u times a polynomial in u^2, beyond it as 1 - erfc."""
    w = np.float64(u)
    s = between(w * w, 0.0, 1.0)
    p = -7.795898827002142e-10
    p = ((p * s + 1.3720064546777686e-08) * s - 1.6208483801871705e-07) * s + 1.6447424703317362e-06
    p = ((p * s - 1.492473690741966e-05) * s + 0.00012055294904839707) * s - 0.0008548325975389692
    p = ((p * s + 0.0052239776071164225) * s - 0.02686617064323777) * s + 0.11283791670945006
    p = (p * s - 0.37612638903183543) * s + 1.1283791670955126
    far = 1.0 - erfc_tail(absolute(w))
    return type(u)(w * p if absolute(w) < 1.0 else (-far if w < 0.0 else far))
''', ("erfc_tail", "between", "absolute")),
    "normal_cdf": Helper('''
def normal_cdf(u):
    """Return (1 + erf(u/sqrt 2))/2; below -sqrt 2 as erfc/2, which keeps its digits."""
    w = np.float64(u) * 0.7071067811865476
    tail = 0.5 * erfc_tail(absolute(w))
    return type(u)(tail if w <= -1.0 else 0.5 + 0.5 * erf(w))
''', ("erf", "erfc_tail", "absolute")),
    "normal_pdf": Helper('''
def normal_pdf(u):
    """Return e^(-u^2/2)/sqrt(2 pi)."""
    return type(u)(0.3989422804014327 * np.float64(exp(type(u)(-0.5) * u * u)))
''', ("exp",)),
    "selu": Helper('''
def selu(u):
    """Return 1.0507... max(u, 0) + 1.7580... (e^min(u, 0) - 1)."""
    k, p = reduced(between(u, type(u)(-80), type(u)(0)))
    s = power_of_two(k)
    return larger(u, type(u)(0)) * type(u)(1.0507009873554805) + (s * p + (s - type(u)(1))) * type(u)(
        1.7580993408473766
    )
''', ("reduced", "power_of_two", "between", "larger")),
    "selu_slope": Helper('''
def selu_slope(u):
    """Return the derivative of selu: 1.0507... above 0, else 1.7580... e^u."""
    below = exp(smaller(u, type(u)(0))) * type(u)(1.7580993408473766)
    return type(u)(1.0507009873554805) if u > type(u)(0) else below
''', ("exp", "smaller")),
    "log_cosh": Helper('''
def log_cosh(u):
    """Return log((e^u + e^-u)/2) as |u| - log 2 + log(1 + e^(-2|u|))."""
    v = absolute(u)
    return v - type(u)(0.6931471805599453) + softplus(type(u)(-2) * v)
''', ("softplus", "absolute")),
    "xlogx": Helper('''
def xlogx(u):
    """Return u log u, and 0 at 0."""
    return type(u)(0) if u == type(u)(0) else u * log(u)
''', ("log",)),
    "masked_exp": Helper('''
def masked_exp(m, u):
    """Return m e^u, and 0 where m is 0, whatever u is there."""
    return type(u)(0) if m == type(m)(0) else type(u)(m * exp(u))
''', ("exp",)),
    "greater": Helper('''
def greater(u, v):
    """Say whether u is greater; NaN is greater than every number."""
    return (u > v) | ((u != u) & (v == v))
'''),
    "candidate": Helper('''
def candidate(m, u):
    """Return u where m is not 0, else minus infinity."""
    return type(u)(-np.inf) if m == type(m)(0) else u
'''),
}  # fmt: skip


def closure(names: Iterable[str]) -> tuple[str, ...]:
    """Return the helpers that some helpers need, themselves included, in the order of the table."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += HELPERS[name].needs
    return tuple(sorted((n for n in HELPERS if n in seen), key=_depth))


def _depth(name: str) -> int:
    """Return how many layers of helpers a helper stands on: what is called stands first."""
    return 1 + max((_depth(n) for n in HELPERS[name].needs), default=0)


def helper_text(name: str) -> str:
    """Return the text of one helper with its decorator."""
    return f"{DECORATOR}{HELPERS[name].text}"
