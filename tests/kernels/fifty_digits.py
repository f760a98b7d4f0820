"""The elementary functions at 50 digits, points that try them, and the errors of the emitted ones."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf
from numpy.typing import NDArray

from symgrad.kernels.elementary import HELPERS, closure, helper_text
from symgrad.kernels.files import load

Floats = NDArray[Any]
HEAD = """import math

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable


"""
LOOP = """

@njit(cache=True, error_model="numpy", fastmath={{"contract", "reassoc", "nsz"}})
def all_{name}(u, out):
    for n in range(u.shape[0]):
        out[n] = {name}(u[n])
"""
SCALE, ALPHA = mpf("1.0507009873554805"), mpf("1.6732632423543772")
FAR = 4000
"""Beyond it every exponential has left the range of float64."""


def module(
    folder: Path, loops: tuple[str, ...], *, fused: bool = True, replaced: Mapping[str, str] | None = None
) -> Any:
    """Compile all emitted functions, those asked for in a loop with the flags that a kernel's functions have.

    Parameters
    ----------
    folder
        Where the file is written.
    loops
        The functions f that get a loop ``all_f(u, out)``.
    fused
        Whether a product and a sum may become one instruction; they never do without a compiler.
    replaced
        Texts to put into the place of others.
    """
    text = HEAD + "\n\n".join(helper_text(n) for n in closure(HELPERS))
    for old, new in (replaced or {}).items():
        text = text.replace(old, new)
    text += "".join(LOOP.format(name=name) for name in loops)
    path = folder / f"elementary_{'fused' if fused else 'apart'}.py"
    path.write_text(text if fused else text.replace('{"contract"}', "False"), encoding="utf-8")
    return load(path)


def applied(functions: Any, name: str, points: Floats) -> Floats:
    """Return the values of an emitted function at points."""
    out = np.empty_like(points)
    with np.errstate(all="ignore"):  # uncompiled, NumPy warns of what the kernel means to do
        getattr(functions, f"all_{name}")(points, out)
    return out


def _held(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask for nothing beyond 4000: mpmath would carry the exponential of a huge number out."""
    return lambda u: function(max(min(u, mpf(FAR)), mpf(-FAR)))


def _log_cosh(u: Any) -> Any:
    far = abs(u) > FAR
    return abs(u) - mpmath.log(2) if far else mpmath.log1p(2 * mpmath.sinh(u / 2) ** 2)


def _softplus_ratio(u: Any) -> Any:
    e = _held(mpmath.exp)(u)
    return mpmath.log1p(e) * (1 + 1 / e) if u < FAR else u


