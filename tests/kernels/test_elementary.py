"""The emitted elementary functions, against 50 digits at thousands of points, in both types."""

from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import TypingError, config

from symgrad.kernels.elementary import BOUNDS, HELPERS, helper_text
from tests.benchmarks import accuracy
from tests.kernels.fifty_digits import EXACT, applied, errors, module, points

KINKED = ("step", "relu", "leaky_relu", "sign", "absolute", "sine", "cosine")
DTYPES = ["float64", "float32"]
MOSTLY = 0.6
"""A small sample finds at least this share of the largest error known: the bound is no empty promise."""


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return module(tmp_path_factory.mktemp("elementary"), (*EXACT, *KINKED))


def sample(name: str, dtype: str, count: int = 250) -> Any:
    """Return numbers that both types hold, where float32 is asked for."""
    with np.errstate(over="ignore"):
        drawn = points(name, count).astype(dtype)
    return drawn[np.isfinite(drawn)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_the_largest_error_is_the_one_that_is_stated(functions: Any, name: str, dtype: str) -> None:
    at = sample(name, dtype)
    values = applied(functions, name, at)
    stated = getattr(BOUNDS[name], dtype)
    assert values.dtype == dtype
    assert MOSTLY * stated - 0.3 < errors(name, at, values).max() <= stated


def test_the_text_states_the_bounds() -> None:
    assert BOUNDS.keys() == EXACT.keys()
    assert "within 1 ulp (float32: 1.1)" in helper_text("exp")
    assert all(("{within}" in HELPERS[name].text) == (name in BOUNDS) for name in HELPERS)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_the_bounds_are_the_measured_errors_rounded_up(name: str, dtype: str) -> None:
    measured, _ = accuracy.stored()["functions"][name][dtype]
    assert measured <= getattr(BOUNDS[name], dtype) < measured + 0.25


@pytest.mark.parametrize(
    ("name", "helper", "right", "planted"),
    [
        ("exp", "series", "0.16666666666666435", "0.16666666666676435"),
        ("sigmoid_of_one", "sigmoid_of_one", "1.4142135623730951", "1.4142135623730961"),
        ("sigmoid_of_one", "sigmoid_of_one", "0.16666666666664534", "0.16666766666664534"),
        ("sigmoid_of_one", "sigmoid_of_one", "2.572804622327669e-14", "2.572904622327669e-14"),
    ],
)
def test_a_disturbed_number_is_found(
    tmp_path: Path, name: str, helper: str, right: str, planted: str
) -> None:
    """A unit in a late digit of one coefficient, or of one power, is more than the bound allows."""
    text = helper_text(helper)
    assert right in text
    made = module(tmp_path, (name,), replaced={text: text.replace(right, planted)})
    at = sample(name, "float64")
    assert errors(name, at, applied(made, name, at)).max() > BOUNDS[name].float64


def test_only_the_text_of_the_type_that_is_asked_for_is_compiled(tmp_path: Path) -> None:
    """What float64 does not need may be as wrong as it likes."""
    right, planted = "(np.float32(0.5) + r * q)", "(no_such_number + r * q)"
    made = module(tmp_path, ("exp",), replaced={right: planted})
    assert errors("exp", np.ones(1), applied(made, "exp", np.ones(1))).max() <= BOUNDS["exp"].float64
    with pytest.raises((NameError, TypingError)):
        applied(made, "exp", np.ones(1, "float32"))


def test_the_powers_are_rounded_correctly(functions: Any) -> None:
    with mpmath.workdps(50):
        exact = [float(mpmath.mpf(2) ** (mpmath.mpf(i) / 64)) for i in range(64)]
    np.testing.assert_array_equal(functions.POWERS, exact)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ends_of_the_range(functions: Any, dtype: str) -> None:
    ends = np.array([-np.inf, -800.0, 0.0, 800.0, np.inf, np.nan], dtype)
    expected = {
        "exp": [0, 0, 1, np.inf, np.inf, np.nan],
        "sigmoid": [0, 0, 0.5, 1, 1, np.nan],
        "sigmoid_of_one": [0, 0, 0.5, 1, 1, np.nan],
        "tanh": [-1, -1, 0, 1, 1, np.nan],
        "softplus": [0, 0, np.log(2), 800, np.inf, np.nan],
        "log": [np.nan, np.nan, -np.inf, np.log(800), np.inf, np.nan],
        "relu": [0, 0, 0, 800, np.inf, np.nan],
        "leaky_relu": [-np.inf, -8, 0, 800, np.inf, np.nan],
        "absolute": [np.inf, 800, 0, 800, np.inf, np.nan],
        "step": [0, 0, 0, 1, 1, 0],
        "elu": [-1, -1, 0, 800, np.inf, np.nan],
        "selu": [-1.7580993408473766, -1.7580993408473766, 0, 840.5607898843644, np.inf, np.nan],
        "selu_slope": [0, 0, 1.7580993408473766, 1.0507009873554805, 1.0507009873554805, np.nan],
        "erf": [-1, -1, 0, 1, 1, np.nan],
        "normal_cdf": [0, 0, 0.5, 1, 1, np.nan],
        "normal_pdf": [0, 0, 0.3989422804014327, 0, 0, np.nan],
        "log_cosh": [np.inf, 799.3068528194401, 0, 799.3068528194401, np.inf, np.nan],
        "xlogx": [np.nan, np.nan, 0, 5347.689418, np.inf, np.nan],
        "sqrt": [np.nan, np.nan, 0, 28.2842712474619, np.inf, np.nan],
        "reciprocal": [0, -1 / 800, 0, 1 / 800, 0, np.nan],
        "sign": [-1, -1, 0, 1, 1, 0],
    }
    for name, values in expected.items():
        got = applied(functions, name, ends)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, np.array(values, dtype), rtol=1e-6, atol=0, err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["tanh", "erf", "sine", "leaky_relu"])
