"""Why a kernel is written as it is, line by line: `symgrad generate --explain`."""

from collections.abc import Iterator

from symgrad.kernels.in_place import descent
from symgrad.kernels.jam import TOGETHER, jams
from symgrad.kernels.plan import schedule, whole
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.streams import one_pass, streams
from symgrad.kernels.turned import turnable


def explained(spec: KernelSpec) -> tuple[str, ...]:
    """Return every choice of a schedule with its reason, and what fast training does besides."""
    return tuple(_explained(spec))


def _explained(spec: KernelSpec) -> Iterator[str]:
    plan = whole(spec)
    if plan.unrolled:
        yield f"all nodes: scalar variables, samples the only loop: {plan.unrolled}"
        return
    yield from map(str, schedule(spec))
    if spec.moments:
        yield f"train: full batches by moments of the data, {', '.join(spec.moments.sums)}, read once"
    if jams(spec):
        yield f"samples: {TOGETHER} in a turn wherever they meet in sums only; {streams(spec)}"
    made = tuple(s for part in plan.parts for s in part.statements)
    if spec.fast and not spec.moments and not one_pass(spec, made):
        changed = descent(plan.spec, plan.parts).changed
        yield from (f"{name}: changed by its products, no array for its gradient" for name in changed)
        turned = turnable(plan.spec, plan.parts, changed)
        yield from (f"{name}: turned while it is trained, every product reads it so" for name in turned)
