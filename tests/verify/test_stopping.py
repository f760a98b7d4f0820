"""Work that goes on for too long is stopped, whatever it catches, in any thread; nothing is stopped later."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from symgrad.verify.stopping import TimeUpError, stopped_after

SOON = 0.1


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
    assert stopped_after(SOON, lambda: 3) == 3
    until = time.monotonic() + 3 * SOON
    while time.monotonic() < until:
        pass


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
