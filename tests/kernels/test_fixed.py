"""What is the same in all batches is computed once before training, and training is still descent."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels import lower
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.spec import KernelSpec

pytestmark = pytest.mark.uncompiled

ROWS, BATCH = 4, 2
DEFINITIONS = sg.Definitions(
    axes={"n": "N", "i": "H", "j": "D", "k": "D", "l": "H"},
    inputs={"x": "n j", "A": "j k"},
    targets={"y": "n i"},
    parameters={"W": "i j", "V": "i l"},
    nodes={
        "s": "[j] sum(k, A[j,k])",
        "B": "[j,k] exp(A[j,k])/s[j]",
        "u": "[n,j] sum(k, B[j,k]*x[n,k])",
        "h": "[n,i] tanh(sum(j, W[i,j]*u[n,j]))",
        "o": "[n,i] sum(l, V[i,l]*h[n,l])",
        "p": "sum(i, sum(l, V[i,l]^2))",
        "q": "sum(i, sum(j, W[i,j]^2))",
        "J": "mean(n, sum(i, (o[n,i] - y[n,i])^2))/2 + p*q/10",
    },
    output="o",
)


def spec(trained: tuple[str, ...], *, fast: bool = False) -> KernelSpec:
    model = replace(sg.define(DEFINITIONS).model, sizes={"H": 3, "D": 2})
    return spec_of(model, trained=trained, fast=fast, schedule={"*": "arrays"})


def computed_once(trained: tuple[str, ...]) -> set[str]:
    once = program_of(spec(trained)).once
    return set(once.summary.removeprefix("Fill in ").split(", ")[:-1]) if once else set()


def test_what_reads_no_samples_and_nothing_trained_is_computed_once() -> None:
    assert computed_once(("W",)) == {"B", "p", "dq"}
    assert computed_once(("V",)) == {"B", "q", "dp"}
    assert computed_once(("W", "V")) == {"B"}


def leaves(made: KernelSpec, field: Residues) -> dict[str, Any]:
    names = (*made.leaves, *(p.name for p in made.parameters))
    shapes = {n: [ROWS if s == made.row else int(s) for s in made.extents(n)] for n in names}
    return {
        n: objects([field.leaf(f"{n}{at}") for at in np.ndindex(*shape)]).reshape(shape)
        for n, shape in shapes.items()
    }


def agrees(made: KernelSpec) -> bool:
    """Whether two steps of the text of `train` are two steps along the gradient, modulo a random prime."""
    text, field = generate(made), Residues(7)
    given, rate = leaves(made, field), field.leaf("rate")
    wanted = {p.name: given[p.name].copy() for p in made.parameters}
    for first in range(0, ROWS, BATCH):
        rows = [given[n][first : first + BATCH] if made.has_samples(n) else given[n] for n in made.leaves]
        _, *gradients = run_exact(text, field, "gradients", [*rows, *wanted.values()])
        for name, gradient in zip(list(wanted), gradients, strict=True):
            wanted[name] = wanted[name] - rate * gradient if name in made.updated else wanted[name]
    tail = (BATCH, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), objects([field.number(0)]))
    run_exact(text, field, "train", [*given.values(), rate, *tail])
    pairs = [pair for n in wanted for pair in zip(given[n].ravel(), wanted[n].ravel(), strict=True)]
    return all(field.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("trained", [("W",), ("V",), ("W", "V")])
def test_two_steps_are_descent(trained: tuple[str, ...]) -> None:
    assert agrees(spec(trained))


def test_two_fast_steps_are_descent() -> None:
    made = spec(("W",), fast=True)
    assert program_of(made).once
    assert agrees(made)


def test_to_hold_what_changes_turns_it_red(monkeypatch: pytest.MonkeyPatch) -> None:
    right = lower.fixed
    monkeypatch.setattr(
        lower, "fixed", lambda made, parts, asked: right(replace(made, trained=()), parts, asked)
    )
    assert not agrees(spec(("W", "V")))
