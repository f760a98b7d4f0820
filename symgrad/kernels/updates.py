"""The equations of the optimizer: for every parameter, entry by entry or over scalars, and what all share."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import sympy as sp

from symgrad.kernels.constants import named
from symgrad.kernels.nests import nest, settle
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Assign, Constant, Statement, Statements
from symgrad.kernels.touched import names
from symgrad.kernels.unroll import scalars
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node
from symgrad.model.rules import Equation, Pace, symbol

STEP = Ref("step", (0,))
EPOCHS = Ref("epochs_done", (0,))
NORM = Ref("norm")
GRADIENT = Ref("g")

Table = Mapping[sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Updates:
    """What `train` does beside computing gradients.

    Attributes
    ----------
    constants
        The numbers in all of it.
    epoch, step
        What it computes before an epoch, and before the gradients of a batch.
    norm
        What it computes from all gradients of a batch.
    entries
        What it changes, entry by entry.
    """

    constants: tuple[Constant, ...] = ()
    epoch: Statements = ()
    step: Statements = ()
    norm: Statements = ()
    entries: Statements = ()

    @property
    def shared(self) -> tuple[str, ...]:
        """The names of what all entries share besides constants and options."""
        made = (s for s in (*self.epoch, *self.step, *self.norm) if isinstance(s, Assign))
        return tuple(dict.fromkeys(s.target.name for s in made))


def states(spec: KernelSpec, called: Callable[[str], str] = str) -> dict[str, tuple[int | str, ...]]:
    """Return the names and shapes of the optimizer's states; `called` names the parameters."""
    rule = spec.optimizer
    table = {f"{s}_{called(n)}": spec.shape(spec.graph[n]) for n in spec.updated for s in rule.states}
    counted = {"step": STEP, "epoch": EPOCHS}
    return {**table, **{ref.name: (1,) for name, ref in counted.items() if rule.reads(name)}}


def words(spec: KernelSpec) -> Mapping[str, int]:
    """Return how often `train` sets the numbers that a rule names."""
    return Counter(
        (*spec.optimizer.options, *(shared_name(spec, e.target).name for e in spec.optimizer.shared))
    )


def options(spec: KernelSpec) -> tuple[Constant, ...]:
    """Return the options of the rule as numbers in the type of the arrays."""
    return tuple(Constant(name, sp.Symbol(name), sp.Integer(1)) for name in spec.optimizer.options)


def entries_of(spec: KernelSpec, made: Updates, name: str) -> Statements:
    """Return those of the statements that change a parameter entry by entry."""
    own = {name, spec.delta[name], *(f"{s}_{name}" for s in spec.optimizer.states)}
    return tuple(s for s in made.entries if own & names((s,)))


def updates(spec: KernelSpec, parameters: Iterable[str], *, unrolled: bool) -> Updates:
    """Return what `train` does for some parameters.

    Parameters
    ----------
    parameters
        Those that change behind the gradients of a batch.
    unrolled
        Whether they are scalars, one statement for each entry, or loops over the entries of arrays.
    """
    write = _by_scalars if unrolled else _by_entries
    known, powers = named_numbers(spec), _step_powers(spec)
    named_powers = tuple(Assign(name, _settled(power, known)) for power, name in powers.items())
    groups = (
        _shared(spec, Pace.EPOCH),
        (*_shared(spec, Pace.STEP), *named_powers),
        (*_norm(spec, unrolled=unrolled), *_shared(spec, Pace.NORM)),
        tuple(s for n in parameters for s in write(spec, spec.graph[n], {**known, **powers})),
    )
    constants, made = named(tuple(s for group in groups for s in group))
    rest = iter(made)
    return Updates(constants, *(tuple(islice(rest, len(group))) for group in groups))


def shared_name(spec: KernelSpec, target: str) -> Ref:
    """Return what a shared number is called: one that an option is replaced by is its value now."""
    taken = (*spec.optimizer.options, "epoch")
    return Ref(f"{target}_now" if target in taken else target)


def _shared(spec: KernelSpec, pace: Pace) -> Statements:
    return tuple(s for equation, s in _shared_equations(spec) if equation.pace is pace)


