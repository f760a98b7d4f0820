"""Functions as statements: the same results, and no text where a function is more than its statements."""

from typing import Any

import numpy as np
import pytest

from symgrad.verify.code.inlining import statements_of


def loss(x: Any, w: Any) -> Any:
    """A loss, and what it keeps."""
    z = x @ w
    return np.sum(z**2), (x, z)


def as_dict(w: Any, cache: Any) -> Any:
    x, z = cache
    return {"x": 2 * np.outer(z, w), "dw": 2 * x.T @ z}


def as_tuple(w: Any, cache: Any) -> Any:
    x, z = cache
    return np.sum(z**2), 2 * np.outer(z, w), 2 * x.T @ z


def loss_of_flat(x: Any, w: Any) -> Any:
    x = x.reshape(-1, 3)
    w = np.array([2 * w_own for w_own in w])
    return np.sum((x @ w) ** 2)


def gradient_after_a_step(w: Any, g: Any) -> Any:
    w = w - g
    w *= 2
    return {"w": 3 * w}


def returns_early(w: Any) -> Any:
    if w.ndim:
        return w
    return -w


def has_functions(w: Any) -> Any:
    def twice(z: Any) -> Any:
        return 2 * z

    return twice(w)


@pytest.mark.parametrize("backward", [as_dict, as_tuple])
@pytest.mark.parametrize("name", ["x", "w"])
def test_statements_do_what_the_function_does(backward: Any, name: str) -> None:
    arrays = {"x": np.arange(6.0).reshape(2, 3), "w": np.array([1.0, -1.0, 2.0])}
    names: dict[str, Any] = {"np": np, **arrays}
    exec(statements_of(loss, "L"), names)
    value, cache = loss(**arrays)
    assert names["L"] == value
    exec(statements_of(backward, "G", ("x", "w"), name), names)
    expected = as_dict(arrays["w"], cache)
    np.testing.assert_array_equal(names["G"], expected.get(name, expected["dw"]))


def test_a_loss_keeps_to_itself_what_it_assigns_to_its_parameters() -> None:
    arrays = {"x": np.arange(6.0), "w": np.array([1.0, -1.0, 2.0])}
    names: dict[str, Any] = {"np": np, **arrays}
    exec(statements_of(loss_of_flat, "L"), names)
    assert names["L"] == loss_of_flat(**arrays)
    assert all(names[key] is array for key, array in arrays.items())


def test_a_claim_is_written_as_its_author_wrote_it() -> None:
    text = statements_of(gradient_after_a_step, "G", ("w",), "w")
    assert text == "w = w - g\nw *= 2\nG = 3 * w"


@pytest.mark.parametrize("function", [returns_early, has_functions, len, lambda w: w])
def test_what_is_no_plain_function_has_no_statements(function: Any) -> None:
    assert statements_of(function, "G") == ""
