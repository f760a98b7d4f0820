"""Functions that need no approximation."""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

PLAIN: Mapping[str, Helper] = {
    "constant": Helper('''
def constant(array, numerator, denominator):
    """Return a ratio in the type of an array: a literal would turn float32 into float64."""
    return array.dtype.type(numerator) / array.dtype.type(denominator)
'''),
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
    return abs(u)
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
    """Return 1/u, {within}, and 0 where u is 0."""
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
    """Return the square root of u, {within}."""
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
