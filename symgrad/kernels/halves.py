"""Training by several threads, each batch in two phases: the text of `train_in_blocks` where these pay.

What a ticket stands for, some rows of the batch or one piece of the parameters, does not depend on who takes
it, and every entry is computed by one thread: the bits do not depend on their number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symgrad.kernels.batches import given, now, rows, samples, shuffling
from symgrad.kernels.blocks import Team
from symgrad.kernels.driver import counted, of_batch, rows_of, sizes
from symgrad.kernels.emit import assigned, block, called, decorator, function
from symgrad.kernels.phases import PIECES, Phases
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function
from symgrad.kernels.tickets import epochs, indented, noted, opening, tickets, written
from symgrad.kernels.turned import turned, turned_name
from symgrad.kernels.updates import STEP


@dataclass(frozen=True)
class Pair:
    """A team and the two phases of its step."""

    team: Team
    phases: Phases

    @property
    def spec(self) -> KernelSpec:
        """The network."""
        return self.team.spec

    @cached_property
    def rooms(self) -> tuple[Allocate, ...]:
        """What all threads write to: what the first phase hands over, and gradients that are arrays."""
        program, spec = self.team.program, self.spec
        handed = (w for w in self.phases.samples.workspaces if w.name in self.phases.shared)
        gradients = (Allocate(spec.delta[n], spec.extents(spec.delta[n])) for n in self.phases.left)
        return *(of_batch(program, w, "rows") for w in handed), *gradients

    @cached_property
    def private(self) -> tuple[Allocate, ...]:
        """The workspaces of one thread, for one block."""
        made = (w for w in self.phases.samples.workspaces if w.name not in self.phases.shared)
        return tuple(of_batch(self.team.program, w, "BLOCK") for w in made)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters as a member has them."""
        turned = self.phases.turned
        return tuple(turned_name(p.name) if p.name in turned else p.name for p in self.spec.parameters)

    @cached_property
    def shuffled(self) -> tuple[str, ...]:
        """The rooms for the rows of a batch in the order drawn."""
        return tuple(f"{name}_shuffled" for name in samples(self.team.program))

    @property
    def passed(self) -> tuple[str, ...]:
        """What a member is given."""
        own = dict(zip((p.name for p in self.spec.parameters), self.parameters, strict=True))
        arguments = (own.get(name, name) for name in self.team.arguments)
        shared = (*(room.name for room in self.rooms), *self.team.held, *self.shuffled)
        return ("board", "helper", *arguments, *shared, *self.team.own)


def phased_texts(team: Team, phases: Phases, summary: str) -> Iterator[str]:
    """Write the functions by which several threads train in two phases."""
    pair = Pair(team, phases)
    first = pair.parameters[0]
    yield function(phases.samples, pair.spec.like).strip()
    yield function(phases.loss, pair.spec.like).strip()
    yield function(phases.change, first).strip()
    made = Function("_member", pair.passed, "Take part in training until it ends.", ())
    yield written(made, [decorator(made)], _member(pair))
    arguments = (*team.arguments, "threads=1")
    yield written(Function("train_in_blocks", arguments, summary, ()), [], _train(pair))


def _member(pair: Pair) -> Iterator[str]:
    team, updates, program = pair.team, pair.phases.updates, pair.team.program
    read = sizes(turned(pair.spec, pair.phases.turned), given(program), pair.private)
    yield from opening(team, updates, read, pair.private)
    yield f"order = np.empty(rows if {shuffling(program)} else 0, np.int64)"
    yield from epochs(team, updates, _batch(pair))


def _batch(pair: Pair) -> Iterator[str]:
    """Write what a member does for a batch."""
    team, spec, updates = pair.team, pair.spec, pair.phases.updates
    yield from ("if board[ENDED] != 0:", "    break", "count = min(batch, last - begin)")
    yield from block(team.mine((*counted(spec, "step", STEP), *updates.step)), spec.like)
    yield from tickets("block", "(count + BLOCK - 1)//BLOCK", _rows(pair))
    yield from _whole(pair)
    yield from tickets("piece", str(PIECES), _piece(pair))


