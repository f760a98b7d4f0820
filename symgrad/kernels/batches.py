"""The rows of a batch, as text: their order, what is drawn for them, and the arrays that hold them."""

from collections.abc import Iterator

import sympy as sp

from symgrad.kernels.program import Program


def given(program: Program) -> tuple[str, ...]:
    """Return the leaves that `train` is given."""
    return (*program.spec.given, *program.spec.targets)


def samples(program: Program) -> tuple[str, ...]:
    """Return those of them that hold samples; the others are passed on whole."""
    return tuple(filter(program.spec.has_samples, given(program)))


def columns(program: Program, name: str) -> str:
    """Return the name of the array that holds the samples of a leaf last."""
    return f"{name}_columns" if len(program.spec.graph[name].axes) > 1 else name


def transposed(program: Program, name: str) -> str:
    """Write the array that holds the samples of a leaf last."""
    count = len(program.spec.graph[name].axes)
    turned = "T" if count == 2 else f"transpose({', '.join(map(str, range(1, count)))}, 0)"
    return f"np.ascontiguousarray({name}.{turned})" if count > 1 else name


def batch_arrays(program: Program, count: str = "batch") -> Iterator[str]:
    """Allocate the order of the rows and as many rows, needed only when shuffling."""
    yield f"order = np.empty(rows if {shuffling(program)} else 0, np.int64)"
    yield from _turned_batches(program) if program.columns else _room(program, (count,), "batch")


def _room(program: Program, shape: tuple[str, ...], word: str) -> Iterator[str]:
    for name in samples(program):
        sizes = (f"{name}.shape[{k + 1}]" for k in range(len(program.spec.graph[name].axes) - 1))
        extents = [shape[0], *sizes, *shape[1:]]
        joined = f"({', '.join(extents)})" if len(extents) > 1 else extents[0]
        yield f"{name}_{word} = np.empty({joined}, {name}.dtype)"


def _turned_batches(program: Program) -> Iterator[str]:
    """Turn all batches once, unless they are shuffled: then there is room for one.

    The columns of a batch are neighbours in memory, and the loop over samples begins with 0: LLVM sees that
    no index is negative, and need not gather entries one by one.
    """
    shuffled = shuffling(program)
    yield f"batches = 1 if {shuffled} else -(-last//batch)"
    yield from _room(program, ("batches", "batch"), "batches")
    yield from (f"if not {shuffled}:", "    for first in range(0, last, batch):")
    yield "        for n in range(min(batch, last - first)):"
    for name in samples(program):
        copied = _copied(program, name, f"{name}_batches", ("first//batch",), "first + n")
        yield from ("            " + line for line in copied)


def shuffling(program: Program) -> str:
    """Return the name of what says whether rows are shuffled: one batch of all of them need not be."""
    return "shuffle" if program.spec.moments is None else "shuffled"


def now(program: Program, name: str) -> str:
    """Return how the step is given a leaf: the rows of the batch, or all of it."""
    spec = program.spec
    if name in spec.drawn:
        return f"{name}[:size]" if spec.has_samples(name) else name
    return f"{name}_now" if spec.has_samples(name) else name


def draws(program: Program, *, whole: bool = False) -> Iterator[str]:
    """Draw anew for a batch: a 64-bit number gives a one if it is among the first `keep` · 2^64.

    Parameters
    ----------
    whole
        Whether all of an array belongs to the batch.
    """
    for name in program.spec.drawn:
        keep = program.spec.graph[name].drawn
        limit = sp.ceiling(keep * 2**64) - 1
        yield f"draw({name if whole else now(program, name)}, np.uint64({limit}), random_state)"


def rows(program: Program) -> Iterator[str]:
    """Take the rows of a batch: copied in the order drawn, or where they stand."""
    return _columns(program) if program.columns else _rows(program)


def _columns(program: Program) -> Iterator[str]:
    """Take a batch with its samples last."""
    shuffled, names = shuffling(program), samples(program)
    yield f"place = 0 if {shuffled} else first//batch"
    yield from (f"{name}_now = {name}_batches[place]" for name in names)
    yield from (f"if {shuffled}:", "    for n in range(size):")
    for name in names:
        copied = _copied(program, name, f"{name}_now", (), "order[first + n]")
        yield from ("        " + line for line in copied)


def _rows(program: Program) -> Iterator[str]:
    names = samples(program)
    yield from (f"if {shuffling(program)}:", "    for n in range(size):")
    for name in names:
        copied = _copied(program, name, f"{name}_batch", (), "order[first + n]")
        yield from ("        " + line for line in copied)
    yield from (*(f"    {n}_now = {n}_batch[:size]" for n in names), "else:")
    yield from (f"    {n}_now = {n}[first:first + size]" for n in names)


def _copied(program: Program, name: str, array: str, at: tuple[str, ...], row: str) -> Iterator[str]:
    """Copy a row of a leaf to sample `n` of an array, or of the part of it at some leading subscripts."""
    letters = [f"i{k}" for k in range(len(program.spec.graph[name].axes) - 1)]
    for k, letter in enumerate(letters):
        yield f"{'    ' * k}for {letter} in range({name}.shape[{k + 1}]):"
    target = ", ".join([*at, *letters, "n"] if program.columns else [*at, "n", *letters])
    yield f"{'    ' * len(letters)}{array}[{target}] = {name}[{', '.join([row, *letters])}]"
