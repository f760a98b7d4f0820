"""The functions around the gradients: `gradients` and `train`, as text with the statements put in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.kernels.batches import (
    batch_arrays,
    columns,
    draws,
    given,
    now,
    rows,
    samples,
    shuffling,
    transposed,
)
from symgrad.kernels.emit import assigned, block, called, decorator, signature
from symgrad.kernels.files import TAIL
from symgrad.kernels.heads import open_sizes
from symgrad.kernels.moments import room, step, summed
from symgrad.kernels.printer import text
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Allocate, Assign, Function, Statements
from symgrad.kernels.turned import copied, restored
from symgrad.kernels.unroll import scalars
from symgrad.kernels.updates import EPOCHS, STEP, options, states
from symgrad.model.expressions import Ref

TRAINS = "Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."


@dataclass(frozen=True)
class Inner:
    """What differs in `train` between a network of arrays and one of scalars."""

    before: Statements
    results: tuple[str, ...]
    arguments: tuple[str, ...]
    after: Statements


def gradients_text(program: Program) -> str:
    """Write the public function that allocates, computes and returns the loss and all gradients."""
    spec = program.spec
    deltas = tuple(spec.delta[p.name] for p in spec.parameters)
    summary = f"Return the loss {spec.loss} and the gradients {', '.join(deltas)}."
    made = Function("gradients", (*spec.leaves, *(p.name for p in spec.parameters)), summary, ())
    body = _gradients_of_scalars(program) if program.columns else _gradients_of_arrays(program)
    return function_text(made, [*body, f"return {', '.join((spec.loss, *deltas))}"])


def function_text(made: Function, body: list[str]) -> str:
    """Write a function around some lines."""
    head = [decorator(made), *signature(made), f'    """{made.summary}"""']
    return "\n".join([*head, *("    " + line for line in body)]) + "\n"


def _gradients_of_arrays(program: Program) -> list[str]:
    spec, full = program.spec, program.full
    return [
        *sizes(spec, spec.leaves, full.workspaces),
        *block(full.workspaces, spec.like),
        *assigned((spec.loss,), full.name, full.arguments),
    ]


def _gradients_of_scalars(program: Program) -> list[str]:
    spec, full = program.spec, program.full
    grads = {p.name: scalars(spec, p, spec.delta[p.name]) for p in spec.parameters}
    names = tuple(s.name for table in grads.values() for s in table.values())
    arguments = (
        *(columns(program, n) for n in spec.leaves),
        *_loaded_names(program),
        f"{spec.inputs[0]}.shape[0]",
    )
    stores = [
        s
        for p in spec.parameters
        for s in (
            Allocate(spec.delta[p.name], spec.extents(spec.delta[p.name])),
            *(Assign(a, b) for a, b in grads[p.name].items()),
        )
    ]
    return [
        *aligned(program),
        *(
            f"{columns(program, n)} = {transposed(program, n)}"
            for n in spec.leaves
            if columns(program, n) != n
        ),
        *block(_loads(program), spec.like),
        *assigned((spec.loss, *names), full.name, arguments),
        *block(tuple(stores), spec.like),
    ]


def _loads(program: Program) -> Statements:
    spec = program.spec
    return tuple(Assign(b, a) for p in spec.parameters for a, b in scalars(spec, p).items())


def _loaded_names(program: Program) -> tuple[str, ...]:
    return tuple(s.target.name for s in _loads(program) if isinstance(s, Assign))


def aligned(program: Program) -> list[str]:
    """Align the stack where a fast kernel has no arrays, and more vectors than registers."""
    return ["align_stack()"] if program.spec.fast and program.columns else []


def sizes(spec: KernelSpec, leaves: Iterable[str], made: Statements) -> list[str]:
    """Read the open sizes that statements need from the shapes of some leaves and of the parameters."""
    arrays = [spec.graph[n] for n in leaves] + list(spec.parameters)
    return [
        next(f"{s} = {n.name}.shape[{k}]" for n in arrays for k, a in enumerate(spec.axes(n)) if a.size == s)
        for s in sorted(open_sizes(made), key=str)
    ]


def train_text(program: Program, name: str = "train") -> str:
    """Write the function that trains for a number of epochs in one call."""
    return function_text(Function(name, train_arguments(program), TRAINS, ()), list(_train(program)))


def train_arguments(program: Program) -> tuple[str, ...]:
    """Return what `train` is given."""
    spec = program.spec
    names = tuple(p.name for p in spec.parameters)
    return (*given(program), *names, *states(spec), *spec.optimizer.options, *TAIL)


def _train(program: Program) -> Iterator[str]:
    spec = program.spec
    inner = over_scalars(program) if program.columns else _over_arrays(program)
    updates = program.updates
    yield from aligned(program)
    yield f"rows = {samples(program)[0]}.shape[0]"
    yield "batch = min(batch, rows)"
    yield "last = rows - rows % batch if drop_last else rows"
    once, moments = program.once, room(program) if spec.moments else ()
    before = (*drawn(program), *inner.before, *(once.workspaces if once else ()), *moments)
    yield from sizes(spec, given(program), (*before, *updates.norm, *updates.entries))
    yield from block((*options(spec), *updates.constants, *before), spec.like)
    yield from called(once.name, once.arguments) if once else ()
    yield from summed(program) if spec.moments else ()
    yield from batch_arrays(program)
    yield from ("epoch = 0", "while epoch < losses.shape[0] and not stop[0]:")
    yield from ("    " + line for line in _epoch(program, inner))
    yield from block(inner.after, spec.like)
    yield "return epoch"


def drawn(program: Program) -> tuple[Allocate, ...]:
    """Return the workspaces of what is drawn for each batch."""
    spec = program.spec
    return tuple(of_batch(program, Allocate(name, spec.extents(name))) for name in spec.drawn)


def of_batch(program: Program, made: Allocate, rows: str = "batch") -> Allocate:
    """Return a workspace with room for as many rows."""
    sized = {program.spec.row: sp.Symbol(rows)}
    return replace(made, shape=tuple(extent.xreplace(sized) for extent in made.shape))


def _over_arrays(program: Program) -> Inner:
    spec, step = program.spec, program.step
    made = step.workspaces
    before = tuple(of_batch(program, workspace) for workspace in made)
    before += tuple(s for name in program.turned for s in copied(spec, name))
    after = tuple(s for name in program.turned for s in restored(spec, name))
    cut = {w.name: rows_of(w, spec.row) for w in made if spec.row in w.shape}
    rest = step.arguments[len(spec.leaves) :]
    return Inner(before, (spec.loss,), tuple(cut.get(n, n) for n in rest), after)


def rows_of(made: Allocate, row: sp.Expr) -> str:
    """Write the part of a workspace for the rows of a batch, contiguous wherever its samples stand."""
    if made.shape[0] == row:
        return f"{made.name}[:size]"
    shape = [text(extent.xreplace({row: sp.Symbol("size")})) for extent in made.shape]
    return f"{made.name}.reshape(-1)[:{'*'.join(shape)}].reshape({', '.join(shape)})"


def over_scalars(program: Program) -> Inner:
    """Return what `train` does where every entry is a scalar."""
    spec = program.spec
    graph = spec.graph
    trained = [p for p in spec.parameters if p.name in spec.updated]
    held = {a: b for p in trained for a, b in scalars(spec, p).items()}
    held |= {
        a: b
        for p in trained
        for s in spec.optimizer.states
        for a, b in scalars(spec, p, f"{s}_{p.name}").items()
    }
    loads = {a: b for p in spec.parameters for a, b in scalars(spec, p).items()} | held
    grads = tuple(s.name for p in trained for s in scalars(spec, p, spec.delta[p.name]).values())
    before = tuple(Assign(b, a) for a, b in loads.items())
    after = tuple(Assign(a, b) for a, b in held.items())
    names = tuple(b.name for p in graph.parameters for b in scalars(spec, p).values())
    return Inner(before, (spec.loss, *grads), (*names, "size"), after)


def _epoch(program: Program, inner: Inner) -> Iterator[str]:
    spec, updates = program.spec, program.updates
    yield from (f"if {shuffling(program)}:", "    reorder(order, random_state)", "losses[epoch] = 0")
    yield from block(updates.epoch, spec.like)
    yield "for first in range(0, last, batch):"
    yield from ("    if stop[0]:", "        break", "    size = min(batch, last - first)")
    yield from ("    " + line for line in rows(program))
    yield from ("    " + line for line in draws(program))
    yield from ("    " + line for line in block((*counted(spec, "step", STEP), *updates.step), spec.like))
    arguments = (*(now(program, name) for name in spec.leaves), *inner.arguments)
    made = assigned(inner.results, program.step.name, arguments)
    yield from ("    " + line for line in (step(program, made) if spec.moments else made))
    yield f"    losses[epoch] += {spec.loss}*size" if spec.mean else f"    losses[epoch] += {spec.loss}"
    yield from ("    " + line for line in block((*updates.norm, *updates.entries), spec.like))
    yield "else:"
    if spec.mean:
        yield "    losses[epoch] /= last"
    yield from ("    " + line for line in block(counted(spec, "epoch", EPOCHS), spec.like))
    yield "    epoch += 1"


def counted(spec: KernelSpec, name: str, counter: Ref) -> Statements:
    """Count the steps or epochs of all calls, where the rule asks for their number."""
    return (Accumulate(counter, sp.Integer(1)),) if spec.optimizer.reads(name) else ()
