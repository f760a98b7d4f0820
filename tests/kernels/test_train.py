"""The compiled training loop, against the same loop written out in NumPy over the kernel's own gradients."""

from typing import Any

import numpy as np
import pytest

from symgrad.kernels.files import Kernel
from symgrad.kernels.module import generate
from tests.kernels.conftest import Make
from tests.kernels.networks import arrays, spec_of
from tests.kernels.uncompiled import plain, plain_kernel

RATES = {"sgd": (0.2,), "momentum": (0.01, 0.9), "adam": (0.01, 0.9, 0.999, 1e-8)}


def states(made: Any, dtype: str = "float64") -> list[Any]:
    return [np.zeros(shape, dtype) for shape in made.STATES.values()]  # all sizes are numbers here


def train(
    made: Any,
    values: dict[str, Any],
    epochs: int,
    rates: tuple[float, ...],
    *,
    batch: int = 4,
    shuffle: bool = False,
    drop_last: bool = False,
    state: Any = None,
    kept: list[Any] | None = None,
) -> Any:
    random = np.array([7], np.uint64) if state is None else state
    losses = np.empty(epochs)
    held = states(made) if kept is None else kept
    parameters = [values[p] for p in made.PARAMETERS]
    done = made.train(
        values["x"],
        values["t"],
        *parameters,
        *held,
        *rates,
        batch,
        shuffle,
        drop_last,
        random,
        np.zeros(1, np.uint8),
        losses,
    )
    assert done == epochs
    return losses


def by_hand(
    made: Kernel, values: dict[str, Any], epochs: int, name: str, batch: int, *, drop_last: bool = False
) -> Any:
    """Train with NumPy over the gradients of the same text as plain Python."""
    gradients = plain(made.path.read_text(encoding="utf-8"))["gradients"]
    names, losses, step = list(made.PARAMETERS), [], 0
    kept = {p: (np.zeros_like(values[p]), np.zeros_like(values[p])) for p in names}
    rows = len(values["x"])
    last = rows - rows % batch if drop_last else rows
    for _ in range(epochs):
        total = 0.0
        for first in range(0, last, batch):
            part = slice(first, min(first + batch, last))
            loss, *grads = gradients(values["x"][part], values["t"][part], *(values[p] for p in names))
            total += loss * (part.stop - first)
            step += 1
            for p, g in zip(names, grads, strict=True):
                values[p] -= change(name, g, kept[p], step)
        losses.append(total / last)
    return np.array(losses)


def change(name: str, g: Any, kept: tuple[Any, Any], step: int) -> Any:
    rates = RATES[name]
    m, v = kept
    if name == "sgd":
        return rates[0] * g
    if name == "momentum":
        v[:] = rates[1] * v + g
        return rates[0] * v
    rate, beta1, beta2, epsilon = rates
    m[:] = beta1 * m + (1 - beta1) * g
    v[:] = beta2 * v + (1 - beta2) * g**2
    return rate * (m / (1 - beta1**step)) / (np.sqrt(v / (1 - beta2**step)) + epsilon)


ARRAYS = {"schedule": {"*": "arrays"}}
CASES = [
    ("softmax", "adam", {}),
    pytest.param("softmax", "sgd", ARRAYS, marks=pytest.mark.slow),
    ("skip", "momentum", ARRAYS),
    pytest.param("skip", "adam", ARRAYS, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("name", "opt", "options"), CASES)
def test_equals_the_loop_by_hand(kernel: Make, name: str, opt: str, options: Any) -> None:
    made = kernel(name, opt, **options)
    for drop_last in (False, True):
        one, other = arrays(name, 10), arrays(name, 10)
        losses = train(made, one, 5, RATES[opt], drop_last=drop_last)
        np.testing.assert_allclose(losses, by_hand(made, other, 5, opt, 4, drop_last=drop_last), rtol=1e-12)
        for p in made.PARAMETERS:
            np.testing.assert_allclose(one[p], other[p], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "opt", "options"), CASES[:2])
def test_resumes_bit_for_bit(kernel: Make, name: str, opt: str, options: Any) -> None:
    made = kernel(name, opt, **options)
    whole, parts = arrays(name, 11), arrays(name, 11)
    state, kept = np.array([7], np.uint64), states(made)
    all_losses = train(made, whole, 10, RATES[opt], shuffle=True)
    some = [train(made, parts, n, RATES[opt], shuffle=True, state=state, kept=kept) for n in (4, 6)]
    np.testing.assert_array_equal(all_losses, np.concatenate(some))
    for p in made.PARAMETERS:
        np.testing.assert_array_equal(whole[p], parts[p])


def test_shuffling_takes_every_row_once(kernel: Make) -> None:
    made = kernel("softmax", "adam")
    orders = []
    state = np.array([3], np.uint64)
    for _ in range(3):
        order = np.empty(20, np.int64)
        made.module.reorder(order, state)
        assert sorted(order) == list(range(20))
        orders.append(tuple(order))
    assert len(set(orders)) == 3


def test_stops_when_asked(kernel: Make) -> None:
    made, values = kernel("softmax", "adam"), arrays("softmax", 8)
    parameters = [values[p] for p in made.PARAMETERS]
    before = [p.copy() for p in parameters]
    done = made.train(
        values["x"],
        values["t"],
        *parameters,
        *states(made),
        *RATES["adam"],
        4,
        False,
        False,
        np.ones(1, np.uint64),
        np.ones(1, np.uint8),
        np.empty(5),
    )
    assert done == 0
    for p, old in zip(parameters, before, strict=True):
        np.testing.assert_array_equal(p, old)


def test_only_the_trained_parameters_change() -> None:
    made = plain_kernel(generate(spec_of("sigmoid", trained=("W1", "W2"))))
    values = arrays("sigmoid", 4)
    old = {p: values[p].copy() for p in made.PARAMETERS}
    train(made, values, 3, RATES["sgd"], batch=1)
    assert made.TRAINED == ("W1", "W2")
    assert {p for p in old if not np.array_equal(old[p], values[p])} == {"W1", "W2"}


def test_all_gradients_come_before_any_update() -> None:
    """One step of full batch is w − η·g with the gradients of the old weights."""
    made = plain_kernel(generate(spec_of("softmax", schedule={"*": "arrays"})))
    values = arrays("softmax", 6)
    old = {p: values[p].copy() for p in made.PARAMETERS}
    _, *grads = made.gradients(values["x"], values["t"], *old.values())
    train(made, values, 1, (0.2,), batch=6)
    for (p, w), g in zip(old.items(), grads, strict=True):
        np.testing.assert_allclose(values[p], w - 0.2 * g, rtol=1e-13)


@pytest.mark.parametrize("options", [{}, {"schedule": {"*": "arrays"}}], ids=["chosen", "arrays"])
def test_nothing_is_allocated_inside_the_loops(kernel: Make, options: Any) -> None:
    text = kernel("softmax", "sgd", **options).path.read_text(encoding="utf-8")
    body = text[text.index("def train(") :]
    inner = body[body.index("while epoch") :]
    step = text[text.index("def _gradients(") : text.index("def gradients(")]
    assert not any(
        word in part for part in (inner, step) for word in ("np.empty", "np.zeros", ".copy(", "ascontiguous")
    )
