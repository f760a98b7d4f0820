"""Forward passes and claimed gradients as programs: statements, or a Python function."""

import ast
import builtins
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from inspect import Parameter, signature
from traceback import walk_tb
from types import ModuleType
from typing import Any, TypeAlias

from symgrad.errors import DataError
from symgrad.verify.arrays.helpers import helpers
from symgrad.verify.arrays.namespace import Module, modules, python_names
from symgrad.verify.arrays.rebinding import rebound
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.code.snippets import SNIPPET, carry_out, compiled

Program: TypeAlias = "str | Callable[..., Any]"
Names: TypeAlias = dict[str, Any]
LOSS, GRADIENT = "L", "G"
_ENDED = "the code ends the program, so there is nothing to judge; let it raise an error instead"


class ProgramError(Exception):
    """Somebody's code raised; the cause says what."""


# What somebody misspelt, left out or has not installed is no value of a wrong shape.
SLIPS_OF_WRITING = (NameError, ImportError, NotImplementedError, SyntaxError)


def exact_names(t: Trace) -> Names:
    """Return the names that statements start from: NumPy, math and the helpers, on exact numbers."""
    known = modules(t)
    own: Names = {"__builtins__": vars(builtins) | python_names(t), "__name__": "snippet"}
    return {**own, **_modules(known), **helpers(known["numpy"])}


def _modules(known: Mapping[str, Module]) -> Names:
    return {"np": known["numpy"], "numpy": known["numpy"], "math": known["math"], "scipy": known["scipy"]}


def carried_out(program: Program, names: Names, result: str, t: Trace | None = None) -> Any:
    """Run a program among some names, and return its result.

    Statements leave their result and all else in `names`.  A function is called with the names of its
    parameters; a loss may come first of a tuple whose rest is kept as ``cache`` for the next program.

    Parameters
    ----------
    t
        The run on exact numbers; None for plain floats.

    Raises
    ------
    ProgramError
        Whatever the code raised, as the cause; without one, that it is no Python or sets no result.
    DataError
        Of a function, a parameter that is not among the names; ``sys.exit``.
    """
    if isinstance(program, str):
        _execute(program, names)
        if result not in names:
            raise ProgramError(f"sets no {result}")
        return names[result]
    given = _arguments(program, names)
    found = _called(program if t is None else rebound(program, t), given)
    if result == LOSS and isinstance(found, tuple) and found:
        loss, *rest = found
        names["cache"] = rest[0] if len(rest) == 1 else tuple(rest)
        return loss
    return found


def _execute(text: str, names: Names) -> None:
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        raise ProgramError(f"is no Python: {error.msg} in line {error.lineno}") from None
    with _somebodys():
        carry_out(map(compiled, statements), names)


def _called(function: Callable[..., Any], given: tuple[list[Any], Names]) -> Any:
    with _somebodys():
        return function(*given[0], **given[1])


@contextmanager
def _somebodys() -> Generator[None]:
    """Name what somebody's code raises, which may be anything; used-up memory is no verdict on it."""
    try:
        yield
    except (DataError, MemoryError, RecursionError):
        raise
    except SystemExit as error:
        raise DataError(_ENDED) from error
    except Exception as error:
        raise ProgramError(f"{type(error).__name__}: {error}{_line_of(error)}") from error


def _line_of(error: BaseException) -> str:
    """Return in words the line of the statements in which an error arose; nothing for a function's."""
    lines = [number for frame, number in walk_tb(error.__traceback__) if frame.f_code.co_filename == SNIPPET]
    return f" (line {lines[-1]})" if lines else ""


def _arguments(function: Callable[..., Any], names: Names) -> tuple[list[Any], Names]:
    """The arguments of a function, by the names of its parameters; starred ones take all arrays."""
    given = _given(names)
    places, by_name = list[Any](), Names()
    for parameter in signature(function).parameters.values():
        match parameter.kind:
            case Parameter.VAR_POSITIONAL:
                places += [] if by_name else given.values()
            case Parameter.VAR_KEYWORD:
                by_name |= given
            case Parameter.POSITIONAL_ONLY if parameter.name in names:
                places.append(names[parameter.name])
            case _ if parameter.name in names:
                by_name[parameter.name] = names[parameter.name]
            case _ if parameter.default is parameter.empty:
                title = getattr(function, "__name__", "the function")
                raise DataError(
                    f"{title} takes {parameter.name!r}, but what is given is {', '.join(given)}; "
                    "name it there, with its shape"
                )
            case _:
                pass
    return places, by_name


def _given(names: Names) -> Names:
    """Return the arrays among some names, in the order in which they were given."""
    return {
        name: value
        for name, value in names.items()
        if not (name.startswith("__") or callable(value) or isinstance(value, Module | ModuleType))
    }
