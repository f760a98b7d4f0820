"""Functions as statements: what a function does and returns, written as if it stood outside of it.

Whoever looks for a mistake in a line of code wants statements.  Only a function that ends in its one
``return`` and leaves its parameters alone can be written so.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from textwrap import dedent
from typing import Any

from symgrad.verify.code.gradients import INNER, keys_of

NOT_PLAIN = (ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)
CACHE = "cache"


def statements_of(
    function: Callable[..., Any], result: str, names: Sequence[str] = (), name: str = ""
) -> str:
    """Return the statements of a function whose source is known, or no text where there are none.

    Parameters
    ----------
    result
        The name that takes what it returns.
    names, name
        Of several gradients that it returns, what they are called and which one is taken.
    """
    try:
        tree = ast.parse(dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return ""
    found = tree.body[0] if tree.body else None
    made = inlined(found, result, names, name) if isinstance(found, ast.FunctionDef) else []
    return "\n".join(map(ast.unparse, made))


def inlined(
    function: ast.FunctionDef, result: str, names: Sequence[str] = (), name: str = ""
) -> list[ast.stmt]:
    """Return the statements that do what a call of a function does; none where it is not as plain as that."""
    *body, last = function.body
    inner = [node for statement in body for node in ast.walk(statement)]
    if not isinstance(last, ast.Return) or last.value is None or not _is_plain(function, inner):
        return []
    made = _assigned(last.value, result, names, name)
    return [*_without_docstring(body), *(ast.copy_location(statement, last) for statement in made)]


def _is_plain(function: ast.FunctionDef, inner: Sequence[ast.AST]) -> bool:
    parameters = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    stored = {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    leaves = any(isinstance(node, (ast.Return, *NOT_PLAIN, *INNER)) for node in inner)
    return not leaves and not function.decorator_list and not stored & parameters


def _without_docstring(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    first = body[0] if body else None
    described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if described else body


def _assigned(value: ast.expr, result: str, names: Sequence[str], name: str) -> Iterator[ast.stmt]:
    if isinstance(value, ast.Tuple) and not names:
        first, *rest = value.elts
        yield _assign(CACHE, rest[0] if len(rest) == 1 else ast.Tuple(rest, ast.Load()))
        yield _assign(result, first)
    else:
        yield _assign(result, _picked(value, names, name))


def _picked(value: ast.expr, names: Sequence[str], name: str) -> ast.expr:
    if isinstance(value, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        wanted = next((k for k in keys_of(name) if k in keys), None)
        return value if wanted is None else value.values[keys.index(wanted)]
    if isinstance(value, ast.Tuple) and name in names and len(value.elts) - len(names) in (0, 1):
        return value.elts[len(value.elts) - len(names) + list(names).index(name)]
    return value


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.fix_missing_locations(ast.Assign([ast.Name(name, ast.Store())], value))


def in_their_lines(text: str, others: Sequence[ast.stmt], made: Sequence[ast.stmt]) -> str:
    """Write statements outside of a function, and then those made of it, in the lines of their text.

    Returns
    -------
    str
        Empty where they cannot be written so, as where something else stands below the function.
    """
    source = text.splitlines()
    lines = [""] * len(source)
    for node in others:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        lines[first - 1 : node.end_lineno] = source[first - 1 : node.end_lineno]
    for node in made:
        here = slice(node.lineno - 1, node.end_lineno)
        kept = "\n".join(source[here]) if lines[here] == [""] * len(lines[here]) else ""
        if _same(dedent(kept), [node]):
            lines[here] = dedent(kept).split("\n")
        else:
            at = node.lineno - 1
            lines[at] = "; ".join(filter(None, (lines[at], ast.unparse(node))))
    found = "\n".join(lines)
    return found if _same(found, [*others, *made]) else ""


def _same(text: str, statements: Sequence[ast.stmt]) -> bool:
    """Whether a text is some statements."""
    try:
        found = ast.parse(text).body
    except SyntaxError:
        return False
    return list(map(ast.dump, found)) == list(map(ast.dump, statements))
