"""Work that is stopped in this process when its time is up, in any thread and on any system.

An exception is raised in the thread that works, between two of Python's instructions, and again as long as
the work goes on.  One call into compiled code, a sleep or a huge product, cannot be stopped: it ends first.
"""

from collections.abc import Callable
from ctypes import c_ulong, py_object, pythonapi
from dataclasses import dataclass, field
from threading import TIMEOUT_MAX, Event, Lock, Thread, get_ident
from typing import TypeVar

T = TypeVar("T")
# The seconds after which work that caught the exception is stopped once more.
AGAIN = 0.2


class TimeUpError(BaseException):
    """The time is up; code that catches every `Exception` does not catch this one."""


def stopped_after(seconds: float, work: Callable[[], T]) -> T:
    """Return what some work returns.

    Raises
    ------
    TimeUpError
        If it takes longer.
    """
    watch = _Watch(get_ident(), seconds)
    try:
        Thread(target=watch.watch, name="symgrad-watch", daemon=True).start()
        return work()
    finally:
        try:
            watch.end()
        except TimeUpError:
            watch.end()


@dataclass(frozen=True)
class _Watch:
    thread: int
    seconds: float
    over: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def watch(self) -> None:
        """Stop the thread when the time is up, and again until it ends its work."""
        wait = min(self.seconds, TIMEOUT_MAX)
        while not self.over.wait(wait):
            wait = AGAIN
            with self.lock:
                if not self.over.is_set():
                    _raise_in(self.thread, TimeUpError)

    def end(self) -> None:
        """Stop nothing from here on.

        What was to be raised is raised in here, where the thread calls a function of Python's.  It must not
        be taken back: the interpreter would go on looking for it, and under a tracer do nothing else.
        """
        with self.lock:
            self.over.set()


def _raise_in(thread: int, error: type[BaseException]) -> None:
    pythonapi.PyThreadState_SetAsyncExc(c_ulong(thread), py_object(error))
