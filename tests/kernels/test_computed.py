"""Kernels of computed subscripts, indicators and many axes: against definitions evaluated term by term."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
from symgrad.kernels.pieces import Piece
from symgrad.kernels.plan import schedule, whole
from symgrad.kernels.statements import Commented, walk
from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model
from tests.interpreter import FLOATS, run
from tests.kernels.networks import spec_from
from tests.kernels.shapes import SHAPES
from tests.kernels.uncompiled import plain_kernel
from tests.points import random_leaves

ROWS = 2
PRODUCTS = ("attention", "global_maximum", "transposed")
CASES = [*((name, how) for name in SHAPES for how in ("", "loops")), *((name, "blas") for name in PRODUCTS)]
CLOSE = {"float64": (1e-11, 1e-12), "float32": (2e-4, 1e-5)}


def text_of(model: Model, how: str = "") -> str:
    names = [n.name for n in model.graph.nodes] + [f"d{n.name}" for n in model.graph.nodes]
    return generate(spec_from(model, schedule={"*": "arrays", **(dict.fromkeys(names, how) if how else {})}))


@cache
def model_of(name: str) -> Model:
    return SHAPES[name]()


@cache
def leaves(name: str, rows: int = ROWS) -> dict[str, Any]:
    """Return values that float32 holds exactly, and ids."""
    graph = model_of(name).graph
    drawn = random_leaves(graph, {"N": rows}, 1, FLOATS)
    labels = {n.name for n in graph.nodes if n.targets == "labels"}
    return {k: np.array(v.tolist(), np.int64 if k in labels else np.float32) for k, v in drawn.items()}


@cache
def truth(name: str) -> dict[str, Any]:
    """Evaluate the loss and its derivatives term by term."""
    backward = deltas(model_of(name).graph)
    given = {k: np.array(v.tolist(), dtype=object) for k, v in leaves(name).items()}
    found = run(backward.graph, given, {"N": ROWS}, FLOATS)
    return {of: found[delta].astype(float) for of, delta in backward.delta.items()} | {"loss": found["J"]}


def arguments(name: str, dtype: str = "float64", *, targets: bool = True, rows: int = ROWS) -> list[Any]:
    model, values = model_of(name), leaves(name, rows)
    wanted = (*model.inputs, *(model.targets if targets else ()), *(p.name for p in model.graph.parameters))
    found = (np.atleast_1d(values[w]) for w in wanted)
    return [v if v.dtype == np.int64 else v.astype(dtype) for v in found]


def check(kernel: Any, name: str, dtype: str) -> None:
    expected, (rtol, atol) = truth(name), CLOSE[dtype]
    loss, *found = kernel.gradients(*arguments(name, dtype))
    assert float(loss) == pytest.approx(float(expected["loss"][()]), rel=rtol)
    for gradient, p in zip(found, model_of(name).graph.parameters, strict=True):
        wanted = expected[p.name].reshape(gradient.shape)
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, wanted, rtol=rtol, atol=atol, err_msg=p.name)
    assert kernel.forward(*arguments(name, dtype, targets=False)).dtype == dtype


@pytest.mark.parametrize(("name", "how"), CASES)
def test_text_computes_the_definitions(name: str, how: str) -> None:
    check(plain_kernel(text_of(model_of(name), how)), name, "float32" if how == "loops" else "float64")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dtype"),
    [*((name, "float32") for name in SHAPES), *((name, "float64") for name in ("attention", "max_pool"))],
)
def test_compiled_text_computes_the_definitions(name: str, dtype: str) -> None:
    """In float32 whatever has another type is noticed; in float64 the text alone is tried on every shape."""
    check(load_kernel(write(text_of(model_of(name)))), name, dtype)


@pytest.mark.parametrize("how", ["", "blas"])
@pytest.mark.parametrize("name", ["conv1d", "transposed", "attention"])
def test_the_last_batch_may_be_smaller(name: str, how: str) -> None:
    kernel, count = plain_kernel(text_of(model_of(name), how)), len(model_of(name).inputs) + 1
    given = arguments(name, rows=3)
    trained, losses = [v.copy() for v in given], np.zeros(1)
    kernel.train(*trained, 0.1, 2, False, False, np.zeros(1, np.uint64), np.zeros(1, bool), losses)
    for rows in (slice(0, 2), slice(2, 3)):
        _, *found = kernel.gradients(*(v[rows] for v in given[:count]), *given[count:])
        given[count:] = [p - 0.1 * g for p, g in zip(given[count:], found, strict=True)]
    for one, other in zip(trained, given, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_ids_are_looked_up_and_their_deltas_land() -> None:
    text = text_of(model_of("embedding"))
    assert "v_ids = ids[n, s]" in text
    assert "h[n, s, d] = E[v_ids, d]" in text
    assert "dE[v_ids, d] += dh[n, i, d]" in text
    assert "equal(" not in text


def test_what_never_meets_is_copied() -> None:
    text = text_of(model_of("global_maximum"))
    assert "b1[n, c] = " in text
    assert "b1[n, c + 3] = " in text
    assert "\n    b1[:] = 0" not in text
    assert "xp[n, c, p + 1, q + 1] = x[n, c, p, q]" in text_of(model_of("conv2d"))


def test_the_first_of_equals_wins_and_nan_is_the_largest() -> None:
    kernel, values = plain_kernel(text_of(model_of("max_pool"))), arguments("max_pool")
    x, _, w, v = values
    x[:], w[:] = 1.0, 0.25
    _, dw, _ = kernel.gradients(*values)
    moved = x.copy()
    moved[:, :, ::2, ::2] += 1e-7
    np.testing.assert_allclose(kernel.gradients(moved, *values[1:])[1], dw, rtol=1e-5)
    x[0, 0, 3, 3] = np.nan
    found = kernel.forward(x, w, v)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_convolutions_are_products_of_columns_unless_asked() -> None:
    chosen = {c.node: c for c in schedule(spec_from(model_of("conv2d")))}
    assert chosen["z1"].how == "columns"
    assert str(chosen["z1"]) == "z1: columns, 51840 multiplications"
    asked = {c.node: str(c) for c in schedule(spec_from(model_of("conv2d"), schedule={"z1": "loops"}))}
    assert asked["z1"] == "z1: loops, as asked for"
    assert "columns" not in text_of(model_of("conv2d"), "loops")


@pytest.mark.parametrize(
    ("name", "evidence"), [("conv1d", "bounded"), ("embedding", "proved"), ("max_pool", "held")]
)
def test_the_text_is_shown_to_be_right(name: str, evidence: str) -> None:
    findings = prove_kernel(model_of(name))
    assert {(f.verdict, f.evidence) for (f,) in findings.values()} == {("right", evidence)}


@pytest.mark.parametrize(
    ("name", "right", "planted"),
    [
        ("conv1d", "2*i + k", "i + k"),
        ("embedding", "dE[v_ids, d] += ", "dE[v_ids, d] = "),
        ("max_pool", "k_p1_arg = p1_arg[n, o, i, j] // 2", "k_p1_arg = p1_arg[n, o, i, j] % 2"),
        ("max_pool", "p1_arg_place = 2*k + l", "p1_arg_place = k + 2*l"),
    ],
)
def test_a_planted_fault_is_refuted(name: str, right: str, planted: str) -> None:
    text = text_of(model_of(name))
    assert right in text
    findings = prove_kernel(model_of(name), text.replace(right, planted))
    assert "wrong" in {f.verdict for (f,) in findings.values()}


@pytest.mark.parametrize("name", SHAPES)
def test_every_node_has_its_formula_above_it(name: str) -> None:
    spec = spec_from(model_of(name), schedule={"*": "arrays"})
    shown = {s.comment for s in walk(lower(spec).full.body) if isinstance(s, Commented)}
    needed = whole(spec).needed((spec.loss, *spec.delta.values()))
    assert {part.made.comment for part in needed if isinstance(part.made, Piece)} <= shown


def test_sums_of_the_same_arrays_are_collected_apart() -> None:
    """Both read W only, and neither has the axes of the node: each needs an array of its own."""
    nodes = {
        "z": "[n,i] sum(j, W[i,j]^3)*x[n,i] + sum(j, W[j,i]^2)*x[n,i]^2",
        "J": "sum(n, sum(i, (z[n,i] - t[n,i])^2))/N",
    }
    network = Definitions(
        {"n": "N", "i": 3, "j": 3}, {"x": "n i"}, {"t": "n i"}, {"W": "i j"}, nodes, output="z"
    )
    model = define_model("twice", network)
    found = prove_kernel(model, spec=spec_of(model, schedule={"*": "arrays"}))
    assert all(finding.verdict == "right" for findings in found.values() for finding in findings)
