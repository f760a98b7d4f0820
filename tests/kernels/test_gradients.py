"""The gradients of kernels, against high-precision differences of the forward definitions."""

import mpmath
import numpy as np
import pytest

from tests.kernels.conftest import Make
from tests.kernels.networks import NETWORKS, Oracle, arrays, model_of

ARRAYS = {"schedule": {"*": "arrays"}}
PRODUCTS = ("z1", "z2", "dW1", "dW2", "dz1")
BLAS = {"schedule": {"*": "arrays", **dict.fromkeys(PRODUCTS, "blas")}}
CASES = [
    *((name, {}) for name in NETWORKS),
    ("softmax", ARRAYS),
    pytest.param("relu", ARRAYS, marks=pytest.mark.slow),
    ("one_hot", BLAS),
]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_gradients_are_those_of_the_definitions(
    kernel: Make, name: str, options: dict[str, dict[str, str]]
) -> None:
    made, values = kernel(name, **options), arrays(name, 3)
    with mpmath.workdps(50):
        oracle = Oracle(name, values)
        truth = float(oracle.loss(oracle.leaves))
        expected = {p: oracle.gradient(p) for p in made.PARAMETERS}
    loss, *found = made.gradients(values["x"], values["t"], *(values[p] for p in made.PARAMETERS))
    assert loss == pytest.approx(truth, rel=1e-13)
    for gradient, p in zip(found, made.PARAMETERS, strict=True):
        assert gradient.shape == values[p].shape
        np.testing.assert_allclose(gradient, expected[p], rtol=1e-12, atol=1e-14, err_msg=p)


@pytest.mark.parametrize("name", ["sigmoid", "open"])
def test_loss_is_the_loss_of_gradients(kernel: Make, name: str) -> None:
    made, values = kernel(name), arrays(name, 3)
    given = (values["x"], values["t"], *(values[p] for p in made.PARAMETERS))
    assert made.loss(*given) == pytest.approx(made.gradients(*given)[0], rel=1e-14)


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "skip"])
def test_forward_is_the_output(kernel: Make, name: str) -> None:
    made, values = kernel(name), arrays(name, 4)
    output = made.forward(values["x"], *(values[p] for p in made.PARAMETERS))
    with mpmath.workdps(30):
        oracle = Oracle(name, values)
        table = oracle.values(oracle.leaves)
    expected = np.array([[float(table["y", (n, k)]) for k in range(output.shape[1])] for n in range(4)])
    np.testing.assert_allclose(output, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "options"), [("softmax", {}), pytest.param("relu", ARRAYS, marks=pytest.mark.slow)]
)
def test_float32_stays_float32(kernel: Make, name: str, options: dict[str, dict[str, str]]) -> None:
    made = kernel(name, **options)
    narrow, wide = arrays(name, 5, "float32"), arrays(name, 5)
    _, *found = made.gradients(narrow["x"], narrow["t"], *(narrow[p] for p in made.PARAMETERS))
    _, *expected = made.gradients(wide["x"], wide["t"], *(wide[p] for p in made.PARAMETERS))
    assert made.forward(narrow["x"], *(narrow[p] for p in made.PARAMETERS)).dtype == np.float32
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "binary"])
def test_extreme_inputs_stay_finite(kernel: Make, name: str) -> None:
    made, values = kernel(name), arrays(name, 3)
    values["x"] *= 1e3
    parameters = [values[p] * 50 for p in made.PARAMETERS]
    loss, *found = made.gradients(values["x"], values["t"], *parameters)
    assert np.isfinite(loss)
    assert all(np.isfinite(g).all() for g in found)


def test_the_description_fits(kernel: Make) -> None:
    made = kernel("open")
    assert made.FORMAT == 2
    assert made.INPUTS == {"x": ("N", "D")}
    assert made.TARGETS == {"t": ("N",)}
    assert made.OUTPUTS == {"y": ("N", 3)}
    assert made.KINDS == {"t": "labels"}
    assert made.LABELS == {"t": 3}
    assert made.PARAMETERS == {"W1": ("H", "D"), "b1": ("H",), "W2": (3, "H"), "b2": (3,)}
    assert made.STARTS["W1"] == ("normal", ("D",))
    assert made.STARTS["W2"] == ("normal", ("H",))
    assert made.STARTS["b1"] == ("zeros", ())
    assert made.OPTIONS == {"learning_rate": 0.1}
    assert made.TASK == model_of("open").task
