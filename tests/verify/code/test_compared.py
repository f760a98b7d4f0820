"""What code compares with a number."""

import numpy as np
import pytest

from symgrad.verify.code.check import check_code
from symgrad.verify.code.compared import compared_with

SOURCES = {
    "clip": ("q = np.clip(p, 1e-12, 1 - 1e-12)", 1e-12, "p"),
    "the other end": ("q = np.clip(p, 1e-12, 1 - 1e-12)", 1 - 1e-12, "p"),
    "method": ("q = (a + b).clip(1e-3, 1)", 1e-3, "a + b"),
    "keyword": ("q = np.clip(p, a_min=-50, a_max=50)", -50, "p"),
    "comparison": ("m = z[0] < 1e-6", 1e-6, "z[0]"),
    "maximum": ("n = max(np.linalg.norm(w), 1e-8)", 1e-8, "np.linalg.norm(w)"),
    "two": ("a = np.maximum(z, 0); b = np.maximum(y, 0)", 0, ""),
    "none": ("a = np.maximum(z, 0)", 1, ""),
    "no Python": ("a = (", 0, ""),
    "over 0": ("a = z < 1/0", 0, ""),
    "beyond floats": (f"a = z < {10**400}", 0, ""),
}


@pytest.mark.parametrize(("text", "number", "name"), SOURCES.values(), ids=SOURCES)
def test_the_value_is_called_as_the_code_calls_it(text, number, name):
    assert compared_with(float(number), text) == name


def test_a_function_without_source_names_nothing():
    assert compared_with(0.0, np.sum) == ""


@pytest.mark.parametrize("low", ["1e-12", "1e-7"])
def test_a_claim_that_forgets_a_clip_is_wrong_where_it_acts(low):
    arrays = {"X": ["normal", 3, 2], "w": ["normal", 2], "y": ["label01", 3]}
    forward = (
        f"p = 1/(1 + np.exp(-X @ w))\nL = -np.sum(y*np.log(np.clip(p, {low}, 1)) + (1 - y)*np.log(1 - p))"
    )
    found = check_code(forward, "G = X.T @ (p - y)", arrays, "w", seconds=60)
    assert (found.verdict, found.where) == ("wrong", f"p < {float(low):g}")


def test_a_branch_that_is_taken_rarely():
    claim = "G = 2*w if w[0] < 1000 else w"
    found = check_code("L = np.sum(w**2)", claim, {"w": ["normal", 2]}, "w", seconds=60)
    assert (found.verdict, found.where) == ("wrong", "w[0] > 1000")


def test_what_is_wrong_at_ordinary_points_has_no_such_place():
    claim = "G = 2*w if w[0] < 1 else w"
    found = check_code("L = np.sum(w**2)", claim, {"w": ["normal", 2]}, "w", seconds=60)
    assert (found.verdict, found.where) == ("wrong", "")
