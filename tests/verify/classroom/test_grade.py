"""A folder of answers, a row for each file."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from symgrad.errors import DataError, FormulaError, UsageError
from symgrad.model.zoo import zoo
from symgrad.verify.classroom.answers import read_answers
from symgrad.verify.classroom.exercise import exercise
from symgrad.verify.classroom.folder import files_of
from symgrad.verify.classroom.grade import Graded, grade
from symgrad.verify.classroom.reports import alike, hint, lines, question_data, questions, reasons, row, table
from symgrad.verify.classroom.sheets import written
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake

WORKED = zoo("worked_2_2_2")
CORRECT = "(o1 − t1) o1 (1 − o1) a1"
WRONG = Finding("wrong", "mismatch", "", counterexample=Counterexample({"a1": "1"}, "", "2", "3"))


def judge(node: str, sides: Sequence[str]) -> Check:
    """Judge formulas by their length, as no judge does."""
    text = " = ".join(sides)
    if "@" in text:
        raise FormulaError("column 1: no formula")
    if len(text) > 10:
        return Check(f"∂J/∂{node}", Finding("right", "proved", ""), text, CORRECT)
    mistake = Mistake("missing_activation_derivative", "", "o1 (1 − o1) was left out", text, CORRECT)
    return Check(f"∂J/∂{node}", WRONG, text, CORRECT, (mistake,))


def graded(folder: Path, **files: str) -> dict[str, Graded]:
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, "utf-8")
    return {one.file: one for one in grade(WORKED, files_of([folder]).files, judge)}


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
    "empty_toml": (" \n", "is empty; write a table"),
    "none_toml": ("digits = 4", "has no answers"),
    "claims_toml": ('[claims]\nw5 = "a1"', "a table [formulas]"),
    "outside_toml": ('z1 = "0.3775"', "stands below [answers]"),
    "none_csv": (",\n", "has no answers; write a quantity and a figure"),
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
    (row,) = grade(WORKED, files_of([tmp_path]).files, judge)
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
        every = list(found.values())
        shown = [*lines(every, level), table(every, level), *alike(every), *question_data(every, level)]
        said = json.dumps([[row(one, level), hint(one, level)] for one in every], ensure_ascii=False)
        said += json.dumps(shown, ensure_ascii=False)
        said = said.replace("-0.08217", "").replace("the derivative of an activation was left out", "")
        assert not [secret for secret in secrets if secret in said]
    full = json.dumps([row(one, "full") for one in found.values()], ensure_ascii=False)
    assert all(secret in full for secret in secrets)
    assert hint(found["b.toml"], "category").startswith(
        "∂J/∂w5: the derivative of an activation was left out"
    )
    assert hint(found["b.toml"], "none") == ""


def test_places_without_answers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file or folder"):
        files_of([tmp_path / "nothing"])
    with pytest.raises(DataError, match=r"no \.toml, \.csv, \.txt or \.tex file"):
        files_of([tmp_path])
    with pytest.raises(DataError, match=r"answers are \.toml, \.csv, \.txt or \.tex files"):
        read_answers(tmp_path)


def test_semicolons_and_tabs_separate_too(tmp_path: Path) -> None:
    found = graded(tmp_path, a_csv="\ufeffz1;0.3775\nz2;0.3925\n", b_csv="z1\t0.3775\n")
    assert [one.counts["right"] for one in found.values()] == [2, 1]


def test_whatever_lies_in_a_folder_is_a_row_or_a_note(tmp_path: Path) -> None:
    (tmp_path / "good.CSV").write_bytes(b"\xef\xbb\xbfz1,0.3775\r\nz2,0.3925\r\n")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "wide.toml").write_text('[answers]\nz1 = "0.3775"\n', "utf-16")
    (tmp_path / ".hidden.csv").write_text("z1,1\n", "utf-8")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    (tmp_path / "backward.py").write_text("dw = 1\n", "utf-8")
    (tmp_path / "more").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    folder = files_of([tmp_path, tmp_path / "good.CSV"])
    found = {one.file: one for one in grade(WORKED, folder.files, judge)}
    assert found["good.CSV"].counts["right"] == 2
    assert {name: one.error for name, one in found.items() if one.error} == {
        "empty.csv": "empty.csv is empty; write a quantity and a figure in each row",
        "gone.toml": f"cannot read {tmp_path / 'gone.toml'}: No such file or directory",
        "pipe.csv": "pipe.csv is no ordinary file",
        "wide.toml": f"{tmp_path / 'wide.toml'} is no text in UTF-8: byte 0; save it as UTF-8",
    }
    assert folder.notes == (
        ".hidden.csv was passed over: it is hidden",
        "backward.py was passed over: NumPy code is judged by symgrad check --numpy FORWARD CLAIMED",
        "more was passed over: it is a folder; name it too to grade what is in it",
        "scan.pdf was passed over: answers are .toml, .csv, .txt or .tex files",
    )


def test_one_file_under_two_names_is_graded_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("z1,0.3775\n", "utf-8")
    (tmp_path / "b.csv").symlink_to("a.csv")
    folder = files_of([tmp_path])
    assert [file.name for file in folder.files] == ["a.csv"]
    assert folder.notes == ("b.csv was passed over: it is the same file as a.csv",)


def test_why_an_answer_is_unknown_is_said_at_every_level(tmp_path: Path) -> None:
    (one,) = graded(tmp_path, a_csv="z1,\nz2,\na1,0.59327\na1,0.59327\nq1,0.1 or so\nzz,1\n").values()
    said = list(reasons(one))
    assert said == [
        "z1, z2: an empty cell; fill it in",
        "a1 is given twice; the first figure counts",
        "q1 is '0.1 or so', no decimal number; write it as it is printed, as in 0.3775 or 3.5e-05",
        "zz: unknown quantity 'zz'; did you mean z2 or z1?",
    ]
    for level in ("full", "category", "none"):
        data = row(one, level)["answers"]
        assert isinstance(data, list)
        assert [item.get("reason", "") != "" for item in data] == [True, True, False, True, True, True]
        assert "an empty cell" in "\n".join(lines([one], level))
        assert "an empty cell" in table([one], level)


TEXT = """name: Gina
Here is my solution.
z1 = 0.15*0.05 + 0.2*0.1 + 0.35 = 0.3775
a₁ = 0.5933
dJ/dw5 = (o1-t1)*o1*(1-o1)*a1
dz1 = (dq1*w5 + dq2*w7) * a1*(1-a1)
w1+ = w1 - 0.5*(dz1*x1)
∂J/∂w6 = δq1 a2 = (o1-t1)*o1*(1-o1)*a2
z2 = w3 x1 + w4 x2 + b1
"""


def test_a_text_with_an_equation_in_each_line(tmp_path: Path) -> None:
    (one,) = graded(tmp_path, g_txt=TEXT).values()
    assert (one.name, one.notes) == ("Gina", ("1 line without = passed over",))
    assert [item.of for item in one.items] == [
        "z1", "a1", "∂J/∂w5", "∂J/∂z1", "w1⁺", "∂J/∂w6", "z2",
    ]  # fmt: skip
    assert [item.verdict for item in one.items] == [*["right"] * 6, "unknown"]
    assert one.items[-1].text == "this is z2 itself; write ∂J/∂z2 = … for its gradient"


LATEX = r"""% name: Hugo
Hidden: $z_1 = 0.3775$, $a_1 = 0.5933$.
\begin{align}
\frac{\partial J}{\partial w_5} &= \delta_{q_1} a_1 \\
 &= (o_1-t_1)\,o_1(1-o_1)\,a_1 \\
