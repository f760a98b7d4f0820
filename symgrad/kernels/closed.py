"""The closed set of statements that kernels are made of: a text that has others is not carried out.

Elementary functions and whatever draws by chance must be, word for word, the ones that kernels are given: in
a proof these are stood in for by what they mean.
"""

import ast
from collections.abc import Iterator
from functools import cache

from symgrad.errors import DataError
from symgrad.kernels.blas import SET_PRODUCT
from symgrad.kernels.described import Described
from symgrad.kernels.drawing import DRAW, ORDER
from symgrad.kernels.elementary import HELPERS, helper_text
from symgrad.kernels.imports import NUMBA
from symgrad.kernels.meeting import MEETING
from symgrad.kernels.precision import PRECISE
from symgrad.kernels.stack import ALIGN_STACK
from symgrad.kernels.tiles import TILES

IMPORTS = ("math", "threading", "time", "numpy", *NUMBA)
NUMPY = ("empty", "zeros", "dot", "ascontiguousarray", "int64", "uint64", "pi", "e")
METHODS = ("reshape", "transpose", "copy")
ARRAYS = ("shape", "dtype", "T", *METHODS)
BUILT_IN = ("range", "min", "max", "int")
SETTINGS = ("cache", "nogil", "no_cfunc_wrapper", "forceinline", "inline", "error_model", "fastmath")
HIGHEST = 64
"""The highest power that a text may take of anything."""

STATEMENTS = (
    ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If, ast.Return, ast.Break, ast.Expr,
    ast.FunctionDef, ast.arguments, ast.arg,
)  # fmt: skip
VALUES = (
    ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Attribute,
    ast.Subscript, ast.Slice, ast.Tuple, ast.IfExp,
)  # fmt: skip
SIGNS = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.USub, ast.Not, ast.And, ast.Or,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Load, ast.Store,
)  # fmt: skip


def check_closed(kernel: Described, name: str) -> None:
    """Refuse a text in which anything stands that no kernel has.

    Parameters
    ----------
    name
        What the text is called in messages.

    Raises
    ------
    DataError
        With the line and what was found there.
    """
    given = dict(_given_texts())
    for statement in ast.parse(kernel.text).body:
        for line, what in _foreign_in_module(statement, kernel, given):
            raise DataError(
                f"{name}, line {line}: {what}; this is no kernel that symgrad generates, or one of another "
                "version: make it again"
            )


def _foreign_in_module(
    statement: ast.stmt, kernel: Described, given: dict[str, str]
) -> Iterator[tuple[int, str]]:
    match statement:
        case ast.Import(names=names) if all(alias.name in IMPORTS for alias in names):
            return
        case ast.ImportFrom(module=str(module)) if module in IMPORTS:
            return
        case ast.Expr(value=ast.Constant(value=str())):
            return
        case ast.Assign(targets=[ast.Name(id=target)]) if target in kernel.tables and target not in given:
            return
        case ast.FunctionDef() | ast.Assign() if known := [n for n in _names(statement) if n in given]:
            if any(ast.dump(statement) != given[name] for name in known):
                kind = "function" if isinstance(statement, ast.FunctionDef) else "table"
                yield statement.lineno, f"{known[0]} is not the {kind} that kernels are given"
        case ast.FunctionDef():
            yield from _foreign_in_function(statement, kernel)
        case _:
            yield statement.lineno, f"found {_shown(statement)}"


@cache
def _given_texts() -> tuple[tuple[str, str], ...]:
    """Return how Python reads what kernels are given word for word, by name."""
    texts = [*map(helper_text, HELPERS), ORDER, DRAW, SET_PRODUCT, TILES, PRECISE, MEETING, ALIGN_STACK]
    found = (statement for text in texts for statement in ast.parse(text).body)
    return tuple((name, ast.dump(statement)) for statement in found for name in _names(statement))


