"""The emitted elementary functions, against mpmath at thousands of points, in both types."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import config

from symgrad.kernels.elementary import HELPERS, closure, helper_text
from symgrad.kernels.files import load

SMOOTH = {
    "exp": 2, "log": 2, "sigmoid": 3, "tanh": 4, "softplus": 3, "erf": 3, "normal_cdf": 83, "normal_pdf": 40,
    "selu": 4, "selu_slope": 3,
}  # fmt: skip
"""Most units in the last place.

Up to |u| = 8 the exponent u²/2 is below 32, and each half unit of it is up to 32 half units of the value: one
rounding of u² in normal_pdf; of 1/√2, of u/√2 (both squared) and of the square, and 3 units, in normal_cdf.
"""

ABSOLUTE = ("log_cosh", "xlogx")
NAMES = (*SMOOTH, *ABSOLUTE, "step", "relu", "leaky_relu", "sign", "absolute")
DRIVERS = "".join(
    f"""

@njit(cache=True, error_model="numpy")
def all_{name}(u, out):
    for n in range(u.shape[0]):
        out[n] = {name}(u[n])
"""
    for name in NAMES
)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Any:
    head = "import math\n\nimport numpy as np\nfrom numba import njit\n\n\n"
    text = head + "\n\n".join(helper_text(n) for n in closure(HELPERS)) + DRIVERS
    path = Path(tmp_path_factory.mktemp("elementary")) / "elementary_functions.py"
    path.write_text(text, encoding="utf-8")
    return load(path)


def applied(functions: Any, name: str, points: Any) -> Any:
    out = np.empty_like(points)
    getattr(functions, f"all_{name}")(points, out)
    return out


SCALE, ALPHA = mpmath.mpf("1.0507009873554805"), mpmath.mpf("1.6732632423543772")
EXACT: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "tanh": mpmath.tanh,
    "softplus": lambda u: mpmath.log1p(mpmath.exp(u)),
    "erf": mpmath.erf,
    "normal_cdf": lambda u: mpmath.erfc(-u / mpmath.sqrt(2)) / 2,
    "normal_pdf": lambda u: mpmath.exp(-u * u / 2) / mpmath.sqrt(2 * mpmath.pi),
    "selu": lambda u: SCALE * (u if u > 0 else ALPHA * mpmath.expm1(u)),
    "selu_slope": lambda u: SCALE * (1 if u > 0 else ALPHA * mpmath.exp(u)),
    "log_cosh": lambda u: mpmath.log(mpmath.cosh(u)),
    "xlogx": lambda u: u * mpmath.log(u) if u else mpmath.mpf(0),
}


def worst(name: str, points: Any, values: Any) -> float:
    """Return the largest error in units of the last place."""
    errors = []
    with mpmath.workdps(60):
        for u, value in zip(points, values, strict=True):
            truth = EXACT[name](mpmath.mpf(float(u)))
            unit = np.spacing(points.dtype.type(abs(float(truth))))
            errors.append(float(abs(mpmath.mpf(float(value)) - truth) / mpmath.mpf(float(unit))))
    return max(errors)


def points(name: str, dtype: str, count: int = 1500) -> Any:
    rng = np.random.default_rng(5)
    narrow = {"log": 0, "tanh": 18, "erf": 5, "normal_cdf": 8, "normal_pdf": 8, "selu": 40, "selu_slope": 40}
    wide = narrow.get(name, 700 if name == "exp" else 300)
    wide = min(wide, 85) if dtype == "float32" else wide
    near = rng.normal(size=count)
    small = rng.normal(size=count) * 10.0 ** rng.integers(-12, 0, count)
    drawn = np.concatenate([near, small, rng.uniform(-wide, wide, count)])
    if name == "log":
        drawn = np.concatenate([np.exp(near), 1 + small, np.exp(rng.uniform(-80, 80, count))])
    return drawn.astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "limit"), SMOOTH.items())
def test_close_to_the_exact_value(functions: Any, name: str, limit: float, dtype: str) -> None:
    at = points(name, dtype)
    values = applied(functions, name, at)
    assert values.dtype == dtype
    assert worst(name, at, values) < limit


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ABSOLUTE)
def test_close_to_the_exact_value_on_the_scale_of_1(functions: Any, name: str, dtype: str) -> None:
    at = abs(points(name, dtype)) if name == "xlogx" else points(name, dtype)
    values = applied(functions, name, at)
    truth = np.array([float(EXACT[name](mpmath.mpf(float(u)))) for u in at])
    assert np.all(abs(values - truth) <= 3 * np.finfo(dtype).eps * np.maximum(1, abs(truth)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_ends_of_the_range(functions: Any, dtype: str) -> None:
    ends = np.array([-np.inf, -800.0, 0.0, 800.0, np.inf, np.nan], dtype)
    expected = {
        "exp": [0, 0, 1, np.inf, np.inf, np.nan],
        "sigmoid": [0, 0, 0.5, 1, 1, np.nan],
        "tanh": [-1, -1, 0, 1, 1, np.nan],
        "softplus": [0, 0, np.log(2), 800, np.inf, np.nan],
        "log": [np.nan, np.nan, -np.inf, np.log(800), np.inf, np.nan],
        "relu": [0, 0, 0, 800, np.inf, np.nan],
        "step": [0, 0, 0, 1, 1, 0],
        "erf": [-1, -1, 0, 1, 1, np.nan],
        "normal_cdf": [0, 0, 0.5, 1, 1, np.nan],
        "normal_pdf": [0, 0, 0.3989422804014327, 0, 0, np.nan],
        "log_cosh": [np.inf, 799.3068528194401, 0, 799.3068528194401, np.inf, np.nan],
        "xlogx": [np.nan, np.nan, 0, 5347.689418, np.inf, np.nan],
        "sign": [-1, -1, 0, 1, 1, 0],
    }
    for name, values in expected.items():
        with np.errstate(all="ignore"):  # uncompiled, NumPy warns of what the kernel means to do
            got = applied(functions, name, ends)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, np.array(values, dtype), rtol=1e-6, atol=1e-38, err_msg=name)


@pytest.mark.parametrize("u", [-744.0, -740.5, -709.9, -708.4, 709.7, 709.78])
def test_exp_at_denormals_and_before_overflow(functions: Any, u: float) -> None:
    at = np.array([u])
    assert worst("exp", at, applied(functions, "exp", at)) < 2


def test_log_of_denormals(functions: Any) -> None:
    at = np.array([5e-324, 1e-310, 2.2250738585072014e-308])
    assert worst("log", at, applied(functions, "log", at)) < 2


@pytest.mark.skipif(config.DISABLE_JIT, reason="NUMBA_DISABLE_JIT: nothing is compiled")
@pytest.mark.parametrize("name", ["exp", "sigmoid", "tanh", "softplus", "log", "erf", "normal_cdf"])
def test_loops_become_vector_instructions(functions: Any, name: str) -> None:
    applied(functions, name, np.ones(4))
    made = getattr(functions, f"all_{name}").inspect_asm()
    (text,) = (text for signature, text in made.items() if "float64" in str(signature))
    assert any(word in text for word in ("vmulpd", "mulpd", "vfmadd213pd", "vfmadd231pd", "fmla"))
