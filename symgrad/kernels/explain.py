"""Why a kernel is written as it is, line by line: `symgrad generate --explain`."""

from collections.abc import Iterator

from symgrad.kernels.in_place import descent
from symgrad.kernels.online import online
from symgrad.kernels.plan import schedule, whole
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.turned import turnable


def explained(spec: KernelSpec) -> tuple[str, ...]:
    """Return every choice of a schedule with its reason, and what fast training does besides."""
    return tuple(_explained(spec))


def _explained(spec: KernelSpec) -> Iterator[str]:
    plan = whole(spec)
    if plan.unrolled:
        yield f"all nodes: scalar variables, samples the only loop: {plan.unrolled}"
        yield from _singly(spec, unrolled=True)
        return
    yield from map(str, schedule(spec))
    if spec.fast:
        changed = descent(plan.spec, plan.parts).changed
        yield from (f"{name}: changed by its products, no array for its gradient" for name in changed)
        turned = turnable(plan.spec, plan.parts, changed)
        yield from (f"{name}: turned while it is trained, every product reads it so" for name in turned)
    yield from _singly(spec, unrolled=False)


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
    yield from (
        f"{name}: kept turned {'only' if name in made.turned else 'as well'} for single samples, sums "
        f"over its columns are written out"
        for name in made.copies
    )
