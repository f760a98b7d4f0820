"""Batches of one sample: a step without an axis of samples, its sums written out.

A matrix meets a vector in every layer.  Written out over the letter that is summed, the product is one
loop over the entries of the result, which LLVM turns into vector instructions if the matrix is stored so
that these entries are neighbours: ``z = W x`` wants W turned, the delta below wants it as it is.  So `train`
keeps both, and changes both by the same roundings: they stay equal to the last bit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symgrad.kernels.constants import named
from symgrad.kernels.latency import soon
from symgrad.kernels.outer import Change, Changes, changed, steps
from symgrad.kernels.pieces import Piece
from symgrad.kernels.plan import Part, Plan
from symgrad.kernels.rows import copies, written_out
from symgrad.kernels.single import of_one_sample, read_at_sample
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function, Return, Statement, Statements, read, walk, written
from symgrad.kernels.tight import joined, stored
from symgrad.kernels.turned import turned_name
from symgrad.kernels.unroll import scalars, straight
from symgrad.kernels.updates import Updates, updates

NAME = "_online"


@dataclass(frozen=True)
class Online:
    """What `train` does where every batch is one sample.

    Attributes
    ----------
    step
        The loss of sample `n`; it changes parameters or gives their gradients.
    left
        The parameters that the optimizer changes behind it.
    copies
        The parameters that are kept turned, too.
    turned
        Those of them that are kept turned only.
    """

    step: Function
    updates: Updates = field(default_factory=Updates)
    left: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()


def online(spec: KernelSpec, *, unrolled: bool) -> Online | None:
    """Return how single samples are trained; None where nobody asked, or where a step needs more than one.

    Parameters
    ----------
    unrolled
        Whether every entry is a scalar.
    """
    plan = plan_of_one(spec)
    if plan is None:
        return None
    return _by_scalars(plan) if unrolled else _by_rows(plan)


def plan_of_one(spec: KernelSpec) -> Plan | None:
    """Return the plan of a step of one sample; None where there is none."""
    asked = spec.fast and spec.rows == 1 and spec.schedule.get("*") != "batches"
    single = of_one_sample(spec) if asked else None
    if single is None:
        return None
    plan = Plan.of(single, (spec.loss, *(spec.delta[name] for name in spec.updated)))
    sizes = (axis.size for part in plan.parts for piece in part.pieces for axis in piece.axes)
    return plan if all(size.is_Integer for size in sizes) else None


def _by_scalars(plan: Plan) -> Online:
    spec = plan.spec
    deltas = tuple(spec.delta[n] for n in spec.updated)
    made = straight(spec, (p for part in plan.parts for p in part.pieces), deltas)
    given = [s.name for p in spec.parameters for s in scalars(spec, p).values()]
    found = [s.name for d in deltas for s in scalars(spec, spec.graph[d]).values()]
    constants, body = named(soon(made))
    summary = f"Return the loss {spec.loss} and the gradients for sample n, where {spec.samples} = 1."
    arguments = (*spec.leaves, "n", *given)
    step = Function(
        NAME, arguments, summary, (*constants, *body, Return((spec.loss, *found))), inner=True, inline=True
    )
    return Online(step, updates(spec, spec.updated, unrolled=True), spec.updated)


def _by_rows(plan: Plan) -> Online:
    spec = plan.spec
    found = changed(spec, plan.parts)
    turns = copies(spec, plan.parts, found)
    left = tuple(n for n in spec.updated if n not in found.by_name)
    deltas = tuple(spec.delta[n] for n in left)
    draft = tuple(_ordered(plan, found, turns))
    alone = tuple(n for n in turns if n in spec.updated and n not in _reads(draft))
    vectors = tuple(c.factors[0].name for c in found.by_delta.values() if c.factors)
    body = _tight(spec, tuple(s for s in draft if not _is_idle(s, alone)), (*deltas, *vectors))
    return Online(
        _step(plan, body, deltas, found.settings),
        updates(spec, left, unrolled=False),
        left,
        turns,
        alone,
    )


def _ordered(plan: Plan, found: Changes, turns: Sequence[str]) -> Iterator[Statement]:
    """Yield the statements of a step: a parameter changes as soon as nothing reads it any more."""
    spec = plan.spec
    made = {id(part): _statements(spec, part, turns) for part in plan.parts}
    waiting: list[Change] = []
    begun: set[str] = set()
    for number, part in enumerate(plan.parts):
        change = found.of(part)
        if change:
            waiting.append(change)
        else:
            yield from made[id(part)]
        later = plan.parts[number + 1 :]
        if later and found.of(later[0]):
            continue
        needed = {name for p in later if not found.of(p) for name in _reads(made[id(p)])}
        ready = [c for c in waiting if not {c.parameter, turned_name(c.parameter)} & needed]
        waiting = [c for c in waiting if c not in ready]
        for ready_change in sorted(ready, key=lambda c: len(c.piece.axes)):
            yield from steps(ready_change, turns, begun)


def _statements(spec: KernelSpec, part: Part, turns: Sequence[str]) -> Statements:
    piece = part.made
    rows = written_out(spec, piece, turns) if isinstance(piece, Piece) else None
    return part.statements if rows is None else rows


def _reads(made: Statements) -> set[str]:
    """Return what is read for more than to be changed."""
    return {r.name for s in walk(made) for r in read(s) if r not in written(s)}


def _is_idle(statement: Statement, alone: Sequence[str]) -> bool:
    return any(r.name in alone for s in walk((statement,)) for r in written(s))


def _tight(spec: KernelSpec, made: Statements, results: Sequence[str]) -> Statements:
    """Join loops, keep what lives for one turn in scalars, and read the samples where they stand."""
    weights = {n for p in spec.parameters for n in (p.name, turned_name(p.name))}
    short = joined(spec, made, frozenset((*weights, *results)))
    return read_at_sample(spec, stored(spec, short, results))


def _step(plan: Plan, made: Statements, deltas: Sequence[str], settings: Sequence[str]) -> Function:
    spec = plan.spec
    rooms = tuple(s for s in made if isinstance(s, Allocate))
    work = tuple(s for s in rooms if s.name not in deltas)
    filled = tuple(Allocate(d, spec.extents(d)) for d in deltas)
    constants, body = named(tuple(s for s in made if not isinstance(s, Allocate)))
    used = {r.name for s in walk(body) for r in (*read(s), *written(s))}
    weights = [n for p in spec.parameters for n in (p.name, turned_name(p.name)) if n in used]
    arguments = (*spec.leaves, "n", *weights, *(w.name for w in work), *deltas, *settings)
    summary = f"Return the loss {spec.loss} of sample n, where {spec.samples} = 1; " + (
        f"fill in {', '.join(deltas)}." if deltas else "change the parameters."
    )
    whole = (*constants, *body, Return((spec.loss,)))
    return Function(NAME, arguments, summary, whole, (*work, *filled), inner=True, inline=True, ordered=True)
