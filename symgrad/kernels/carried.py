"""The text of an emitted module, carried out by Python itself: no JIT, no imports, arrays of any values.

What a kernel takes from NumPy, Numba and Python is replaced by stand-ins, and nothing else can be reached
from its text.  A loop that would not end, or an array that would not fit, is refused.
"""

import ast
import math
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from symgrad.errors import CheckError
from symgrad.exact.values import ExactError

LONGEST = 1_000_000
"""Turns of loops, and entries of an array, that are carried out without a compiler."""
FEW = 1_000
"""Turns of loops without a range, which count epochs and what threads take in turn: up to two turns for each
block and for each piece of every batch."""
THREADS = 8
"""Threads that a module may start."""

DOT, QUOTIENT, RAISED, TURN = (f"exact.{name}" for name in ("dot", "quotient", "raised", "turn"))
"""Names of stand-ins that no variable of a text can have."""


def carried(text: str) -> dict[str, Any]:
    """Return the names of an emitted module.

    Raises
    ------
    ExactError
        By a function of the module, if it would take too long.
    CheckError
        By a function of the module, if a loop does not end.
    """
    turns = _Turns()
    built_in = {"range": turns.through, **_BUILT_IN}
    namespace = {"__name__": "carried", "__builtins__": built_in, TURN: turns.another, **_IMPORTED}
    namespace["threading"] = _Threads()
    exec(_compiled(text), namespace)
    return namespace


class _Turns:
    """How many turns of loops a module has taken."""

    def __init__(self) -> None:
        self.through_ranges = self.others = 0

    def through(self, *bounds: int) -> range:
        """Stand in for ``range``."""
        found = range(*bounds)
        self.through_ranges += len(found)
        if self.through_ranges > LONGEST:
            raise ExactError(f"more than {LONGEST:,} turns of loops are too many to be carried out exactly")
        return found

    def another(self) -> bool:
        """Count a turn of a loop without a range."""
        self.others += 1
        if self.others > FEW:
            raise CheckError("a loop does not end")
        return True


class _Threads:
    """Stand in for ``threading``: some threads, and no more."""

    Lock = staticmethod(threading.Lock)

    def __init__(self) -> None:
        self.started = 0

    def Thread(self, target: Callable[[], None]) -> threading.Thread:  # named as there
        """Return a thread that does not keep the program from ending."""
        self.started += 1
        if self.started > THREADS:
            raise ExactError(f"more than {THREADS} threads are not started")
        return threading.Thread(target=target, daemon=True)


def _njit(*given: Any, **_options: Any) -> Any:
    """Stand in for ``numba.njit`` and what is used like it: leave the function as it is."""
    return given[0] if given else lambda function: function


class _Types:
    """Stand in for ``numba.types`` and ``numba.config``: what is described with them is not called."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_given: None


class _Numpy:
    """Stand in for NumPy: what kernels take from it."""

    pi, e, int64, uint64 = np.pi, np.e, np.int64, np.uint64
    array = staticmethod(np.array)
    ascontiguousarray = staticmethod(np.ascontiguousarray)

    @staticmethod
    def empty(shape: int | tuple[int, ...], kind: Any) -> Any:
        """Return an array without entries: whoever reads one that was not written fails."""
        if math.prod((shape,) if isinstance(shape, int) else shape) > LONGEST:
            raise ExactError(f"an array of the shape {shape} is too large to be filled exactly")
        return np.empty(shape, kind)

    @staticmethod
    def zeros(shape: int | tuple[int, ...], kind: Any) -> Any:
        """Return an array of zeros."""
        found = _Numpy.empty(shape, kind)
        found[...] = 0
        return found


_BUILT_IN: Mapping[str, Any] = {
    "min": min,
    "max": max,
    "int": int,
    "BaseException": BaseException,
    "ValueError": ValueError,
}

_IMPORTED: Mapping[str, Any] = {
    "np": _Numpy,
    "njit": _njit,
    "overload": lambda _function, **_options: _njit,
    "intrinsic": _njit,
    "register_jitable": _njit,
    "types": _Types(),
    "config": _Types(),
    "time": time,
    "get_host_cpu_features": str,
}


@lru_cache(maxsize=8)
def _compiled(text: str) -> CodeType:
    """Compile a module without its imports."""
    tree = ast.parse(text)
    tree.body = [s for s in tree.body if not isinstance(s, ast.Import | ast.ImportFrom)]
    return compile(ast.fix_missing_locations(_Operations().visit(tree)), "<kernel>", "exec")


class _Operations(ast.NodeTransformer):
    """Calls functions for what NumPy and Python do of themselves.

    Over objects, NumPy's ``dot`` goes on after an exception; quotients and exponents are asked for the
    numbers that they are.
    """

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace the name of one function."""
        self.generic_visit(node)
        named = isinstance(node.value, ast.Name) and (node.value.id, node.attr) == ("np", "dot")
        return ast.Name(DOT, node.ctx) if named else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Replace quotients of whole numbers, and powers whose exponent is computed."""
        self.generic_visit(node)
        power = isinstance(node.op, ast.Pow) and not isinstance(node.right, ast.Constant)
        name = RAISED if power else QUOTIENT if isinstance(node.op, ast.FloorDiv) else None
        return node if name is None else ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])

    def visit_While(self, node: ast.While) -> ast.stmt:
        """Count the turns."""
        self.generic_visit(node)
        turn = ast.Call(ast.Name(TURN, ast.Load()), [], [])
        node.test = ast.BoolOp(ast.And(), [turn, node.test])
        return node
