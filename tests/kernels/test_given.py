"""What kernels are called with: right results from arrays however they lie, or one error, nothing changed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numba.core import config

from symgrad.errors import DataError
from symgrad.kernels.build import spec_of
from symgrad.kernels.files import Kernel, load_kernel, with_threads, write
from symgrad.kernels.given import prepared
from symgrad.kernels.module import generate
from symgrad.model.free import Definitions, define_model
from tests.kernels.conftest import Make
from tests.kernels.representative import model_of
from tests.kernels.schedules import SCHEDULES, scheduled, text_of

ROWS, EPOCHS = 6, 3
Arrays = dict[str, Any]


def on_every(*schedules: str) -> pytest.MarkDecorator:
    """Try a test on every schedule; those of one schedule run together, so that one process compiles it."""
    return pytest.mark.parametrize("schedule", schedules, scope="module")


@cache
def kernel_of(schedule: str) -> Kernel:
    """Return a kernel of linear regression or of a deeper network."""
    specs = (scheduled(model_of(name), schedule) for name in ("linear", "deep", "tied"))
    spec = next(found for found in specs if found)
    made = load_kernel(write(text_of(spec)))
    return with_threads(made, 2) if schedule == "blocks" else made


def arrays_of(made: Kernel) -> Arrays:
    random = np.random.default_rng(5)
    shapes = {**made.INPUTS, **made.TARGETS, **made.PARAMETERS}
    return {
        name: random.integers(0, 3, ROWS)
        if made.KINDS.get(name) == "labels"
        else random.standard_normal([s if isinstance(s, int) else ROWS for s in shape])
        for name, shape in shapes.items()
    }


def train(made: Kernel, arrays: Arrays, batch: Any = 1, **beside: Any) -> Any:
    usual = {"state": np.ones(1, np.uint64), "stop": np.zeros(1, np.uint8), "losses": np.zeros(EPOCHS)}
    return made.train(*arrays.values(), 0.05, batch, False, False, *(usual | beside).values())


def spread(array: Any) -> Any:
    """Return equal entries, every second one of a wider array."""
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), 7, array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def read_only(array: Any) -> Any:
    found = array.copy()
    found.flags.writeable = False
    return found


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "strided": spread,
    "Fortran": np.asfortranarray,
    "backwards": lambda a: a[::-1].copy()[::-1],
    "read-only": read_only,
}
"""Arrays with the same entries that lie otherwise."""


def check_layout(made: Kernel, layout: str) -> None:
    """Hold all functions on arrays that lie otherwise against those on plain ones."""
    usual = arrays_of(made)
    other = {name: LAYOUTS[layout](array) for name, array in usual.items()}
    for one, two in zip(made.gradients(*other.values()), made.gradients(*usual.values()), strict=True):
        np.testing.assert_array_equal(one, two)
    assert made.loss(*other.values()) == made.loss(*usual.values())
    inputs = (*made.INPUTS, *made.PARAMETERS)
    found, wanted = (made.forward(*(arrays[name] for name in inputs)) for arrays in (other, usual))
    np.testing.assert_array_equal(found, wanted)
    data = {name: a if name in made.PARAMETERS else other[name] for name, a in arrays_of(made).items()}
    assert train(made, data) == train(made, usual) == EPOCHS
    for name in made.PARAMETERS:
        np.testing.assert_array_equal(data[name], usual[name])


def test_data_may_lie_anyhow(kernel: Make) -> None:
    for layout in LAYOUTS:
        check_layout(kernel("softmax"), layout)


@pytest.mark.slow
@on_every(*SCHEDULES)
def test_data_may_lie_anyhow_on_every_schedule(schedule: str) -> None:
    for layout in LAYOUTS:
        check_layout(kernel_of(schedule), layout)


def stepped(made: Kernel, arrays: Arrays, order: list[list[int]]) -> tuple[Arrays, float]:
    """Train step by step on batches of rows, and add up the losses of their rows."""
    now, total = {name: a.copy() for name, a in arrays.items()}, 0.0
    for rows in order:
        taken = {name: a if name in made.PARAMETERS else a[rows] for name, a in now.items()}
        loss, *gradients = made.gradients(*taken.values())
        total += loss * len(rows)
        for name, gradient in zip(made.PARAMETERS, gradients, strict=True):
            now[name] = now[name] - 0.05 * gradient
    return now, total


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 2, 5, ROWS])
@on_every(*SCHEDULES)
def test_batches_of_any_size_are_steps_of_descent(schedule: str, rows: int) -> None:
    """Whole batches, a smaller one at the end, single samples, and a batch of more rows than there are."""
    made = kernel_of(schedule)
    given = {name: a if name in made.PARAMETERS else a[:rows] for name, a in arrays_of(made).items()}
    for batch in (1, 2, 4, 9):
        order = [list(range(k, min(k + batch, rows))) for k in range(0, rows, batch)]
        wanted, _ = stepped(made, given, order * EPOCHS)
        *_, last = (stepped(made, stepped(made, given, order * k)[0], order)[1] for k in range(EPOCHS))
        now, losses = {name: a.copy() for name, a in given.items()}, np.zeros(EPOCHS)
        assert train(made, now, batch, losses=losses) == EPOCHS
        np.testing.assert_allclose(losses[-1], last / rows, rtol=1e-12)
        for name in made.PARAMETERS:
            np.testing.assert_allclose(now[name], wanted[name], rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.slow
@on_every(*(s for s in SCHEDULES if s != "moments"))
def test_three_epochs_and_two_are_five_bit_for_bit(schedule: str) -> None:
    """Moments are taken anew in each call, so there it is the same up to rounding."""
    made, ends = kernel_of(schedule), list[list[bytes]]()
    for calls in ((5,), (3, 2)):
        for batch in (1, 4):
            now, state = arrays_of(made), np.array([9], np.uint64)
            for epochs in calls:
                tail = (batch, True, False, state, np.zeros(1, np.uint8), np.zeros(epochs))
                assert made.train(*now.values(), 0.05, *tail) == epochs
            ends.append([a.tobytes() for a in (*now.values(), state)])
    assert ends[:2] == ends[2:]


@dataclass(frozen=True)
class Bad:
    """Arguments for `train` that are refused, and what is said."""

    change: Callable[[Arrays, str, str], Arrays]
    said: str


def same_memory(arrays: Arrays, x: str, w: str) -> Arrays:
    """Let a parameter be a part of an input."""
    room = np.zeros(arrays[x].size + arrays[w].size, arrays[x].dtype)
    whole = room[: arrays[x].size].reshape(arrays[x].shape)
    part = room[2 : 2 + arrays[w].size].reshape(arrays[w].shape)
    return {x: whole, w: part}


BAD = {
    "overlap": Bad(same_memory, "share memory"),
    "read-only": Bad(lambda a, x, w: {w: read_only(a[w])}, "is read-only, and changed in place"),
    "strided": Bad(lambda a, x, w: {w: spread(a[w])}, "do not lie one behind the other"),
    "a list": Bad(lambda a, x, w: {x: a[x].tolist()}, "x is a list, not a NumPy array"),
    "masked": Bad(lambda a, x, w: {x: np.ma.masked_array(a[x])}, "x is a MaskedArray"),
    "two types": Bad(lambda a, x, w: {w: a[w].astype("float32")}, "all arrays of a call must"),
    "integers": Bad(lambda a, x, w: {x: a[x].astype(int)}, "x holds int64; it takes float32 or float64"),
    "other bytes": Bad(lambda a, x, w: {x: a[x].astype(">f8")}, "x holds >f8"),
    "another shape": Bad(lambda a, x, w: {x: a[x][:, :-1]}, "x"),
}


@on_every(*SCHEDULES)
def test_what_does_not_fit_is_refused_and_nothing_changed(schedule: str) -> None:
    """No function is compiled for these."""
    made = kernel_of(schedule)
    x, w = next(iter(made.INPUTS)), next(iter(made.PARAMETERS))
    for name, bad in BAD.items():
        usual = arrays_of(made)
        given = usual | bad.change(usual, x, w)
        before = [np.array(a).tobytes() for a in given.values()]
        with pytest.raises(DataError, match=bad.said):
            train(made, given)
        assert [np.array(a).tobytes() for a in given.values()] == before, name


@on_every(*SCHEDULES)
def test_what_stands_beside_the_arrays_is_checked(schedule: str) -> None:
    made = kernel_of(schedule)
    usual = arrays_of(made)
    empty = {name: a if name in made.PARAMETERS else a[:0] for name, a in usual.items()}
    first = usual[next(iter(made.PARAMETERS))]
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: train(made, empty), "there are no samples"),
        (lambda: made.gradients(*empty.values()), "there are no samples"),
        (lambda: train(made, usual, 0), "batch = 0: there must be at least one"),
        (lambda: train(made, usual, 2**63), "batch = 9223372036854775808: .* at most"),
        (lambda: train(made, usual, 2.5), "batch = 2.5: give a whole number of samples"),
        (lambda: train(made, usual, None), "batch = None: give a whole number"),
        (lambda: train(made, usual, state=np.ones(0, np.uint64)), "random_state is empty"),
        (lambda: train(made, usual, stop=np.zeros(0, np.uint8)), "stop is empty"),
        (lambda: train(made, usual, losses=np.zeros(3, "float32")), "losses is an array of float32"),
        (lambda: train(made, usual, state=np.ones(1)), "random_state is an array of float64"),
        (lambda: train(made, usual, losses=first.reshape(-1)), "share memory"),
    ]
    for call, said in calls:
        with pytest.raises(DataError, match=said):
            call()


def test_only_what_is_changed_may_not_be_shared(kernel: Make) -> None:
    made = kernel("tied")
    usual = arrays_of(made)
    with pytest.raises(DataError, match="share memory, and one of them is changed"):
        train(made, usual | {"s": usual["w"][:1]})
    shared = usual | {"t": usual["x"][:, :3], "s": usual["w"][:1]}
    apart = {name: array.copy() for name, array in shared.items()}
    for one, two in zip(made.gradients(*shared.values()), made.gradients(*apart.values()), strict=True):
        np.testing.assert_array_equal(one, two)


def test_arguments_under_other_names_are_checked(kernel: Make) -> None:
    """The text of a kernel may call an array otherwise than the network."""
    made = kernel("clash")
    with pytest.raises(DataError, match="order_ has the shape"):
        train(made, arrays_of(made) | {"order": np.zeros(3)})


@pytest.mark.parametrize("name", ["losses", "stop", "random_state", "batch"])
def test_an_array_may_be_named_as_what_stands_beside_it(name: str, tmp_path: Path) -> None:
    nodes = {"y": f"[n] sum(i, w[i]*{name}[n,i])", "J": "sum(n, (y[n] - t[n])^2)/N"}
    network = Definitions({"n": "N", "i": 2}, {name: "n i"}, {"t": "n"}, {"w": "i"}, nodes, output="y")
    text = generate(spec_of(define_model("beside", network)))
    with patch.object(config, "DISABLE_JIT", True):
        made = load_kernel(write(text, tmp_path / "beside.py"))
    given = arrays_of(made)
    wanted = given["w"] - 0.05 * made.gradients(*given.values())[1]
    assert train(made, given, ROWS, losses=np.zeros(1)) == 1
    np.testing.assert_allclose(given["w"], wanted, rtol=1e-14)
    with pytest.raises(DataError, match=f"{name}_ has the shape"):
        made.gradients(given[name][:, :1], given["t"], given["w"])


@pytest.mark.parametrize("layout", ["strided", "Fortran", "backwards"])
def test_products_are_given_rows_that_lie_one_behind_the_other(layout: str) -> None:
    array = np.arange(12.0).reshape(4, 3)
    found = prepared({"x": LAYOUTS[layout](array)}, (), ())["x"]
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, array)


def test_labels_of_other_bytes_are_refused(kernel: Make) -> None:
    made = kernel("softmax")
    usual = arrays_of(made)
    label = next(iter(made.LABELS))
    with pytest.raises(DataError, match=f"{label} holds >i8; it takes integers"):
        made.gradients(*(usual | {label: usual[label].astype(">i8")}).values())