_sigmoid = _held(lambda u: 1 / (1 + mpmath.exp(-u)))
EXACT: Mapping[str, Callable[[Any], Any]] = {
    "exp": _held(mpmath.exp),
    "sigmoid": _sigmoid,
    "sigmoid_of_one": _sigmoid,
    "tanh": _held(mpmath.tanh),
    "elu": lambda u: u if u > 0 else _held(mpmath.expm1)(u),
    "selu": lambda u: SCALE * (u if u > 0 else ALPHA * _held(mpmath.expm1)(u)),
    "selu_slope": lambda u: SCALE * (1 if u > 0 else ALPHA * _held(mpmath.exp)(u)),
    "log": mpmath.log,
    "softplus": lambda u: u if u > FAR else mpmath.log1p(_held(mpmath.exp)(u)),
    "softplus_ratio": _softplus_ratio,
    "log_cosh": _log_cosh,
    "xlogx": lambda u: u * mpmath.log(u) if u else mpf(0),
    "erf": _held(mpmath.erf),
    "normal_cdf": _held(lambda u: mpmath.erfc(-u / mpmath.sqrt(2)) / 2),
    "normal_pdf": _held(lambda u: mpmath.exp(-u * u / 2) / mpmath.sqrt(2 * mpmath.pi)),
    "sqrt": mpmath.sqrt,
    "reciprocal": lambda u: 1 / u if u else mpf(0),
}
RANGES: Mapping[str, tuple[float, float]] = {
    "exp": (-746, 710), "sigmoid": (-746, 40), "sigmoid_of_one": (-746, 50), "tanh": (-20, 20),
    "elu": (-40, 2), "selu": (-40, 2), "selu_slope": (-746, 2), "softplus": (-746, 40),
    "log_cosh": (-25, 25), "erf": (-6, 6), "softplus_ratio": (-42, 40), "normal_cdf": (-39, 9),
    "normal_pdf": (-39, 39),
}  # fmt: skip
"""Where a function neither is constant nor has run out of the range of float64."""
HARD: Mapping[str, tuple[float, ...]] = {
    "exp": (-745.14, -744, -740.5, -708.4, 709.78, 0.3466, -0.3466),
    "sigmoid": (-745.14, -740, -709.8, -69.4, -37, -36.75, -16.65),
    "sigmoid_of_one": (-745.14, -740, -709.8, -37, -36.75, -0.005415, 0.005415, 50),
    "tanh": (18.3, 0.1733), "softplus": (-745, -740, -0.6931, -37), "log": (0.70710678, 1.41421356, 1),
    "log_cosh": (1,), "erf": (1, 5.9), "normal_cdf": (-38.48, -0.67, -0.68, 0.67, 8.3), "normal_pdf": (38.5,),
    "xlogx": (1,),
}  # fmt: skip
"""Where one way of computing ends, or the range does."""
DENSE: Mapping[str, tuple[float, float]] = {
    "sigmoid": (-38.5, -36.3), "sigmoid_of_one": (-2, -1.9), "tanh": (0.05, 0.6), "elu": (-0.5, -0.3),
    "selu": (-0.9, -0.3), "log_cosh": (0.9, 1.1), "xlogx": (1, 2), "erf": (0.9, 1.1),
    "normal_cdf": (-3, -0.67),
}  # fmt: skip
"""Where the largest errors are."""


@cache
def points(name: str, count: int) -> Floats:
    """Return float64 numbers of every binade, of the range of a function, near 0, 1 and the hard places."""
    rng = np.random.default_rng(5)
    low, high = RANGES.get(name, (-3.0, 3.0))
    usual = rng.integers(-60, 11, count)
    all_binades = np.repeat(np.arange(-1074, 1024), max(1, count // 2000))
    binades = np.concatenate([usual, all_binades])
    spread = np.ldexp(rng.uniform(1, 2, binades.size), binades) * rng.choice([-1, 1], binades.size)
    ranges = ((low, high), (max(low, -3), min(high, 3)), DENSE.get(name, (0.5, 2)))
    ranged = [rng.uniform(*bounds, count) for bounds in ranges]
    around = [np.array([1.0]), *(np.array([place]) for place in HARD.get(name, ()))]
    wide = np.ldexp(
        rng.uniform(-1, 1, (len(around), count // 10)), rng.integers(-52, -2, (len(around), count // 10))
    )
    near = [place * (1 + part) for place, part in zip(around, wide, strict=True)]
    drawn = np.concatenate([spread, *ranged, *near, *around])
    return abs(drawn) if name in ("log", "xlogx", "sqrt") else drawn


def errors(name: str, at: Floats, values: Floats) -> Floats:
    """Return how many units in the last place of the true value each value is off.

    What is beyond the range counts as the infinity it rounds to; a wrong infinity or NaN is infinitely wrong.
    """
    with mpmath.workdps(50):
        return np.array([_error(EXACT[name](mpf(float(u))), v) for u, v in zip(at, values, strict=True)])


def _error(truth: Any, value: Any) -> float:
    kind = np.finfo(value.dtype)
    with np.errstate(over="ignore", under="ignore"):
        nearest = value.dtype.type(float(truth))
    if value == nearest:
        nearest_unit = mpf(float(np.spacing(abs(nearest)))) if np.isfinite(nearest) else mpf(1)
        return 0.0 if not np.isfinite(nearest) else float(abs(mpf(float(value)) - truth) / nearest_unit)
    if not np.isfinite(value) or not np.isfinite(nearest):
        return np.inf
    digits = kind.nmant + 1
    unit = mpmath.ldexp(1, max(mpmath.frexp(truth)[1] - digits, int(kind.minexp) - kind.nmant))
    return float(abs(mpf(float(value)) - truth) / unit)
