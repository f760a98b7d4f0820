"""Batches of one sample: a step without an axis of samples, its sums written out, weights in two orders."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.explain import explained
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.spec import KernelSpec
from symgrad.model.model import Model
from symgrad.model.optimizers import OPTIMIZERS
from tests.kernels.exactly import ROWS, leaf
from tests.kernels.uncompiled import plain_kernel

ARRAYS = {"*": "arrays"}


def mlp(*widths: int, **options: Any) -> Model:
    usual: Any = {"hidden": "tanh", "output": "identity", "loss": "squared_error"}
    return sg.mlp(widths, **(usual | options)).model


def labels() -> Model:
    return mlp(6, 5, 4, output="softmax", loss="cross_entropy", targets="labels")


def dropped() -> Model:
    draft = sg.Draft()
    hidden = draft.chain(draft.dense(draft.input("x", 5), 6), ["tanh"])
    hidden = draft.dense(draft.dropout(hidden, "1/2"), 4)
    draft.loss("squared_error", hidden)
    return draft.network(hidden).model


def convolution() -> Model:
    draft = sg.Draft()
    hidden = draft.chain(draft.conv2d(draft.input("x", 1, 4, 3), 2, (2, 2)), ["tanh", "flatten"])
    output = draft.dense(hidden, 2)
    draft.loss("squared_error", output)
    return draft.network(output).model


def defined(nodes: dict[str, str], **more: Any) -> Model:
    axes = {"n": "N", "i": "H", "j": "D", "k": "H"}
    base = {"axes": axes, "inputs": {"x": "n j"}, "parameters": {"W": "i j"}}
    chosen: dict[str, Any] = {**base, **more}
    return replace(sg.define(sg.Definitions(**chosen, nodes=nodes)).model, sizes={"H": 4, "D": 5})


def tied() -> Model:
    """Return an autoencoder whose decoder is its encoder turned, with a penalty on the weights."""
    return defined(
        {
            "h": "[n,i] tanh(sum(j, W[i,j]*x[n,j]))",
            "y": "[n,j] sum(i, W[i,j]*h[n,i])",
            "J": "mean(n, sum(j, (y[n,j] - x[n,j])^2))/2 + sum(i, sum(j, W[i,j]^2))/10",
        }
    )


def skipped() -> Model:
    """Return two layers with the same square matrix, the second beside a way around it."""
    return defined(
        {
            "z": "[n,i] sum(j, W[i,j]*x[n,j])",
            "h": "[n,i] tanh(z[n,i]) + sum(k, V[i,k]*z[n,k])",
            "y": "[n,i] h[n,i] + sum(k, V[i,k]*tanh(h[n,k]))",
            "J": "mean(n, sum(i, (y[n,i] - 1)^2))",
        },
        parameters={"W": "i j", "V": "i k"},
    )


def two_inputs() -> Model:
    return defined(
        {
            "y": "[n,i] tanh(sum(j, W[i,j]*x[n,j]) + sum(k, V[i,k]*u[n,k]) + c)",
            "J": "mean(n, sum(i, (y[n,i] - t[n,i])^2))",
        },
        inputs={"x": "n j", "u": "n k"},
        parameters={"W": "i j", "V": "i k", "c": ""},
        targets={"t": "n i"},
    )


NETWORKS: dict[str, Callable[[], Model]] = {
    "one layer": lambda: mlp(7, 4),
    "sigmoids": lambda: mlp(2, 2, 2, hidden="sigmoid", output="sigmoid"),
    "one neuron": lambda: mlp(9, 1),
    "deep": lambda: mlp(5, 6, 6, 6, 6, 6, 2),
    "short": lambda: mlp(3, 2, 3, 2, hidden="relu"),
    "narrow": lambda: mlp(5, 3, 5),
    "wide": lambda: mlp(40, 34, 2),
    "labels": labels,
    "tied": tied,
    "skip": skipped,
    "two inputs": two_inputs,
    "dropout": dropped,
    "convolution": convolution,
}


def spec(name: str, rule: str = "sgd", **options: Any) -> KernelSpec:
    return spec_of(NETWORKS[name](), rule, fast=True, batch=1, **options)


@pytest.mark.parametrize("schedule", [None, ARRAYS], ids=["as chosen", "arrays"])
@pytest.mark.parametrize("name", [n for n in NETWORKS if n != "dropout"])
def test_an_epoch_is_a_step_of_descent_for_every_sample(name: str, schedule: Any) -> None:
    """The emitted text, executed modulo a random prime."""
    made, field = spec(name, schedule=schedule), Residues(5)
    assert program_of(made).online
    text = generate(made)
    leaves = {n: leaf(made, n, field) for n in (*made.leaves, *(p.name for p in made.parameters))}
    rate = field.leaf("rate")
    wanted = {p.name: leaves[p.name].copy() for p in made.parameters}
    total = field.number(0)
    for row in range(ROWS):
        samples = (leaves[n][row : row + 1] for n in made.leaves)
        loss, *gradients = run_exact(text, field, "gradients", [*samples, *wanted.values()])
        total = total + loss
        for p, gradient in zip(made.parameters, gradients, strict=True):
            wanted[p.name] = wanted[p.name] - rate * gradient
    losses = objects([field.number(0)])
    tail = (1, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
    run_exact(text, field, "train", [*leaves.values(), rate, *tail])
    if not any(node.reduce == "max" for node in made.graph.nodes):
        assert field.equal(losses[0] * ROWS if made.mean else losses[0], total)
    for p in made.parameters:
        pairs = zip(leaves[p.name].ravel(), wanted[p.name].ravel(), strict=True)
        assert all(field.equal(a, b) for a, b in pairs), p.name


def test_weights_are_kept_as_they_are_read() -> None:
    single = program_of(spec("deep")).online
    assert single
    assert single.copies == ("W1", "W2", "W3", "W4", "W5")
    assert single.turned == ("W1",)
    assert not single.left
    assert "dW1" not in single.step.arguments


def test_every_change_has_its_formula_above() -> None:
    text = generate(spec("labels", schedule=ARRAYS))
    step = text.partition("def _online(")[2].partition("return J")[0]
    changed = dict.fromkeys(re.findall(r"\b([Wb]\w*)\[\w+(?:, \w+)?\] -= ", step))
    assert {"W1_turned", "W2", "b1"} <= {*changed}
    assert list(changed) == re.findall(r"# change (\w+): ∂J/∂", step)
    assert "of sample n, where N = 1;" in step


def test_what_is_no_outer_product_keeps_its_gradient() -> None:
    single = program_of(spec("tied")).online
    assert single
    assert single.left == ("W",)
    assert not single.copies


def test_fixed_parameters_have_a_copy_and_no_change() -> None:
    single = program_of(spec("deep", trained=("W5", "b2"))).online
    assert single
    assert set(single.copies) == {"W1", "W2", "W3", "W4", "W5"}
    fixed, batches = (
        plain_kernel(generate(s))
        for s in (spec("deep", trained=("b2",)), spec_of(NETWORKS["deep"](), trained=("b2",)))
    )
    same([trained(fixed, 4), trained(batches, 4)])


def same(ends: list[list[Any]], tolerance: float = 1e-13) -> None:
    for a, b in zip(*ends, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def trained(
    made: Any, *calls: int, batch: int = 1, shuffle: bool = True, dtype: str = "float64", rows: int = 10
) -> list[Any]:
    """Return what training ends with, in calls of so many epochs."""
    random = np.random.default_rng(2)
    data = [
        random.integers(0, 4, rows)
        if made.KINDS.get(n) == "labels"
        else random.standard_normal((rows, *map(int, shape[1:]))).astype(dtype)
        for n, shape in {**made.INPUTS, **made.TARGETS}.items()
    ]
    parameters = [
        (random.standard_normal(tuple(map(int, s))) / 3).astype(dtype) for s in made.PARAMETERS.values()
    ]
    states = [np.zeros(tuple(map(int, s)), dtype) for s in made.STATES.values()]
    order, options = np.array([5], np.uint64), (0.03, *list(made.OPTIONS.values())[1:])
    losses = np.zeros(0)
    for epochs in calls:
        losses = np.empty(epochs)
        tail = (batch, shuffle, False, order, np.zeros(1, np.uint8), losses)
        assert made.train(*data, *parameters, *states, *options, *tail) == epochs
    return [*parameters, *states, losses[-1]]


def compiled(made: KernelSpec) -> Any:
    return load_kernel(write(generate(made)))


def in_batches(name: str, rule: str = "sgd", **options: Any) -> Any:
    """Return the kernel that knows nothing of single samples, as plain Python."""
    return plain_kernel(generate(spec_of(NETWORKS[name](), rule, **options)))


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "rows"), [(1, 10), (4, 10), (7, 10), (8, 1)])
def test_any_batch_ends_where_the_plain_kernel_ends(batch: int, rows: int) -> None:
    both = compiled(spec("labels", schedule=ARRAYS)), in_batches("labels")
    same([trained(made, 3, batch=batch, rows=rows) for made in both])


COURSE: dict[str, Any] = {"clip_norm": 0.5, "rate": "cosine", "epochs": 4.0}


@pytest.mark.parametrize("form", [{}, ARRAYS], ids=["scalars", "arrays"])
@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_every_optimizer_ends_where_the_plain_kernel_ends(rule: str, form: Any) -> None:
    single = plain_kernel(generate(spec("labels", rule, schedule=form, **COURSE)))
    same([trained(single, 3), trained(in_batches("labels", rule, **COURSE), 3)])


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "form"), [("adamw", {}), ("nesterov", ARRAYS)], ids=["adamw", "nesterov"])
def test_optimizers_that_are_compiled_end_there_too(rule: str, form: Any) -> None:
    single = compiled(spec("labels", rule, schedule=form, **COURSE))
    same([trained(single, 3), trained(in_batches("labels", rule, **COURSE), 3)])


ENDING = ("sigmoids", "deep", "wide", "dropout", "skip", "convolution")


@pytest.mark.parametrize("name", ENDING)
def test_networks_end_where_the_plain_kernel_ends(name: str) -> None:
    same([trained(made, 3) for made in (plain_kernel(generate(spec(name))), in_batches(name))])


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDING)
def test_networks_that_are_compiled_end_there_too(name: str) -> None:
    both = compiled(spec(name)), in_batches(name)
    same([trained(made, 3, dtype="float32") for made in both], tolerance=1e-5)


def test_only_straight_line_code_looks_up_powers() -> None:
    straight, loops = generate(spec("sigmoids")), generate(spec("sigmoids", schedule=ARRAYS))
    step = straight[straight.index("def _online(") :]
    assert "sigmoid_of_one(z1_0)" in step[: step.index("return J")]
    assert straight.count("= sigmoid_of_one(") == 4
    assert "POWERS = np.array(" in straight
    for text in (
        loops,
        generate(spec_of(NETWORKS["sigmoids"](), fast=True, batch=8)),
        generate(spec("short")),
    ):
        assert "sigmoid_of_one" not in text
        assert "POWERS" not in text
    told = "single samples: one number waits for another, so sigmoid looks up its powers"
    assert told in explained(spec("sigmoids"))
    assert told not in explained(spec("sigmoids", schedule=ARRAYS))


@pytest.mark.slow
def test_training_that_goes_on_is_training_in_one_call() -> None:
    """Both orders of a matrix change by the same roundings: a copy made anew is the copy as it was."""
    made = load_kernel(write(generate(spec("deep"))))
    for one, two in zip(trained(made, 37, 63)[:-1], trained(made, 100)[:-1], strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_matrix_of_another_width_is_refused() -> None:
    made = load_kernel(write(generate(spec("deep"))))
    x, t = np.zeros((3, 5)), np.zeros((3, 2))
    parameters = [np.zeros(tuple(map(int, s))) for s in made.PARAMETERS.values()]
    parameters[2] = np.zeros((6, 5))
    tail = (1, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(1))
    with pytest.raises(ValueError, match="shape"):
        made.module.train(x, t, *parameters, 0.1, *tail)


def test_the_choice_is_explained_and_can_be_overridden() -> None:
    told = explained(spec("deep"))
    assert "single samples: a step of their own, no loop over samples in it" in told
    assert any(line.startswith("W1: kept turned only for single samples") for line in told)
    assert any(line.startswith("W2: kept turned as well for single samples") for line in told)
    assert "single samples: like any other batch, as asked for" in explained(
        spec("deep", schedule={"*": "batches"})
    )
    assert program_of(spec("deep", schedule={"*": "batches"})).online is None
    assert program_of(spec_of(mlp(3, 4), batch=1)).online is None
    loops = program_of(spec("deep", schedule={"z2": "loops", "z3": "loops"})).online
    assert loops
    assert loops.copies == ("W1", "W4", "W5")


def test_a_loss_over_pairs_of_samples_has_no_step_of_one() -> None:
    pairs = defined(
        {
            "z": "[n,i] sum(j, W[i,j]*x[n,j])",
            "g": "[n,m] sum(i, z[n,i]*z[m,i])",
            "J": "sum(n, sum(m, g[n,m]))",
        },
        axes={"n": "N", "m": "N", "i": "H", "j": "D"},
    )
    told = explained(spec_of(pairs, fast=True, batch=1))
    assert any("single samples: " in line for line in told)
