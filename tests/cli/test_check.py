"""`check`: what was derived by hand is judged, for networks, for code, and for files of both."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symgrad.cli import checking, main
from symgrad.verify.cases.rows import Row
from symgrad.verify.verdict import Check, Finding
from tests.cli.conftest import Answer, Command

W5 = "(o1-t1) o1(1-o1) a1"
CASES = """
[vocabulary]
factor_2 = "a factor 2"
missing_batch_mean = "a mean"

[[case]]
id = "right"
vars = { X = ["normal", 4, 2], w = ["normal", 2], y = ["normal", 4] }
wrt = "w"
forward = "L = 0.5*np.sum((X @ w - y)**2)"
claimed = "G = X.T @ (X @ w - y)"
RULED

[[case]]
id = "twice"
vars = { X = ["normal", 4, 2], w = ["normal", 2], y = ["normal", 4] }
wrt = "w"
forward = "L = 0.5*np.sum((X @ w - y)**2)"
claimed = "G = 2*X.T @ (X @ w - y)"
RULED
"""
POISON = """ruling = "correct"
mistake = [1, 2]
also = "while True: pass"
correct = 'import os; os._exit(1)'
correct_text = 7
note = { a = 1 }
thread = 1979-05-27
"""
ONE = """
[[case]]
id = {}
vars = {{ x = ["normal", 2] }}
wrt = "x"
forward = "L = x @ x"
claimed = "{}"
"""
HOSTILE = {
    "loop": "while True: pass",
    "text": "G = 'a' * 10**11",
    "array": "G = np.ones(10**12)",
    "exit": "import os; os._exit(0)",
    "sys.exit": "import sys; sys.exit()",
    "fork": "import os\\nwhile True: os.fork()",
    "depth": "def f(n): return f(n + 1)\\nG = f(0)",
    "pipes": "import os\\nfor d in range(3, 30):\\n try: os.write(d, b'{}')\\n except OSError: pass",
}


def test_a_right_formula(symgrad: Command) -> None:
    answer = symgrad("check", "worked_2_2_2", "w5", W5, "--json")
    assert answer.status == 0
    keys = {"verdict": "right", "evidence": "proved", "kinds": [], "counterexample": None}
    assert keys.items() <= answer.json.items()
    assert symgrad("check", "worked_2_2_2", "w5", W5).out.startswith("∂J/∂w5 is right (proved")


def test_a_wrong_formula(symgrad: Command) -> None:
    answer = symgrad("check", "worked_2_2_2", "w5", "(o1-t1) a1", "--json")
    assert answer.status == 1
    assert (answer.json["verdict"], answer.json["evidence"]) == ("wrong", "counterexample")
    assert answer.json["kinds"][0] == "missing_activation_derivative"
    assert len(answer.json["kinds"]) <= 3
    assert {"at", "entry", "claimed", "correct"} <= set(answer.json["counterexample"])
    assert "o1" in answer.json["correct"]


@pytest.mark.parametrize("formula", ["-(t1-o1) o1(1-o1) a1", "-a1 (t1-o1) o1(1-o1)", "--(o1-t1) o1(1-o1) a1"])
def test_a_formula_may_begin_with_a_minus(symgrad: Command, formula: str) -> None:
    assert symgrad("check", "worked_2_2_2", "w5", formula, "-q").status == 0


@pytest.mark.parametrize("hints", ["category", "none"])
def test_hints_keep_the_answer(symgrad: Command, hints: str) -> None:
    answer = symgrad("check", "worked_2_2_2", "w5", "(o1-t1) a1", "--hints", hints, "--json").json
    assert (answer["verdict"], answer["correct"], answer["counterexample"]) == ("wrong", None, None)
    assert bool(answer["kinds"]) == (hints == "category")
    assert "mistakes" not in answer


def test_a_file_of_derivations(symgrad: Command, tmp_path: Path) -> None:
    claims = f'[claims]\nw5 = ["δq1 a1", "{W5}"]\nw6 = "(o1 - t1) a2"\n'
    (tmp_path / "mine.toml").write_text(claims)
    answer = symgrad("check", "worked_2_2_2", "--file", "mine.toml", "--json")
    assert (answer.status, answer.json["verdict"]) == (1, "wrong")
    assert [(one["wrt"], one["verdict"]) for one in answer.json["claims"]] == [
        ("w5", "right"),
        ("w6", "wrong"),
    ]
    assert [link["verdict"] for link in answer.json["claims"][0]["links"]] == ["right", "right"]
    (tmp_path / "mine.toml").write_text(f'network = "worked_2_2_2"\n{claims.partition("w6")[0]}')
    assert symgrad("check", "--file", "mine.toml").status == 0


FORWARD = """# /// symgrad
# wrt = ["w", "b"]
# vars = { X = ["normal", 3, 2], w = ["normal", 2], b = ["normal"], y = ["normal", 3] }
# ///
import numpy as np

