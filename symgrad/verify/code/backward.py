"""Backward passes that are Python functions: one claim for each array that they give a gradient for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from symgrad.errors import DataError
from symgrad.verify.arrays.programs import GRADIENT, LOSS, Names, ProgramError, carried_out
from symgrad.verify.code.check import check_code
from symgrad.verify.code.inlining import statements_of
from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.case import drawn
from symgrad.verify.mistakes.code.explain import explain_code
from symgrad.verify.verdict import Finding, Mistake

Function = Callable[..., Any]
Specs = Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class BackwardPass:
    """A loss, and a function that returns its gradients.

    Attributes
    ----------
    forward
        Returns the loss of arrays by name.
    backward
        Returns the gradients as a dict by name (``W`` or ``dW``), or as a tuple in the order of `names`, the
        loss before them or not; one gradient alone is returned as it is.
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
    claim = _claim(given.backward, given.names, name)
    return check_code(given.forward, claim, given.arrays, name, seed=seed, seconds=seconds)


def explain_backward(given: BackwardPass, name: str, *, seed: int, seconds: float) -> tuple[Mistake, ...]:
    """Explain a wrong gradient, if the source of both functions is known and plain enough to be edited."""
    forward = statements_of(given.forward, LOSS)
    claimed = statements_of(given.backward, GRADIENT, given.names, name)
    if not forward or not claimed:
        return ()
    arrays = [array_of(name, spec) for name, spec in given.arrays.items()]
    return explain_code(forward, claimed, arrays, name, seed=seed, seconds=seconds)


def names_returned(forward: Function, backward: Function, arrays: Specs) -> tuple[str, ...]:
    """Return the arrays that a backward pass gives gradients for, seen by running it once in floats.

    Raises
    ------
    DataError
        If it raises, or does not say which gradients it returns.
    """
    names: Names = drawn([array_of(name, spec) for name, spec in arrays.items()], 0)
    try:
        carried_out(forward, names, LOSS)
        found = carried_out(backward, names, GRADIENT)
    except ProgramError as error:
        raise DataError(f"{_title(backward)} raises {error}; name the gradients by wrt=") from None
    if isinstance(found, dict):
        return tuple(_named(str(key), arrays, backward) for key in cast("dict[object, object]", found))
    count = len(cast("tuple[object, ...]", found)) if isinstance(found, tuple) else 1
    if count != len(arrays):
        raise DataError(
            f"{_title(backward)} returns {count} of {len(arrays)} gradients; "
            "name them by wrt=, in their order, or return a dict"
        )
    return tuple(arrays)


def _claim(backward: Function, names: tuple[str, ...], name: str) -> Function:
    @wraps(backward)
    def claim(*given: Any, **named: Any) -> Any:
        return _picked(backward(*given, **named), names, name)

    return claim


def _picked(found: Any, names: tuple[str, ...], name: str) -> Any:
    if isinstance(found, dict):
        table = cast("dict[str, Any]", found)
        return table.get(name, table.get(f"d{name}"))
    if isinstance(found, tuple):
        parts = cast("tuple[Any, ...]", found)
        parts = parts[1:] if len(parts) == len(names) + 1 else parts
        return parts[names.index(name)] if len(parts) == len(names) else None
    return found


def _named(key: str, arrays: Specs, backward: Function) -> str:
    for name in (key, key.removeprefix("d")):
        if name in arrays:
            return name
    raise DataError(f"{_title(backward)} returns {key!r}, which is none of the arrays {', '.join(arrays)}")


def _title(function: Function) -> str:
    return str(getattr(function, "__name__", "the backward pass"))
