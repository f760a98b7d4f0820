"""The functions around the gradients: `gradients` and `train`, as text with the statements put in."""

from collections.abc import Iterator

import sympy as sp

from symgrad.kernels.constants import named
from symgrad.kernels.emit import DECORATOR, block, call, signature
from symgrad.kernels.lower import Program
from symgrad.kernels.nests import nest
from symgrad.kernels.statements import Accumulate, Assign, Constant, Function, Statement, Statements
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node
from symgrad.model.optimizers import symbol

ORDER = '''
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
ORDER_DECORATOR = '@njit(cache=True, nogil=True, error_model="numpy")'
TAIL = ("batch", "shuffle", "drop_last", "random_state", "stop", "losses")


def gradients_text(program: Program) -> str:
    """Write the public function that allocates, computes and returns the loss and all gradients."""
    spec = program.spec
    made = Function("gradients", (*leaves(program), *(p.name for p in spec.parameters)),
                    f"Return the loss {spec.loss} and the gradients {', '.join(_deltas(program))}.", ())
    lines = [DECORATOR.format(inline=""), *signature(made), f'    """{made.summary}"""']
    body = [*_sizes(program), *block(_workspaces(program.full), spec.input)]
    if program.columns:
        body += [f"{columns(program, n)} = {_transposed(program, n)}" for n in leaves(program)]
    ends = ("0", f"{spec.input}.shape[0]") if program.columns else ()
    body += call(f"{spec.loss} = {program.full.name}", _arguments(program, program.full, ends))
    body.append(f"return {', '.join((spec.loss, *_deltas(program)))}")
    return "\n".join([*lines, *("    " + line for line in body)]) + "\n"


def leaves(program: Program) -> tuple[str, ...]:
    """Return the names of the input and of the target."""
    spec = program.spec
    return (spec.input, *([spec.target] if spec.target else []))


def columns(program: Program, name: str) -> str:
    """Return the name of the array that holds the samples of a leaf last."""
    return f"{name}_columns" if len(program.spec.graph[name].axes) > 1 else name


def _transposed(program: Program, name: str) -> str:
    return f"np.ascontiguousarray({name}.T)" if len(program.spec.graph[name].axes) > 1 else name


def _deltas(program: Program) -> tuple[str, ...]:
    return tuple(program.spec.delta[p.name] for p in program.spec.parameters)


def _arguments(program: Program, made: Function, ends: tuple[str, ...]) -> tuple[str, ...]:
    first = tuple(columns(program, n) if program.columns else n for n in leaves(program))
    return (*first, *made.arguments[len(first) : len(made.arguments) - len(ends)], *ends)


def _workspaces(made: Function) -> Statements:
    return made.workspaces


def _sizes(program: Program) -> list[str]:
    """Read the open sizes that workspaces need from the shapes of the arguments."""
    spec = program.spec
    needed = {s for w in (*program.full.workspaces, *program.step.workspaces) for e in w.shape for s in e.free_symbols}
    lines = []
    for symbol_ in sorted(needed, key=str):
        at = next((n.name, k) for n in _arrays(program) for k, a in enumerate(spec.axes(n)) if a.size == symbol_)
        lines.append(f"{symbol_} = {at[0]}.shape[{at[1]}]")
    return lines


def _arrays(program: Program) -> tuple[Node, ...]:
    return tuple(program.spec.graph[n] for n in (*leaves(program), *(p.name for p in program.spec.parameters)))


def states(program: Program) -> dict[str, tuple[int | str, ...]]:
    """Return the names and shapes of the optimizer's states."""
    spec = program.spec
    table = {f"{s}_{name}": spec.shape(spec.graph[name]) for name in spec.updated for s in spec.optimizer.states}
    return {**table, **({"step": (1,)} if spec.optimizer.counts else {})}


def train_text(program: Program) -> str:
    """Write the function that trains for a number of epochs in one call."""
    spec = program.spec
    names = tuple(p.name for p in spec.parameters)
    arguments = (*leaves(program), *names, *states(program), *spec.optimizer.options, *TAIL)
    summary = "Train in place for len(losses) epochs; return how many were completed."
    lines = [DECORATOR.format(inline=""), *signature(Function("train", arguments, summary, ())), f'    """{summary}"""']
    return "\n".join([*lines, *("    " + line if line else "" for line in _train(program))]) + "\n"


def _train(program: Program) -> Iterator[str]:
    spec = program.spec
    constants, updates = named(tuple(_updates(program)))
    options = tuple(Constant(o, sp.Symbol(o), sp.Integer(1)) for o in spec.optimizer.options)
    yield f"rows = {spec.input}.shape[0]"
    yield "batch = min(batch, rows)"
    yield from (line for line in _sizes(program) if not line.startswith(f"{spec.row} ="))
    yield from block((*options, *constants), spec.input)
    yield from (line.replace(f"({spec.row}", "(batch") for line in block(_workspaces(program.step), spec.input))
    yield from _batch_arrays(program)
    yield "for epoch in range(losses.shape[0]):"
    yield from ("    " + line for line in _epoch(program, updates))
    yield "return losses.shape[0]"


def _batch_arrays(program: Program) -> Iterator[str]:
    """Allocate the order of the rows and the rows of one batch."""
    yield "order = np.empty(rows if shuffle else 0, np.int64)"
    for name in leaves(program):
        sizes = [f"{name}.shape[{k + 1}]" for k in range(len(program.spec.graph[name].axes) - 1)]
        shape = ", ".join([*sizes, "batch"] if program.columns else ["batch", *sizes])
        yield f"{name}_batch = np.empty({f'({shape})' if sizes else shape}, {name}.dtype)"
        if program.columns and sizes:
            yield f"{columns(program, name)} = {_transposed(program, name)}"


def _epoch(program: Program, updates: Statements) -> Iterator[str]:
    spec = program.spec
    yield from ("if shuffle:", "    reorder(order, random_state)", "losses[epoch] = 0", "used = 0")
    yield "for first in range(0, rows, batch):"
    yield "    size = min(batch, rows - first)"
    yield from ("    if drop_last and size < batch:", "        break", "    if stop[0]:", "        return epoch")
    yield from ("    " + line for line in _rows(program))
    yield f"    losses[epoch] += {spec.loss}*size" if spec.mean else f"    losses[epoch] += {spec.loss}"
    yield "    used += size"
    yield from ("    " + line for line in block(updates, spec.input))
    if spec.mean:
        yield "losses[epoch] /= used"


def _rows(program: Program) -> Iterator[str]:
    """Take the rows of a batch: copied in the order drawn, or where they stand."""
    spec = program.spec
    names = leaves(program)
    yield "if shuffle:"
    yield "    for n in range(size):"
    for name in names:
        yield from ("        " + line for line in _copied(program, name))
    if program.columns:
        yield from (f"    {n}_now = {n}_batch" for n in names)
        yield "    begin = 0"
        yield "else:"
        yield from (f"    {n}_now = {columns(program, n)}" for n in names)
        yield "    begin = first"
        first, ends = tuple(f"{n}_now" for n in names), ("begin", "begin + size")
    else:
        yield from (f"    {n}_now = {n}_batch[:size]" for n in names)
        yield "else:"
        yield from (f"    {n}_now = {n}[first:first + size]" for n in names)
        first, ends = tuple(f"{n}_now" for n in names), ()
    made = program.step
    rest = made.arguments[len(names) : len(made.arguments) - len(ends)]
    cut = {w.name for w in made.workspaces if spec.row in w.shape[:1]}
    shown = tuple(f"{n}[:size]" if n in cut else n for n in rest)
    yield from call(f"{spec.loss} = {made.name}", (*first, *shown, *ends))


def _copied(program: Program, name: str) -> Iterator[str]:
    letters = [f"i{k}" for k in range(len(program.spec.graph[name].axes) - 1)]
    indent = ""
    for k, letter in enumerate(letters):
        yield f"{indent}for {letter} in range({name}.shape[{k + 1}]):"
        indent += "    "
    target = ", ".join([*letters, "n"] if program.columns else ["n", *letters])
    yield f"{indent}{name}_batch[{target}] = {name}[{', '.join(['order[first + n]', *letters])}]"


def _updates(program: Program) -> Iterator[Statement]:
    """Yield the update of every trained parameter; all gradients are known by then."""
    spec = program.spec
    if spec.optimizer.counts:
        yield Accumulate(Ref("step", (0,)), sp.Integer(1))
    powers = _step_powers(program)
    yield from (Assign(Ref(name), _settled(power, {})) for power, name in powers.items())
    for parameter in spec.updated:
        node = spec.graph[parameter]
        table = _names(program, node)
        body = tuple(_update(target, value.xreplace(_renamed(powers)), table) for target, value in spec.optimizer.updates)
        yield from nest(spec.axes(node), body)


def _step_powers(program: Program) -> dict[sp.Expr, str]:
    """Name the powers of the number of the step: they are the same for all entries."""
    found = [p for _, value in program.spec.optimizer.updates for p in value.atoms(sp.Pow) if symbol("step") in p.exp.atoms()]
    return {p: f"{p.base}_to_the_step" for p in sorted(set(found), key=str)}


def _renamed(powers: dict[sp.Expr, str]) -> dict[sp.Expr, sp.Expr]:
    return {power: Ref(name) for power, name in powers.items()}


def _names(program: Program, node: Node) -> dict[str, Ref]:
    index = node.index or (sp.Integer(0),)
    states_ = {s: Ref(f"{s}_{node.name}", index) for s in program.spec.optimizer.states}
    return {"w": Ref(node.name, index), "g": Ref(program.spec.delta[node.name], index), **states_}


def _settled(value: sp.Expr, table: dict[str, Ref]) -> sp.Expr:
    names = {"step": Ref("step", (0,)), **table}
    return value.xreplace({s: names.get(str(s), Ref(str(s))) for s in value.atoms(sp.Symbol)})


def _update(target: str, value: sp.Expr, table: dict[str, Ref]) -> Statement:
    entry, made = table[target], _settled(value, table)
    change = made - entry
    return Accumulate(entry, change) if entry not in change.atoms(Ref) else Assign(entry, made)