def loss(X, w, b, y):
    return np.mean((X @ w + b - y)**2)
"""
CLAIMED = """
def gradients(X, w, b, y):
    delta = 2 * (X @ w + b - y)
    return {"w": X.T @ delta / len(y), "b": np.sum(delta)}
"""


def test_two_files_of_code(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "forward.py").write_text(FORWARD)
    (tmp_path / "claimed.py").write_text(CLAIMED)
    answer = symgrad("check", "--numpy", "forward.py", "claimed.py", "--json")
    assert answer.status == 1
    rows = [(row["wrt"], row["verdict"]) for row in answer.json["gradients"]]
    assert rows == [("w", "right"), ("b", "wrong")]
    assert (answer.json["verdict"], answer.json["kinds"][0]) == ("wrong", "missing_batch_mean")
    text = symgrad("check", "--numpy", "forward.py", "claimed.py", "--wrt", "w").out
    assert text.startswith("∂L/∂w is right (proved")


def test_an_error_names_the_file_that_it_is_in(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "forward.py").write_text(FORWARD)
    block = '# /// symgrad\n# vars = { X = ["nrmal", 3, 2] }\n# ///\n'
    for text, says in ((block + CLAIMED, "nrmal"), (CLAIMED.replace("(X, ", "(X, v, "), "the array v")):
        (tmp_path / "claimed.py").write_text(text)
        answer = symgrad("check", "--numpy", "forward.py", "claimed.py", "--json")
        assert answer.status == 3
        message = answer.json["error"]["message"]
        assert message.startswith("claimed.py")
        assert says in message
    (tmp_path / "mine.toml").write_text('network = "worked_2_2_2"\n[claims]\nw99 = "a1"\n')
    assert symgrad("check", "--file", "mine.toml").err.startswith("symgrad: mine.toml: claims.w99: unknown")


def test_a_claim_that_cannot_be_read_leaves_the_others_of_its_file(symgrad: Command, tmp_path: Path):
    claims = 'w6 = "(("\nw5 = "(o1 - t1) o1 (1 - o1) a1"\nw99 = ["a1", "a2"]\n'
    (tmp_path / "mine.toml").write_text(f'network = "worked_2_2_2"\n[claims]\n{claims}')
    answer = symgrad("check", "--file", "mine.toml", "--json")
    assert answer.status == 1
    verdicts = {claim["wrt"]: claim["verdict"] for claim in answer.json["claims"]}
    assert verdicts == {"w6": "unknown", "w5": "right", "w99": "unknown"}
    assert list(verdicts) == ["w6", "w5", "w99"]
    assert "w6 is undecided: it cannot be read: column" in symgrad("check", "--file", "mine.toml").out


def test_an_array_that_no_code_names_is_refused(symgrad: Command, tmp_path: Path):
    (tmp_path / "forward.py").write_text("def loss(w):\n    return (w**2).sum()\n")
    (tmp_path / "claimed.py").write_text("def gradient(w):\n    return {'w': 2*w}\n")
    files = ("check", "--numpy", "forward.py", "claimed.py", "--wrt", "w", "--var", "w=normal,3")
    assert symgrad(*files).status == 0
    refused = symgrad(*files, "--var", "v=normal,3")
    assert (refused.status, "v is described" in refused.err) == (3, True)


def cases(symgrad: Command, folder: Path, text: str, *words: object) -> Answer:
    (folder / "cases.toml").write_text(text)
    return symgrad("check", "--cases", "cases.toml", *words)


def test_a_file_of_cases(symgrad: Command, tmp_path: Path) -> None:
    answer = cases(symgrad, tmp_path, CASES.replace("RULED", ""), "--json")
    assert answer.status == 1
    right, twice = answer.json["cases"]
    assert (right["id"], right["verdict"], right["evidence"], right["kinds"]) == (
        "right",
        "right",
        "proved",
        [],
    )
    assert (twice["id"], twice["verdict"], twice["evidence"]) == ("twice", "wrong", "counterexample")
    assert twice["kinds"][0] == "factor_2"
    assert set(twice["kinds"]) <= {"factor_2", "missing_batch_mean"}
    assert right["seconds"] > 0
    assert "memory" in answer.json["limits"]


@pytest.mark.slow
def test_rulings_change_nothing(symgrad: Command, tmp_path: Path) -> None:
    outputs = [cases(symgrad, tmp_path, CASES.replace("RULED", text), "--json").out for text in ("", POISON)]
    first, second = (re.sub(r'"seconds": [\d.e-]+', "", out) for out in outputs)
    assert first == second


@pytest.mark.slow
def test_hostile_cases_are_unknown_each_with_its_reason(symgrad: Command, tmp_path: Path) -> None:
    text = "".join(ONE.format(json.dumps(name), code) for name, code in HOSTILE.items())
    hostile = cases(symgrad, tmp_path, text, "--json", "--timeout", 3, "--memory", 1).json["cases"]
    assert [(row["id"], row["verdict"], row["evidence"]) for row in hostile] == [
        (name, "unknown", "none") for name in HOSTILE
    ]
    assert all(row["reason"] for row in hostile)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["check"], 2, "one of them"),
        (["check", "worked_2_2_2"], 2, "needs a node and a formula"),
        (["check", "worked_2_2_2", "w5", "a1", "--cases", "c.toml"], 2, "one of them"),
        (["check", "worked_2_2_2", "w5", "(o1"], 2, "column"),
        (["check", "worked_2_2_2", "w99", "a1"], 2, "w99"),
        (["check", "worked_2_2_2", "w5", "a1", "--timeout", "0"], 2, "--timeout 0"),
        (["check", "worked_2_2_2", "w5", "a1", "a2", "--quick"], 2, "unrecognized arguments: a2 --quick"),
        (["check", "--cases", "c.toml", "--memory", "nan"], 2, "--memory nan"),
        (["check", "--cases", "none.toml"], 3, "none.toml"),
        (["check", "--numpy", "none.py", "none.py"], 3, "none.py"),
        (["check", "--numpy", "a.py", "b.py", "--var", "x"], 2, "--var x: write NAME=KIND,LENGTHS"),
        (["check", "--numpy", "a.py", "b.py", "--var", "x=nrmal,4"], 2, "--var x=nrmal,4: unknown kind"),
        (["check", "--numpy", "a.py", "b.py", "--var", "x=4", "--var", "x=5"], 2, "--var x is given twice"),
        (["check", "worked_2_2_2", "w5", "a1", "--seed", "-1"], 2, "--seed -1: a whole number, 0 or more"),
        (["check", "worked_2_2_2", "w5", "a1", "--timeout", "1e9"], 2, "at most 1,000,000"),
        (["check", "worked_2_2_2", "w5", "a1", "--steps", "3"], 2, "--steps does not go with NET W FORMULA"),
        (["check", "worked_2_2_2", "w5", "a1", "--var", "x=3"], 2, "it goes with --numpy"),
        (
            ["check", "worked_2_2_2", "w5", "a1", "--file", "m.toml"],
            2,
            "'w5 a1' is not looked at beside --file",
        ),
        (["check", "worked_2_2_2", "--figure", "J=1", "--evidence", "held"], 2, "--evidence does not go"),
        (["check", "--file", "m.toml", "--memory", "1"], 2, "--memory does not go with --file"),
        (["check", "--file", "m.toml", "--cases", "c.toml"], 2, "one of them"),
        (["check", "--cases", "c.toml", "--memory", "1e300"], 2, "--memory 1e+300"),
        (["check", "--cases", "c.toml", "--level", "layer"], 2, "--level does not go with --cases"),
    ],
)
def test_usage(symgrad: Command, words: list[str], status: int, says: str) -> None:
    answer = symgrad(*words)
    assert answer.status == status
    assert says in answer.err
    assert answer.err.count("\n") == 1


def test_options_stand_anywhere(symgrad: Command) -> None:
    words = ["check", "worked_2_2_2", "--seed", "1", "w5", "--level", "neuron", "-(t1-o1) o1(1-o1) a1"]
    assert symgrad(*words).out.startswith("∂J/∂w5 is right (proved")


@pytest.mark.slow
def test_evidence_that_was_asked_for(symgrad: Command, tmp_path: Path) -> None:
    inexact = (
        CASES.replace("RULED", "").replace("0.5*", "0.123456789123*").partition('[[case]]\nid = "twice"')[0]
    )
    held = inexact.replace("G = X.T", "G = 0.2469135782460001*X.T")
    assert cases(symgrad, tmp_path, held).status == 0
    assert cases(symgrad, tmp_path, held, "--evidence", "proved").status == 1


def test_the_command_that_judges_again_is_the_one_that_was_given(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "my net.toml").write_text('[network]\nname = "mine"\nsizes = [2, 1]\n')
    said = symgrad("check", "my net.toml", "W1", "x.T @ dz1", "--level", "layer", "--size", "N=3").out
    assert said.endswith(
        "again: symgrad check 'my net.toml' W1 --level layer --seed 0 --size N=3 'x.T @ dz1'\n"
    )


def interrupted_after(rows: list[Any]) -> Any:
    def judged(*_: object, **__: object) -> Iterator[Any]:
        yield from rows
        raise KeyboardInterrupt

    return judged


ROW = Row("fine", Finding("right", "proved", "the same computation"), seconds=0.1)


def test_what_was_judged_before_an_interruption_is_printed(
    symgrad: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "judge_cases", interrupted_after([ROW]))
    answer = cases(symgrad, tmp_path, CASES.replace("RULED", ""), "--json")
    assert (answer.status, answer.json["interrupted"]) == (130, True)
    assert [row["id"] for row in answer.json["cases"]] == ["fine"]
    text = cases(symgrad, tmp_path, CASES.replace("RULED", ""))
    assert (text.status, text.out.splitlines()[-1]) == (130, "interrupted: what follows was not judged")
    monkeypatch.setattr(checking, "judge_cases", interrupted_after([]))
    answer = cases(symgrad, tmp_path, CASES.replace("RULED", ""), "--json")
    assert (answer.status, answer.json["error"]["code"]) == (130, "interrupted")


def test_a_file_of_derivations_is_interrupted(
    symgrad: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('[claims]\nw5 = "a1"\n')
    found = Check("∂J/∂w5", ROW.finding, "a1", "a1")
    monkeypatch.setattr(checking, "check_derivations", interrupted_after([("w5", found)]))
    answer = symgrad("check", "worked_2_2_2", "--file", "mine.toml", "--json")
    assert (answer.status, answer.json["interrupted"]) == (130, True)
    assert [one["wrt"] for one in answer.json["claims"]] == ["w5"]


def test_help_says_what_an_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["check", "--help"])
    said = capsys.readouterr().out
    for words in ("exit status:", "130  interrupted", "check --numpy FORWARD CLAIMED", "--evidence proved"):
        assert words in said
