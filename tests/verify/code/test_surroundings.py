"""What a function reads from its module is written before it: helpers first, modules, constants."""

import math
import math as m
from typing import Any

import numpy as np
import pytest
from numpy import exp as power

from symgrad.verify.code.surroundings import UnwritableError, surroundings

SCALE = 0.5
TABLE = np.ones(3)


def inner(z: Any) -> Any:
    return power(-z) * m.e


def helper(z: Any) -> Any:
    return SCALE * inner(z)


def plain(x: Any) -> Any:
    return np.sum(helper(x)) + len(x) + math.pi


def recursive(x: Any) -> Any:
    return x if x < 1 else recursive(x - 1)


def test_helpers_come_before_their_callers() -> None:
    names: dict[str, Any] = {"np": np, "math": math}
    text = surroundings(plain)
    exec(text, names)
    assert names["helper"](2.0) == helper(2.0)
    assert [line for line in text.splitlines() if not line.startswith((" ", "\n"))] == [
        "SCALE = 0.5",
        "from numpy import exp as power",
        "import math as m",
        "def inner(z):",
        "def helper(z):",
    ]


def test_what_a_function_closes_over_is_read_there() -> None:
    factor = 3

    def scaled(x: Any) -> Any:
        return factor * x

    assert surroundings(scaled) == "factor = 3"


def test_a_function_may_call_itself() -> None:
    def outer(x: Any) -> Any:
        return recursive(x)

    assert surroundings(outer).startswith("def recursive(x):")


def test_what_has_no_source_is_named() -> None:
    def reads(x: Any) -> Any:
        return x + TABLE

    with pytest.raises(UnwritableError, match="TABLE"):
        surroundings(reads)


def test_one_name_for_two_things_is_refused() -> None:
    def first(x: Any) -> Any:
        return SCALE * x

    def other() -> Any:
        SCALE = 2

        def second(x: Any) -> Any:
            return SCALE * x

        return second

    with pytest.raises(UnwritableError, match="SCALE"):
        surroundings(first, other())
