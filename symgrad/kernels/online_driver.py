"""`train` for batches of one sample, as text: the rows in their order, no arrays for a batch."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from symgrad.kernels.batches import draws, given, samples
from symgrad.kernels.driver import (
    TRAINS,
    Inner,
    counted,
    drawn,
    function_text,
    over_scalars,
    train_arguments,
    train_text,
)
from symgrad.kernels.emit import assigned, block, called, signature
from symgrad.kernels.online import Online
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Function
from symgrad.kernels.turned import copied, restored
from symgrad.kernels.updates import EPOCHS, STEP, options, states

ONLINE, BATCHES = "_train_online", "_train_batches"


def train_texts(program: Program) -> list[str]:
    """Write the function that trains, or those that it chooses from: only one of them is compiled."""
    if program.online is None:
        return [train_text(program)]
    head = [*signature(Function("train", train_arguments(program), TRAINS, ())), f'    """{TRAINS}"""']
    chosen = "\n".join([*head, *("    " + line for line in _chosen(program))]) + "\n"
    return [_online_text(program, program.online), train_text(program, BATCHES), chosen]


def _chosen(program: Program) -> Iterator[str]:
    """Call what the batches ask for."""
    yield f"if min(batch, {samples(program)[0]}.shape[0]) == 1:"
    yield from ("    " + line for line in _result_of(ONLINE, _online_arguments(program)))
    yield from _result_of(BATCHES, train_arguments(program))


def _result_of(name: str, arguments: tuple[str, ...]) -> list[str]:
    first, *others = called(name, arguments)
    return [f"return {first}", *others]


def _online_text(program: Program, single: Online) -> str:
    """Write the function that trains with single samples: no batches, no sums over them."""
    summary = "Train with batches of one sample, in place; return how many epochs were completed."
    made = Function(ONLINE, _online_arguments(program), summary, (), ordered=single.step.ordered)
    return function_text(made, list(_train_online(program, single)))


def _online_arguments(program: Program) -> tuple[str, ...]:
    spec = program.spec
    parameters = (p.name for p in spec.parameters)
    settings = (*states(spec), *spec.optimizer.options)
    return (*given(program), *parameters, *settings, "shuffle", "random_state", "stop", "losses")


def _train_online(program: Program, single: Online) -> Iterator[str]:
    spec, made = program.spec, single.updates
    inner = _of_scalars(program) if program.columns else _of_rows(program, single)
    yield f"rows = {samples(program)[0]}.shape[0]"
    yield from _checked(spec, single)
    rooms = tuple(replace(s, shape=(sp.Integer(1), *s.shape[1:])) for s in drawn(program))
    yield from block((*options(spec), *made.constants, *rooms, *inner.before), spec.like)
    yield "order = np.empty(rows if shuffle else 0, np.int64)"
    yield from ("epoch = 0", "while epoch < losses.shape[0] and not stop[0]:")
    yield from ("    if shuffle:", "        reorder(order, random_state)", "    losses[epoch] = 0")
    yield from ("    " + line for line in block(made.epoch, spec.like))
    yield "    for row in range(rows):"
    yield from ("        " + line for line in _sample(program, single, inner))
    yield "    else:"
    yield from ["        losses[epoch] /= rows"] if spec.mean else []
    yield from ("        " + line for line in block(counted(spec, "epoch", EPOCHS), spec.like))
    yield "        epoch += 1"
    yield from block(inner.after, spec.like)
    yield "return epoch"


def _sample(program: Program, single: Online, inner: Inner) -> Iterator[str]:
    """Write one step."""
    spec, made = program.spec, single.updates
    yield from ("if stop[0]:", "    break", "n = order[row] if shuffle else row")
    yield from draws(program, whole=True)
    yield from block((*counted(spec, "step", STEP), *made.step), spec.like)
    yield from assigned(inner.results, single.step.name, inner.arguments)
    yield f"losses[epoch] += {spec.loss}"
    yield from block((*made.norm, *made.entries), spec.like)


def _checked(spec: KernelSpec, single: Online) -> Iterator[str]:
    """Compare the widths of matrices with those of the network: the compiler counts on them from then on."""
    used = [p for p in spec.parameters if p.name in single.step.arguments and len(spec.axes(p)) > 1]
    tests = [f"{p.name}.shape[{k}] != {a.size}" for p in used for k, a in enumerate(spec.axes(p)) if k]
    if tests:
        yield from ("if (", *(f"    {'or ' if k else ''}{test}" for k, test in enumerate(tests)), "):")
        yield '    raise ValueError("a parameter has not the shape that the network gives it")'


def _of_scalars(program: Program) -> Inner:
    inner = over_scalars(program)
    return replace(inner, arguments=(*program.spec.leaves, "n", *inner.arguments[:-1]))


def _of_rows(program: Program, single: Online) -> Inner:
    spec = program.spec
    before = (*single.step.workspaces, *(s for name in single.copies for s in copied(spec, name)))
    after = tuple(s for name in single.turned for s in restored(spec, name))
    return Inner(before, (spec.loss,), single.step.arguments, after)
