"""What functions read from around them, as statements: their helpers, constants and modules."""

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

CONSTANTS = (int, float, complex, str, np.number, type(None))
# The names that statements start from anyway.
GIVEN = frozenset({"np", "numpy", "math", *dir(builtins)})


class UnwritableError(Exception):
    """Something that a function reads cannot be written as a statement."""


def surroundings(*functions: Callable[..., Any]) -> str:
    """Return statements that set what functions read: a helper before whoever calls it.

    Raises
    ------
    UnwritableError
        If they read something that has no source, or one name for two things.
    """
    found: dict[str, str] = {}
    for function in functions:
        _collect(function, found, ())
    return "\n".join(found.values())


def _collect(function: Callable[..., Any], found: dict[str, str], inside: tuple[str, ...]) -> None:
    around = _around(function)
    for name in _names_read(function):
        if name in around and name not in (*GIVEN, *inside):
            _write(name, around[name], found, inside)


def _write(name: str, value: object, found: dict[str, str], inside: tuple[str, ...]) -> None:
    if isinstance(value, FunctionType):
        _collect(value, found, (*inside, name))
    text = _statement(name, value)
    if found.setdefault(name, text) != text:
        raise UnwritableError(name)


def _statement(name: str, value: object) -> str:
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    if isinstance(value, np.ufunc):
        return f"from numpy import {value.__name__} as {name}"
    if isinstance(value, CONSTANTS):
        return f"{name} = {value!r}"
    if isinstance(value, FunctionType) and value.__name__ == name:
        return ast.unparse(_written(value))
    raise UnwritableError(name)


def _written(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return a function as it is written, without annotations: what they name is not needed."""
    name = getattr(function, "__name__", "a function")
    try:
        found = ast.parse(dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    except (OSError, TypeError, SyntaxError):
        raise UnwritableError(name) from None
    if not isinstance(found, ast.FunctionDef) or found.decorator_list:
        raise UnwritableError(name)
    for node in ast.walk(found):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return found


def _around(function: Callable[..., Any]) -> Mapping[str, object]:
    """Return what a function sees: the names of its module, and those of functions around it."""
    plain = inspect.unwrap(function)
    plain = getattr(plain, "__func__", plain)
    if not isinstance(plain, FunctionType):
        return {}
    return {**plain.__globals__, **inspect.getclosurevars(plain).nonlocals}


def _names_read(function: Callable[..., Any]) -> Iterator[str]:
    nodes = list(ast.walk(_written(function)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    yield from dict.fromkeys(node.id for node in names if node.id not in own)
