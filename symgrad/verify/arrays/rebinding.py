"""Python functions that use exact numbers while they run: their modules' ``np`` and ``math`` are replaced.

A function sees the names of its module, and so do the functions and classes of that module that it calls.
The names are put back when it returns.
"""

import sys
import sysconfig
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from inspect import unwrap
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from symgrad.verify.arrays.namespace import Module, modules, python_names
from symgrad.verify.arrays.trace import Trace

Scope = dict[str, Any]
_FOREIGN = frozenset({"symgrad"}) | sys.stdlib_module_names
_INSTALLED = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib"))
_ABSENT = object()


def rebound(function: Callable[..., Any], t: Trace) -> Callable[..., Any]:
    """Return a function that runs on exact numbers.

    Parameters
    ----------
    function
        A function, a method, or any other callable whose code lies in modules that import NumPy; ``np.exp``
        is replaced in closures and in what it calls, of other modules too.
    """
    known, own_names = modules(t), python_names(t)

    @wraps(unwrap(function))
    def call(*args: Any, **options: Any) -> Any:
        with _replaced(function, known, own_names):
            return function(*args, **options)

    return call


@contextmanager
def _replaced(function: Any, known: Mapping[str, Module], own_names: Scope) -> Generator[None]:
    before: list[tuple[Scope, str, Any]] = []
    cells: list[tuple[Any, Any]] = []
    try:
        for scope, closure in list(_scopes(function, set())):
            new = {name: _counterpart(value, known) for name, value in scope.items()}
            changes = {name: value for name, value in new.items() if value is not _ABSENT}
            for name, value in {**own_names, **changes}.items():
                before.append((scope, name, scope.get(name, _ABSENT)))
                scope[name] = value
            for cell in closure:
                if (value := _counterpart(cell.cell_contents, known)) is not _ABSENT:
                    cells.append((cell, cell.cell_contents))
                    cell.cell_contents = value
        yield
    finally:
        for cell, value in cells:
            cell.cell_contents = value
        for scope, name, value in reversed(before):
            scope.pop(name) if value is _ABSENT else scope.__setitem__(name, value)


def _scopes(thing: Any, seen: set[int]) -> Iterator[tuple[Scope, tuple[Any, ...]]]:
    """Yield the names of the modules that a function's code lies in, each once, and its closures.

    What is installed is left alone; a decorator from there is looked through.
    """
    for function in _functions(thing):
        if id(function) in seen:
            continue
        seen.add(id(function))
        closure = tuple(cell for cell in function.__closure__ or () if _is_filled(cell))
        names = function.__globals__
        known = id(names) in seen or _is_foreign(names.get("__name__"))
        seen.add(id(names))
        yield ({} if known else names), closure
        for value in (*(() if known else names.values()), *(cell.cell_contents for cell in closure)):
            yield from _scopes(value, seen)


def _functions(thing: Any) -> Iterator[FunctionType]:
    """Yield the functions that a callable consists of."""
    if isinstance(thing, FunctionType):
        yield thing
        yield from _functions(getattr(thing, "__wrapped__", None))
    elif isinstance(thing, MethodType):
        yield from _functions(thing.__func__)
        yield from _functions(type(thing.__self__))
    elif isinstance(thing, partial):
        yield from _functions(thing.func)
    elif isinstance(thing, type) or (isinstance(thing, ModuleType) and not _is_foreign(thing.__name__)):
        yield from (value for value in vars(thing).values() if isinstance(value, FunctionType))
    elif callable(thing) and not isinstance(thing, BuiltinFunctionType):
        yield from _functions(type(thing))


def _is_foreign(name: str | None) -> bool:
    """Whether a module belongs to Python, to a package that is installed, or to symgrad."""
    module = sys.modules.get(name or "")
    if name is None or module is None or name == "__main__":
        return name != "__main__"
    file = Path(getattr(module, "__file__", None) or _INSTALLED[0])
    return name.partition(".")[0] in _FOREIGN or any(file.is_relative_to(folder) for folder in _INSTALLED)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _counterpart(value: Any, known: Mapping[str, Module]) -> Any:
    """Return what stands for a module, function or type of NumPy's, SciPy's or math's."""
    if isinstance(value, ModuleType):
        return known.get(value.__name__, _ABSENT)
    if isinstance(value, np.ufunc):
        home = "numpy" if getattr(np, value.__name__, None) is value else "scipy.special"
        return getattr(known[home], value.__name__, _ABSENT)
    module = getattr(value, "__module__", None)
    if isinstance(value, (FunctionType, BuiltinFunctionType, type)) or callable(value):
        home = module if module in known else _home(module)
        return (
            getattr(known[home], value.__name__, _ABSENT) if home and hasattr(value, "__name__") else _ABSENT
        )
    return _ABSENT


def _home(module: str | None) -> str:
    for name in ("scipy.special", "scipy.signal", "scipy.linalg"):
        if (module or "").startswith(name):
            return name
    return ""
