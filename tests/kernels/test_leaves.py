"""Kernels with any leaves, executed as plain Python; the same text compiled once, among the slow tests."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import DefinitionError, UnknownNameError
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.leaves import Start, starts
from symgrad.kernels.module import generate
from symgrad.model.free import Definitions, define_model
from symgrad.model.graph import Graph, Node
from symgrad.model.labels import class_count
from tests.kernels.leaves import KEEP, arrays, by_hand, everything
from tests.kernels.uncompiled import uncompiled

MODEL = everything()
TEXT = generate(spec_of(MODEL, "momentum"))
PARAMETERS = ("W", "U", "L", "b")
STEP = 1e-6


MADE = uncompiled(TEXT)


def given(values: dict[str, Any], *names: str) -> list[Any]:
    return [values[name].copy() for name in names]


def test_the_module_describes_every_array() -> None:
    assert MADE["INPUTS"] == {"x": ("N", "D"), "mu": ("D",), "u": ("N", "E"), "ids": ("N",)}
    assert MADE["TARGETS"] == {"t": ("N",), "s": ("N", "H")}
    assert MADE["OUTPUTS"] == {"y": ("N",), "h": ("N", "H")}
    assert MADE["DRAWN"] == {"m": ("N", "H")}
    assert MADE["KINDS"] == {"ids": "labels", "t": "free", "s": "free"}
    assert MADE["LABELS"] == {"ids": "V"}
    assert MADE["STARTS"] == {
        "W": ("normal", ("D",)), "U": ("normal", ("E",)), "L": ("normal", ()), "b": ("zeros", ()),
    }  # fmt: skip
    for line in (
        "Integers (int64): ids.",
        "Without samples, the same for every batch: mu.",
        "Drawn by train for every batch: m, 1 with probability 3/4, else 0; forward takes the mean.",
    ):
        assert f"\n{line}\n" in TEXT


def test_loss_and_gradients_take_all_leaves() -> None:
    values = arrays(MODEL)
    leaves = ("x", "mu", "u", "ids", "m", "t", "s")
    loss, *found = MADE["gradients"](*given(values, *leaves, *PARAMETERS))
    assert loss == pytest.approx(by_hand(values)[2], rel=1e-12)
    assert MADE["loss"](*given(values, *leaves, *PARAMETERS)) == pytest.approx(loss, rel=1e-12)
    for name, gradient in zip(PARAMETERS, found, strict=True):
        direction = np.random.default_rng(5).normal(size=values[name].shape)
        ahead, behind = ({**values, name: values[name] + s * direction} for s in (STEP, -STEP))
        slope = (by_hand(ahead)[2] - by_hand(behind)[2]) / (2 * STEP)
        assert (gradient * direction).sum() == pytest.approx(slope, rel=1e-6)


def test_a_prediction_takes_the_mean_of_what_is_drawn() -> None:
    values = arrays(MODEL)
    y, h = MADE["forward"](*given(values, "x", "mu", "u", "ids", *PARAMETERS))
    mean = {**values, "m": np.full((7, 4), float(KEEP))}
    np.testing.assert_allclose(y, by_hand(mean)[0], rtol=1e-12)
    np.testing.assert_allclose(h, by_hand(mean)[1], rtol=1e-12)
    assert "m" not in TEXT.split("def forward(")[1].split("def loss(")[0].split()


def test_the_text_is_proved_with_every_kind_of_leaf() -> None:
    assert all(finding.right for (finding,) in prove_kernel(MODEL, TEXT).values())


def draws(made: dict[str, Any], shape: tuple[int, ...], keep: sp.Rational, dtype: str, seed: int = 3) -> Any:
    state, mask = np.array([seed], np.uint64), np.empty(shape, dtype)
    made["draw"](mask, np.uint64(sp.ceiling(keep * 2**64) - 1), state)
    return mask, state


def test_a_mask_depends_on_the_seed_alone() -> None:
    one, state = draws(MADE, (20, 5), KEEP, "float64")
    other, again = draws(MADE, (100,), KEEP, "float32")
    assert one.ravel().tolist() == other.tolist()
    assert state == again != 3
    assert set(one.ravel()) == {0, 1}
    assert (one != draws(MADE, (20, 5), KEEP, "float64", seed=4)[0]).any()


@pytest.mark.parametrize("keep", [sp.Rational(1, 5), sp.Rational(9, 10), sp.Integer(1)])
def test_the_mean_of_a_mask_is_the_probability(keep: sp.Rational) -> None:
    mask, _ = draws(MADE, (5000,), keep, "float64")
    assert mask.mean() == pytest.approx(float(keep), abs=4 * float(sp.sqrt(keep * (1 - keep) / 5000)))


def trained(made: Any, dtype: str, *, seed: int = 9, epochs: int = 2, shuffle: bool = True) -> dict[str, Any]:
    values = arrays(MODEL, 7, dtype)
    leaves = given(values, "x", "mu", "u", "ids", "t", "s")
    parameters = given(values, *PARAMETERS)
    states = [np.zeros_like(p) for p in parameters]
    losses, state = np.empty(epochs), np.array([seed], np.uint64)
    options = (0.05, 0.5)
    tail = (3, shuffle, False, state, np.zeros(1, np.uint8), losses)
    train = made["train"] if isinstance(made, dict) else made.train
    assert train(*leaves, *parameters, *states, *options, *tail) == epochs
    return {**dict(zip(PARAMETERS, parameters, strict=True)), "losses": losses, "state": state}


def test_training_equals_the_loop_by_hand() -> None:
    values, found = arrays(MODEL), trained(MADE, "float64", epochs=1)
    state, order = np.array([9], np.uint64), np.empty(7, np.int64)
    MADE["reorder"](order, state)
    velocity, total = {name: np.zeros_like(values[name]) for name in PARAMETERS}, 0.0
    for first in (0, 3, 6):
        rows = order[first : first + 3]
        batch = {n: a if n in (*PARAMETERS, "mu") else a[rows] for n, a in values.items()}
        batch["m"] = np.empty((len(rows), 4))
        MADE["draw"](batch["m"], np.uint64(3 * 2**62 - 1), state)
        leaves = (batch[n] for n in ("x", "mu", "u", "ids", "m", "t", "s"))
        loss, *gradients = MADE["gradients"](*leaves, *(batch[n] for n in PARAMETERS))
        total += loss * len(rows)
        for name, gradient in zip(PARAMETERS, gradients, strict=True):
            velocity[name] = 0.5 * velocity[name] + gradient
            values[name] = values[name] - 0.05 * velocity[name]
    for name in PARAMETERS:
        np.testing.assert_allclose(found[name], values[name], rtol=1e-12)
    assert found["losses"][0] == pytest.approx(total / 7)
    assert found["state"] == state


def test_a_seed_decides_masks_and_order() -> None:
    one, again, other = (trained(MADE, "float64", seed=s, shuffle=False) for s in (1, 1, 2))
    assert all((one[name] == again[name]).all() for name in one)
    assert (one["W"] != other["W"]).any()


@pytest.mark.slow
def test_compiled_it_is_the_same(tmp_path: Path) -> None:
    kernel = load_kernel(write(TEXT, tmp_path / "everything.py"))
    expected = trained(MADE, "float64")
    for dtype, rtol in (("float64", 1e-12), ("float32", 2e-4)):
        found = trained(kernel, dtype)
        assert found["state"] == expected["state"]
        for name in PARAMETERS:
            assert found[name].dtype == dtype
            np.testing.assert_allclose(found[name], expected[name], rtol=rtol, atol=rtol)
    values = arrays(MODEL)
    y, h = kernel.forward(*given(values, "x", "mu", "u", "ids", *PARAMETERS))
    assert (y.shape, h.shape) == ((7,), (7, 4))


def network(parameters: dict[str, str], nodes: dict[str, str], **given: Any) -> Graph:
    axes = {"n": "N", "i": "D", "k": "H", "p": "P"}
    spec = Definitions(axes, {"x": "n i"}, {"t": "n k"}, parameters, nodes, **given)
    return define_model("net", spec).graph


def start(graph: Graph, parameter: Node) -> Start:
    return starts(graph, (parameter,))[parameter.name]


def test_the_fan_in_is_what_the_first_use_sums_over() -> None:
    squares = "sum(n, k, (y[n,k] - t[n,k])^2) + sum(i, k, W[i,k]^2)"
    turned = network({"W": "i k"}, {"y": "[n,k] sum(i, W[i,k]*x[n,i])", "J": squares})
    assert start(turned, turned["W"]).fan_in == (sp.Symbol("D", integer=True, positive=True),)
    added = network({"W": "i k"}, {"y": "[n,k] sum(i, x[n,i]) + sum(i, W[i,k])", "J": squares})
    assert start(added, added["W"]).fan_in == ()
    form = network({"A": "i k"}, {"s": "[n] sum(i, k, x[n,i]*A[i,k]*t[n,k])", "J": "sum(n, s[n])"})
    assert len(start(form, form["A"]).fan_in) == 2


def test_a_parameter_may_say_how_it_starts() -> None:
    graph = network({"W": "i k"}, {"y": "[n,k] sum(i, W[i,k]*x[n,i])", "J": "sum(n, k, y[n,k])"})
    assert start(graph, replace(graph["W"], start="ones")).word == "ones"
    with pytest.raises(UnknownNameError, match="start of W 'one'; did you mean ones"):
        start(graph, replace(graph["W"], start="one"))


def test_labels_have_one_range() -> None:
    assert str(class_count(MODEL.graph, "ids")) == "V"
    assert class_count(MODEL.graph, "x") is None


def test_what_is_given_must_be_named() -> None:
    with pytest.raises(DefinitionError, match="everything: a kernel is not given the input u; name it among"):
        spec_of(replace(MODEL, inputs=("x", "mu", "ids", "m")))
    with pytest.raises(DefinitionError, match="the output x is given, not computed"):
        spec_of(replace(MODEL, outputs=("x",)))


def test_a_probability_is_one() -> None:
    nodes = tuple(replace(n, drawn=sp.Rational(5, 4)) if n.name == "m" else n for n in MODEL.graph.nodes)
    with pytest.raises(DefinitionError, match="m is drawn with the probability 5/4; it must be above 0"):
        spec_of(replace(MODEL, graph=replace(MODEL.graph, nodes=nodes)))


def test_a_size_that_no_array_shows_needs_a_number() -> None:
    nodes = {"y": "[n] sum(i, w[i]*x[n,i])", "J": "sum(n, y[n]^2) + sum(k, 1)*w[0]"}
    spec = Definitions({"n": "N", "i": "D", "k": "H"}, {"x": "n i"}, {}, {"w": "i"}, nodes)
    model = define_model("hidden", spec)
    with pytest.raises(DefinitionError, match="J needs the size H, which no array shows"):
        spec_of(model)
    assert spec_of(replace(model, sizes={"H": 3})).sizes == {"H": 3}


def test_inputs_with_many_axes_and_no_target() -> None:
    spec = Definitions(
        {"n": "N", "c": 2, "i": 2, "j": 2},
        {"x": "n c i j"}, {}, {"w": "c i j"},
        {"y": "[n] sum(c, i, j, w[c,i,j]*x[n,c,i,j])", "J": "mean(n, y[n]^2)"},
    )  # fmt: skip
    model = define_model("cube", spec)
    for schedule in ({}, {"*": "arrays"}):
        text = generate(spec_of(model, schedule=schedule))
        assert all(finding.right for (finding,) in prove_kernel(model, text).values())
        made, rng = uncompiled(text), np.random.default_rng(1)
        x, w = rng.normal(size=(5, 2, 2, 2)), rng.normal(size=(2, 2, 2))
        loss, gradient = made["gradients"](x, w)
        y = np.tensordot(x, w, 3)
        assert loss == pytest.approx((y**2).mean())
        np.testing.assert_allclose(gradient, 2 * np.tensordot(y, x, 1) / 5, rtol=1e-12)
        losses = np.empty(20)
        tail = (2, True, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
        made["train"](x, w, 0.05, *tail)
        assert losses[-1] < loss / 10


def test_ids_behind_a_sum_over_a_part_of_them_are_compared() -> None:
    draft = sg.Draft("shifted")
    ids, table = draft.input("ids", "T", ids="V"), draft.parameter("E", v="V", d="D")
    formula = "[...,d] sum(v, hot[...,v]*E[v + 1,d])"
    e = draft.define("e", formula, initial={"E": "0"}, hot=draft.hot(ids), E=table)
    draft.loss("squared_error", e)
    net = draft.network(e)
    assert all(finding.right for (finding,) in prove_kernel(net.model).values())
    forward = uncompiled(net.kernel_text(proofs=False))["forward"]
    np.testing.assert_array_equal(
        forward(np.array([[0, 2]]), np.arange(6.0).reshape(3, 2)), [[[2, 3], [0, 0]]]
    )
