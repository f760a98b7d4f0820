"""How long a search may go on."""

from dataclasses import dataclass
from time import monotonic, process_time

# Of the seconds given, what may be spent in processor time: results shall not depend on the machine's load.
SHARE = 0.6


@dataclass(frozen=True)
class Deadline:
    """Bounds in processor time and, farther out, by the clock on the wall."""

    processor: float
    wall: float

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return process_time() > self.processor or monotonic() > self.wall

    def within(self, seconds: float) -> "Deadline":
        """An earlier deadline, so many seconds of processor time from now."""
        return Deadline(min(self.processor, process_time() + seconds), self.wall)


def deadline(seconds: float) -> Deadline:
    """The deadline for a search that begins now."""
    return Deadline(process_time() + SHARE * seconds, monotonic() + seconds)
