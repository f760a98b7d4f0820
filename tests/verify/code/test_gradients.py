"""The names under which a claim leaves its gradient: a closed list; where none is set there is no verdict."""

import pytest

from symgrad.errors import DataError
from symgrad.verify.code.check import check_code
from symgrad.verify.code.gradients import name_set, picked, setting

ARRAYS = {"x": ["normal", 4, 3], "W": ["normal", 3]}
FORWARD = "z = x @ W\nL = np.sum(z**2)"


@pytest.mark.parametrize("name", ["G", "dW", "grad_W", "grad"])
def test_each_name_is_read(name: str) -> None:
    assert check_code(FORWARD, f"{name} = 2*x.T @ z", ARRAYS, "W", seconds=60.0).verdict == "right"
    assert check_code(FORWARD, f"{name} = 3*x.T @ z", ARRAYS, "W", seconds=60.0).verdict == "wrong"


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("dW = 1\nG = 2", "G"),
        ("grad = 1\ndW = 2", "dW"),
        ("dW = np.zeros(3)\nfor k in range(3):\n    dW[k] += 1", "dW"),
        ("for k in range(3):\n    dW[k] = 1", "dW"),
        ("np.add.at(grad_W, 0, 1)", "grad_W"),
        ("def f():\n    G = 1\ndW = 2", "dW"),
        ("d, dW = 1, 2", "dW"),
        ("H = 1", None),
        ("dw = 1", None),
        ("def f():\n    dW = 1", None),
        ("dW = = 1", ""),
    ],
)
def test_the_first_that_is_set_counts(claimed: str, name: str | None) -> None:
    assert name_set(claimed, "W") == name


def test_what_sets_none_is_no_claim() -> None:
    with pytest.raises(DataError, match="sets none of G, dW, grad_W, grad"):
        setting("delta = 2*x.T @ z", "W")
    with pytest.raises(DataError, match="sets none of G, dW, grad_W, grad"):
        check_code(FORWARD, "delta = 2*x.T @ z", ARRAYS, "W")


@pytest.mark.parametrize("found", [{"grad": 1}, {}, None])
def test_what_is_returned_under_another_name_is_no_claim(found: object) -> None:
    with pytest.raises(DataError, match=r"read from W, dW, d_W, grad_W, W_grad|no gradient"):
        picked(found, "W")
    assert picked({"other": 1, "d_W": 2}, "W") == 2


@pytest.mark.parametrize("claimed", ["G = x.T @ zz", "import nothing_of_this_name\nG = W", "G = W +"])
def test_what_was_misspelt_is_no_claim(claimed: str) -> None:
    with pytest.raises(DataError, match=r"the claim (raises (NameError|ModuleNotFound)|is no Python)"):
        check_code(FORWARD, claimed, ARRAYS, "W")


def test_what_raises_is_wrong_at_a_point_with_the_line() -> None:
    found = check_code(FORWARD, "dz = 2*z\n\nG = x @ dz", ARRAYS, "W")
    assert found.verdict == "wrong"
    assert found.method.startswith("the claim raises ValueError")
    assert found.method.endswith("(line 3)")
    assert found.counterexample is not None
    assert "W[0]" in found.counterexample.at
