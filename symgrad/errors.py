"""The errors of symgrad: one root, one exit code each, messages for a person who is tired."""

from collections.abc import Iterable
from difflib import get_close_matches


class SymgradError(Exception):
    """Root of all errors that are the caller's to mend.

    Attributes
    ----------
    code
        A short fixed word for programs (the ``code`` of ``--json``).
    exit_code
        The exit status of the command line: 1 a check failed, 2 usage, 3 data and files.
    """

    code = "error"
    exit_code = 2


class UsageError(SymgradError):
    """An argument of a call or of the command line that cannot be."""

    code = "usage"


class DefinitionError(SymgradError):
    """A network is not well defined: names, sizes, subscripts, cycles."""

    code = "definition"


class RecurrenceError(DefinitionError):
    """Paths through a recurrence have no number while its length is a symbol."""


class UnknownNameError(SymgradError):
    """A network, node, activation, loss … of that name does not exist."""

    code = "unknown_name"


class FormulaError(SymgradError):
    """A formula cannot be read; the message gives the column."""

    code = "formula"


class ShapeError(FormulaError):
    """A formula was read, but has no value: shapes that do not fit, an index that leaves its axis."""


class LimitError(SymgradError):
    """Something would be too large; the message says how large and which option raises the limit."""

    code = "limit"


class DataError(SymgradError):
    """Data or a file is missing, malformed, or does not fit the network."""

    code = "data"
    exit_code = 3


class CheckError(SymgradError):
    """A proof or a check failed."""

    code = "check"
    exit_code = 1


def unknown(what: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """Return the error for an unknown name, with the nearest known ones."""
    choices = list(known)
    near = get_close_matches(str(name), choices, n=3, cutoff=0.5)
    if near:
        return UnknownNameError(f"unknown {what} {name!r}; did you mean {' or '.join(near)}?")
    shown = ", ".join(choices[:20]) + (", …" if len(choices) > 20 else "")
    return UnknownNameError(f"unknown {what} {name!r}; known: {shown or 'none'}")
