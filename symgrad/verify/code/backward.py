"""Backward passes that are Python functions: one claim for each array that they give a gradient for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
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
    table = _by_name(found)
    if table is not None:
        return tuple(_named(key, arrays, backward) for key in table)
    count = len(cast("Sequence[object]", found)) if isinstance(found, tuple | list) else 1
    if count != len(arrays):
        raise DataError(
            f"{_title(backward)} returns {count} of {len(arrays)} gradients; "
            "name them by wrt=, in their order, or return a dict"
        )
    return tuple(arrays)


def claim_of(given: BackwardPass, name: str) -> Function:
    """Return a function that returns one of the gradients."""

    @wraps(given.backward)
    def claim(*arrays: Any, **named: Any) -> Any:
        return _picked(given.backward(*arrays, **named), given.names, name)

    return claim


def _picked(found: Any, names: tuple[str, ...], name: str) -> Any:
    table = _by_name(found)
    if table is not None:
        return next((table[key] for key in _keys(name) if key in table), None)
    if isinstance(found, tuple) or (isinstance(found, list) and len(names) > 1):
        parts = tuple(cast("Sequence[Any]", found))
        parts = parts[1:] if len(parts) == len(names) + 1 else parts
        return parts[names.index(name)] if len(parts) == len(names) else None
    return found


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


def _keys(name: str) -> tuple[str, ...]:
    """Return the names under which people keep the gradient by an array."""
    return name, f"d{name}", f"d_{name}", f"grad_{name}", f"{name}_grad"


def _named(key: str, arrays: Specs, backward: Function) -> str:
    found = next((name for name in arrays if key in _keys(name)), None)
    if found is None:
        raise DataError(f"{_title(backward)} returns {key!r}; the arrays are {', '.join(arrays)}")
    return found


def _title(function: Function) -> str:
    return str(getattr(function, "__name__", "the backward pass"))