def _rows(pair: Pair) -> Iterator[str]:
    """Write the first phase of a block of rows."""
    program, spec, made = pair.team.program, pair.spec, pair.phases.samples
    yield from ("lower = block*BLOCK", "first = begin + lower", "size = min(BLOCK, count - lower)")
    yield from (
        f"{n}_batch = {there}[lower:]" for n, there in zip(samples(program), pair.shuffled, strict=True)
    )
    yield from rows(program)
    parts = {name: f"{name}[lower:lower + size]" for name in pair.phases.shared}
    parts |= {
        w.name: rows_of(w, spec.row) for w in made.workspaces if w.name not in parts and spec.row in w.shape
    }
    parts |= {name: now(program, name) for name in spec.leaves}
    yield from called(made.name, tuple(parts.get(n, n) for n in made.arguments))


def _whole(pair: Pair) -> Iterator[str]:
    """Write what the second phase is given of the data: all rows of the batch."""
    names = samples(pair.team.program)
    yield f"if {shuffling(pair.team.program)}:"
    yield from (f"    {n}_now = {there}[:count]" for n, there in zip(names, pair.shuffled, strict=True))
    yield "else:"
    yield from (f"    {n}_now = {n}[begin:begin + count]" for n in names)


def _piece(pair: Pair) -> Iterator[str]:
    """Write the second phase of a piece of the parameters."""
    program, spec, made = pair.team.program, pair.spec, pair.phases
    parts = {name: f"{name}[:count]" for name in made.shared}
    parts |= {name: now(program, name) for name in spec.leaves}
    yield from called(made.change.name, tuple(parts.get(n, n) for n in made.change.arguments))
    given = tuple(parts.get(n, n) for n in made.loss.arguments)
    yield from noted(spec, pair.team.own, assigned((spec.loss,), made.loss.name, given))


def _train(pair: Pair) -> Iterator[str]:
    """Write the function that starts the threads."""
    team, spec, once = pair.team, pair.spec, pair.team.program.once
    program = team.program
    yield f"rows = min(batch, {samples(program)[0]}.shape[0])"
    held = tuple(w for w in program.step.workspaces if w.name in team.held)
    made = (*pair.rooms, *held, *(once.workspaces if once else ()))
    yield from sizes(spec, given(program), made)
    yield from block(made, spec.like)
    yield from called(once.name, once.arguments) if once else ()
    yield f"drawn = rows if {shuffling(program)} else 0"
    yield from _room_for_rows(pair)
    yield from (f"{turned_name(n)} = np.ascontiguousarray({n}.T)" for n in pair.phases.turned)
    yield from (f"{own} = {shared}.copy()" for own, shared in team.own.items())
    yield from ("board = np.zeros(BOARD, np.int64)", "board[ENDED] = stop[0]", "board[PAUSE] = FIRST_PAUSE")
    yield from ("", "def work(helper):")
    passed = tuple(f"{name}.copy()" if name in team.own else name for name in pair.passed)
    yield from indented(called("_member", passed))
    yield from ("", f"parts = max((rows + BLOCK - 1)//BLOCK, {PIECES})")
    yield from _together(pair)
    yield "return int(board[COMPLETED])"


def _room_for_rows(pair: Pair) -> Iterator[str]:
    """Allocate room for the rows of a batch in the order drawn."""
    for name, there in zip(samples(pair.team.program), pair.shuffled, strict=True):
        axes = pair.spec.graph[name].axes[1:]
        shape = ", ".join(["drawn", *(f"{name}.shape[{k}]" for k in range(1, len(axes) + 1))])
        yield f"{there} = np.empty({f'({shape})' if axes else shape}, {name}.dtype)"


def _together(pair: Pair) -> Iterator[str]:
    """Start the threads; what was turned is read back even where one of them fails."""
    start = "together(work, max(1, min(threads, parts)), board)"
    if not pair.phases.turned:
        yield start
        return
    yield from ("try:", f"    {start}", "finally:")
    yield from (f"    {n}[:] = {turned_name(n)}.T" for n in pair.phases.turned)
