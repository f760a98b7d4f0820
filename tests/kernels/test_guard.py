"""What a kernel is called with is checked in every call."""

from typing import Any

import numpy as np
import pytest

from symgrad.errors import DataError
from symgrad.kernels import guard

pytestmark = pytest.mark.uncompiled

WANTED = guard.Wanted({"x": ("N", 2), "c": ("N",), "W": (2, 3)}, {"c": 3}, ("N - 1",))


def rows(x: Any, c: Any, W: Any, batch: int = 1) -> int:
    return x.shape[0] * batch


def given(count: int, label: int = 0) -> tuple[Any, ...]:
    return np.ones((count, 2)), np.full(count, label), np.ones((2, 3))


def test_what_does_not_fit_is_refused_every_time() -> None:
    checked = guard.guarded(rows, WANTED)
    x, c, W = given(4)
    for _ in range(2):
        with pytest.raises(DataError, match=r"W has the shape \(3, 2\)"):
            checked(x, c, W.T)
        with pytest.raises(DataError, match=r"c has the shape \(3,\)"):
            checked(W=W, c=c[1:], x=x)
        with pytest.raises(DataError, match="too small"):
            checked(*given(0))


def test_labels_are_looked_at_in_every_call() -> None:
    checked = guard.guarded(rows, WANTED)
    checked(*given(4))
    with pytest.raises(DataError, match=r"c\[0\] is 3"):
        checked(*given(4, label=3))


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(TypeError, match="'W'"):
        guard.guarded(rows, WANTED)(*given(4)[:2])
