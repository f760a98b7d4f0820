"""`grade`, `exercise`, `vectors` and printed figures from the command line."""

import csv
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Command

UPDATED = "hidden weights updated with the already updated output weights"


def test_an_exercise_and_its_key(symgrad: Command) -> None:
    run = symgrad("exercise", "worked_2_2_2", "--seed", "Ada", "-o", "sheet.toml", "--key", "key.toml")
    assert (run.status, run.out) == (0, "sheet.toml\nkey.toml\n")
    sheet, key = (tomllib.loads(Path(name).read_text("utf-8")) for name in ("sheet.toml", "key.toml"))
    assert set(sheet["answers"].values()) == {""}
    assert "" not in key["answers"].values()
    answer = symgrad("grade", "key.toml", "sheet.toml", "--net", "worked_2_2_2", "--json").json
    assert [row["right"] for row in answer["rows"]] == [len(key["answers"]), 0]


def test_without_a_key_no_figure_is_shown(symgrad: Command) -> None:
    text = symgrad("exercise", "worked_2_2_2", "--seed", "Ada").out
    data = symgrad("exercise", "worked_2_2_2", "--seed", "Ada", "--json").json
    assert set(tomllib.loads(text)["answers"]) == set(data["asked"])
    assert {"network", "seed", "given", "asked", "digits", "key"} <= set(data)
    assert not any(key in data for key in ("answers", "figures", "right"))


def test_a_folder_is_graded_with_a_row_each(symgrad: Command) -> None:
    folder = Path("answers")
    folder.mkdir()
    (folder / "ada.toml").write_text('[answers]\nz1 = "0.3775"\na1 = "0.5933"\n', "utf-8")
    (folder / "bob.toml").write_text('name = "=1+1"\n[answers]\nz1 = "0.0275"\na1 = "0.5069"\n', "utf-8")
    (folder / "eve.toml").write_text('[formulas]\nw5 = "(o1-t1) o1 (1-o1) a1"\nw6 = "(o1-t1) a2"\n', "utf-8")
    (folder / "mal.toml").write_text("[answers\n", "utf-8")
    run = symgrad("grade", folder, "--net", "worked_2_2_2")
    assert run.status == 0
    head, ada, bob, eve, mal = run.out.splitlines()
    assert head.split()[:5] == ["name", "right", "follows", "wrong", "unknown"]
    assert ada.split() == ["ada", "2", "0", "0", "0"]
    assert bob.split()[:5] == ["=1+1", "0", "1", "1", "0"]
    assert "∂J/∂w6: the derivative of an activation was left out" in eve
    assert "not graded: mal.toml is no TOML" in mal
    assert symgrad("grade", folder, "--net", "worked_2_2_2", "-o", "report.csv").out == "report.csv\n"
    with Path("report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["ada", "'=1+1", "eve", "mal"]
    assert rows[1]["first mistake"] == "z1 is wrong"
    full = symgrad("grade", folder, "--net", "worked_2_2_2", "--hints", "full").out
    assert "z1 = 0.0275; correct 0.3775: the summand with b1 is left out" in full


def test_nothing_is_written_where_nothing_can_be(symgrad: Command) -> None:
    Path("a.toml").write_text('[answers]\nz1 = "1"\n', "utf-8")
    for words in (
        ("grade", "a.toml", "--net", "worked_2_2_2", "-o", "nowhere/r.csv"),
        ("exercise", "worked_2_2_2", "-o", "sheet.toml", "--key", "nowhere/key.toml"),
        ("vectors", "adaline", "-o", "nowhere/v.json"),
        ("vectors", "adaline", "-o", "v.txt"),
    ):
        assert symgrad(*words).status == 3
    assert [path.name for path in Path().iterdir()] == ["a.toml"]


def test_vectors_as_files(symgrad: Command) -> None:
    run = symgrad("vectors", "linear_regression", "-o", "v.json", "--json")
    assert run.json["files"] == ["v.json"]
    file = json.loads(Path("v.json").read_text("utf-8"))
    assert file["schema"] == "symgrad/1"
    assert {"network", "sizes", "axes", "format", "vectors", "mistakes", "without_effect"} <= set(file)
    assert symgrad("vectors", "linear_regression", "-o", "v.npz").status == 0
    with np.load("v.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["grad_w"][0], file["vectors"][0]["gradients"]["w"]["value"])
    assert "linear_regression: 2 test vectors at" in symgrad("vectors", "linear_regression").out


def test_vectors_at_sizes_of_ones_own(symgrad: Command) -> None:
    file = symgrad("vectors", "linear_regression", "--size", "D=3", "--size", "N=4", "--json").json
    assert file["sizes"] == {"D": 3, "N": 4}
    assert np.shape(file["vectors"][0]["given"]["x"]) == (4, 3)


def test_a_printed_figure_selects_its_variant(symgrad: Command) -> None:
    words = ("check", "worked_2_2_2", "--figure", "J=0.291027924", "--steps", "1")
    run = symgrad(*words)
    assert run.status == 1
    assert run.out.splitlines()[0] == "J after 1 step = 0.291027924 is wrong"
    assert UPDATED in run.out
    answer = symgrad(*words, "--json").json
    assert (answer["verdict"], answer["evidence"]) == ("wrong", "mismatch")
    assert answer["kinds"] == ["updated_weight_used"]
    assert answer["correct"] == "0.291027774"
    assert answer["variants"][0]["words"] == UPDATED
    quiet = symgrad(*words, "--hints", "category").out
    assert "updated_weight_used" in quiet
    assert "0.291027774" not in quiet


def test_several_figures_and_right_ones(symgrad: Command) -> None:
    run = symgrad("check", "worked_2_2_2", "--figure", "z1=0.3775", "--figure", "dJ/dw5=0.082167041")
    assert run.status == 0
    assert run.out == "z1 = 0.3775 is right\n∂J/∂w5 = 0.082167041 is right\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("grade", "nothing", "--net", "worked_2_2_2"), 3, "no file or folder"),
        (("grade", "."), 2, "--net"),
        (("exercise", "worked_2_2_2", "--digits", "1"), 2, "between 2 and 12"),
        (("exercise", "worked_2_2_2", "-o", "a", "--key", "a"), 2, "two files"),
        (("exercise", "digits_64_32_10"), 2, "worksheets are for"),
        (("check", "--figure", "J=1"), 2, "needs a network"),
        (("check", "worked_2_2_2", "--figure", "J"), 2, "write NAME=NUMBER"),
        (("check", "worked_2_2_2", "--figure", "J=0,5"), 3, "decimal comma"),
        (("check", "worked_2_2_2", "--figure", "K=0.5"), 2, "unknown quantity"),
    ],
)
def test_complaints(symgrad: Command, words: tuple[str, ...], status: int, said: str) -> None:
    run = symgrad(*words)
    assert run.status == status
    assert said in run.err
    assert run.out == ""
