"""Ctrl-C in a call of `train` ends it after the step that it is at, and nothing else is changed by it."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from time import sleep
from typing import Any

import numba
import numpy as np
import pytest
from numba.core import config

from symgrad.kernels.interrupt import stoppable
from tests.kernels.schedules import SCHEDULES
from tests.kernels.test_given import arrays_of, kernel_of, on_every, train

compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="nothing is compiled: Python raises it at once")
# Epochs that would take minutes.
MANY = 10**8


@numba.njit(nogil=True)
def count(x: Any, w: Any, stop: Any, losses: Any) -> int:
    """Count steps, which take some time, until it is told to stop."""
    for epoch in range(len(losses)):
        if stop[0]:
            return epoch
        w[0] += 1
        for value in x:
            w[1] += value
        losses[epoch] = w[0]
    return len(losses)


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Hear Ctrl-C as programs do: what a shell starts in the background is begun deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def pressed() -> Iterator[Callable[[Any], None]]:
    """Press Ctrl-C once training is under way."""
    threads: list[threading.Thread] = []

    def press(losses: Any) -> None:
        while losses[1] == 0:
            sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    def begin(losses: Any) -> None:
        threads.append(threading.Thread(target=press, args=(losses,), daemon=True))
        threads[-1].start()

    yield begin
    for thread in threads:
        thread.join()


@pytest.fixture
def given() -> list[Any]:
    return [np.ones(10_000), np.zeros(2), np.zeros(1, np.uint8), np.zeros(MANY // 10)]


@compiled
def test_ctrl_c_ends_a_call_after_a_whole_step(pressed: Callable[[Any], None], given: list[Any]) -> None:
    _, w, stop, losses = given
    pressed(losses)
    with pytest.raises(KeyboardInterrupt):
        stoppable(count, 2)(*given)
    done = int(np.count_nonzero(losses))
    assert 1 < done < len(losses)
    assert (w[0], stop[0]) == (done, 0)
    assert signal.set_wakeup_fd(-1) == -1


def test_a_call_that_was_not_interrupted_is_none_that_another_hears_of(given: list[Any]) -> None:
    *rest, losses = given
    call = stoppable(count, 2)
    assert call(*rest, losses[:5]) == 5
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert call(*rest, stop=rest.pop(), losses=losses[:5]) == 5


def test_a_flag_that_the_caller_has_set_stays_set(given: list[Any]) -> None:
    given[2][0] = 1
    assert stoppable(count, 2)(*given) == 0
    assert given[2][0] == 1


@compiled
def test_who_handles_ctrl_c_otherwise_is_left_alone(pressed: Callable[[Any], None], given: list[Any]) -> None:
    """The program's own handler runs when the call has returned, and decides what happens then."""
    losses, heard = given[3][:20_000], list[int]()
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        pressed(losses)
        assert stoppable(count, 2)(*given[:3], losses) == len(losses)
        while not heard:
            sleep(0.001)
    finally:
        signal.signal(signal.SIGINT, before)


def test_who_asked_for_the_numbers_of_signals_goes_on_getting_them(given: list[Any]) -> None:
    near, far = socket.socketpair()
    far.setblocking(False)
    with near, far:
        before = signal.set_wakeup_fd(far.fileno())
        try:
            assert stoppable(count, 2)(*given[:3], given[3][:5]) == 5
            assert signal.set_wakeup_fd(far.fileno()) == far.fileno()
        finally:
            signal.set_wakeup_fd(before)


def test_other_threads_train_as_ever(given: list[Any]) -> None:
    found: list[int] = []
    call = stoppable(count, 2)
    thread = threading.Thread(target=lambda: found.append(call(*given[:3], given[3][:5])))
    thread.start()
    thread.join()
    assert found == [5]


@compiled
@pytest.mark.slow
@on_every(*SCHEDULES)
def test_an_interrupted_kernel_holds_the_state_of_its_last_step(
    schedule: str, pressed: Callable[[Any], None]
) -> None:
    made = kernel_of(schedule)
    arrays, again = arrays_of(made), arrays_of(made)
    batch, losses, stop = len(next(iter(arrays.values()))), np.zeros(MANY), np.zeros(1, np.uint8)
    pressed(losses)
    with pytest.raises(KeyboardInterrupt):
        train(made, arrays, batch, losses=losses, stop=stop)
    done = int(np.count_nonzero(losses))
    assert (1 < done < MANY, stop[0]) == (True, 0)
    assert train(made, again, batch, losses=np.zeros(done)) == done
    assert all(np.array_equal(arrays[name], again[name]) for name in arrays)
