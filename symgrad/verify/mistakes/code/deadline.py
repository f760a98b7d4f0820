"""How long a search may go on: so much work, the same on every machine, and a limit by the clock."""

from dataclasses import dataclass
from time import monotonic

WORK = 60_000


@dataclass
class Deadline:
    """What is left of the work, and when to stop by the clock in any case.

    Attributes
    ----------
    work
        How many candidates may still be tried; the same for the same case everywhere.
    until
        By `time.monotonic`.
    """

    work: int
    until: float

    @property
    def passed(self) -> bool:
        """Whether the work is done or the time is up."""
        return self.work <= 0 or monotonic() > self.until

    def spend(self) -> None:
        """Count one candidate."""
        self.work -= 1

    def within(self, work: int) -> "Deadline":
        """An earlier deadline, after so many candidates more."""
        return Deadline(min(self.work, work), self.until)


def deadline(seconds: float) -> Deadline:
    """The deadline for a search that begins now."""
    return Deadline(WORK, monotonic() + seconds)
