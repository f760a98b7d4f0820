"""Work that goes on for too long is stopped, whatever it catches, in any thread; nothing is stopped later."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import enumerate as enumerate_threads

import pytest

from symgrad.verify.stopping import TimeUpError, stopped_after

SOON = 0.1
ROOT = Path(__file__).parents[2]


def endless() -> None:
    while True:
        pass


def stubborn() -> int:
    """Catch everything that is raised, twice."""
    for _ in range(2):
        with suppress(BaseException):
            endless()
    endless()
    return 1


def test_what_is_done_in_time_is_returned_and_nothing_is_stopped_later() -> None:
    assert stopped_after(3600, lambda: 3) == 3
    for thread in enumerate_threads():
        if thread.name == "symgrad-watch":
            thread.join(120)
            assert not thread.is_alive()


@pytest.mark.parametrize("work", [endless, stubborn])
def test_what_takes_longer_is_stopped(work: Callable[[], object]) -> None:
    with pytest.raises(TimeUpError):
        stopped_after(SOON, work)
    assert stopped_after(60, lambda: 3) == 3


def test_other_threads_are_stopped_too() -> None:
    with ThreadPoolExecutor(1) as threads, pytest.raises(TimeUpError):
        threads.submit(stopped_after, SOON, endless).result()


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        stopped_after(60, lambda: 1 // 0)


PROFILED = """
import sys
from contextlib import suppress
from symgrad.verify.stopping import TimeUpError, stopped_after

def endless():
    while True:
        pass

stopped_after(3600, lambda: 3)
with suppress(TimeUpError):
    stopped_after(0.1, endless)
seen = []
sys.setprofile(lambda frame, event, argument: seen.append(event))
(lambda: 3)()
sys.setprofile(None)
print(len(seen) > 0)
"""


def test_debuggers_and_profilers_go_on_working_afterwards() -> None:
    command = [sys.executable, "-c", PROFILED]
    run = subprocess.run(command, check=False, capture_output=True, cwd=ROOT, timeout=300)
    assert run.stdout.split() == [b"True"], run.stderr
