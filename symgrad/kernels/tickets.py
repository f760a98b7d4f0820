"""The text by which threads share training: epochs, parts of the work, what one of them notes at the end."""

from collections.abc import Iterable, Iterator, Mapping

from symgrad.kernels.batches import samples
from symgrad.kernels.blocks import Team
from symgrad.kernels.driver import counted
from symgrad.kernels.emit import block, signature
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function
from symgrad.kernels.updates import EPOCHS, Updates, options


def written(made: Function, head: list[str], body: Iterable[str]) -> str:
    """Write a function around some lines."""
    told = f'    """{made.summary}"""'
    return "\n".join([*head, *signature(made), told, *(f"    {line}" if line else "" for line in body)])


def indented(lines: Iterable[str], depth: int = 1) -> Iterator[str]:
    """Write lines further to the right."""
    return ("    " * depth + line for line in lines)


def opening(team: Team, updates: Updates, sizes: Iterable[str], private: Iterable[Allocate]) -> Iterator[str]:
    """Write what a member sets before the first epoch; some lines read sizes, some arrays are its own."""
    spec = team.spec
    yield f"rows = {samples(team.program)[0]}.shape[0]"
    yield "batch = min(batch, rows)"
    yield "last = rows - rows % batch if drop_last else rows"
    yield from sizes
    yield from block((*options(spec), *updates.constants, *private), spec.like)


def epochs(team: Team, updates: Updates, batch: Iterable[str]) -> Iterator[str]:
    """Write the loop over epochs and batches, around what a member does for a batch."""
    spec = team.spec
    yield from ("end = 0", "epoch = 0", "while epoch < losses.shape[0] and board[ENDED] == 0:")
    yield from indented(("if shuffle:", f"    reorder(order, {team.name_of('random_state')})"))
    yield from indented(block(team.mine(updates.epoch), spec.like))
    yield "    for begin in range(0, last, batch):"
    yield from indented(batch, 2)
    yield "    else:"
    yield from indented(block(team.mine(counted(spec, "epoch", EPOCHS)), spec.like), 2)
    yield "        epoch += 1"


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
