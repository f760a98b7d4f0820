"""Kernels of recurrences: proved at several lengths, beside the network written out, compiled and trained."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.derive.scalars import evaluate
from symgrad.exact.decimals import Decimals
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.model.graph import Node
from symgrad.model.instances import instantiate, numbered
from symgrad.model.model import Model
from symgrad.model.unroll import unroll, unroll_model
from tests.kernels.recurrences import DEFINITIONS, along, recurrence

TINY = Fraction(1, 10**40)


@cache
def text_of(name: str) -> str:
    """Return the kernel of a recurrence of any length."""
    return generate(spec_of(recurrence(name)))


def at_length(name: str, length: int) -> Model:
    """Return a recurrence with small numbers for its sizes."""
    model = recurrence(name)
    sizes = {size: 1 if size == "D" else 2 for size in model.size_names if size != model.samples}
    return replace(model, sizes={**sizes, along(name)[1]: length})


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("name", [name for name in DEFINITIONS if name != "lstm"])
def test_the_text_is_proved(name: str, length: int) -> None:
    found = prove_kernel(at_length(name, length), text_of(name))
    evidence = {"held"} if name == "largest" else {"proved", "bounded"}
    assert {f.verdict for (f,) in found.values()} == {"right"}
    assert {f.evidence for (f,) in found.values()} <= evidence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "length"), [*((name, 5) for name in DEFINITIONS if name != "lstm"), ("lstm", 2)]
)
def test_the_text_is_right_at_other_lengths(name: str, length: int) -> None:
    found = prove_kernel(at_length(name, length), text_of(name))
    assert {f.verdict for (f,) in found.values()} == {"right"}


@pytest.mark.parametrize("name", ["two_steps_back", "of_itself"])
def test_a_network_written_out_is_walked_in_a_loop(name: str) -> None:
    whole = at_length(name, 4)
    model = unroll_model(whole, "t", 4)
    text = generate(spec_of(model))
    assert "for t in range(4):" in text
    assert {f.verdict for (f,) in prove_kernel(model, text).values()} == {"right"}
    assert abs(text.count("\n") - generate(spec_of(whole)).count("\n")) < 8


def drawn(model: Model, sizes: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    """Draw values that floats of 32 bits hold exactly."""
    rng = np.random.default_rng(seed)
    shapes = {n.name: tuple(sizes[str(size)] for size in n.shape) for n in model.graph.nodes if n.is_leaf}
    return {name: np.round(rng.normal(size=shape) * 32) / 64 for name, shape in shapes.items()}


def given(model: Model, leaves: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Return the arguments of a kernel; a scalar is an array of one entry."""
    names = (*model.inputs, *model.targets, *(p.name for p in model.graph.parameters))
    return [np.atleast_1d(leaves[name]) for name in names]


def in_digits(arrays: list[np.ndarray], algebra: Decimals) -> list[np.ndarray]:
    """Return arrays of numbers of 50 digits."""
    exactly = np.vectorize(lambda value: algebra.number(Fraction(value)), otypes=[object])
    return [objects(exactly(array)) for array in arrays]


def named(node: Node, array: np.ndarray) -> dict[str, Any]:
    """Return the entries of an array by the names that they have as scalars."""
    return {numbered(node, at): array[at] for at in np.ndindex(array.shape)}


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("name", ["many_to_one", "two_steps_back", "reversed", "stack", "lstm"])
def test_the_kernel_computes_what_the_written_out_network_does(name: str, length: int) -> None:
    model = recurrence(name)
    letter, size = along(name)
    sizes = {**dict.fromkeys(model.size_names, 2), size: length, "D": 1}
    leaves, algebra = drawn(model, sizes, 3), Decimals()
    exact = in_digits(given(model, leaves), algebra)
    loss, *found = run_exact(text_of(name), algebra, "gradients", exact)
    written = unroll(model.graph, letter, length)
    parameters = [node.name for node in written.parameters]
    backward = deltas(written, parameters)
    values = {key: v for name, array in leaves.items() for key, v in named(written[name], array).items()}
    points = {key: algebra.number(Fraction(value)) for key, value in values.items()}
    truth = evaluate(instantiate(backward.graph, sizes), algebra, points)
    assert abs(loss - truth["J"]) < TINY
    for parameter, gradient in zip(parameters, found, strict=True):
        for entry, value in named(backward.of(parameter), gradient).items():
            assert abs(truth[entry] - value) < TINY, entry


@cache
def compiled(name: str) -> Kernel:
    """Return a compiled kernel."""
    return load_kernel(write(text_of(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["many_to_one", "the_states", "stack", "lstm"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-5)])
def test_compiled_it_is_what_its_text_says(name: str, dtype: type, tolerance: float) -> None:
    model, kernel, algebra = recurrence(name), compiled(name), Decimals()
    for length in (1, 2, 5):
        sizes = {**dict.fromkeys(model.size_names, 3), along(name)[1]: length}
        arrays = given(model, drawn(model, sizes, length))
        exact = in_digits(arrays, algebra)
        truth = run_exact(text_of(name), algebra, "gradients", exact)
        found = kernel.gradients(*(array.astype(dtype) for array in arrays))
        for value, wanted in zip(found[1:], truth[1:], strict=True):
            assert value.dtype == dtype
            numbers = wanted.astype(float)
            assert np.abs(value - numbers).max() <= tolerance * max(1.0, np.abs(numbers).max())


@pytest.mark.slow
def test_training_is_reproducible_and_takes_a_smaller_last_batch() -> None:
    model, kernel = recurrence("many_to_many"), compiled("many_to_many")
    x, y, *start = given(model, drawn(model, {"N": 5, "T": 3, "H": 2, "D": 2}, 1))
    runs = [trained(kernel, x, y, start) for _ in range(2)]
    assert all((one == other).all() for one, other in zip(*runs, strict=True))
    whole = [p.copy() for p in start]
    for first in (0, 2, 4):
        _, *gradients = kernel.gradients(x[first : first + 2], y[first : first + 2], *whole)
        whole = [p - 0.125 * g for p, g in zip(whole, gradients, strict=True)]
    once = trained(kernel, x, y, start, epochs=1)
    assert all(np.allclose(a, b, rtol=1e-13, atol=1e-15) for a, b in zip(once, whole, strict=True))


def trained(
    kernel: Kernel, x: np.ndarray, y: np.ndarray, start: list[np.ndarray], epochs: int = 3
) -> list[np.ndarray]:
    """Train with batches of two rows."""
    parameters = [p.copy() for p in start]
    state, stop = np.array([7], np.uint64), np.zeros(1, np.bool_)
    kernel.train(x, y, *parameters, 0.125, 2, epochs > 1, False, state, stop, np.zeros(epochs))
    return parameters


def test_time_is_walked_forward_and_back_without_allocating() -> None:
    text = text_of("many_to_one")
    forward = ("    for t in range(T):", "        if t > 0:", "            np.dot(h[t - 1], U.T, z_carried)")
    back = (
        "    for t in range(T - 1, -1, -1):",
        "        if t < T - 1:",
        "            np.dot(dz[t + 1], U, dh_carried)",
    )
    assert all("\n".join(lines) in text for lines in (forward, back))
    assert "np.dot(dz[1:T].reshape(N*(T - 1), H).T, h[0:T - 1].reshape(N*(T - 1), H), dU)" in text
    loop = text.split("def train(")[1].split("while epoch")[1]
    assert not {"np.empty", "np.zeros", "ascontiguousarray"} & set(loop.replace("(", " ").split())
