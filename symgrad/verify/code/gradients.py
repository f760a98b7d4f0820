"""Where a claim leaves its gradient: the names that are read, a closed list, the first that is set.

Statements may set ``G``; else ``dW``, ``grad_W`` or ``grad`` is read as the gradient by ``W``.  A function
that returns several says which by ``W``, ``dW``, ``d_W``, ``grad_W`` or ``W_grad``.
"""

import ast
from collections.abc import Iterator
from typing import Any, cast

from symgrad.errors import DataError
from symgrad.verify.arrays.programs import GRADIENT

INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def names_of(wrt: str) -> tuple[str, ...]:
    """Return the names that statements may leave the gradient by an array under, in the order of reading.

    Examples
    --------
    >>> names_of("W")
    ('G', 'dW', 'grad_W', 'grad')
    """
    return GRADIENT, f"d{wrt}", f"grad_{wrt}", "grad"


def keys_of(wrt: str) -> tuple[str, ...]:
    """Return the keys under which a function may return the gradient by an array, among others."""
    return wrt, f"d{wrt}", f"d_{wrt}", f"grad_{wrt}", f"{wrt}_grad"


def setting(claimed: str, wrt: str) -> str:
    r"""Return claimed statements that leave their gradient in ``G``; what is no Python is left as it is.

    Raises
    ------
    DataError
        If no name is set from which a gradient is read.

    Examples
    --------
    >>> setting("dW = 2*W", "W")
    'dW = 2*W\nG = dW'
    """
    found = name_set(claimed, wrt)
    if found is None:
        raise DataError(f"the claim sets none of {said_names(wrt)}")
    return claimed if found in ("", GRADIENT) else f"{claimed}\n{GRADIENT} = {found}"


def picked(found: Any, wrt: str) -> Any:
    """Return the gradient by an array among those that a function returned by name.

    Raises
    ------
    DataError
        If there is none, or no gradient is returned at all.
    """
    if found is None:
        raise DataError("the claim gives no gradient: it returns None")
    if not isinstance(found, dict):
        return found
    table = cast("dict[object, Any]", found)
    key = next((key for key in keys_of(wrt) if key in table), None)
    if key is None:
        keys = ", ".join(map(str, table)) or "no keys"
        raise DataError(
            f"the claim returns {keys}; the gradient by {wrt} is read from {', '.join(keys_of(wrt))}"
        )
    return table[key]


def name_set(claimed: str, wrt: str) -> str | None:
    """Return the name that holds the gradient; None where there is none, "" for what is no Python."""
    try:
        outside = list(_outside(ast.parse(claimed)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    names = [node for node in outside if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    # np.add.at(dW, …) and dW[0] = … change what the forward code may have laid out.
    mentioned = {node.id for node in names}
    known = names_of(wrt)
    return next((name for group in (stored, mentioned) for name in known if name in group), None)


def said_names(wrt: str) -> str:
    """Return the names of `names_of` as a sentence has them."""
    first, *rest = names_of(wrt)
    return f"{first}, {', '.join(rest)}; the gradient by {wrt} is read from the first of them that is set"


def _outside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a tree that lie outside of functions and classes."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, INNER):
            yield from _outside(child)
