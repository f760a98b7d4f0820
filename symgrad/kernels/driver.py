"""The functions around the gradients: `gradients` and `train`, as text with the statements put in."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.kernels.constants import named
from symgrad.kernels.emit import DECORATOR, assigned, block, signature
from symgrad.kernels.lower import Program, open_sizes
from symgrad.kernels.statements import Allocate, Assign, Constant, Function, Statements
from symgrad.kernels.unroll import scalars
from symgrad.kernels.updates import entry_updates, scalar_updates, states

ORDER = '''@njit(cache=True, nogil=True, error_model="numpy")
def reorder(order, random_state):
    """Shuffle the numbers of the rows (Fisher and Yates); xorshift, its state the caller's."""
    for n in range(order.shape[0]):
        order[n] = n
    s = random_state[0]
    if s == np.uint64(0):
        s = np.uint64(88172645463325252)
    for n in range(order.shape[0] - 1, 0, -1):
        s ^= s << np.uint64(13)
        s ^= s >> np.uint64(7)
        s ^= s << np.uint64(17)
        k = np.int64(s % np.uint64(n + 1))
        order[n], order[k] = order[k], order[n]
    random_state[0] = s
'''

TAIL = ("batch", "shuffle", "drop_last", "random_state", "stop", "losses")


@dataclass(frozen=True)
class Inner:
    """What differs in `train` between a network of arrays and one of scalars."""

    before: Statements
    results: tuple[str, ...]
    arguments: tuple[str, ...]
    updates: Statements
    after: Statements


def leaves(program: Program) -> tuple[str, ...]:
    """Return the names of the input and of the target."""
    spec = program.spec
    return (spec.input, *([spec.target] if spec.target else []))


def gradients_text(program: Program) -> str:
    """Write the public function that allocates, computes and returns the loss and all gradients."""
    spec = program.spec
    deltas = tuple(spec.delta[p.name] for p in spec.parameters)
    summary = f"Return the loss {spec.loss} and the gradients {', '.join(deltas)}."
    made = Function("gradients", (*leaves(program), *(p.name for p in spec.parameters)), summary, ())
    body = _gradients_of_scalars(program) if program.columns else _gradients_of_arrays(program)
    return _function(made, [*body, f"return {', '.join((spec.loss, *deltas))}"])


def _function(made: Function, body: list[str]) -> str:
    head = [DECORATOR.format(inline=""), *signature(made), f'    """{made.summary}"""']
    return "\n".join([*head, *("    " + line for line in body)]) + "\n"


def _gradients_of_arrays(program: Program) -> list[str]:
    spec, full = program.spec, program.full
    return [
        *_sizes(program, full.workspaces),
        *block(full.workspaces, spec.input),
        *assigned((spec.loss,), full.name, full.arguments),
    ]


def _gradients_of_scalars(program: Program) -> list[str]:
    spec, full = program.spec, program.full
    grads = {p.name: scalars(spec, p, spec.delta[p.name]) for p in spec.parameters}
    names = tuple(s.name for table in grads.values() for s in table.values())
    arguments = (
        *(columns(program, n) for n in leaves(program)),
        *_loaded_names(program),
        "0",
        f"{spec.input}.shape[0]",
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
        *(
            f"{columns(program, n)} = {_transposed(program, n)}"
            for n in leaves(program)
            if columns(program, n) != n
        ),
        *block(_loads(program), spec.input),
        *assigned((spec.loss, *names), full.name, arguments),
        *block(tuple(stores), spec.input),
    ]


def _loads(program: Program) -> Statements:
    spec = program.spec
    return tuple(Assign(b, a) for p in spec.parameters for a, b in scalars(spec, p).items())


def _loaded_names(program: Program) -> tuple[str, ...]:
    return tuple(s.target.name for s in _loads(program) if isinstance(s, Assign))


def columns(program: Program, name: str) -> str:
    """Return the name of the array that holds the samples of a leaf last."""
    return f"{name}_columns" if len(program.spec.graph[name].axes) > 1 else name


def _transposed(program: Program, name: str) -> str:
    return f"np.ascontiguousarray({name}.T)" if len(program.spec.graph[name].axes) > 1 else name


def _sizes(program: Program, made: Statements) -> list[str]:
    """Read the open sizes that statements need from the shapes of the arguments."""
    spec = program.spec
    arrays = [spec.graph[n] for n in leaves(program)] + list(spec.parameters)
    return [
        next(f"{s} = {n.name}.shape[{k}]" for n in arrays for k, a in enumerate(spec.axes(n)) if a.size == s)
        for s in sorted(open_sizes(made), key=str)
    ]


def train_text(program: Program) -> str:
    """Write the function that trains for a number of epochs in one call."""
    spec = program.spec
    names = tuple(p.name for p in spec.parameters)
    arguments = (*leaves(program), *names, *states(spec), *spec.optimizer.options, *TAIL)
    summary = (
        "Train in place for len(losses) epochs, or until stop[0] is set; return how many were completed."
    )
    return _function(Function("train", arguments, summary, ()), list(_train(program)))


def _train(program: Program) -> Iterator[str]:
    spec = program.spec
    inner = _over_scalars(program) if program.columns else _over_arrays(program)
    constants, updates = named(inner.updates)
    options = tuple(Constant(o, sp.Symbol(o), sp.Integer(1)) for o in spec.optimizer.options)
    yield f"rows = {spec.input}.shape[0]"
    yield "batch = min(batch, rows)"
    yield "last = rows - rows % batch if drop_last else rows"
    yield from _sizes(program, (*inner.before, *updates))
    yield from block((*options, *constants, *inner.before), spec.input)
    yield from _batch_arrays(program)
    yield from ("epoch = 0", "while epoch < losses.shape[0] and not stop[0]:")
    yield from ("    " + line for line in _epoch(program, inner, updates))
    yield from block(inner.after, spec.input)
    yield "return epoch"


def _over_arrays(program: Program) -> Inner:
    spec, step = program.spec, program.step
    sized = {spec.row: sp.Symbol("batch")}
    made = step.workspaces
    before = tuple(Allocate(w.name, tuple(e.xreplace(sized) for e in w.shape)) for w in made)
    cut = {w.name for w in made if w.shape[0] == spec.row}
    rest = step.arguments[len(leaves(program)) :]
    return Inner(
        before, (spec.loss,), tuple(f"{n}[:size]" if n in cut else n for n in rest), entry_updates(spec), ()
    )


def _over_scalars(program: Program) -> Inner:
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
    return Inner(before, (spec.loss, *grads), (*names, "begin", "begin + size"), scalar_updates(spec), after)


def _batch_arrays(program: Program) -> Iterator[str]:
    """Allocate the order of the rows and the rows of one batch, needed only when shuffling."""
    yield "order = np.empty(rows if shuffle else 0, np.int64)"
    for name in leaves(program):
        sizes = [f"{name}.shape[{k + 1}]" for k in range(len(program.spec.graph[name].axes) - 1)]
        shape = ", ".join([*sizes, "batch"] if program.columns else ["batch", *sizes])
        yield f"{name}_batch = np.empty({f'({shape})' if sizes else shape}, {name}.dtype)"
        if program.columns and sizes:
            yield f"{columns(program, name)} = {_transposed(program, name)}"


def _epoch(program: Program, inner: Inner, updates: Statements) -> Iterator[str]:
    spec = program.spec
    yield from ("if shuffle:", "    reorder(order, random_state)", "losses[epoch] = 0")
    yield "for first in range(0, last, batch):"
    yield from ("    if stop[0]:", "        break", "    size = min(batch, last - first)")
    yield from ("    " + line for line in _rows(program))
    arguments = (*(f"{n}_now" for n in leaves(program)), *inner.arguments)
    yield from ("    " + line for line in assigned(inner.results, program.step.name, arguments))
    yield f"    losses[epoch] += {spec.loss}*size" if spec.mean else f"    losses[epoch] += {spec.loss}"
    yield from ("    " + line for line in block(updates, spec.input))
    yield "else:"
    if spec.mean:
        yield "    losses[epoch] /= last"
    yield "    epoch += 1"


def _rows(program: Program) -> Iterator[str]:
    """Take the rows of a batch: copied in the order drawn, or where they stand."""
    names = leaves(program)
    yield "if shuffle:"
    yield "    for n in range(size):"
    for name in names:
        yield from ("        " + line for line in _copied(program, name))
    if program.columns:
        yield from (*(f"    {n}_now = {n}_batch" for n in names), "    begin = 0", "else:")
        yield from (*(f"    {n}_now = {columns(program, n)}" for n in names), "    begin = first")
    else:
        yield from (*(f"    {n}_now = {n}_batch[:size]" for n in names), "else:")
        yield from (f"    {n}_now = {n}[first:first + size]" for n in names)


def _copied(program: Program, name: str) -> Iterator[str]:
    letters = [f"i{k}" for k in range(len(program.spec.graph[name].axes) - 1)]
    indent = ""
    for k, letter in enumerate(letters):
        yield f"{indent}for {letter} in range({name}.shape[{k + 1}]):"
        indent += "    "
    target = ", ".join([*letters, "n"] if program.columns else ["n", *letters])
    yield f"{indent}{name}_batch[{target}] = {name}[{', '.join(['order[first + n]', *letters])}]"
