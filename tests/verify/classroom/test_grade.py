"""A folder of answers, a row for each file."""

import json
from pathlib import Path

import pytest

from symgrad.errors import DataError, FormulaError
from symgrad.model.zoo import zoo
from symgrad.verify.classroom.answers import read_answers, written
from symgrad.verify.classroom.exercise import exercise
from symgrad.verify.classroom.grade import Graded, files_of, grade
from symgrad.verify.verdict import Check, Finding, Mistake

WORKED = zoo("worked_2_2_2")
CORRECT = "(o1 − t1) o1 (1 − o1) a1"


def judge(node: str, text: str) -> Check:
    """Judge formulas by their length, as no judge does."""
    if "@" in text:
        raise FormulaError("column 1: no formula")
    if len(text) > 10:
        return Check(f"∂J/∂{node}", Finding("right", "proved", ""), text, CORRECT)
    mistake = Mistake("missing_activation_derivative", "", "o1 (1 − o1) was left out", text, CORRECT)
    return Check(f"∂J/∂{node}", Finding("wrong", "counterexample", ""), text, CORRECT, (mistake,))


def graded(folder: Path, **files: str) -> dict[str, Graded]:
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, "utf-8")
    return {one.file: one for one in grade(WORKED, files_of([folder]), judge)}


def test_a_row_for_each_file(tmp_path: Path) -> None:
    found = graded(
        tmp_path,
        ada_toml='name = "Ada"\n[answers]\nz1 = "0.3775"\na1 = 0.5933\nJ = 0.2984\n',
        bob_csv='quantity,figure\nz1,0.0275\na1,0.5069\n"∂J/∂w5",x\n',
        eve_toml='[formulas]\nw5 = "(o1-t1) o1(1-o1) a1"\nw6 = ["(o1-t1)a2", "@", ""]\n',
    )
    assert list(found) == ["ada.toml", "bob.csv", "eve.toml"]
    assert found["ada.toml"].name == "Ada"
    assert found["ada.toml"].counts == {"right": 3, "follows": 0, "wrong": 0, "unknown": 0}
    assert found["bob.csv"].counts == {"right": 0, "follows": 1, "wrong": 1, "unknown": 1}
    assert found["bob.csv"].first is not None
    assert found["bob.csv"].first.of == "z1"
    assert found["eve.toml"].counts == {"right": 1, "follows": 0, "wrong": 1, "unknown": 2}


BROKEN = {
    "empty_toml": ("", "has no answers"),
    "syntax_toml": ("[answers", "is no TOML"),
    "key_toml": ('[answer]\nz1 = "1"', "did you mean answers"),
    "type_toml": ("[answers]\nz1 = true", "write a figure"),
    "table_toml": ("answers = 3", "is a table"),
    "other_toml": ('network = "mlp"\n[answers]\nz1 = "1"', "answers for mlp, not for worked_2_2_2"),
    "value_toml": ('[given]\nx1 = "a"\n[answers]\nz1 = "1"', "which is no number"),
    "leaf_toml": ('[given]\nx9 = "1"\n[answers]\nz1 = "1"', "did you mean"),
    "deep_toml": (f"[answers]\nz1 = {'[' * 3000}", "is no TOML"),
    "comma_csv": ("z1,0,3775\n", "a decimal comma"),
    "cells_csv": ("z1\n", "found 1 cells"),
    "digits_toml": ('digits = 99\n[answers]\nz1 = "1"', "from 1 to 30"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_a_row_with_its_error(name: str, tmp_path: Path) -> None:
    text, said = BROKEN[name]
    found = graded(tmp_path, **{name: text, "good_csv": "z1,0.3775\n"})
    assert found["good.csv"].counts["right"] == 1
    broken = found[f"{name.partition('_')[0]}.{name.rpartition('_')[2]}"]
    assert said in broken.error
    assert (broken.items, broken.first) == ((), None)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"z1,\xff\xfe\n")
    (row,) = grade(WORKED, files_of([tmp_path]), judge)
    assert "no text in UTF-8" in row.error


def test_numbers_of_ones_own_must_be_those_of_the_seed(tmp_path: Path) -> None:
    text = written(exercise(WORKED, "ada"), filled=True)
    own = exercise(WORKED, "ada").given["x1"]
    found = graded(tmp_path, own_toml=text, changed_toml=text.replace(f'x1 = "{own}"', 'x1 = "0.01"'))
    assert not found["own.toml"].error
    assert "x1 differs" in found["changed.toml"].error


def test_other_values_than_the_example(tmp_path: Path) -> None:
    found = graded(tmp_path, a_toml='[given]\nx1 = "1"\nx2 = "2"\n[answers]\nz1 = "0.90"\n')
    assert found["a.toml"].counts["right"] == 1


def test_hints_say_no_more_than_they_may(tmp_path: Path) -> None:
    """With category and none, no right figure, formula or explanation stands anywhere in the report."""
    found = graded(
        tmp_path,
        a_toml='[answers]\nz1 = "0.0275"\no1 = "0.1111"\n"dJ/dw5" = "-0.08217"\n"J+" = "0.291027924"\n',
        b_toml='[formulas]\nw5 = "(o1-t1)a1"\n',
    )
    secrets = ("0.3775", "0.7514", "0.08217", "0.291027774", CORRECT, "left out", "other one")
    for level in ("category", "none"):
        said = json.dumps([[one.data(level), one.hint(level)] for one in found.values()], ensure_ascii=False)
        said = said.replace("-0.08217", "").replace("the derivative of an activation was left out", "")
        assert not [secret for secret in secrets if secret in said]
    full = json.dumps([one.data("full") for one in found.values()], ensure_ascii=False)
    assert all(secret in full for secret in secrets)
    assert found["b.toml"].hint("category").startswith("∂J/∂w5: the derivative of an activation was left out")
    assert found["b.toml"].hint("none") == ""


def test_places_without_answers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file or folder"):
        files_of([tmp_path / "nothing"])
    with pytest.raises(DataError, match=r"no \.toml or \.csv file"):
        files_of([tmp_path])
    with pytest.raises(DataError, match=r"answers are \.toml or \.csv files"):
        read_answers(tmp_path)


def test_semicolons_and_tabs_separate_too(tmp_path: Path) -> None:
    found = graded(tmp_path, a_csv="\ufeffz1;0.3775\nz2;0.3925\n", b_csv="z1\t0.3775\n")
    assert [one.counts["right"] for one in found.values()] == [2, 1]
