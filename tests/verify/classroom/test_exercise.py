"""Exercises: numbers of one's own, a worksheet with empty cells, its key apart."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from symgrad.errors import LimitError
from symgrad.model.zoo import zoo
from symgrad.verify.classroom.answers import read_answers
from symgrad.verify.classroom.exercise import STEEP, exercise
from symgrad.verify.classroom.grade import grade
from symgrad.verify.classroom.sheets import written
from symgrad.verify.verdict import Check

SMALL = ["worked_2_2_2", "classifier_3_3_3_softmax", "linear_regression", "line_through_origin", "skip"]
OTHERS = ["classifier_3_3_3", "logistic_regression", "adaline", "xor_2_2_1", "mlp"]


def no_formulas(node: str, sides: Sequence[str]) -> Check:
    raise AssertionError(f"nobody gave a formula, but {node} = {sides} is judged")


@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(n, marks=pytest.mark.slow) for n in OTHERS)])
def test_the_worksheet_filled_with_its_key_is_all_right(name: str, tmp_path: Path) -> None:
    made = exercise(zoo(name), "Ada Lovelace")
    empty, key = tmp_path / "empty.toml", tmp_path / "key.toml"
    empty.write_text(written(made, filled=False), "utf-8")
    key.write_text(written(made, filled=True), "utf-8")
    blank, full = grade(zoo(name), [empty, key], no_formulas)
    assert (full.error, full.counts["right"], len(full.items)) == ("", len(made.asked), len(made.asked))
    assert blank.counts == {"right": 0, "follows": 0, "wrong": 0, "unknown": len(made.asked)}


def test_the_same_seed_gives_the_same_numbers() -> None:
    model = zoo("worked_2_2_2")
    one, again, other = exercise(model, "7"), exercise(model, "7"), exercise(model, "8")
    assert written(one, filled=True) == written(again, filled=True)
    assert one.given != other.given


def test_the_worksheet_holds_no_figure_of_the_key() -> None:
    made = exercise(zoo("worked_2_2_2"), "7")
    sheet = tomllib.loads(written(made, filled=False))
    assert set(sheet["answers"]) == set(made.asked)
    assert set(sheet["answers"].values()) == {""}
    assert sheet["given"] == made.given


@pytest.mark.parametrize("seed", ["1", "Grace", 'a "quoted" name\n'])
def test_numbers_have_few_digits_and_saturate_nothing(seed: str, tmp_path: Path) -> None:
    made = exercise(zoo("classifier_3_3_3"), seed)
    assert all(len(str(text)) <= 5 for text in made.given.values())
    assert all(abs(float(made.sheet.right[f"{z}{k}"])) < STEEP for z in "zq" for k in (1, 2, 3))
    path = tmp_path / "sheet.toml"
    path.write_text(written(made, filled=True), "utf-8")
    assert read_answers(path).seed == seed


def test_figures_have_the_digits_asked_for() -> None:
    made = exercise(zoo("worked_2_2_2"), "7", digits=6)
    digits = {len(made.figure(name).lstrip("-0.").replace(".", "")) for name in made.asked}
    assert digits <= {5, 6}


def test_a_network_that_nobody_computes_by_hand_is_refused() -> None:
    with pytest.raises(LimitError, match="worksheets are for up to"):
        exercise(zoo("digits_64_32_10"), "7")
