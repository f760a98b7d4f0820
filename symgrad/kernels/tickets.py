"""The text of a loop over parts of work that threads share, and what one of them notes at its end."""

from collections.abc import Iterable, Iterator, Mapping

from symgrad.kernels.emit import signature
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Function


def written(made: Function, head: list[str], body: Iterable[str]) -> str:
    """Write a function around some lines."""
    told = f'    """{made.summary}"""'
    return "\n".join([*head, *signature(made), told, *(f"    {line}" if line else "" for line in body)])


def indented(lines: Iterable[str], depth: int = 1) -> Iterator[str]:
    """Write lines further to the right."""
    return ("    " * depth + line for line in lines)


def tickets(what: str, count: str, body: Iterable[str]) -> Iterator[str]:
    """Write a loop over parts of the work, each done by the thread that takes its ticket, until all are."""
    yield from (
        "start = end",
        f"end = start + {count}",
        "ticket = take(board, helper, end)",
        "while ticket >= 0:",
    )
    yield f"    {what} = ticket - start"
    yield from indented(body)
    yield from indented(("add(board, FINISHED)", "ticket = take(board, helper, end)"))
    yield from ("if not finished(board, helper, end):", "    return")


def noted(spec: KernelSpec, own: Mapping[str, str], before: Iterable[str] = ()) -> Iterator[str]:
    """Write what the thread notes that has the first piece of a batch.

    Parameters
    ----------
    own
        For what every thread has for itself, of what it is a copy.
    """
    added = f"{spec.loss}*count" if spec.mean else spec.loss
    yield "if piece == 0:"
    yield from indented(before)
    yield f"    losses[epoch] = {added} if begin == 0 else losses[epoch] + {added}"
    yield from indented(f"{shared}[0] = {mine}[0]" for mine, shared in own.items())
    yield "    if begin + count == last:"
    yield from ("        losses[epoch] /= last",) if spec.mean else ()
    yield "        board[COMPLETED] = epoch + 1"
    yield "    if stop[0] or board[COMPLETED] == losses.shape[0]:"
    yield "        board[ENDED] = 1"
