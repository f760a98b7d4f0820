"""Backward passes that are Python functions: one claim for each array that they give a gradient for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Any, cast

from symgrad.errors import DataError
from symgrad.verify.arrays.programs import GRADIENT, LOSS, Names, ProgramError, carried_out
from symgrad.verify.code.check import check_code
from symgrad.verify.code.gradients import keys_of
from symgrad.verify.code.inlining import statements_of
from symgrad.verify.code.surroundings import UnwritableError, surroundings
from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.case import drawn
from symgrad.verify.mistakes.code.explain import explain_code
from symgrad.verify.verdict import Finding, Mistake

Function = Callable[..., Any]
Specs = Mapping[str, Sequence[object]]
NO_SOURCE = "its mistake was not looked for: not all of the code is plain statements"


@dataclass(frozen=True)
class BackwardPass:
    """A loss, and a function that returns its gradients.

    Attributes
    ----------
    forward
        Returns the loss of arrays by name.
    backward
        Returns the gradients by name (``W``, ``dW``, ``grad_W``) in a dict, a named tuple or a data class, or
        as a tuple or a list in the order of `names`; the loss before them or not.  One gradient alone is
        returned as it is.
    arrays
        The kind and the lengths of each array.
    names
        The arrays that there are gradients for.
    """

    forward: Function
    backward: Function
    arrays: Specs
    names: tuple[str, ...]


def check_backward(given: BackwardPass, name: str, *, seed: int, seconds: float) -> Finding:
    """Judge one of the gradients that a backward pass returns."""
    return check_code(given.forward, claim_of(given, name), given.arrays, name, seed=seed, seconds=seconds)


def explain_backward(
    given: BackwardPass, name: str, *, seed: int, seconds: float
) -> tuple[tuple[Mistake, ...], str]:
    """Explain a wrong gradient, if the source of both functions is known and plain enough to be edited.

    Returns
    -------
    tuple
        The mistakes, best first, and why none was looked for; empty where that was done.
    """
    forward = statements_of(given.forward, LOSS)
    claimed = statements_of(given.backward, GRADIENT, given.names, name)
    if not forward or not claimed:
        return (), NO_SOURCE
    try:
        forward = f"{surroundings(given.forward, given.backward)}\n{forward}"
    except UnwritableError as error:
        return (), f"{NO_SOURCE} ({error} is not)"
    arrays = [array_of(name, spec) for name, spec in given.arrays.items()]
    return explain_code(forward, claimed, arrays, name, seed=seed, seconds=seconds), ""


def names_returned(forward: Function, backward: Function, arrays: Specs) -> tuple[str, ...]:
    """Return the arrays that a backward pass gives gradients for, seen by running it once in floats.

    Raises
    ------
    DataError
        If it raises, or does not say which gradients it returns.
    """
    names: Names = drawn([array_of(name, spec) for name, spec in arrays.items()], 0)
    _once(forward, names, LOSS)
    found = _once(backward, names, GRADIENT)
    table = _by_name(found)
    if table:
        return tuple(_named(key, arrays, backward) for key in table)
    count = len(cast("Sequence[object]", found)) if isinstance(found, tuple | list) else 1
    if table is not None or found is None or count == 0:
        raise DataError(f"{title(backward)} returns no gradients")
    if count != len(arrays):
        raise DataError(
            f"{title(backward)} returns {count} of {len(arrays)} gradients; "
            "name them by wrt=, in their order, or return a dict"
        )
    return tuple(arrays)


def _once(function: Function, names: Names, result: str) -> Any:
    try:
        return carried_out(function, names, result)
    except ProgramError as error:
        raise DataError(f"{title(function)} raises {error}") from error


def claim_of(given: BackwardPass, name: str) -> Function:
    """Return a function that returns one of the gradients."""

    @wraps(given.backward)
    def claim(*arrays: Any, **named: Any) -> Any:
        return _picked(given, given.backward(*arrays, **named), name)

    return claim


def _picked(given: BackwardPass, found: Any, name: str) -> Any:
    """Return one gradient; of a dict without it all that there are, for whoever says so."""
    table = _by_name(found)
    if table is not None:
        return next((table[key] for key in keys_of(name) if key in table), table)
    if isinstance(found, tuple) or (isinstance(found, list) and len(given.names) > 1):
        return _in_order(given, tuple(cast("Sequence[Any]", found)))[given.names.index(name)]
    return found


def _in_order(given: BackwardPass, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the gradients of a tuple, without the loss that may stand before them."""
    count = len(given.names)
    if len(parts) == count + 1 and getattr(parts[0], "shape", ()) == ():
        return parts[1:]
    if len(parts) != count:
        raise DataError(
            f"{title(given.backward)} returns {len(parts)} arrays for {count}: {', '.join(given.names)}; "
            "name by wrt= what it returns, in that order"
        )
    return parts


def _by_name(found: Any) -> Mapping[str, Any] | None:
    """Return gradients that have names: in a dict, behind a loss or not, in fields; None for others."""
    if isinstance(found, dict):
        return {str(key): value for key, value in cast("dict[object, Any]", found).items()}
    if is_dataclass(found) and not isinstance(found, type):
        return {field.name: getattr(found, field.name) for field in fields(found)}
    if not isinstance(found, tuple):
        return None
    parts = cast("tuple[Any, ...]", found)
    if names := getattr(parts, "_fields", ()):
        return dict(zip(names, parts, strict=True))
    return _by_name(parts[1]) if len(parts) == 2 and isinstance(parts[1], dict) else None


def _named(key: str, arrays: Specs, backward: Function) -> str:
    found = next((name for name in arrays if key in keys_of(name)), None)
    if found is None:
        raise DataError(f"{title(backward)} returns {key!r}; the arrays are {', '.join(arrays)}")
    return found


def title(function: Function) -> str:
    """Return what a function is called."""
    return str(getattr(function, "__name__", "the backward pass"))
