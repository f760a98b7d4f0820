"""`grade`, `exercise`, `vectors` and printed figures from the command line."""

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symgrad.network import Network
from symgrad.verify.networks.check import check
from symgrad.verify.verdict import Check
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
    assert run.out == (
        "name  right  follows  wrong  unknown\n"
        "ada       2        0      0        0\n"
        "=1+1      0        1      1        0\n"
        "    z1 is wrong\n"
        "eve       1        0      1        0\n"
        "    ∂J/∂w6: the derivative of an activation was left out, on all paths or on one\n"
        "mal   not graded\n"
        "    mal.toml is no TOML: Expected ']' at the end of a table declaration (at line\n"
        "      1, column 9)\n"
        "\n"
        "3 of 4 graded; 4 of 6 answers right, or right for figures before them\n"
        "wrong at  how often  most frequent mistake\n"
        "z1        1 of 2\n"
        "∂J/∂w6    1 of 1     the derivative of an activation was left out, on all paths\n"
        "                     or on one\n"
    )
    assert symgrad("grade", folder, "--net", "worked_2_2_2", "-o", "report.csv").out == "report.csv\n"
    with Path("report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["ada", "'=1+1", "eve", "mal"]
    assert rows[1]["first mistake"] == "z1 is wrong"
    assert [row["z1"] for row in rows] == ["right", "wrong", "", ""]
    full = symgrad("grade", folder, "--net", "worked_2_2_2", "--hints", "full").out
    assert "z1 = 0.0275; correct 0.3775: the summand with b1 is left out" in full
    assert max(map(len, full.splitlines())) <= 80
    data = symgrad("grade", folder, "--net", "worked_2_2_2", "--json").json
    assert data["questions"][0] == {
        "of": "z1", "right": 1, "follows": 0, "wrong": 1, "unknown": 0,
        "kinds": [{"kind": "other", "count": 1}],
    }  # fmt: skip


def test_a_class_has_sheets_and_rows(symgrad: Command) -> None:
    Path("class.csv").write_text("Name;Mail\nAda Lovelace;a@b\n../Bob;\nEve;\n", "utf-8")
    words = ("exercise", "adaline", "--class", "class.csv", "--seed", "week 3")
    run = symgrad(*words, "-o", "sheets", "--key", "keys")
    names = ["ada_lovelace.toml", "_bob.toml", "eve.toml"]
    assert run.out.splitlines() == [f"{place}/{name}" for place in ("sheets", "keys") for name in names]
    sheets = [tomllib.loads(Path("sheets", name).read_text("utf-8")) for name in names]
    assert [sheet["name"] for sheet in sheets] == ["Ada Lovelace", "../Bob", "Eve"]
    assert len({repr(sheet["given"]) for sheet in sheets}) == 3
    assert all(set(sheet["answers"].values()) == {""} for sheet in sheets)
    again = symgrad(*words, "-o", "sheets", "--key", "keys")
    assert again.status == 3
    assert again.err == "symgrad: sheets/ada_lovelace.toml is there already; choose an empty folder\n"
    Path("keys/eve.toml").unlink()
    Path("keys/zoe.csv").write_text("y1,1\n", "utf-8")
    graded = symgrad("grade", "keys", "--net", "adaline", "--class", "class.csv", "--json").json
    right = {row["name"]: row["right"] for row in graded["rows"]}
    assert right == {"Ada Lovelace": 10, "../Bob": 10, "Eve": 0, "zoe": 0}
    assert graded["rows"][2]["error"] == "nothing was handed in"
    assert graded["notes"] == ["zoe.csv: zoe is not on the class list"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "class.txt has no names"),
        ("name\n", "class.txt has no names"),
        ("Ada\nada\n", "'Ada' and 'ada', which cannot be told apart"),
        ('"Ada\n', "is no class list"),
    ],
)
def test_a_class_list_that_is_none(symgrad: Command, text: str, said: str) -> None:
    Path("class.txt").write_text(text, "utf-8")
    run = symgrad("exercise", "adaline", "--class", "class.txt", "-o", "sheets")
    assert run.status == 3
    assert said in run.err
    assert not Path("sheets").exists()


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
        (("exercise", "worked_2_2_2", "-o", "a", "--key", "./a"), 2, "two files"),
        (("exercise", "worked_2_2_2", "--class", "list"), 2, "needs a folder"),
        (("exercise", "worked_2_2_2", "--seed", "\udcff"), 3, "is no text in UTF-8"),
        (("exercise", "digits_64_32_10"), 2, "worksheets are for"),
        (("check", "--figure", "J=1"), 2, "needs a network"),
        (("check", "worked_2_2_2", "--figure", "J"), 2, "write NAME=NUMBER"),
        (("check", "worked_2_2_2", "--figure", "J=0,5"), 3, "decimal comma"),
        (("check", "worked_2_2_2", "--figure", "K=0.5"), 2, "unknown quantity"),
        (("check", "worked_2_2_2", "w5", "1", "--figure", "J=0.5"), 2, "'w5 1' is not looked at"),
        (("check", "worked_2_2_2", "--figure", "J=0.5", "--wrt", "w1"), 2, "--wrt does not go with --figure"),
        (("check", "worked_2_2_2", "--figure", "J=0.5", "--steps", "-1"), 3, "-1 steps"),
        (("check", "worked_2_2_2", "--figure", "J=0.5", "--rate", "fast"), 3, "the rate is 'fast'"),
        (("grade", "tests", "--net", "worked_2_2_2", "--hints", "all"), 2, "invalid choice: 'all'"),
        (("grade", "tests", "--net", "worked_2_2_2", "--timeout", "nan"), 2, "seconds > 0"),
    ],
)
def test_complaints(symgrad: Command, words: tuple[str, ...], status: int, said: str) -> None:
    run = symgrad(*words)
    assert run.status == status
    assert said in run.err
    assert run.out == ""


