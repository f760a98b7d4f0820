"""How training is rehearsed: sizes of batches, orders and lengths, one for every way that a file trains."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symgrad.kernels.described import Described

ROWS, BATCH = 3, 2
MANY = 500
"""Above so many entries of parameters, one epoch of shuffled rows has to do."""
LONGEST = 12
"""Epochs that can be carried out exactly where the loss is quadratic."""
SINGLE, MOMENTS, BLOCKS = "_train_online", "_from_moments", "train_in_blocks"
"""Functions of kernels that train in other ways: single samples, all rows by moments, blocks of rows."""
BLOCK = "BLOCK"
"""The constant of a file that says how many rows a block has."""


@dataclass(frozen=True)
class Plan:
    """For how long is trained, and on which rows.

    Attributes
    ----------
    block
        How many rows a block has, for the function that trains in blocks; 0 for `train`.
    """

    epochs: int
    shuffle: bool
    drop_last: bool = False
    batch: int = BATCH
    block: int = 0


def plans(kernel: Described, sizes: Mapping[str, int]) -> Iterator[Plan]:
    """Yield a batch and a smaller one in order, epochs of shuffled rows without the remainder, and the rest.

    A file that treats single samples, one batch of all rows, or blocks in a way of their own is rehearsed on
    these, too.
    """
    yield Plan(1, shuffle=False)
    yield Plan(_shuffled(kernel, sizes), shuffle=True, drop_last=True)
    if SINGLE in kernel.functions:
        yield from (Plan(1, shuffle=shuffle, batch=1) for shuffle in (False, True))
    if epochs := _whole(kernel):
        yield Plan(epochs, shuffle=False, batch=ROWS)
    if BLOCKS in kernel.functions:
        yield Plan(1, shuffle=False, batch=ROWS, block=2)
        yield Plan(1, shuffle=True, batch=BATCH, block=1)


def told(kernel: Described, sizes: Mapping[str, int]) -> str:
    """Say in words how long is trained, and on which rows."""
    parts = [f"batches of {BATCH} and {ROWS - BATCH}", _counted(_shuffled(kernel, sizes), "shuffled epoch")]
    parts += ["single samples"] if SINGLE in kernel.functions else []
    parts += [f"{_counted(epochs, 'epoch')} of one batch"] if (epochs := _whole(kernel)) else []
    parts += ["blocks of 2 rows and of 1"] if BLOCKS in kernel.functions else []
    return ", ".join(parts)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _shuffled(kernel: Described, sizes: Mapping[str, int]) -> int:
    """Return for how many epochs some of the rows, shuffled, are trained on: moments do not fit them."""
    return max(1 if kernel.entries(sizes) > MANY else 2, _whole(kernel))


def _whole(kernel: Described) -> int:
    """Return after how many epochs on all rows moments were taken, found too rough, and taken anew.

    0 if the file trains without them, or takes them for runs only that are too long to be carried out.
    """
    if MOMENTS not in kernel.functions:
        return 0
    inside = ast.walk(kernel.functions["train"])
    fewest = [n for node in inside if isinstance(node, ast.Compare) for n in _compared(node)]
    epochs = max((4, *fewest))
    return epochs if epochs <= LONGEST else 0


def _compared(test: ast.Compare) -> Iterator[int]:
    """Yield the number that a comparison holds the number of epochs against."""
    match test:
        case ast.Compare(left=left, comparators=[ast.Constant(value=int(number))]):
            if ast.unparse(left) == "losses.shape[0]":
                yield number
        case _:
            return
