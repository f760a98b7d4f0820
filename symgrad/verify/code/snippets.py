"""The one place of verify/ where code text runs: statements, compiled singly, in names of their own.

What runs here has been handed over as code, by its author or in the child process with its limits.
"""

import ast
from collections.abc import Iterable
from types import CodeType
from typing import Any

SNIPPET = "<snippet>"


def compiled(statement: ast.stmt) -> CodeType:
    """One statement as code."""
    module = ast.Module(body=[statement], type_ignores=[])
    return compile(module, SNIPPET, "exec")


def carry_out(codes: Iterable[CodeType], names: dict[str, Any]) -> dict[str, Any]:
    """Run the statements in `names`, which is changed and returned."""
    for code in codes:
        exec(code, names)
    return names
