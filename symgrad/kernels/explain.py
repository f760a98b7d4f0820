"""Why a kernel is written as it is, line by line: `symgrad generate --explain`."""

from collections.abc import Iterator

from symgrad.kernels.in_place import descent
from symgrad.kernels.jam import TOGETHER, jams
from symgrad.kernels.latency import is_sooner
from symgrad.kernels.linear import linear
from symgrad.kernels.lower import lower
from symgrad.kernels.online import online
from symgrad.kernels.phases import told
from symgrad.kernels.plan import Plan, schedule, whole
from symgrad.kernels.program import Program
from symgrad.kernels.schedule import Choice
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Apply, Loop, Product, Statement, walk, written
from symgrad.kernels.streams import one_pass, streams
from symgrad.kernels.team import alone
from symgrad.kernels.turned import turnable, turned
from symgrad.kernels.wishes import owner


def explained(spec: KernelSpec) -> tuple[str, ...]:
    """Return every choice of a schedule with its reason, and what fast training does besides."""
    return tuple(_explained(spec))


def _explained(spec: KernelSpec) -> Iterator[str]:
    plan = whole(spec)
    if plan.unrolled:
        yield f"all nodes: scalar variables, samples the only loop: {plan.unrolled}"
        yield from _singly(spec, unrolled=True)
        return
    made = tuple(s for part in plan.parts for s in part.statements)
    in_place = spec.fast and not spec.moments and not one_pass(spec, made)
    changed = descent(plan.spec, plan.parts).changed if in_place else ()
    turns = turnable(plan.spec, plan.parts, changed)
    yield from (_chosen(spec, choice) for choice in schedule(turned(spec, turns) if turns else spec))
    yield from passes(lower(spec))
    if spec.threads:
        yield f"threads: {_threads(spec, plan)}"
    if spec.moments:
        yield f"train: full batches by moments of the data, {', '.join(spec.moments.sums)}, read once"
    if jams(spec):
        yield f"samples: {TOGETHER} in a turn wherever they meet in sums only; {streams(spec)}"
    if in_place:
        yield from (f"{name}: changed by its products, no array for its gradient" for name in changed)
        yield from (f"{name}: turned while it is trained, every product reads it so" for name in turns)
        rule = linear(spec)
        yield from [f"no parameter is changed by its products: {rule}"] if isinstance(rule, str) else []
    yield from _singly(spec, unrolled=False)


def _chosen(spec: KernelSpec, choice: Choice) -> str:
    """Say how a sum is computed, by the name of its node, which can be asked for."""
    node = owner(spec, choice.node)
    return str(choice) if node == choice.node else f"{node} ({choice.node}): {choice.how}, {choice.reason}"


def _threads(spec: KernelSpec, plan: Plan) -> str:
    """Say how threads share a batch, or why one thread trains."""
    wanted = (spec.loss, *(spec.delta[name] for name in spec.updated))
    return alone(lower(spec)) or told(plan.spec, plan.needed(wanted))


def _singly(spec: KernelSpec, *, unrolled: bool) -> Iterator[str]:
    """Say what is done for batches of one sample, where these are asked for."""
    if not spec.fast or spec.rows != 1:
        return
    made = online(spec, unrolled=unrolled)
    if made is None:
        asked = spec.schedule.get("*") == "batches"
        reason = "as asked for" if asked else "samples or open sizes are more than an axis that can go"
        yield f"single samples: like any other batch, {reason}"
        return
    yield "single samples: a step of their own, no loop over samples in it"
    if is_sooner(made.step.body):
        yield "single samples: one number waits for another, so sigmoid looks up its powers"
    yield from (
        f"{name}: kept turned {'only' if name in made.turned else 'as well'} for single samples, sums "
        f"over its columns are written out"
        for name in made.copies
    )


def passes(program: Program) -> Iterator[str]:
    """Yield what `gradients` computes in one go, in order: loops that were joined are one pass.

    A loop that takes several samples in a turn and the one for those that are left are one pass, too.
    """
    body = (s for s in program.full.body if isinstance(s, Loop | Product | Apply))
    done = [(_nodes(program, s), s) for s in body if not (isinstance(s, Loop) and s.step > 1)]
    for number, (names, statement) in enumerate(((n, s) for n, s in done if n), 1):
        yield f"pass {number}: {', '.join(names)}, {_way(statement)}"


def _way(statement: Statement) -> str:
    match statement:
        case Product(tiled=tiled):
            return "a product in tiles" if tiled else "a product by BLAS"
        case Apply():
            return "entry by entry, all rows at once"
        case _:
            letters = dict.fromkeys(s.letter for s in walk((statement,)) if isinstance(s, Loop))
            return f"loops over {', '.join(letters)}"


def _nodes(program: Program, statement: Statement) -> list[str]:
    """Return the nodes that a statement computes, in order."""
    found = dict.fromkeys(r.name for s in walk((statement,)) for r in written(s))
    return [name for name in found if name in program.spec.graph]
