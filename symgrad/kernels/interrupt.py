"""Ctrl-C in the middle of a compiled call.

Python's own handler waits until compiled code returns.  So for as long as a call lasts, the system writes the
numbers of signals into a socket (`signal.set_wakeup_fd`), and a thread at its other end sets the flag that
compiled code polls: the call returns after the step that it is at, and Python raises KeyboardInterrupt.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from signal import SIGINT, default_int_handler, getsignal, set_wakeup_fd
from socket import socket, socketpair
from threading import Lock, Thread, get_ident, main_thread
from typing import Any

STOP = "stop"


@dataclass
class Watch:
    """A thread that waits for Ctrl-C, and the flag of the call that is to hear of it.

    Attributes
    ----------
    told, number
        Where the thread reads the numbers of signals, and the descriptor that they are written to.
    main
        The thread in which Python raises KeyboardInterrupt.
    flag
        Of the call that runs.
    heard
        Whether it was set here.
    """

    told: socket
    telling: socket
    main: int | None = field(default_factory=lambda: main_thread().ident)
    flag: Any = None
    heard: bool = False
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Know the descriptor, which is asked for at every call."""
        self.telling.setblocking(False)
        self.number = self.telling.fileno()

    def wait(self) -> None:
        """Set the flag of the running call at every Ctrl-C that Python is to raise."""
        while signals := self.told.recv(256):
            if SIGINT in signals and getsignal(SIGINT) is default_int_handler:
                with self.lock:
                    self._set()

    def _set(self) -> None:
        if self.flag is not None and self.flag.flags.writeable and not self.flag[0]:
            self.flag[0] = self.heard = True

    def leave(self) -> None:
        """Give back the flag of a call as it was."""
        with self.lock:
            if self.heard:
                self.flag[0] = self.heard = False
            self.flag = None


def stoppable(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    """Return a compiled function that ends at Ctrl-C as it does when `stop`, its flag, is set.

    Outside the main thread, where Python raises nothing, and where another has asked for the numbers of
    signals, as event loops do, Ctrl-C is heard when the call has returned.

    Parameters
    ----------
    place
        Where among its arguments `stop` stands.
    """

    def watched(*arguments: Any, **named: Any) -> Any:
        watch = the_watch()
        if get_ident() != watch.main:
            return function(*arguments, **named)
        own, before = watch.number, -1
        watch.flag = arguments[place] if len(arguments) > place else named.get(STOP)
        try:
            before = set_wakeup_fd(own)
            if before not in (-1, own):
                set_wakeup_fd(before)
            return function(*arguments, **named)
        finally:
            if before in (-1, own):
                set_wakeup_fd(-1)
            watch.leave()

    return watched


@cache
def the_watch() -> Watch:
    """Return the watch of this process, begun at the first call."""
    watch = Watch(*socketpair())
    Thread(target=watch.wait, name="symgrad-interrupt", daemon=True).start()
    return watch


if hasattr(os, "register_at_fork"):
    # A child process has the socket of its parent, and no thread.
    os.register_at_fork(after_in_child=the_watch.cache_clear)
