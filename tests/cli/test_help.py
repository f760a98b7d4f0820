"""The samples of files in ``--help`` are read and judged as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

from symgrad.cli.arguments import read
from symgrad.cli.epilogs import ANSWERS, CASES, CHECK, COST, DERIVATIONS, EXPLAIN, GRADE, SYMGRAD
from symgrad.verify.evidence.families import FAMILIES
from symgrad.verify.verdict import EVIDENCE
from tests.cli.conftest import Command

# What networks call some of the kinds.
SYNONYMS = {"free", "positive", "distribution", "one_hot", "columns_to_one"}


@pytest.mark.parametrize(
    ("verb", "samples"),
    [("check", [DERIVATIONS, CASES]), ("grade", [ANSWERS]), ("explain", [EXPLAIN]), ("cost", [COST])],
)
def test_help_shows_whole_files_that_can_be_copied(
    verb: str, samples: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        read([verb, "--help"])
    shown = capsys.readouterr().out
    assert all(sample in shown for sample in samples)


def test_the_file_of_derivations_is_right(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "derivations.toml").write_text(DERIVATIONS, "utf-8")
    answer = symgrad("check", "--file", "derivations.toml", "--json")
    assert answer.status == 0, answer.out
    assert [claim["wrt"] for claim in answer.json["claims"]] == ["w10", "w1"]


def test_the_case_is_wrong_and_the_likeliest_mistake_is_said_in_words(
    symgrad: Command, tmp_path: Path
) -> None:
    (tmp_path / "cases.toml").write_text(CASES, "utf-8")
    answer = symgrad("check", "--cases", "cases.toml", "--timeout", "60", "--hints", "category")
    assert answer.status == 1
    said = " ".join(answer.out.split())
    assert "missing_activation_derivative: the derivative of an activation was left out" in said
    assert "1 case: 0 right, 1 wrong, 0 unknown" in said


def test_the_answers_are_graded(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "ada.toml").write_text(ANSWERS, "utf-8")
    (row,) = symgrad("grade", "ada.toml", "--net", "worked_2_2_2", "--json").json["rows"]
    assert (row["name"], row["right"], row["wrong"], row["unknown"]) == ("Ada", 3, 0, 0)


def test_every_word_for_evidence_is_explained() -> None:
    words = [*EVIDENCE, *(word for words in EVIDENCE.values() for word in words)]
    assert all(f" {word} " in CHECK for word in words)


def test_every_kind_of_array_is_named() -> None:
    table = CHECK.partition("The kinds of arrays")[2].partition("verdict and evidence")[0]
    assert set(FAMILIES) - SYNONYMS <= set(re.findall(r"\w+", table))


@pytest.mark.parametrize("line", [
    line.strip() for text in (SYMGRAD, CHECK, COST, EXPLAIN, GRADE) for line in text.splitlines()
    if line.startswith("  symgrad ")
])  # fmt: skip
def test_every_example_is_a_command(line: str) -> None:
    assert read(shlex.split(line)[1:]).verb == line.split()[1]
