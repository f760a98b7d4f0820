"""`generate`: what is asked of a kernel reaches it, and stands in its head."""

import re
import shlex
from pathlib import Path

import pytest

from symgrad.kernels.build import spec_of
from symgrad.kernels.explain import explained
from symgrad.model.zoo import zoo
from tests.cli.conftest import Command

ASKED = ("--fast", "--batch", "1", "--schedule", "dw=loops", "--schedule", "*=arrays", "--size", "D=5")


def test_the_command_in_the_head_makes_the_same_kernel(symgrad: Command, tmp_path: Path) -> None:
    run = symgrad("generate", "adaline", *ASKED, "-o", "one.py")
    assert run.status == 0, run.err
    text = (tmp_path / "one.py").read_text("utf-8")
    remake = re.search(r"^Re-make: symgrad (.*)$", text, re.MULTILINE)
    assert remake is not None
    assert all(word in remake[1] for word in ("--fast", "--batch 1", "dw=loops", "'*=arrays'", "D=5"))
    assert symgrad(*shlex.split(remake[1]), "-o", "two.py").status == 0
    assert (tmp_path / "two.py").read_text("utf-8") == text
    assert symgrad("generate", "adaline", "--size", "D=5").out not in (f"{text}\n", text)


def test_explain_says_why_in_place_of_the_kernel(symgrad: Command) -> None:
    words = ("generate", "digits_64_32_10", "--fast", "--batch", "1", "--schedule", "dW2=blas", "--explain")
    answer = symgrad(*words, "--json").json
    expected = explained(spec_of(zoo("digits_64_32_10"), fast=True, batch=1, schedule={"dW2": "blas"}))
    assert answer["files"] == []
    assert answer["explained"] == list(expected)
    lines = symgrad(*words).out.splitlines()
    assert lines == list(expected)
    assert "dW2: blas, as asked for" in lines
    assert "W1: turned while it is trained, every product reads it so" in lines


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--batch", "0"], "at least one"),
        (["--schedule", "z1"], "NODE=loops or NODE=blas"),
        (["--schedule", "z1=fast"], "known: loops, blas, tiles"),
        (["--schedule", "dW9=blas"], "did you mean dW2 or dW1"),
        (["--schedule", "z1=blas", "--schedule", "z1=loops"], "given twice"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(symgrad: Command, words: list[str], says: str) -> None:
    answer = symgrad("generate", "digits_64_32_10", "--explain", *words)
    assert (answer.status, answer.out) == (2, "")
    assert says in answer.err


def test_a_choice_for_one_network_does_not_go_with_all(symgrad: Command, tmp_path: Path) -> None:
    assert symgrad("generate", "--all", "--explain").status == 2
    assert symgrad("generate", "--all", "--schedule", "z1=blas").status == 2
    assert list(tmp_path.iterdir()) == []
