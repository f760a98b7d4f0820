"""Batches that no cache holds: read once, several samples in a turn, and that this is the same."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.execute import run_exact
from symgrad.kernels.explain import explained
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.jam import TOGETHER, can_jam
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Assign, Loop, Product, Statement, walk
from symgrad.model.expressions import Ref, index, size
from symgrad.model.model import Model
from tests.benchmarks.kernels import regression
from tests.kernels.exactly import leaf
from tests.kernels.uncompiled import plain_kernel

LARGE = 10**6


def of(name: str, **sizes: int) -> Model:
    return replace(sg.zoo(name).model, sizes=sizes)


def several() -> Model:
    return sg.mlp((9, 3), output="identity", loss="squared_error").model


MODELS = {"linear": of("linear_regression", D=20), "logistic": of("logistic_regression", D=30)}


def loops(program: Program) -> list[Loop]:
    return [s for s in program.full.body if isinstance(s, Loop)]


@pytest.mark.parametrize("name", MODELS)
def test_a_large_batch_is_read_once_several_samples_in_a_turn(name: str) -> None:
    program = lower(spec_of(MODELS[name], fast=True, batch=LARGE))
    together, rest = loops(program)
    assert (together.step, rest.step) == (TOGETHER, 1)
    assert not any(isinstance(s, Product) for s in walk(program.full.body))
    assert program.step is program.full


def test_summands_stand_in_the_order_of_their_samples() -> None:
    text = generate(spec_of(MODELS["linear"], fast=True, batch=LARGE))
    squares = " + ".join(f"(y_{k} - t[n{f' + {k}' if k else ''}])**2" for k in range(TOGETHER))
    assert f"J += {squares}\n" in text


def test_what_fits_the_cache_is_written_as_ever() -> None:
    model = MODELS["linear"]
    assert generate(spec_of(model, batch=64)) == generate(spec_of(model))
    assert "all nodes: scalar variables" in explained(spec_of(model, fast=True, batch=64))[0]


def test_a_plain_kernel_of_a_large_batch_is_not_turned_around() -> None:
    """Samples stand first: no copy with samples last is made for every call."""
    assert "_columns" not in generate(spec_of(MODELS["linear"], batch=LARGE))
    assert "_columns" in generate(spec_of(MODELS["linear"]))


def test_functions_of_many_samples_stay_together() -> None:
    """A narrow network spends its time in tanh, which is cheaper for several samples at once."""
    model = sg.mlp((3, 4, 1), hidden="tanh", output="identity", loss="squared_error").model
    assert explained(spec_of(model, fast=True, batch=LARGE))[0].startswith("all nodes: scalar variables")


def test_the_reason_is_told() -> None:
    told = explained(spec_of(MODELS["linear"], fast=True, batch=LARGE))
    assert (
        "dw: loops, 1000000 rows are 160 MB, more than a cache holds: a call for a vector would read them "
        "once more" in told
    )
    assert "samples: 4 in a turn wherever they meet in sums only; 1000000 rows are 160 MB, more than a " in (
        told[-1].replace("cache holds", "")
    )
    assert "pass 1: y, J, dy, db, dw, loops over n, j" in told
    assert not any(line.startswith("pass 2") for line in told)
    other = explained(spec_of(MODELS["linear"], fast=True, batch=LARGE, schedule={"dw": "blas"}))
    assert "dw: blas, as asked for" in other


def in_loops(model: Model, **options: Any) -> KernelSpec:
    """Describe a kernel in which no sum is a product."""
    spec = spec_of(model, schedule={"*": "arrays"}, **options)
    return replace(
        spec, schedule={"*": "arrays", **dict.fromkeys((n.name for n in spec.graph.nodes), "loops")}
    )


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8, 11])
@pytest.mark.parametrize("name", ["linear", "several"])
def test_loss_and_gradients_are_the_same(name: str, rows: int) -> None:
    """Executed modulo a random prime, beside the plain text."""
    model = several() if name == "several" else of("linear_regression", D=9)
    field = Residues(3)
    fast = in_loops(model, fast=True, batch=LARGE)
    assert [loop.step for loop in loops(lower(fast))].count(TOGETHER) == 1
    results = [exactly(spec, rows, field) for spec in (in_loops(model), fast)]
    assert all(field.equal(a, b) for a, b in zip(*results, strict=True))


def test_widths_that_differ_are_told_apart() -> None:
    """Loops over the same letter in several layers: each runs to the size of its own arrays."""
    model, field = sg.mlp((9, 12, 10), output="identity", hidden="relu").model, Residues(4)
    ways = {"*": "arrays", "z1": "blas", "y": "blas"}
    specs = [spec_of(model, schedule=ways), spec_of(model, schedule=ways, fast=True, batch=LARGE)]
    assert "range(K):" in generate(specs[1])
    results = [exactly(spec, TOGETHER + 1, field) for spec in specs]
    assert all(field.equal(a, b) for a, b in zip(*results, strict=True))


def exactly(spec: KernelSpec, rows: int, field: Residues) -> list[Any]:
    """Return the loss and all entries of the gradients."""
    names = (*spec.leaves, *(p.name for p in spec.parameters))
    found = run_exact(generate(spec), field, "gradients", [leaf(spec, n, field, rows) for n in names])
    return [found[0], *(v for gradient in found[1:] for v in gradient.ravel())]


def test_the_proof_of_the_text_takes_enough_samples() -> None:
    """With two samples only the rest would be executed."""
    model = of("linear_regression", D=9)
    spec = spec_of(model, fast=True, batch=LARGE)
    text = generate(spec)
    for (finding,) in prove_kernel(model, text, spec).values():
        assert finding.right
        assert (finding.sizes or {})["N"] == TOGETHER + 1
    wrong = text.replace("dy_3*x[n + 3, j]", "dy_3*x[n + 2, j]")
    assert wrong != text
    assert prove_kernel(model, wrong, spec)["w"][0].verdict == "wrong"


N, Y, X, W, TOTAL = size("N"), Ref("y"), Ref("x", (index("n"), index("j"))), Ref("w", (index("j"),)), Ref("s")
DOT = (Assign(Y, Ref("zero")), Loop("j", size("D"), (Accumulate(Y, W * X),)))


@pytest.mark.parametrize(
    ("more", "can"),
    [
        ((Accumulate(TOTAL, Y**2),), True),
        ((Assign(Ref("z", (index("n"),)), Y),), True),
        ((Accumulate(TOTAL, Y * TOTAL),), False),
        ((Assign(Ref("w", (index("n") * 0,)), Y),), False),
        ((Accumulate(W.at((0,)), Y),), False),
        ((Assign(Ref("z", (index("n"),)), Y), Assign(Ref("v", (index("n"),)), Ref("z", (0,)))), False),
    ],
)
def test_samples_that_read_each_other_stay_in_turn(more: tuple[Statement, ...], can: bool) -> None:
    assert can_jam(Loop("n", N, (*DOT, *more)), N) is can


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_it_ends_where_the_plain_kernel_ends(dtype: str) -> None:
    model = of("linear_regression", D=20)
    random = np.random.default_rng(3)
    x = random.standard_normal((203, 20)).astype(dtype)
    t = (x @ random.standard_normal(20)).astype(dtype)
    plain, large = generate(spec_of(model)), generate(spec_of(model, fast=True, batch=LARGE))
    ends: list[Any] = []
    for made in (plain_kernel(plain), load_kernel(write(large))):
        w = np.zeros(20, dtype)
        state = np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(20)
        made.train(x, t, w, np.zeros(1, dtype), 0.1, 203, False, False, *state)
        ends.append(w)
    np.testing.assert_allclose(*ends, rtol=1e-13 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("columns", [8, 20])
def test_inner_loops_run_to_sizes_read_from_arrays_even_where_the_network_has_a_number(columns: int) -> None:
    """LLVM would write a loop to a number out before it could vectorise it: measured, 1.6 times slower."""
    text = generate(spec_of(regression(columns).model, fast=True, batch=LARGE))
    gradients = text[text.index("def _gradients") : text.index("def gradients")]
    assert "size_j = w.shape[0]" in gradients
    assert f"range({columns})" not in gradients
    assert f"with gradients: {4 * columns + 6}." in text
