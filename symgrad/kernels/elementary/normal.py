"""The normal distribution; computed in float64 for both types, its polynomials by Remez.

The exponent u²/2 is large in the tail, and each half unit of it is as many half units of the value: the
square is taken in two parts, high² exact and (u − high)(u + high).
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

NORMAL: Mapping[str, Helper] = {
    "gauss": Helper('''
def gauss(v, scale):
    """Return scale e^(-v^2/2) for float64; v^2 is taken in two parts, so that nothing of it is lost."""
    w = between(v, -39.0, 39.0)
    high = np.int64(np.float64(w).view(np.int64) & -134217728).view(np.float64)
    k, a, b = split(-0.5 * high * high)
    b = b + 0.5 * (w - high) * (w + high)
    r = a - b
    p = r + (series(r) + ((a - r) - b))
    return times_power_of_two(scale + p * scale, k)
''', ("between", "split", "series", "times_power_of_two")),
    "normal_tail": Helper('''
def normal_tail(v):
    """Return the normal distribution below -v for v >= 0.66.

    It is e^(-v^2/2)/(v + 1) times a polynomial in (v - 4)/(v + 4); what v + 1 loses to rounding is made good.
    """
    w = between(v, 0.66, 39.0)
    t = (w - 4.0) / (w + 4.0)
    x = t * t
    even = 1.5110058387343835e-08
    even = ((even * x - 1.1044747317350077e-07) * x + 5.53637200075835e-07) * x - 2.614612709355737e-06
    even = ((even * x + 1.362766198634492e-05) * x - 8.78533910515367e-05) * x + 0.0006948971361938958
    even = ((even * x - 0.0050023785937468) * x - 0.03219783742797052) * x + 0.013999634724423532
    even = even * x + 0.47205320650984467
    odd = -6.272068424547704e-09
    odd = ((odd * x - 1.3149582705560447e-08) * x + 4.136195833023432e-07) * x - 3.4357635078214857e-06
    odd = ((odd * x + 2.125093559033862e-05) * x - 9.443039258606911e-05) * x - 0.0002856230849183208
    odd = ((odd * x + 0.017936097479000164) * x + 0.028600364053566626) * x - 0.09670347732652591
    below = w + 1.0
    y = 1.0 / below
    y = y - y * y * (w - (below - 1.0))
    return gauss(w, y * (even + t * odd))
''', ("gauss", "between")),
    "erf": Helper('''
def erf(u):
    """Return the error function of u, {within}; beyond 1 by the normal tail."""
    w = np.float64(u)
    s = between(w * w, 0.0, 1.0)
    p = -7.795898827002142e-10
    p = ((p * s + 1.3720064546777686e-08) * s - 1.6208483801871705e-07) * s + 1.6447424703317362e-06
    p = ((p * s - 1.492473690741966e-05) * s + 0.00012055294904839707) * s - 0.0008548325975389692
    p = ((p * s + 0.0052239776071164225) * s - 0.02686617064323777) * s + 0.11283791670945006
    p = (p * s - 0.37612638903183543) * s + 1.1283791670955126
    far = 1.0 - 2.0 * normal_tail(abs(w) * 1.4142135623730951)
    return type(u)(w * p if abs(w) < 1.0 else (-far if w < 0.0 else far))
''', ("normal_tail", "between")),
    "normal_cdf": Helper('''
def normal_cdf(u):
    """Return (1 + erf(u/sqrt 2))/2, {within}; by its tail below -0.67."""
    w = np.float64(u)
    s = between(w * w, 0.0, 0.46)
    p = 2.0504877261867524e-09
    p = ((p * s - 4.103646452991959e-08) * s + 6.658810398920282e-07) * s - 9.444632265578458e-06
    p = ((p * s + 0.00011543468377793729) * s - 0.0011873282151349978) * s + 0.00997355701002022
    p = (p * s - 0.06649038006690518) * s + 0.3989422804014327
    tail = normal_tail(abs(w))
    return type(u)(0.5 + w * p if abs(w) < 0.67 else (tail if w < 0.0 else 1.0 - tail))
''', ("normal_tail", "between")),
    "normal_pdf": Helper('''
def normal_pdf(u):
    """Return e^(-u^2/2)/sqrt(2 pi), {within}."""
    return type(u)(gauss(np.float64(u), 0.3989422804014327))
''', ("gauss",)),
}  # fmt: skip