def _shared_equations(spec: KernelSpec) -> Iterator[tuple[Equation, Statement]]:
    table = dict(_given(spec))
    for equation in spec.optimizer.shared:
        target = shared_name(spec, equation.target)
        yield equation, Assign(target, _settled(equation.value, table))
        table[symbol(equation.target)] = target


def _given(spec: KernelSpec) -> Table:
    """Return what the rule is given, in the words of the text."""
    options = {symbol(name): Ref(name) for name in spec.optimizer.options}
    return {**options, symbol("step"): STEP, symbol("epoch"): EPOCHS, symbol("norm"): NORM}


def named_numbers(spec: KernelSpec) -> Table:
    """Return all that entries share, in the words of the text."""
    made = {symbol(e.target): shared_name(spec, e.target) for e in spec.optimizer.shared}
    return {**_given(spec), **made}


def _step_powers(spec: KernelSpec) -> dict[sp.Expr, Ref]:
    """Name the powers of the number of the step: they are the same for all entries."""
    own = {symbol(name) for name in ("w", "g", *spec.optimizer.states)}
    step = symbol("step")
    found = {p for _, v in spec.optimizer.updates for p in v.atoms(sp.Pow) if step in p.exp.free_symbols}
    shared = sorted((p for p in found if not p.free_symbols & own), key=str)
    plain = {p: Ref(f"{p.base}_to_the_step") for p in shared if p.base.is_Symbol and p.exp == step}
    return plain | {p: Ref(f"power{k}") for k, p in enumerate(shared, 1) if p not in plain}


def _norm(spec: KernelSpec, *, unrolled: bool) -> Iterator[Statement]:
    """Yield the norm of all gradients: their squares are added up in one pass."""
    if not spec.optimizer.reads("norm"):
        return
    yield Assign(NORM, sp.Integer(0), f"‖{', '.join(spec.delta[n] for n in spec.updated)}‖")
    for name in spec.updated:
        node, delta = spec.graph[name], spec.delta[name]
        if unrolled:
            yield Accumulate(NORM, sp.Add(*(entry**2 for entry in scalars(spec, node, delta).values())))
        else:
            place = Ref(delta, node.index or (sp.Integer(0),))
            yield from nest(spec.axes(node), (Accumulate(NORM, place**2),))
    yield Assign(NORM, sp.sqrt(NORM))


def _by_entries(spec: KernelSpec, node: Node, known: Table) -> Statements:
    index = node.index or (sp.Integer(0),)
    table = {s: Ref(f"{s}_{node.name}", index) for s in spec.optimizer.states}
    table |= {"w": Ref(node.name, index), "g": Ref(spec.delta[node.name], index)}
    return nest(spec.axes(node), _equations(spec, table, known))


def _by_scalars(spec: KernelSpec, node: Node, known: Table) -> Statements:
    arrays = {
        "w": node.name,
        "g": spec.delta[node.name],
        **{s: f"{s}_{node.name}" for s in spec.optimizer.states},
    }
    entries = {key: list(scalars(spec, node, name).values()) for key, name in arrays.items()}
    rows = [{key: entries[key][k] for key in entries} for k in range(len(entries["w"]))]
    return tuple(s for table in rows for s in _equations(spec, table, known))


def _equations(spec: KernelSpec, entry: Mapping[str, Ref], known: Table) -> Statements:
    """Return the equations of one entry; a gradient that a rule changes is a scalar from then on."""
    table = {**known, **{symbol(name): ref for name, ref in entry.items()}}
    table[symbol("g")] = -entry["g"] if spec.maximise else entry["g"]
    return tuple(_entry_equations(spec, entry, table))


def _entry_equations(
    spec: KernelSpec, entry: Mapping[str, Ref], table: dict[sp.Expr, sp.Expr]
) -> Iterator[Statement]:
    for target, value in spec.optimizer.updates:
        place = GRADIENT if target == "g" else entry[target]
        yield settle(place, _settled(value, table))
        table[symbol(target)] = place


def _settled(value: sp.Expr, table: Table) -> sp.Expr:
    """Put the words of the text in place of symbols, powers of the number of the step first."""
    if powers := {old: new for old, new in table.items() if old.is_Pow}:
        value = value.xreplace(powers)
    return value.xreplace({**table})
