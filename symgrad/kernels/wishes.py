"""What is asked of a node is done, or refused: no wish is passed over in silence."""

from collections.abc import Iterable

from symgrad.errors import DefinitionError
from symgrad.kernels.plan import Part, whole
from symgrad.kernels.schedule import Choice
from symgrad.kernels.spec import KernelSpec

ALL = "*"
BY_CALL = ("blas", "tiles")


def check_wishes(spec: KernelSpec) -> None:
    """Refuse what a kernel cannot do.

    Raises
    ------
    DefinitionError
        With the node, why it cannot be, and what can.
    """
    wishes = {name: way for name, way in spec.schedule.items() if name != ALL}
    plan = whole(spec) if wishes else None
    if plan is None:
        return
    if plan.unrolled:
        raise DefinitionError(
            f"schedule of {next(iter(wishes))}: {spec.name} is written in scalars, all nodes in one loop "
            "over samples; add *=arrays to choose for single nodes"
        )
    made = [(part, list(part.choices)) for part in plan.parts]
    for name, way in wishes.items():
        _check(spec, name, way, made)


def _check(spec: KernelSpec, name: str, way: str, made: Iterable[tuple[Part, list[Choice]]]) -> None:
    parts = [found for part, found in made if any(owner(spec, one) == name for one in part.names)]
    if not parts:
        raise DefinitionError(f"schedule of {name}: it has no array, and is computed where it is read")
    sums = [choice for found in parts for choice in found if owner(spec, choice.node) == name]
    products = [choice.contraction for choice in sums if choice.contraction]
    if way in BY_CALL and not products:
        raise DefinitionError(f"schedule of {name}: it sums no product of two matrices; known: loops, apart")
    if way == "tiles" and not any(product.tiled for product in products):
        raise DefinitionError(
            f"schedule of {name}: tiles are for products of two matrices, the right one not turned; "
            "known: loops, blas, apart"
        )


def owner(spec: KernelSpec, name: str) -> str:
    """Return the node to which an array belongs: ``z1`` for what it carries over, ``z1_carried``."""
    if name in spec.graph:
        return name
    return max((n for n in spec.graph.by_name if name.startswith(f"{n}_")), key=len, default=name)
