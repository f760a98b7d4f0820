"""Cases as they are worked on: what somebody's code does to itself is said, and is no verdict."""

from collections.abc import Iterator

import pytest

from symgrad.verify.cases.files import Case
from symgrad.verify.cases.rows import Crew, Row, Settings, crew, judge_case

ARRAYS = {"x": ["normal", 3], "N": ["pos"]}
FORWARD = "L = N*np.sum(x**2)"


@pytest.fixture(scope="module")
def workers() -> Iterator[Crew]:
    with crew() as made:
        yield made


def row(workers: Crew, claimed: str, forward: str = FORWARD, seconds: float = 60.0, **more: bool) -> Row:
    settings = Settings(seconds=seconds, memory=2 << 30, **more)
    return judge_case(Case("a", ARRAYS, forward, claimed, "x", ("first.py", "second.py")), settings, workers)


def test_arrays_may_have_names_that_mean_something_elsewhere(workers: Crew) -> None:
    assert row(workers, "dx = 2*N*x").finding.evidence == "proved"
    found = row(workers, "dx = 3*N*x")
    assert found.finding.evidence == "counterexample"
    assert found.kinds[:1] == ("constant_factor",)
    assert found.mistakes[0].claimed == "dx = 3 * N * x"


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        ("x = 'a' * 10**11\nG = x", "out of memory (limit 2 GiB"),
        ("def f(n): return f(n + 1)\nG = f(0)", "RecursionError"),
        ("import os\nos._exit(0)\nG = 1", "the code ended its process (exit status 0)"),
        ("import sys\nsys.exit()\nG = 1", "the code ends the program"),
        ("import os\nos.system('ls')\nG = 1", "the code may not do this: os.system"),
        ("open('note', 'w')\nG = 1", "the code may not do this: open"),
        ("G = 2*N*y", "second.py raises NameError: name 'y' is not defined (line 1)"),
        ("G = 2*N*x\nG +", "second.py is no Python: invalid syntax in line 2"),
        ("H = 2*N*x", "sets none of G, dx, grad_x, grad"),
        ("raise NotImplementedError('later')\nG = 1", "second.py raises NotImplementedError: later (line 1)"),
    ],
)
def test_where_nothing_is_claimed_the_reason_is_all_that_is_said(
    workers: Crew, claimed: str, reason: str
) -> None:
    found = row(workers, claimed)
    assert (found.finding.verdict, found.finding.evidence) == ("unknown", "none")
    assert found.finding.counterexample is None
    assert reason in found.reason


@pytest.mark.parametrize("forward", [FORWARD, "while True: pass"])
def test_what_has_no_end_is_stopped_at_the_limit(workers: Crew, forward: str) -> None:
    found = row(workers, "while True: G = 0", forward, seconds=0.5)
    assert found.finding.verdict == "unknown"
    assert found.reason == "stopped after 0.5 s (the time limit; --timeout raises it)"


def test_what_raises_is_wrong_at_a_point_that_is_shown(workers: Crew) -> None:
    found = row(workers, "d = 2*N\nG = d*x.reshape(2)")
    assert found.finding.verdict == "wrong"
    assert "second.py raises ValueError" in found.reason
    assert "(line 2)" in found.reason
    assert found.finding.counterexample is not None
    assert set(found.finding.counterexample.at) == {"x[0]", "x[1]", "x[2]", "N"}


def test_the_forward_pass_is_blamed_for_its_own_faults(workers: Crew) -> None:
    found = row(workers, "G = 0*x", "z = x\nL = np.sum(zz)")
    assert found.finding.verdict == "unknown"
    assert found.reason == "first.py raises NameError: name 'zz' is not defined (line 2)"


def test_code_that_is_not_followed_is_compared_by_differences(workers: Crew) -> None:
    forward = "L = N*np.sum(np.fft.fft(x).real**2 + np.fft.fft(x).imag**2)/3"
    right, wrong = row(workers, "G = 2*N*x", forward), row(workers, "G = 3*N*x", forward)
    assert (right.finding.verdict, right.finding.evidence) == ("right", "held")
    assert (wrong.finding.verdict, wrong.finding.evidence) == ("wrong", "mismatch")
    assert wrong.finding.counterexample is not None
    assert len(wrong.finding.counterexample.at) == 4


def test_a_process_holds_no_pipe_but_its_own(workers: Crew) -> None:
    looks = "import os\nG = 2*N*x + 0*len([d for d in range(3, 900) if os.path.exists(f'/proc/self/fd/{d}')])"
    assert row(workers, looks).finding.verdict == "right"
    counts = "import os\nheld = [d for d in range(3, 900) if os.path.exists(f'/proc/self/fd/{d}')]\n"
    assert row(workers, f"{counts}G = 2*N*x if len(held) <= 2 else 0*x").finding.verdict == "right"
