"""Repeated blocks share code: the text stays short, and computes the same."""

import re
from functools import cache

import pytest

from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
from symgrad.kernels.outline import with_blocks
from symgrad.kernels.statements import Call, walk
from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model

pytestmark = pytest.mark.uncompiled


@cache
def residual(blocks: int, width: int | str = "H", functions: tuple[str, ...] = ("tanh",)) -> Model:
    """Return ``h ← h + tanh(W h + b)``, again and again, its functions in turn."""
    nodes: dict[str, str] = {}
    parameters: dict[str, str] = {}
    below = "x"
    for k in range(1, blocks + 1):
        function = functions[k % len(functions)]
        nodes[f"z{k}"] = f"[n,i] sum(j, W{k}[i,j]*{below}[n,j]) + b{k}[i]"
        nodes[f"a{k}"] = f"[n,i] {function}(z{k}[n,i])"
        nodes[f"h{k}"] = f"[n,i] {below}[n,i] + a{k}[n,i]"
        parameters |= {f"W{k}": "i j", f"b{k}": "i"}
        below = f"h{k}"
    nodes["J"] = f"mean(n, sum(i, ({below}[n,i] - y[n,i])^2))"
    axes = {"n": "N", "i": width, "j": width}
    spec = Definitions(axes, {"x": "n i"}, {"y": "n i"}, parameters, nodes, output=below)
    return define_model("residual", spec)


def calls(model: Model) -> list[str]:
    """Return the names of the functions that the gradients call, in order."""
    return [s.name for s in walk(with_blocks(lower(spec_of(model))).full.body) if isinstance(s, Call)]


def test_equal_blocks_are_calls_of_one_function() -> None:
    found = calls(residual(12))
    assert len(set(found)) <= 4
    assert len(found) >= 3 * 10


def test_few_blocks_stay_where_they_are() -> None:
    assert calls(residual(3)) == []


def test_different_blocks_stay_apart() -> None:
    assert not any("z" in name for name in calls(residual(4, functions=("tanh", "sigmoid"))))


def test_the_text_grows_by_the_calls_only() -> None:
    short, long = (generate(spec_of(residual(blocks))) for blocks in (12, 24))
    numbers = [len(re.findall(r"np\.dot\(", text)) for text in (short, long)]
    assert numbers[0] == numbers[1]


def test_a_shared_function_speaks_of_no_layer() -> None:
    program = with_blocks(lower(spec_of(residual(12))))
    assert program.blocks
    for block in program.blocks:
        named = {word for argument in block.arguments for word in re.findall(r"[a-zA-Z]+\d+", argument)}
        assert not named
        assert len(set(block.arguments)) == len(block.arguments)


@pytest.mark.parametrize("blocks", [5, 8])
def test_calls_are_proved_as_the_text_runs(blocks: int) -> None:
    model = residual(blocks, 1)
    text = generate(spec_of(model, schedule={"*": "arrays"}))
    assert "one block of several" in text
    found = prove_kernel(model, text)
    assert {f.verdict for (f,) in found.values()} == {"right"}


def test_updates_that_are_alike_are_calls() -> None:
    text = generate(spec_of(residual(12), "adam"))
    assert text.count("def _update") == 1
    trained = text.split("def train(")[1]
    assert len(re.findall(r"^ +_update\w*\(", trained, re.MULTILINE)) == 12
    assert "for i in" not in trained