\delta_{z_1} &= 8.77 \cdot 10^{-3}
\end{align}
"""


def test_the_equations_of_a_text_in_latex(tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def noting(node: str, sides: Sequence[str]) -> Check:
        asked.append((node, *sides))
        return judge(node, sides)

    (tmp_path / "h.tex").write_text(LATEX, "utf-8")
    (one,) = grade(WORKED, [tmp_path / "h.tex"], noting)
    assert (one.name, one.counts["right"]) == ("Hugo", 4)
    assert asked == [("∂J/∂w5", r"\delta_{q_1} a_1", "(o_1-t_1)o_1(1-o_1)a_1")]


def test_columns_are_found_by_their_header(tmp_path: Path) -> None:
    found = graded(
        tmp_path,
        a_csv="no,quantity,unit,value,remark\n1,z1,,0.3775,ok\n2,z2\n",
        b_csv="z1,0.3775,,\n",
        c_csv="z1;0,3775\na1;59,327 %\nJ;2,98371e-1\n",
        d_csv="w5,(o1-t1)*o1*(1-o1)*a1\n",
    )
    assert found["a.csv"].counts == {"right": 1, "follows": 0, "wrong": 0, "unknown": 1}
    assert [found[f"{name}.csv"].counts["right"] for name in "bcd"] == [1, 3, 1]


def test_who_has_the_numbers_of_another_is_said(tmp_path: Path) -> None:
    sheet = written(exercise(WORKED, "ada"), filled=True)
    found = graded(
        tmp_path, ada_toml=sheet, bob_toml=sheet, eve_toml='[given]\nx1 = "0"\n[answers]\nz1 = "0.37"\n'
    )
    assert list(alike(found.values())) == ["ada.toml and bob.toml have the numbers of one exercise, 'ada'"]
    assert found["eve.toml"].notes == ("with given numbers of its own: x1",)


def test_how_a_class_did_in_each_question(tmp_path: Path) -> None:
    found = graded(
        tmp_path, a_csv="z1,0.3775\n", b_csv="z1,0.0275\n", c_csv="z1,0.0275\n", d_csv="z1,-0.3775\n"
    )
    (question,) = questions(found.values())
    assert (question.of, question.counts["right"], question.counts["wrong"]) == ("z1", 1, 3)
    assert question.mistakes[0] == ("the summand with b1 is left out", 2)
    said = list(lines(list(found.values()), "full"))
    assert said[-1] == "z1        3 of 4     the summand with b1 is left out (2)"
    assert list(lines(list(found.values()), "none"))[-1] == "z1        3 of 4"


@pytest.mark.parametrize("level", ["all", "", "FULL"])
def test_a_level_of_hints_that_does_not_exist_gives_nothing_away(level: str, tmp_path: Path) -> None:
    found = list(graded(tmp_path, a_csv="z1,0.0275\n").values())
    for told in (hint, row):
        with pytest.raises(UsageError, match="one of full, category, none"):
            told(found[0], level)
    for told in (lines, table):
        with pytest.raises(UsageError, match="one of full, category, none"):
            list(told(found, level))


def test_no_right_figure_can_be_read_off_a_report(tmp_path: Path) -> None:
    made = exercise(WORKED, "Ada", digits=6)
    wrong = written(made, filled=True)
    for name in made.asked:
        figure = made.figure(name)
        wrong = wrong.replace(f'= "{figure}"', f'= "{figure[:-2]}{9 - int(figure[-2])}{figure[-1]}"')
    (one,) = graded(tmp_path, ada_toml=wrong).values()
    assert one.counts["wrong"] > len(made.asked) // 2
    for level in ("category", "none"):
        said = json.dumps(row(one, level), ensure_ascii=False) + table([one], level)
        said += "".join(lines([one], level))
        figures = {name: made.figure(name) for name in made.asked}
        assert not [name for name, text in figures.items() if f'"{text}"' in said or f" {text}" in said]


def test_a_network_without_numbers_needs_some(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("J,1\n", "utf-8")
    (one,) = grade(zoo("xor_2_2_1"), [tmp_path / "a.csv"], judge)
    assert one.error.startswith(
        "xor_2_2_1 has no numbers of its own for W1, b1, W2, b2; give them in a table"
    )
