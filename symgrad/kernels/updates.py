"""The equations of the optimizer for every parameter, entry by entry, or over scalars."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import sympy as sp

from symgrad.kernels.nests import nest, settle
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Assign, Statement, Statements
from symgrad.kernels.unroll import scalars
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node
from symgrad.model.optimizers import symbol

STEP = Ref("step", (0,))

Table = Mapping[str, Ref]


def states(spec: KernelSpec, called: Callable[[str], str] = str) -> dict[str, tuple[int | str, ...]]:
    """Return the names and shapes of the optimizer's states; `called` names the parameters."""
    table = {
        f"{s}_{called(n)}": spec.shape(spec.graph[n]) for n in spec.updated for s in spec.optimizer.states
    }
    return {**table, **({"step": (1,)} if spec.optimizer.counts else {})}


def entry_updates(spec: KernelSpec, parameters: Iterable[str]) -> Statements:
    """Return the updates of some parameters as loops over the entries of arrays."""
    return tuple(_updates(spec, parameters, _by_entries))


def scalar_updates(spec: KernelSpec) -> Statements:
    """Return the updates over scalars, one statement for each entry."""
    return tuple(_updates(spec, spec.updated, _by_scalars))


def _updates(
    spec: KernelSpec,
    parameters: Iterable[str],
    write: Callable[[KernelSpec, Node, Mapping[sp.Expr, sp.Expr]], Statements],
) -> Iterator[Statement]:
    """Yield the updates of some parameters; all gradients are known by then."""
    if spec.optimizer.counts:
        yield Accumulate(STEP, sp.Integer(1))
    powers = _step_powers(spec)
    yield from (Assign(name, _settled(power, {})) for power, name in powers.items())
    for parameter in parameters:
        yield from write(spec, spec.graph[parameter], powers)


def _step_powers(spec: KernelSpec) -> dict[sp.Expr, Ref]:
    """Name the powers of the number of the step: they are the same for all entries."""
    found = {
        p for _, v in spec.optimizer.updates for p in v.atoms(sp.Pow) if symbol("step") in p.exp.free_symbols
    }
    return {p: Ref(f"{p.base}_to_the_step") for p in sorted(found, key=str)}


def _by_entries(spec: KernelSpec, node: Node, powers: Mapping[sp.Expr, sp.Expr]) -> Statements:
    index = node.index or (sp.Integer(0),)
    table = {s: Ref(f"{s}_{node.name}", index) for s in spec.optimizer.states}
    table |= {"w": Ref(node.name, index), "g": Ref(spec.delta[node.name], index)}
    return nest(spec.axes(node), _equations(spec, table, powers))


def _by_scalars(spec: KernelSpec, node: Node, powers: Mapping[sp.Expr, sp.Expr]) -> Statements:
    names = {
        "w": node.name,
        "g": spec.delta[node.name],
        **{s: f"{s}_{node.name}" for s in spec.optimizer.states},
    }
    entries = {key: list(scalars(spec, node, name).values()) for key, name in names.items()}
    rows = [{key: entries[key][k] for key in entries} for k in range(len(entries["w"]))]
    return tuple(s for table in rows for s in _equations(spec, table, powers))


def _equations(spec: KernelSpec, table: Table, powers: Mapping[sp.Expr, sp.Expr]) -> Statements:
    sign = {symbol("g"): -symbol("g")} if spec.maximise else {}
    return tuple(
        settle(table[target], _settled(value.xreplace({**powers}).xreplace(sign), table))
        for target, value in spec.optimizer.updates
    )


def _settled(value: sp.Expr, table: Table) -> sp.Expr:
    names = {"step": STEP, **table}
    return value.xreplace({s: names.get(str(s), Ref(str(s))) for s in value.atoms(sp.Symbol)})
