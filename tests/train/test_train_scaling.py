import numpy as np
import pytest

from symgrad.errors import DataError, UnknownNameError
from symgrad.train import fit_scaling, scaled

X = np.array([[1.0, 0.1, -4], [2, 0.1, 0], [3, 0.1, 4]])


def test_standard():
    z = scaled(X, fit_scaling(X))
    assert np.allclose(z.mean(axis=0), 0)
    assert np.allclose(z.std(axis=0), [1, 0, 1])


def test_minmax_and_none():
    assert scaled(X, fit_scaling(X, "minmax")).tolist() == [[0, 0, 0], [0.5, 0, 0.5], [1, 0, 1]]
    assert scaled(X, fit_scaling(X, "none")) is X


@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_constant_columns_become_zero_exactly(kind):
    x = np.full((7, 1), 0.1)
    assert (scaled(x, fit_scaling(x, kind)) == 0).all()
    assert scaled(np.array([[1.1]]), fit_scaling(x, kind)).item() == pytest.approx(1)


def test_one_row_and_inputs_without_axes():
    assert (scaled(X[:1], fit_scaling(X[:1])) == 0).all()
    column = X[:, 0]
    assert scaled(column, fit_scaling(column, "minmax")).tolist() == [0, 0.5, 1]


def test_faults():
    with pytest.raises(UnknownNameError, match="did you mean minmax"):
        fit_scaling(X, "min-max")
    with pytest.raises(DataError, match=r"shape \(2,\), but the scaling was fitted to \(3,\)"):
        scaled(X[:, :2], fit_scaling(X))
    huge = np.array([[1e308], [-1e308]])
    for kind in ("standard", "minmax"):
        with pytest.raises(DataError, match="too large"):
            fit_scaling(huge, kind)
    with pytest.raises(DataError, match="too far"):
        scaled(np.array([[1e308]]), fit_scaling(np.array([[0], [1e-9]]), "minmax"))