def _names(statement: ast.stmt) -> tuple[str, ...]:
    """Return the names that a statement of a module defines."""
    match statement:
        case ast.FunctionDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            return tuple(n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
        case _:
            return ()


def _foreign_in_function(function: ast.FunctionDef, kernel: Described) -> Iterator[tuple[int, str]]:
    yield from (
        (d.lineno, f"found the decorator {_shown(d)}") for d in function.decorator_list if not _is_compiled(d)
    )
    inside = [node for statement in _without_docstring(function) for node in _parts(statement)]
    inner = [node for node in inside if isinstance(node, ast.FunctionDef)]
    yield from (
        (f.lineno, f"{f.name} takes more than plain arguments")
        for f in (function, *inner)
        if not _is_plain(f)
    )
    own = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {argument.arg for f in (function, *inner) for argument in f.args.args}
    numbers = {name for name, value in kernel.tables.items() if isinstance(value, int)}
    known = own | numbers | kernel.functions.keys() | dict(_given_texts()).keys()
    known |= {f.name for f in inner} | {*BUILT_IN, "np"}
    for node in inside:
        if (what := _foreign(node, known, own, kernel)) is not None:
            yield getattr(node, "lineno", function.lineno), what


def _is_plain(function: ast.FunctionDef) -> bool:
    """Whether a function takes arguments by their places, some of which may be numbers if left out."""
    found = function.args
    plain = not (found.kwonlyargs or found.posonlyargs or found.vararg or found.kwarg)
    return plain and all(isinstance(d, ast.Constant) and isinstance(d.value, int) for d in found.defaults)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all in it, but nothing of what refuses arguments: that ends the function."""
    match node:
        case ast.Raise(
            exc=ast.Call(func=ast.Name(id="ValueError"), args=[ast.Constant()], keywords=[]), cause=None
        ):
            return
        case _:
            yield node
            for child in ast.iter_child_nodes(node):
                yield from _parts(child)


def _without_docstring(function: ast.FunctionDef) -> list[ast.stmt]:
    documented = ast.get_docstring(function, clean=False) is not None
    return function.body[1:] if documented else function.body


def _is_compiled(decorator: ast.expr) -> bool:
    """Whether a decorator compiles, with no settings but those of kernels."""
    match decorator:
        case ast.Call(func=ast.Name(id="njit" | "register_jitable"), args=[], keywords=keywords):
            literal = (isinstance(k.value, ast.Constant | ast.Set) for k in keywords)
            return all(k.arg in SETTINGS for k in keywords) and all(literal)
        case _:
            return False


def _foreign(node: ast.AST, known: set[str], own: set[str], kernel: Described) -> str | None:
    """Return what is wrong with a part of a function, if anything is."""
    match node:
        case ast.Name(id=name):
            return None if name in known else f"found {name}"
        case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in NUMPY:
            return None
        case ast.Attribute(attr=name):
            return None if name in ARRAYS else f"found {_shown(node)}"
        case ast.Call(keywords=keywords) if keywords or not _is_callable(node, own, kernel):
            return f"found a call of {_shown(node.func)}"
        case ast.Try(handlers=[], orelse=[]):
            return None
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(number))) if number > HIGHEST:
            return f"found the power {number}"
        case ast.Constant(value=value):
            return None if isinstance(value, int) and value < 1 << 64 else f"found {_shown(node)}"
        case _:
            return None if isinstance(node, (*STATEMENTS, *VALUES, *SIGNS)) else f"found {_shown(node)}"


def _is_callable(call: ast.Call, own: set[str], kernel: Described) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name not in own and (name in kernel.functions or name in BUILT_IN)
        case ast.Attribute(value=ast.Name(id="np")):
            return True
        case ast.Attribute(attr=name):
            return name in METHODS
        case _:
            return False


def _shown(node: ast.AST) -> str:
    """Write what was found on one short line."""
    text = (
        " ".join(ast.unparse(node).split()) if isinstance(node, ast.expr | ast.stmt) else type(node).__name__
    )
    return text if len(text) < 60 else f"{text[:60]}…"
