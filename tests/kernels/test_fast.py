"""Fast training: parameters that change without arrays for their gradients, weights that are kept turned."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numba import njit

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.explain import explained
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Product, walk
from symgrad.model.model import Model
from tests.kernels.uncompiled import plain_kernel


def digits() -> Model:
    return sg.mlp((12, 9, 4), hidden="tanh", output="softmax", loss="cross_entropy", targets="labels").model


def deep() -> Model:
    return sg.mlp((8, 7, 6, 5, 3), hidden="relu", output="identity", loss="squared_error").model


def convolution() -> Model:
    draft = sg.Draft()
    hidden = draft.chain(draft.conv2d(draft.input("x", 2, 5, 4), 3, (2, 3)), ["tanh", "flatten"])
    output = draft.dense(hidden, 2)
    draft.loss("squared_error", output)
    return draft.network(output).model


def tied() -> Model:
    """Return an autoencoder whose decoder is its encoder turned, with a penalty on the weights."""
    spec = sg.Definitions(
        axes={"n": "N", "i": "H", "j": "D"},
        inputs={"x": "n j"},
        parameters={"W": "i j"},
        nodes={
            "h": "[n,i] tanh(sum(j, W[i,j]*x[n,j]))",
            "y": "[n,j] sum(i, W[i,j]*h[n,i])",
            "J": "mean(n, sum(j, (y[n,j] - x[n,j])^2))/2 + sum(i, sum(j, W[i,j]^2))/10",
        },
    )
    return replace(sg.define(spec).model, sizes={"H": 3, "D": 5})


NETWORKS = {"digits": digits, "deep": deep, "convolution": convolution, "tied": tied}


def fast(
    name: str, batch: int = 32, rule: str = "sgd", how: str = "blas", decay: float | None = None
) -> KernelSpec:
    """Describe a kernel in which every sum that can be one is a product, or for single samples none."""
    options: Any = {} if decay is None else {"weight_decay": decay}
    spec = spec_of(NETWORKS[name](), rule, fast=True, batch=batch, schedule={"*": "arrays"}, **options)
    ways = dict.fromkeys((n.name for n in spec.graph.nodes), "loops" if batch == 1 else how)
    return replace(spec, schedule={"*": "arrays", **ways})


def added(spec: KernelSpec) -> list[str]:
    """Return what is changed by products."""
    inside = walk(program_of(spec).step.body)
    return [s.out.name for s in inside if isinstance(s, Product) and s.rate is not None]


def test_what_changes_sample_by_sample_does_not_decay_as_often() -> None:
    program = program_of(fast("deep", batch=1, decay=0.01))
    assert program.updates.entries
    assert {"dW1", "dW2", "dW3", "dW4"} <= {*program.step.arguments}


@pytest.mark.parametrize(
    ("rule", "options", "said"),
    [
        ("sgd", {"clip_norm": 1.0}, "the norm of all gradients comes first"),
        ("sgd", {"clip_value": 1.0}, "sgd does more with an entry than to add its gradient"),
        ("momentum", {}, "momentum keeps v for every entry"),
    ],
)
def test_explanations_say_why_gradients_are_kept(rule: str, options: Any, said: str) -> None:
    *_, told = explained(spec_of(digits(), rule, fast=True, schedule={"*": "arrays"}, **options))
    assert told.startswith(f"no parameter is changed by its products: {said}")


def test_products_change_weights_and_first_weights_are_turned() -> None:
    assert added(fast("digits")) == ["W2", "W1_turned"]
    assert program_of(fast("digits")).turned == ("W1",)
    assert sorted(added(fast("convolution"))) == ["W1", "W2"]


def test_the_line_above_a_change_says_what_is_changed() -> None:
    text = generate(fast("digits"))
    for line in (
        "# change W2: ∂J/∂W2[i,j] = Σ_n δz2[n,i] a1[n,j]    (4, 9)\n    set_product(W2, ",
        "# change W1_turned: ∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j], turned    (12, 9)\n    set_product(W1_",
    ):
        assert f"    {line}" in text


def test_what_is_more_than_products_keeps_its_gradient() -> None:
    assert added(fast("tied")) == []
    assert program_of(fast("tied")).step.name == "_gradients"


def test_another_rule_keeps_its_gradients() -> None:
    assert added(fast("digits", rule="adam")) == []


def test_single_samples_change_everything_in_loops() -> None:
    program = program_of(fast("deep", batch=1))
    assert not program.updates.entries
    assert "dW1" not in program.step.arguments


def test_choices_are_explained() -> None:
    ways = {"*": "arrays", "dW1": "blas", "z1": "blas", "dz1": "loops"}
    told = explained(spec_of(digits(), fast=True, schedule=ways))
    assert "W1: changed by its products, no array for its gradient" in told
    assert "W1: turned while it is trained, every product reads it so" in told
    assert "dz1: loops, as asked for" in told
    assert "z1: blas, 324 multiplications" not in told
    (only,) = explained(spec_of(sg.zoo("xor_2_2_1").model))
    assert only.startswith("all nodes: scalar variables")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch": 0}, "a batch of 0 samples"),
        ({"schedule": {"z9": "loops"}}, "z9"),
        ({"schedule": {"W1": "blas"}}, "schedule of W1: it is given, not computed"),
        ({"schedule": {"z1": "tiles"}}, "schedule of z1: tiles are text for speed alone; add fast=True"),
        ({"schedule": {"z1": "fast"}}, "schedule of z1: found 'fast'; known: loops, blas, tiles, apart"),
    ],
)
def test_bad_options_are_named(options: Any, said: str) -> None:
    with pytest.raises(sg.SymgradError, match=said):
        spec_of(digits(), **options)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_it_ends_where_the_plain_kernel_ends(dtype: str) -> None:
    made = load_kernel(write(generate(fast("digits")))), plain_kernel(generate(spec_of(digits())))
    for one, other in zip(*(trained(kernel, dtype) for kernel in made), strict=True):
        assert one.dtype == dtype
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-13 if dtype == "float64" else 1e-5)


def trained(made: Any, dtype: str) -> list[Any]:
    random = np.random.default_rng(3)
    x, t = random.standard_normal((21, 12)).astype(dtype), random.integers(0, 4, 21)
    parameters = [(random.standard_normal(s) / 3).astype(dtype) for s in made.PARAMETERS.values()]
    state = np.array([5], np.uint64), np.zeros(1, np.uint8), np.empty(4)
    assert made.train(x, t, *parameters, 0.2, 8, True, False, *state) == 4
    return parameters


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_a_product_is_added_in_every_layout(dtype: str) -> None:
    """Numba's own name of gemm is internal: this fails where it changes."""
    change = load_kernel(write(generate(fast("digits")))).module.set_product

    @njit(error_model="numpy")
    def by_blas(out: Any, keep: Any, rate: Any, left: Any, right: Any) -> None:
        change(out, keep, rate, left, right)

    random = np.random.default_rng(4)
    for turn_left in (False, True):
        for turn_right in (False, True):
            left = random.standard_normal((5, 3) if turn_left else (3, 5)).astype(dtype)
            right = random.standard_normal((4, 5) if turn_right else (5, 4)).astype(dtype)
            left, right = left.T if turn_left else left, right.T if turn_right else right
            out = random.standard_normal((3, 4)).astype(dtype)
            wanted = 0.25 * out - 0.5 * (left @ right)
            by_blas(out, 0.25, -0.5, left, right)
            np.testing.assert_allclose(out, wanted, rtol=0, atol=1e-14 if dtype == "float64" else 1e-6)


@pytest.mark.slow
def test_float32_ends_where_float64_does() -> None:
    """On as many steps as an epoch of digits has, all rounding together is below 1e-5 of each array.

    That needs a smooth network: 784-512-512-10 ends 6e-7 apart with tanh after an epoch, but 1e-5 with relu,
    where a sample whose unit is on in one type and off in the other has another gradient.
    """
    net = sg.mlp((64, 32, 10), hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")
    made = load_kernel(write(generate(spec_of(net.model, fast=True))))
    random = np.random.default_rng(5)
    x, t = random.random((1792, 64)), random.integers(0, 10, 1792)
    start = [random.standard_normal(s) / 8 for s in ((32, 64), (32,), (10, 32), (10,))]
    ends: list[list[Any]] = []
    for dtype in ("float32", "float64"):
        parameters = [p.astype("float32").astype(dtype) for p in start]
        state = np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(1)
        made.train(x.astype("float32").astype(dtype), t, *parameters, 0.1, 32, False, True, *state)
        ends.append(parameters)
    for single, double in zip(*ends, strict=True):
        assert np.linalg.norm(single - double) < 1e-5 * np.linalg.norm(double)
