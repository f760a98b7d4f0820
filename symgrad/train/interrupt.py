"""Ctrl-C: the first sets the stop flag that kernels poll, the second ends at once."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import numpy as np

from symgrad.train.layout import Array


def stop_flag() -> Array:
    """Return a flag that is not set."""
    return np.zeros(1, np.uint8)


@contextmanager
def stopping_on_interrupt(flag: Array) -> Generator[None, None, None]:
    """Set the flag on SIGINT, and raise KeyboardInterrupt on a second one.

    Outside the main thread, where Python delivers no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, _handler(flag))
    try:
        yield
    finally:
        # None means that the handler was not installed from Python; it cannot be set again from here.
        signal.signal(signal.SIGINT, signal.default_int_handler if previous is None else previous)


def _handler(flag: Array) -> Callable[[int, FrameType | None], None]:
    seen = False

    def handle(signum: int, frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            raise KeyboardInterrupt
        seen = True
        flag[0] = 1

    return handle
