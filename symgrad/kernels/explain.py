"""Why a kernel is written as it is, line by line: `symgrad generate --explain`."""

from collections.abc import Iterator

from symgrad.kernels.in_place import descent
from symgrad.kernels.linear import linear
from symgrad.kernels.plan import schedule, whole
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.turned import turnable, turned


def explained(spec: KernelSpec) -> tuple[str, ...]:
    """Return every choice of a schedule with its reason, and what fast training does besides."""
    return tuple(_explained(spec))


def _explained(spec: KernelSpec) -> Iterator[str]:
    plan = whole(spec)
    if plan.unrolled:
        yield f"all nodes: scalar variables, samples the only loop: {plan.unrolled}"
        return
    changed = descent(plan.spec, plan.parts).changed if spec.fast else ()
    turns = turnable(plan.spec, plan.parts, changed)
    yield from map(str, schedule(turned(spec, turns) if turns else spec))
    if spec.fast:
        yield from (f"{name}: changed by its products, no array for its gradient" for name in changed)
        yield from (f"{name}: turned while it is trained, every product reads it so" for name in turns)
        rule = linear(spec)
        yield from [f"no parameter is changed by its products: {rule}"] if isinstance(rule, str) else []
