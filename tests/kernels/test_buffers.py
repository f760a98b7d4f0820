"""Workspaces that share memory: who may, what it saves, and that the text still computes the gradient."""

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels import buffers
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.emit import block
from symgrad.kernels.execute import run_exact
from symgrad.kernels.memory import workspaces
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function, Statement
from symgrad.model.model import Model
from tests.benchmarks.deep import convolutional, residual, transformer
from tests.kernels.exactly import ROWS, leaf
from tests.kernels.recurrences import DEFINITIONS
from tests.kernels.test_fast import NETWORKS

pytestmark = pytest.mark.uncompiled

SIZES = {"T": 3, "H": 3, "D": 2}


def deep(graph: Any) -> Model:
    output = next(r.name for r in graph["J"].terms[0].accesses if r.name != "t")
    return Model("deep", "deep", graph, {}, ("x",), ("t",), (output,))


def lstm() -> Model:
    return replace(sg.define(DEFINITIONS["lstm"]).model, sizes=SIZES)


MODELS = {
    **NETWORKS,
    "lstm": lstm,
    "residual": lambda: deep(residual(6)),
    "convolutional": lambda: deep(convolutional(2)),
    "transformer": lambda: deep(transformer(2)),
}


def arrays_only(name: str) -> KernelSpec:
    return spec_of(MODELS[name](), schedule={"*": "arrays"})


def roots(function: Function) -> dict[str, str]:
    """Return for every array that shares memory in whose room it is in the end."""
    made = [*function.workspaces, *(s for s in function.body if isinstance(s, buffers.Share))]
    found: dict[str, str] = {}
    for share in (s for s in made if isinstance(s, buffers.Share)):
        found[share.name] = found.get(share.room, share.room)
    return found


def words(statement: Statement) -> set[str]:
    """Return the words in the text of a statement, without remarks."""
    code = (line for line in block((statement,), "x") if not line.lstrip().startswith("#"))
    return {word for line in code for word in re.findall(r"\w+", line)}


@pytest.mark.parametrize("name", MODELS)
def test_arrays_that_share_are_never_needed_together(name: str) -> None:
    program = program_of(arrays_only(name))
    for function in (program.forward, program.loss, program.full):
        found = roots(function)
        times = [words(s) for s in function.body if not isinstance(s, Allocate)]
        for one, other in combinations({*found, *found.values()}, 2):
            if found.get(one, one) == found.get(other, other):
                first, second = ([k for k, said in enumerate(times) if n in said] for n in (one, other))
                assert first[-1] < second[0] or second[-1] < first[0], f"{one} and {other}"


@pytest.mark.parametrize("name", ["deep", "convolution", "lstm", "residual", "convolutional", "transformer"])
def test_sharing_saves_memory(name: str) -> None:
    program = program_of(arrays_only(name))
    made = program.step.workspaces
    every = sp.Add(*(sp.Mul(*w.shape) for w in made))
    grads = sp.Add(*(sp.Mul(*program.spec.extents(d)) for d in program.spec.delta.values()))
    numbers = dict.fromkeys(every.free_symbols | grads.free_symbols, 20)
    needed, shared = ((e - grads).xreplace(numbers) for e in (every, workspaces(program)))
    assert shared < 0.8 * needed


@pytest.mark.parametrize("name", ["deep", "convolution", "lstm"])
def test_a_training_step_on_shared_memory_is_descent(name: str) -> None:
    """The text of `train`, executed modulo a random prime."""
    spec, field = arrays_only(name), Residues(7)
    assert roots(program_of(spec).step)
    text = generate(spec)
    leaves = {n: leaf(spec, n, field) for n in (*spec.leaves, *(p.name for p in spec.parameters))}
    loss, *gradients = run_exact(text, field, "gradients", list(leaves.values()))
    before = {p.name: leaves[p.name].copy() for p in spec.parameters}
    losses, rate = np.array([field.number(0)], dtype=object), field.leaf("rate")
    tail = (ROWS, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
    run_exact(text, field, "train", [*leaves.values(), rate, *tail])
    assert field.equal(losses[0], loss)
    for parameter, gradient in zip(spec.parameters, gradients, strict=True):
        wanted = before[parameter.name] - rate * gradient
        pairs = zip(leaves[parameter.name].ravel(), wanted.ravel(), strict=True)
        assert all(field.equal(a, b) for a, b in pairs), parameter.name


def test_a_room_that_is_still_needed_turns_the_proof_red(monkeypatch: pytest.MonkeyPatch) -> None:
    model = MODELS["deep"]()
    text = generate(arrays_only("deep"))
    assert {f.verdict for found in prove_kernel(model, text).values() for f in found} == {"right"}
    monkeypatch.setattr(buffers.Room, "takes", lambda room, life: room.owner.made.shape == life.made.shape)
    wrong = generate(arrays_only("deep"))
    assert wrong != text
    assert "wrong" in {f.verdict for found in prove_kernel(model, wrong).values() for f in found}


@pytest.mark.parametrize("name", ["deep", "transformer"])
def test_what_is_returned_keeps_its_memory(name: str) -> None:
    program = program_of(arrays_only(name))
    for function, kept in (
        (program.forward, program.spec.outputs),
        (program.full, program.spec.delta.values()),
    ):
        found = roots(function)
        assert found
        assert set(kept).isdisjoint({*found, *found.values()})


def allocated(text: str, *functions: str, **sizes: int) -> int:
    """Return the entries of the arrays that functions of a text allocate, but for the rows of a batch."""
    found = 0
    for function in functions:
        body = text.partition(f"def {function}(")[2].partition("\n\n\n")[0].partition("order = np.empty")[0]
        shapes = re.findall(r"= np\.empty\((.*), x\.dtype\)", body)
        found += sum(int(np.prod(eval(shape, dict(sizes)))) for shape in shapes)
    return found


def test_the_head_says_how_much_memory_a_step_takes() -> None:
    """17 samples, counted in the text itself."""
    text = generate(arrays_only("deep"))
    said = re.search(
        r"Workspaces of a training step: (.*) bytes \+ (.*) bytes per sample", text.replace(" kB", "e3 bytes")
    )
    count = allocated(text, "train", batch=17)
    assert said
    assert float(said[1]) + 17 * float(said[2]) == pytest.approx(8 * count, rel=0.01)


def test_the_head_counts_moments() -> None:
    text = generate(spec_of(sg.zoo("linear_regression").model, rewrite="moments"))
    said = re.search(r"Workspaces of a training step: (.*) numbers", text)
    assert said
    sizes = {"N": 17, "D": 5}
    found = eval(said[1].replace("·", "*").replace("^", "**"), dict(sizes))
    assert found == allocated(text, "train", "_from_moments", batch=17, **sizes)


def test_the_head_counts_what_single_samples_take() -> None:
    text = generate(spec_of(sg.mlp((16, 16, 2), hidden="tanh").model, fast=True, batch=1))
    said = re.search(r"Workspaces of .*, with single samples (.*) kB \(float64\)", text)
    assert said
    assert 1000 * float(said[1]) == pytest.approx(8 * allocated(text, "_train_online"), rel=0.01)
