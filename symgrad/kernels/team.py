"""Training by several threads: `train_in_blocks`, whose bits do not depend on how many there are.

A batch is cut into blocks of as many rows, and the changes of parameters into pieces; who is awake takes the
next ticket for one.  What a ticket stands for does not depend on who takes it, hence nothing else does.  All
that is not shared every thread does by itself: it draws the order of the rows and counts steps and epochs.
"""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.kernels.batches import batch_arrays, given, now, rows, samples
from symgrad.kernels.blocks import BLOCKS, Team, blocks_of
from symgrad.kernels.costs import SIZE_ASSUMED
from symgrad.kernels.driver import counted, rows_of, sizes
from symgrad.kernels.emit import assigned, block, called, decorator, function
from symgrad.kernels.halves import phased_texts
from symgrad.kernels.operations import operations
from symgrad.kernels.phases import PIECES
from symgrad.kernels.program import Program
from symgrad.kernels.separable import separable
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function, walk
from symgrad.kernels.statements import written as targets
from symgrad.kernels.tickets import epochs, indented, noted, opening, tickets, written
from symgrad.kernels.updates import STEP

FEWEST = 8
"""Rows of a block, at least: products of fewer are slow."""
LEAST = 5_000_000
"""Operations of a batch below which two meetings, and products of fewer rows, cost what a second thread
brings: measured at 0.7 to 9 million with two cores of a Zen 5."""
TRIES, PER_TRY = 20_000, 25
"""Who waits for others asks so often at least; in the time of asking once a core does some 200 operations,
so that one for every 25 are as many as the time of eight tickets."""
SUMMARY = """Train as `train` does, in blocks of rows that threads share; their number changes no bit.

    BLAS must have one thread: set OPENBLAS_NUM_THREADS=1 before NumPy is imported.
    """