def test_a_figure_keeps_to_its_time(symgrad: Command) -> None:
    run = symgrad("check", "worked_2_2_2", "--figure", "J=0.1", "--steps", "1000000", "--timeout", "0.5")
    assert run.status == 1
    assert run.out == (
        "J after 1,000,000 steps = 0.1 is undecided: the 1,000,000 steps were not done in the time given; "
        "raise --timeout\n"
    )


def test_a_figure_with_few_digits_names_no_mistake(symgrad: Command) -> None:
    run = symgrad("check", "worked_2_2_2", "--figure", "J=0.6")
    assert run.out == (
        "J = 0.6 is wrong\n"
        "  note     1 of 10 ways to compute print this figure, perhaps by chance: the loss times 2; "
        "more digits would tell\n"
        "  correct  0.3 (0.298371108760)\n"
    )
    assert symgrad("check", "worked_2_2_2", "--figure", "J=0.6", "--json").json["kinds"] == []
    quiet = symgrad("check", "worked_2_2_2", "--figure", "J=0.6", "--hints", "category").out
    assert quiet == "J = 0.6 is wrong\n"


@pytest.mark.parametrize("words", [(), ("--json",), ("-o", "report.csv")])
def test_an_interrupted_grading_keeps_what_is_finished(
    symgrad: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name in ("a", "b", "c"):
        Path(f"{name}.toml").write_text('[formulas]\nw5 = "(o1-t1) o1 (1-o1) a1"\n', "utf-8")
    calls: list[str] = []

    def interrupted(network: Network, wrt: str, claim: str, **settings: Any) -> Check:
        calls.append(wrt)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return check(network, wrt, claim, **settings)

    monkeypatch.setattr("symgrad.cli.classroom.check", interrupted)
    run = symgrad("grade", "a.toml", "b.toml", "c.toml", "--net", "worked_2_2_2", *words)
    assert run.status == 130
    assert not Path("report.csv").exists()
    if words == ("--json",):
        assert [row["name"] for row in run.json["rows"]] == ["a"]
        assert run.json["left"] == ["b.toml", "c.toml"]
    else:
        assert run.out.splitlines()[1].split() == ["a", "1", "0", "0", "0"]
        assert run.out.endswith("interrupted: 1 of 3 files are graded; the others are not\n")
