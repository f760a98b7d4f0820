"""Rows of cases: in order, one each, whatever the code of a case does to the process that judges it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from symgrad.verify.cases.child import Reply
from symgrad.verify.cases.files import Case
from symgrad.verify.cases.rows import Row, Settings, crew, judge_case, judge_cases, row_of
from symgrad.verify.verdict import Counterexample, Finding, Mistake
from tests.verify.cases.test_child import HOSTILE

PATIENT = Settings(seconds=120.0, memory=1 << 30)


def case(number: int, claimed: str) -> Case:
    return Case(f"case {number}", {"x": ["normal", 2]}, "L = x", claimed, "x")


def test_rows_stand_in_the_order_of_the_cases() -> None:
    codes = [
        "",
        "import time\ntime.sleep(0.3)\nimport sys\nsys.exit()",
        "import os\nos._exit(0)",
        "",
        "x = 'a' * 10**11",
        "import sys\nsys.exit()",
        "",
    ]
    cases = [case(number, code) for number, code in enumerate(codes)]
    with crew(PATIENT.memory, HOSTILE) as workers:
        rows = list(judge_cases(cases, PATIENT, workers))
        assert "memory" in workers.limits
    assert [row.id for row in rows] == [c.id for c in cases]
    for row, code in zip(rows, codes, strict=True):
        expected = ("unknown", "none") if code else ("right", "proved")
        assert (row.finding.verdict, row.finding.evidence) == expected
        assert bool(row.reason) == bool(code)


def test_a_dead_worker_is_replaced() -> None:
    with crew(PATIENT.memory, HOSTILE) as workers:
        worker = workers.child().process
        worker.kill()
        worker.wait()
        rows = list(judge_cases([case(0, "")], PATIENT, workers))
    assert [row.finding.verdict for row in rows] == ["right"]


def test_stopping_early_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs on is ended before its time, and what was not begun never is."""
    judged: list[Row] = []

    def judge_and_keep(*arguments: Any) -> Row:
        judged.append(judge_case(*arguments))
        return judged[-1]

    monkeypatch.setattr("symgrad.verify.cases.rows.judge_case", judge_and_keep)
    cases = [case(0, ""), *[case(k, "while True: pass") for k in range(1, 9)]]
    with crew(PATIENT.memory, HOSTILE) as workers:
        rows = judge_cases(cases, PATIENT, workers)
        assert next(rows).finding.verdict == "right"
        rows.close()
    assert len(judged) < len(cases)
    assert {row.reason for row in judged} <= {"", "given up", "the child process is gone"}


FINDING = {
    "verdict": "wrong", "evidence": "counterexample", "method": "balls", "bound": None, "points": 1,
    "assumptions": ["m > 0"], "seconds": 0.1, "seed": 3,
    "counterexample": {"at": {"x": "1/2"}, "entry": "x", "claimed": "1", "correct": "2", "ratio": "0.5"},
}  # fmt: skip
MISTAKES = [
    {"kind": kind, "place": "", "text": "", "claimed": "", "correct": ""} for kind in ("factor_2", "other")
]


def test_a_verdict_stays_when_the_diagnosis_runs_out_of_time() -> None:
    row = row_of("a", Reply(({"finding": FINDING},), "stopped"), 1.0)
    assert (row.finding.verdict, row.kinds, row.reason) == ("wrong", (), "stopped")
    assert row.finding.counterexample is not None
    assert row.finding.counterexample.at == {"x": "1/2"}
    assert row.finding.assumptions == ("m > 0",)


def test_only_words_of_the_vocabulary_are_used() -> None:
    row = row_of("a", Reply(({"finding": FINDING}, {"mistakes": MISTAKES})), 1.0)
    assert row.kinds == ("factor_2", "other")
    assert row.within(None) == row
    assert row.within(frozenset({"other"})).kinds == ("other",)


@pytest.mark.parametrize("part", [{"verdict": "fine"}, {"evidence": "sworn"}, {"evidence": "proved"}])
def test_what_is_no_finding_is_unknown(part: dict[str, str]) -> None:
    row = row_of("a", Reply(({"finding": {**FINDING, **part}},)), 1.0)
    assert (row.finding.verdict, row.finding.evidence) == ("unknown", "none")
    assert row.reason


def test_a_row_says_each_kind_once() -> None:
    wrong = Finding("wrong", "mismatch", "", counterexample=Counterexample({"x": "1"}, "", "2", "3"))
    assert Row("a", wrong, (Mistake("other", "here"), Mistake("other", "there"))).kinds == ("other",)


SCRIPT = """
from symgrad.verify.cases.files import Case
from symgrad.verify.cases.rows import Settings, crew, judge_cases
cases = [Case(str(k), {}, "", "while True: pass", "x") for k in range(2)]
with crew(module="tests.verify.cases.hostile") as workers:
    workers.child()
    print(workers.all[0].process.pid, flush=True)
    list(judge_cases(cases, Settings(seconds=60.0), workers))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_workers_do_not_outlive_their_caller(how: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", SCRIPT]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    caller = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert caller.stdout is not None
    with caller.stdout as stdout:
        worker = int(stdout.readline())
        time.sleep(0.5)
        caller.send_signal(getattr(signal, how))
        caller.wait(300.0)
    end = time.monotonic() + 300.0
    while is_running(worker) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_running(worker)
    # Who is killed at once can clear up nothing.
    assert how == "SIGKILL" or not list(tmp_path.iterdir())


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
