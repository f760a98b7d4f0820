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


def test_calls_that_are_alike_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[int]()
    whole = guard.prepared
    monkeypatch.setattr(guard, "prepared", lambda *given: looked.append(1) or whole(*given))
    checked = guard.guarded(rows, WANTED)
    for count in (4, 4, 5, 4, 5):
        assert checked(*given(count)) == count
    assert len(looked) == 2


def test_what_was_let_in_once_is_still_checked() -> None:
    """The same shapes, but other strides, types, places in memory or leave to write."""

    def changing(x: Any, c: Any, W: Any) -> None:
        x += W[0, 0]

    checked = guard.guarded(changing, guard.Wanted(WANTED.shapes, {}), changed=("x",))
    memory = np.ones(20)
    x, c, W = memory[:8].reshape(4, 2), memory[8:12], memory[12:18].reshape(2, 3)
    checked(x, c, W)
    with pytest.raises(DataError, match="share memory"):
        checked(x, c, memory[6:12].reshape(2, 3))
    with pytest.raises(DataError, match="read-only"):
        checked(np.broadcast_to(memory[:2], (4, 2)), c, W)
    with pytest.raises(DataError, match="one type"):
        checked(x, c.astype(np.float32), W)
    with pytest.raises(DataError, match="one behind the other"):
        checked(np.ones((2, 4)).T, c, W)
    with pytest.raises(DataError, match="list"):
        checked(x, c.tolist(), W)
    checked(x, c, W.T.copy().T)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32", "int64", "uint64"])
def test_labels_of_every_type_of_integers_are_looked_at(kind: str) -> None:
    labels = np.array([0, 2, 1], kind)
    guard.check_ids("c", labels, 3)
    guard.check_ids("c", labels[::2], 3)
    guard.check_ids("c", labels, None)
    with pytest.raises(DataError, match=r"c\[1\] is 2"):
        guard.check_ids("c", labels, 2)
    if kind.startswith("i"):
        with pytest.raises(DataError, match=r"c\[0\] is -1"):
            guard.check_ids("c", labels - np.ones(3, kind), None)


def test_labels_whose_bytes_stand_the_other_way_round_are_refused() -> None:
    """Compiled code takes none."""
    with pytest.raises(DataError, match="c holds >i8; it takes integers"):
        guard.check_ids("c", np.array([0, 2, 1], ">i8"), 3)
