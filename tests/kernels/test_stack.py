"""Where LLVM puts vectors for which there is no register: in whole cache lines, where that was asked for."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core import config

import symgrad as sg
from symgrad.errors import DataError
from symgrad.kernels.build import spec_of
from symgrad.kernels.checker import check_text
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate

CALL = "    align_stack()"


def text(**options: Any) -> str:
    net = sg.mlp((2, 2, 2), output="softmax", loss="cross_entropy", targets="labels")
    return generate(spec_of(net.model, **options))


def functions(made: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of every function and the lines behind its docstring."""
    for part in made.split("\ndef ")[1:]:
        lines = part.partition('"""\n')[2].splitlines()
        yield part.partition("(")[0], lines


def aligned(made: str) -> set[str]:
    return {name for name, lines in functions(made) if lines[:1] == [CALL]}


@pytest.mark.uncompiled
def test_fast_kernels_without_arrays_ask_for_it_where_samples_are_vectors() -> None:
    assert aligned(text(fast=True)) == {"gradients", "train"}
    assert aligned(text(fast=True, batch=1)) == {"gradients", "_train_batches"}


@pytest.mark.uncompiled
@pytest.mark.parametrize("options", [{}, {"fast": True, "schedule": {"*": "arrays"}}])
def test_plain_kernels_and_arrays_do_without(options: dict[str, Any]) -> None:
    assert "align_stack" not in text(**options)


@pytest.mark.skipif(config.DISABLE_JIT, reason="nothing is compiled")
def test_the_compiler_is_told() -> None:
    """The wish must reach LLVM for the function that calls, not for one of its own."""
    align_stack = load_kernel(write(text(fast=True))).module.align_stack

    @njit
    def total(values: Any) -> Any:
        align_stack()
        return values.sum()

    assert total(np.ones(3)) == 3
    (made,) = total.inspect_llvm().values()
    assert "alignstack=64" in made
    assert align_stack() is None


@pytest.mark.uncompiled
def test_the_checker_knows_its_words() -> None:
    made = text(fast=True)
    assert check_text(made).verdict == "right"
    with pytest.raises(DataError, match="alignment is not the function that kernels are given"):
        check_text(made.replace("alignstack = 64", "alignstack = 8"))
