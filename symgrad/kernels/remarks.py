"""The formulas above statements."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symgrad.kernels.statements import Commented, Loop, Statement, Statements


def headed(made: Iterable[Statement], comment: str) -> Iterator[Statement]:
    """Put a comment above the first statement that can have one: it computes."""
    told = False
    for statement in made:
        here = isinstance(statement, Commented) and not told
        yield replace(statement, comment=comment) if here else statement
        told = told or here


def without_remarks(statements: Statements) -> Statements:
    """Return statements without comments, those inside of loops too."""
    return tuple(_plain(s) for s in statements)


def _plain(statement: Statement) -> Statement:
    if isinstance(statement, Loop):
        return replace(statement, body=without_remarks(statement.body), comment="")
    return replace(statement, comment="") if isinstance(statement, Commented) else statement