def block_rows(spec: KernelSpec) -> int:
    """Return how many rows a block has: a batch of the size that is weighed for has two."""
    return max(FEWEST, (spec.rows + 1) // 2)


def longest_wait(program: Program) -> int:
    """Return how often to ask for the tickets of others before they seem to have no core."""
    return max(TRIES, int(_operations(program, block_rows(program.spec))) // PER_TRY)


def _operations(program: Program, count: int) -> float:
    """Return the operations of a step on some rows; open sizes count as they are assumed."""
    found, row = operations(program.full.body), program.spec.row
    numbers = {s: sp.Integer(count if s == row else SIZE_ASSUMED) for s in found.free_symbols}
    return float(found.xreplace(numbers))


def alone(program: Program) -> str | None:
    """Say why one thread trains this network; None where several can and it pays."""
    return kept(program, "alone", lambda: _alone(program))


def _alone(program: Program) -> str | None:
    spec = program.spec
    if program.columns:
        return "it is written without arrays, and a batch takes less time than a meeting"
    if spec.drawn:
        return "what is drawn for a batch is drawn in one sequence"
    if separable(spec) is None:
        return "the loss of a batch is not the mean or the sum of the losses of its samples"
    if _operations(program, spec.rows) < LEAST:
        return "a batch takes too little time to share it"
    if not program.phases and _changes_weights(program):
        return "fast training changes weights while the gradient is computed"
    return None


def _changes_weights(program: Program) -> bool:
    """Whether a step changes parameters itself, which all blocks of a batch are to read unchanged."""
    found = {target.name for s in walk(program.step.body) for target in targets(s)}
    return bool(program.turned) or not found.isdisjoint(p.name for p in program.spec.parameters)


def team_texts(program: Program) -> tuple[str, ...]:
    """Write the functions by which several threads train; none where one does."""
    if not program.spec.threads or alone(program):
        return ()
    if program.phases:
        return tuple(phased_texts(Team(program), program.phases, SUMMARY))
    return tuple(_texts(Team(program)))


def _texts(team: Team) -> Iterator[str]:
    first = team.spec.updated[0]
    yield from (function(made, first).strip() for made in team.piecewise)
    summary = "Take part in training until it ends."
    made = Function("_member", team.passed, summary, ())
    yield written(made, [decorator(made)], _member(team))
    arguments = (*team.arguments, "threads=1")
    yield written(Function("train_in_blocks", arguments, SUMMARY, ()), [], _train(team))


def _member(team: Team) -> Iterator[str]:
    program, spec, updates = team.program, team.spec, team.program.updates
    read = sizes(spec, given(program), (*team.private, *updates.norm))
    yield from opening(team, updates, read, team.private)
    yield f"shares = np.empty({blocks_of(spec.loss)}.shape[0], {spec.like}.dtype)"
    yield from batch_arrays(program, "BLOCK")
    yield from epochs(team, updates, _batch(team))


def _batch(team: Team) -> Iterator[str]:
    """Write what a member does for a batch."""
    spec, updates, loss = team.spec, team.program.updates, team.spec.loss
    yield from ("if board[ENDED] != 0:", "    break", "count = min(batch, last - begin)")
    yield "blocks = (count + BLOCK - 1)//BLOCK"
    yield from block(team.mine((*counted(spec, "step", STEP), *updates.step)), spec.like)
    yield from tickets("block", "blocks", _block(team))
    yield f"{loss} = constant({spec.like}, 0, 1)"
    yield "for block in range(blocks):"
    share = "min(BLOCK, count - block*BLOCK), count" if separable(spec) == "mean" else "1, 1"
    yield f"    shares[block] = constant({spec.like}, {share})"
    yield f"    {loss} += shares[block]*{blocks_of(loss)}[block]"
    for number, made in enumerate(team.piecewise, 1):
        last = number == len(team.piecewise)
        yield from block(team.mine(updates.norm), spec.like) if last else ()
        done = noted(spec, team.own) if last else ()
        yield from tickets("piece", str(PIECES), (*called(made.name, made.arguments), *done))


def _block(team: Team) -> Iterator[str]:
    """Write what is done for a block."""
    program, spec = team.program, team.spec
    yield from ("first = begin + block*BLOCK", "size = min(BLOCK, begin + count - first)")
    yield from rows(program)
    parts = {w.name: rows_of(w, spec.row) for w in program.step.workspaces if spec.row in w.shape}
    parts |= {gradient: f"{blocks_of(gradient)}[block]" for gradient in team.gradients}
    rest = (parts.get(n, n) for n in program.step.arguments[len(spec.leaves) :])
    leaves = (now(program, name) for name in spec.leaves)
    yield from assigned((f"{blocks_of(spec.loss)}[block]",), program.step.name, (*leaves, *rest))


def _train(team: Team) -> Iterator[str]:
    """Write the function that starts the threads."""
    program, spec, once = team.program, team.spec, team.program.once
    yield f"rows = min(batch, {samples(program)[0]}.shape[0])"
    yield "blocks = max(1, (rows + BLOCK - 1)//BLOCK)"
    held = tuple(w for w in program.step.workspaces if w.name in team.held)
    made = (*team.rooms, *held, *(once.workspaces if once else ()))
    yield from sizes(spec, given(program), tuple(replace(m, shape=_without_blocks(m)) for m in made))
    yield from block(made, spec.like)
    yield from called(once.name, once.arguments) if once else ()
    yield from (f"{own} = {shared}.copy()" for own, shared in team.own.items())
    yield from ("board = np.zeros(BOARD, np.int64)", "board[ENDED] = stop[0]", "board[PAUSE] = FIRST_PAUSE")
    yield from ("", "def work(helper):")
    passed = tuple(f"{name}.copy()" if name in team.own else name for name in team.passed)
    yield from indented(called("_member", passed))
    yield from ("", "together(work, max(1, min(threads, blocks)), board)", "return int(board[COMPLETED])")


def _without_blocks(room: Allocate) -> tuple[sp.Expr, ...]:
    return tuple(extent for extent in room.shape if extent != BLOCKS)
