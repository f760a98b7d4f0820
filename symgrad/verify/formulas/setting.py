"""What a formula is evaluated with, and how a value that does not exist is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from symgrad.errors import ShapeError
from symgrad.model.syntax import Formula, children
from symgrad.model.writing import write
from symgrad.verify.formulas.grids import Grid, Objects, exactly

Functions: TypeAlias = Mapping[str, Callable[..., Any]]
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Beyond:
    """What is read one step outside of an axis: the start of a recurrence, ``h[−1] = h0``.

    Attributes
    ----------
    axis
        Counted from 0.
    at
        The subscript there, −1 or the size.
    values
        Over the other axes.
    """

    axis: int
    at: int
    values: Objects


@dataclass(frozen=True)
class Setting:
    """What a formula is evaluated with.

    Attributes
    ----------
    table
        The value of every name: a number, or an array.
    functions
        The function table; see `symgrad.verify.formulas.elementary.Elementary`.
    runs
        How the index letters run.
    beyond
        What stands beyond one end of an axis of a name; elsewhere outside of axes is nothing.
    """

    table: Mapping[str, Any]
    functions: Functions
    runs: Mapping[str, range] = field(default_factory=dict[str, range])
    beyond: Mapping[str, Beyond] = field(default_factory=dict[str, Beyond])

    def over(self, letter: str, run: range) -> "Setting":
        """Return the setting inside a sum over a letter."""
        return replace(self, runs={**self.runs, letter: run})


def whole(number: Any) -> int | None:
    """Return a number as an integer if it is known to be one."""
    known = exactly(number)
    return int(known.numerator) if known is not None and known.denominator == 1 else None


def misplaced(formula: Formula, message: str) -> ShapeError:
    """Return the error of a formula that has no value, the column in front."""
    return ShapeError(f"column {formula.column}: {message}")


def placed(formula: Formula, operation: Callable[..., Grid], *values: Grid) -> Grid:
    """Carry out an operation; what does not fit is told with the place and the operands."""
    try:
        return operation(*values)
    except ShapeError as error:
        if str(error).startswith("column "):
            raise
        shown = " and ".join(_shortened(write(child)) for child in children(formula)[:2])
        raise misplaced(formula, f"{shown}: {error}") from None


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
