"""One plain line of progress: rewritten on a terminal, elsewhere printed at most once a second."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO, TypeAlias


@dataclass(frozen=True)
class Report:
    """How far a training is; the last report is final."""

    epoch: int
    epochs: int
    loss: float | None
    seconds: float
    final: bool


Progress: TypeAlias = Callable[[Report], None]

INTERVAL = 1.0


def silent(report: Report) -> None:
    """Say nothing."""


def progress_line(stream: TextIO | None, *, quiet: bool = False) -> Progress:
    """Return a reporter that writes to a stream, usually standard error."""
    if quiet or stream is None:
        return silent
    return _rewriting(stream) if stream.isatty() else _sparing(stream)


def line(report: Report) -> str:
    """Write a report as one line."""
    loss = "" if report.loss is None else f"  loss {report.loss:.6g}"
    return f"epoch {report.epoch}/{report.epochs}{loss}  {report.seconds:.1f} s"


def _rewriting(stream: TextIO) -> Progress:
    width = 0

    def report_on_terminal(report: Report) -> None:
        nonlocal width
        text = line(report)
        _write(stream, "\r" + text.ljust(width) + ("\n" if report.final else ""))
        width = len(text)

    return report_on_terminal


def _sparing(stream: TextIO) -> Progress:
    due = INTERVAL

    def report_sparingly(report: Report) -> None:
        nonlocal due
        if report.final or report.seconds >= due:
            due = report.seconds + INTERVAL
            _write(stream, line(report) + "\n")

    return report_sparingly


def _write(stream: TextIO, text: str) -> None:
    # A reader that went away must not end the training.
    with suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()
