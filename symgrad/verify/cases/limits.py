"""The limits that a process lays on itself before it runs foreign code: what it may use, what it may do."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

try:
    import resource
except ImportError:  # a system without such limits, as Windows is
    resource = None

OPEN_FILES = 64
WALL_CLOCK = "wall-clock time"
# Where a system has no `fork`, code runs in the process of the judge.
APART = "a judge apart from the code"
PROCESSES = "processes"

REFUSED = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.",
    "subprocess.", "os.kill", "os.killpg", "ctypes.", "socket.", "gc.get_",
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
    "os.truncate", "shutil.",
)  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class RefusedError(BaseException):
    """Something that foreign code may not do; it ends the code, whatever exceptions that catches."""


@dataclass(frozen=True)
class Limits:
    """What a piece of work may use: seconds of wall-clock time (and of the processor), bytes of memory."""

    seconds: float
    memory: int


def lay(limits: Limits, *, starts: bool = False) -> tuple[str, ...]:
    """Lay the limits on this process, and return the names of those that hold.

    Parameters
    ----------
    starts
        Whether it may start processes.
    """
    wanted = {name: limit for name, limit in _wanted(limits).items() if not (starts and name == PROCESSES)}
    return tuple(name for name, (kind, most) in wanted.items() if _set(kind, most))


def refuse() -> None:
    """Refuse processes, signals, sockets, foreign libraries and changes of files from here on.

    What is refused is kept where no name leads: code may change the names of this module.
    """
    sys.addaudithook(_refusing(REFUSED, WRITING, RefusedError))


def _wanted(limits: Limits) -> Mapping[str, tuple[int, int]]:
    if resource is None:
        return {}
    # The number of processes is never limited for the superuser; there, only what is refused holds.
    processes = {} if os.getuid() == 0 else {PROCESSES: (resource.RLIMIT_NPROC, 0)}
    return {
        "memory": (resource.RLIMIT_AS, limits.memory),
        "processor time": (resource.RLIMIT_CPU, ceil(limits.seconds) + 1),
        **processes,
        "files written": (resource.RLIMIT_FSIZE, 0),
        "open files": (resource.RLIMIT_NOFILE, OPEN_FILES),
        "core files": (resource.RLIMIT_CORE, 0),
    }


def _set(kind: int, most: int) -> bool:
    if resource is None:
        return False
    _, highest = resource.getrlimit(kind)
    most = most if highest == resource.RLIM_INFINITY else min(most, highest)
    try:
        resource.setrlimit(kind, (most, most))
    except (OSError, ValueError):
        return False
    return True


def _refusing(
    refused: tuple[str, ...], writing: int, error: type[RefusedError]
) -> Callable[[str, tuple[object, ...]], None]:
    def audit(event: str, details: tuple[object, ...]) -> None:
        changes = event == "open" and isinstance(details[2], int) and details[2] & writing
        if changes or event.startswith(refused):
            raise error(f"the code may not do this: {event}")

    return audit
