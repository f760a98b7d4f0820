"""Training by moments: the text over exact numbers, in floats beside the ordinary kernel, and its guard."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels.build import spec_of
from symgrad.kernels.checker import check_text
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.explain import explained
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.kernels.precision import PRECISE
from symgrad.kernels.spec import KernelSpec
from symgrad.model.model import Model
from tests.kernels.exactly import ROWS, leaf
from tests.kernels.uncompiled import plain_kernel

EPOCHS = 4
RANDOM = np.random.default_rng(5)


def linear() -> Model:
    return sg.zoo("linear_regression").model


def several() -> Model:
    return sg.mlp((4, 3), output="identity", loss="squared_error").model


def ridge() -> Model:
    spec = sg.Definitions(
        axes={"n": "N", "j": "D"},
        inputs={"x": "n j", "c": "n"},
        targets={"t": "n"},
        parameters={"w": "j"},
        nodes={
            "y": "[n] sum(j, w[j]*x[n,j])",
            "J": "sum(n, c[n]*(y[n] - t[n])^2)/2 + sum(j, w[j]^2)/10",
        },
    )
    return sg.define(spec).model


def last_layer() -> Model:
    return sg.mlp((3, 4, 2), hidden="tanh", output="identity", loss="squared_error").model


def compiled(text: str) -> Kernel:
    return load_kernel(write(text))


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    return {
        "ordinary": compiled(generate(spec_of(linear(), schedule={"*": "arrays"}))),
        "moments": compiled(generate(spec_of(linear(), rewrite="moments"))),
    }


CASES = {"linear": linear, "several": several, "ridge": ridge, "last layer": last_layer}


@pytest.mark.parametrize("rule", ["sgd", "momentum"])
@pytest.mark.parametrize("name", CASES)
def test_epochs_from_moments_are_those_from_the_data(name: str, rule: str) -> None:
    """The emitted text, executed modulo a random prime; the first epoch is an ordinary one."""
    model = CASES[name]()
    trained = ("W2", "b2") if name == "last layer" else None
    options: Any = {"trained": trained, "sizes": {n: 2 for n in model.size_names if n != model.samples}}
    field = Residues(7)
    by_data, by_moments = (
        exact_ends(spec_of(model, rule, rewrite=rewrite, **options), field) for rewrite in (None, "moments")
    )
    assert all(field.equal(a, b) for a, b in zip(by_data, by_moments, strict=True))


def exact_ends(spec: KernelSpec, field: Residues, text: str | None = None) -> list[Any]:
    """Return all parameters and losses after some full batches."""
    leaves = {n: leaf(spec, n, field) for n in (*spec.leaves, *(p.name for p in spec.parameters))}
    states = [
        objects([field.number(0) for _ in range(count)]).reshape(shape) for count, shape in state_shapes(spec)
    ]
    options = [field.leaf(name) for name in spec.optimizer.options]
    losses = objects([field.number(0) for _ in range(EPOCHS)])
    tail = (ROWS, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
    made = text or generate(spec)
    assert run_exact(made, field, "train", [*leaves.values(), *states, *options, *tail]) == EPOCHS
    return [*(v for p in spec.parameters for v in leaves[p.name].ravel()), *losses]


def state_shapes(spec: KernelSpec) -> list[tuple[int, tuple[int, ...]]]:
    shapes = [
        tuple(int(s) for s in spec.extents(name)) for name in spec.updated for _ in spec.optimizer.states
    ]
    return [(int(np.prod(shape)), shape) for shape in shapes]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("xx += xx_part", "xx[:] = xx_part[0, 0]"),
        ("w_ref[:] = w", "w_ref[:] = 0"),
        ("dw_ref[:] = dw", "dw_ref[:] = db"),
        ("J = J_now[0]", "J = J_ref[0]"),
    ],
)
def test_a_planted_fault_is_found(right: str, wrong: str) -> None:
    spec = spec_of(linear(), sizes={"D": 2}, rewrite="moments")
    text = generate(spec)
    assert right in text
    field = Residues(7)
    ends = exact_ends(spec, field), exact_ends(spec, field, text.replace(right, wrong))
    assert not all(field.equal(a, b) for a, b in zip(*ends, strict=True))


def data(rows: int = 40, width: int = 3, noise: float = 0.1) -> tuple[Any, Any]:
    random = np.random.default_rng(rows)
    x = random.standard_normal((rows, width))
    return x, x @ random.standard_normal(width) + 2 + noise * random.standard_normal(rows)


def ends(made: Kernel, x: Any, t: Any, epochs: int = 50, batch: int = 10**6, **more: Any) -> list[Any]:
    """Return parameters and losses after training from zeros."""
    w = [zeros(sizes, x) for sizes in made.PARAMETERS.values()]
    losses = np.empty(epochs)
    state = np.array([5], np.uint64), np.zeros(1, np.uint8), losses
    options = more.get("options", [0.1])
    states = [zeros(sizes, x) for sizes in made.STATES.values()]
    how = batch, more.get("shuffle", False), more.get("drop_last", False)
    assert made.train(x, t, *w, *states, *options, *how, *state) == epochs
    return [*w, losses]


def zeros(sizes: tuple[int | str, ...], x: Any) -> Any:
    """Return an array whose only open size is the width of the data."""
    return np.zeros([s if isinstance(s, int) else x.shape[1] for s in sizes], x.dtype)


def compare(kernels: dict[str, Kernel], x: Any, t: Any, rtol: float = 1e-12, **more: Any) -> None:
    for one, other in zip(*(ends(made, x, t, **more) for made in kernels.values()), strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("rows", [1, 2, 3, 40, 511, 512, 513, 1500])
def test_it_ends_where_the_ordinary_kernel_ends(kernels: dict[str, Kernel], rows: int) -> None:
    compare(kernels, *data(rows))


def test_small_batches_are_trained_as_ever(kernels: dict[str, Kernel]) -> None:
    compare(kernels, *data(), rtol=1e-14, batch=7)
    compare(kernels, *data(), rtol=1e-14, batch=7, shuffle=True)


@pytest.mark.parametrize("shuffle", [False, True])
def test_one_batch_of_some_rows_is_no_full_batch(kernels: dict[str, Kernel], shuffle: bool) -> None:
    """Seven rows of ten are a batch, three are dropped: other ones in every epoch that is shuffled."""
    compare(kernels, *data(10), rtol=1e-14, batch=7, shuffle=shuffle, drop_last=True)


def test_the_checker_tries_some_of_the_rows() -> None:
    text = generate(spec_of(linear(), sizes={"D": 2}, rewrite="moments"))
    assert check_text(text).verdict == "right"
    assert check_text(text.replace("whole = batch == rows", "whole = last == batch")).verdict == "wrong"


def test_the_order_of_a_full_batch_does_not_matter(kernels: dict[str, Kernel]) -> None:
    compare(kernels, *data(), shuffle=True)


def test_single_precision(kernels: dict[str, Kernel]) -> None:
    x, t = (values.astype(np.float32) for values in data())
    compare(kernels, x, t, rtol=1e-5)


def test_no_number_in_the_data_gives_what_an_ordinary_pass_gives(kernels: dict[str, Kernel]) -> None:
    x, t = data()
    for bad in (np.nan, np.inf, 1e200):
        with np.errstate(all="ignore"):
            compare(kernels, np.where(np.arange(3) == 1, bad, x), t, rtol=0, epochs=6)
            compare(kernels, x, np.where(np.arange(len(t)) == 4, bad, t), rtol=1e-12, epochs=6)


def test_columns_without_information(kernels: dict[str, Kernel]) -> None:
    x, t = data(width=4)
    compare(kernels, x * [0, 1, 1, 1], t)
    compare(kernels, x * [0, 1, 1, 1] + [1, 0, 0, 0], t)
    compare(kernels, x[:, [0, 1, 1, 2]].copy("C"), t)
    compare(kernels, 0 * x, 0 * t)


def longley() -> tuple[Any, Any]:
    """Return columns that are almost one, far from 0: the condition of the moments is above 1e14."""
    random = np.random.default_rng(2)
    base = random.standard_normal((60, 1))
    x = 1 + np.hstack([base, base + 1e-7 * random.standard_normal((60, 1)), random.standard_normal((60, 1))])
    return x, x @ [1.0, -1.0, 0.5]


def test_ill_conditioned_data(kernels: dict[str, Kernel]) -> None:
    x, t = longley()
    assert np.linalg.cond(x.T @ x) > 1e13
    compare(kernels, x, t, epochs=400, rtol=1e-10)


def test_near_the_optimum_the_guard_keeps_the_digits(kernels: dict[str, Kernel]) -> None:
    """Without noise the loss falls by 20 powers of ten; without the guard it is lost in rounding."""
    x, t = data(noise=0)
    ordinary = ends(kernels["ordinary"], x, t, epochs=300)[-1]
    guarded = ends(kernels["moments"], x, t, epochs=300)[-1]
    text = generate(spec_of(linear(), rewrite="moments"))
    careless = text.replace(PRECISE.splitlines()[-1], "    return True")
    assert careless != text
    unguarded = ends(compiled(careless), x, t, epochs=300)[-1]
    held = ordinary > 1e-24
    assert held.sum() > 150
    np.testing.assert_allclose(guarded[held], ordinary[held], rtol=1e-4)
    assert np.abs(unguarded[held] / ordinary[held] - 1).max() > 0.1


def rules(rule: str, made: Callable[[str], Any]) -> None:
    """Hold a kernel by moments against the ordinary one as plain Python."""
    ordinary = plain_kernel(generate(spec_of(linear(), rule, schedule={"*": "arrays"})))
    both = {"ordinary": ordinary, "moments": made(generate(spec_of(linear(), rule, rewrite="moments")))}
    compare(both, *data(), rtol=1e-9, options=list(ordinary.OPTIONS.values()))


@pytest.mark.parametrize("rule", ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_every_rule_takes_the_gradients(rule: str) -> None:
    rules(rule, plain_kernel)


@pytest.mark.slow
def test_a_rule_that_is_compiled_takes_them_too() -> None:
    rules("adamw", compiled)


def test_training_goes_on_where_it_stopped(kernels: dict[str, Kernel]) -> None:
    x, t = data()
    made = kernels["moments"]
    whole, parts = [np.zeros(3), np.zeros(1)], [np.zeros(3), np.zeros(1)]
    for w, chunks in ((whole, [50]), (parts, [20, 2, 1, 27])):
        for epochs in chunks:
            state = np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(epochs)
            made.train(x, t, *w, 0.1, 40, True, False, *state)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


def test_what_is_asked_for_is_explained_and_refused() -> None:
    told = explained(spec_of(linear(), rewrite="moments"))
    assert "train: full batches by moments of the data, xx, x_sum, read once" in told
    with pytest.raises(sg.SymgradError, match="rewriting 'gram'"):
        spec_of(linear(), rewrite="gram")
    with pytest.raises(sg.SymgradError, match=r"∂J/∂w is not affine .*z\[n\]"):
        spec_of(sg.zoo("logistic_regression").model, rewrite="moments")


@pytest.mark.parametrize(("width", "epochs"), [(20, 3), (800, 50)])
def test_sums_are_made_where_they_are_worth_it(width: int, epochs: int) -> None:
    text = generate(spec_of(linear(), sizes={"D": width}, rewrite="moments"))
    assert f"whole = batch == rows and losses.shape[0] >= {epochs}" in text


def test_the_head_says_what_was_shown_and_what_is_guarded() -> None:
    head = generate(spec_of(linear(), rewrite="moments")).split('"""')[1]
    assert "Proved: loss and gradients from moments = those of the network at D, N = 2" in head
    assert "guarded: train reads the data again" in head