def test_what_is_odd_at_0_keeps_its_sign(functions: Any, name: str, dtype: str) -> None:
    values = applied(functions, name, np.array([-0.0, 0.0], dtype))
    np.testing.assert_array_equal(values, [0.0, 0.0])
    np.testing.assert_array_equal(np.signbit(values), [True, False])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["absolute", "log_cosh", "xlogx", "normal_cdf"])
def test_what_is_not_negative_at_0_has_no_sign(functions: Any, name: str, dtype: str) -> None:
    assert not np.signbit(applied(functions, name, np.array([-0.0, 0.0], dtype))).any()


DENORMAL = [
    ("exp", [-744.0, -740.5, -709.9, -708.4, 709.7, 709.78]),
    ("sigmoid", [-745.0, -740.0, -709.9, -708.4]),
    ("sigmoid_of_one", [-1e308, -747.1, -746.9, -745.2, -745.0, -740.0, -709.9, -708.4, 666.9, 667.1, 1e308]),
    ("softplus", [-745.0, -740.0, -708.4]),
    ("selu_slope", [-745.0, -740.0]),
    ("normal_cdf", [-38.4, -37.6]),
    ("normal_pdf", [-38.5, 38.0]),
    ("log", [5e-324, 1e-310, 2.2250738585072014e-308]),
    ("tanh", [5e-324, -1e-310]),
    ("erf", [5e-324, -1e-310]),
    ("elu", [-5e-324, -1e-310]),
    ("selu", [-5e-323, 1e-310]),
    ("log_cosh", [1e-160, 1e-155]),
    ("sqrt", [5e-324, 1e-310]),
]


@pytest.mark.parametrize(("name", "at"), DENORMAL)
def test_denormal_arguments_and_values(functions: Any, name: str, at: list[float]) -> None:
    given = np.array(at)
    assert errors(name, given, applied(functions, name, given)).max() <= BOUNDS[name].float64


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("exp", [-103.5, -90.0]),
        ("sigmoid", [-103.5, -90.0]),
        ("sigmoid_of_one", [-103.5, -90.0]),
        ("softplus", [-100.0]),
        ("log", [1e-45, 1e-39]),
    ],
)
def test_denormal_arguments_and_values_of_32_bits(functions: Any, name: str, at: list[float]) -> None:
    given = np.array(at, np.float32)
    assert errors(name, given, applied(functions, name, given)).max() <= BOUNDS[name].float32


@pytest.mark.skipif(config.DISABLE_JIT, reason="NUMBA_DISABLE_JIT: nothing is compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "name", [name for name in BOUNDS if name not in ("sqrt", "reciprocal", "sigmoid_of_one")]
)
def test_loops_become_vector_instructions(functions: Any, name: str, dtype: str) -> None:
    applied(functions, name, np.ones(4, dtype))
    made = getattr(functions, f"all_{name}").inspect_asm()
    (text,) = (text for signature, text in made.items() if dtype in str(signature))
    kind = "pd" if dtype == "float64" or BOUNDS[name].float32 == 0.5 else "ps"
    vectors = [f"mul{kind}", f"fmadd213{kind}", f"fmadd231{kind}", "fmla"]
    assert any(word in text for word in vectors)
