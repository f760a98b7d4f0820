"""A kernel, checked on its file alone: nothing is known of the network that it was made from.

The text is read, refused unless it consists of what kernels consist of, and executed over exact values.  Its
`loss` is differentiated by forward mode (dual numbers), which shares nothing with the way it was derived;
`gradients` must return that derivative, and `train` must do what the optimizer that the file names does at
these gradients.  `forward` is held against `loss` by what both depend on.  Elementary functions mean what
their names say; how exactly they are computed is another question.

    python -m symgrad.kernels.checker FILE
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, log2
from pathlib import Path

from symgrad.errors import SymgradError, UsageError
from symgrad.files import read_text
from symgrad.kernels.claims import DERIVATIVE, SAMPLES, Statement, derivative, prediction, training
from symgrad.kernels.closed import check_closed
from symgrad.kernels.described import described
from symgrad.kernels.judged import Judgement, worst

NEGLIGIBLE = 2.0**-64
"""No smaller bound is claimed: that the moduli are primes is itself sure to about so much."""
MOST = 20_000
"""Entries of parameters beyond which exact arithmetic takes minutes."""
LARGEST = 10_000_000
"""Bytes of a file."""


@dataclass(frozen=True)
class Report:
    """What was found of a kernel.

    Attributes
    ----------
    left
        What was not looked at.
    """

    name: str
    statements: tuple[Statement, ...]
    left: tuple[str, ...] = ("rounding",)

    @property
    def verdict(self) -> str:
        """``right`` if every statement was shown, ``wrong`` if one is refuted, else ``unknown``."""
        return worst(statement.found for statement in self.statements).verdict

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.verdict}"]
        for (claim, found), together in groupby(self.statements, lambda s: (s.claim, s.found)):
            alike = list(together)
            names = ", ".join(s.name for s in alike if s.name)
            lines += [f"  {claim}{f' by {names}' if names else ''}", f"    {_line(found, alike[0].sizes)}"]
        return "\n".join([*lines, f"  not looked at: {', '.join(self.left)}"])


def check_file(path: Path) -> Report:
    """Check a kernel on its file alone.

    Raises
    ------
    DataError
        If there is no such file, or it holds anything but a kernel of this format.
    """
    return check_text(read_text(path, largest=LARGEST), str(path))


def check_text(text: str, name: str = "the text") -> Report:
    """Check the text of a kernel; `name` is what it is called in messages.

    Raises
    ------
    DataError
        If it is anything but a kernel of this format.
    """
    kernel = described(text, name)
    check_closed(kernel, name)
    sizes = kernel.sizes(SAMPLES)
    if not 0 < (count := kernel.entries(sizes)) <= MOST:
        reason = f"there are {count:,} entries of parameters; 1 to {MOST:,} can be looked at"
        return Report(name, (Statement(DERIVATIVE, "", Judgement("unknown", "none", reason), sizes),))
    statements = (*derivative(kernel), *training(kernel), *prediction(kernel))
    return Report(name, statements, ("rounding", *kernel["ALSO"]))


def _line(found: Judgement, sizes: Mapping[str, int]) -> str:
    where = f", wrong at {found.where}" if found.verdict == "wrong" and found.where else ""
    numbers = ", ".join(f"{name} = {number}" for name, number in sizes.items())
    bound = "" if found.bound is None else f", error < {in_words(found.bound)}"
    return f"{found.verdict}, {found.evidence} at {numbers}: {found.method}{bound}{where}"


def in_words(bound: float) -> str:
    """Return ``2^-60``, the power of two above a bound."""
    return f"2^{-floor(-log2(max(bound, NEGLIGIBLE)))}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one file, print what was found, and return the exit status.

    0 if all is right, 1 if not, 2 and 3 as in `symgrad.errors`.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if len(words) != 1:
            raise UsageError("say which file: python -m symgrad.kernels.checker FILE")
        report = check_file(Path(words[0]))
    except SymgradError as error:
        print(f"symgrad: {error}", file=sys.stderr)
        return error.exit_code
    print(report)
    return 0 if report.verdict == "right" else 1


if __name__ == "__main__":
    sys.exit(main())
