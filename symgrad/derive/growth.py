"""How the cost of gradients grows with depth and with width: paths explode, deltas stay linear."""

from collections.abc import Iterator
from dataclasses import dataclass

from symgrad.derive.cost import Cost, cost
from symgrad.derive.views import View
from symgrad.model.model import Family, Model

DEPTHS = range(1, 7)
WIDTHS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Growth:
    """The cost of networks that differ in one number only.

    Attributes
    ----------
    over
        What differs: ``hidden layers`` or ``width``.
    fixed
        What stays, in words.
    rows
        The number and the cost there.
    """

    over: str
    fixed: str
    rows: tuple[tuple[int, Cost], ...]


def growth(model: Model) -> tuple[Growth, ...]:
    """Return the cost over depth at the width of a network, and over width at its depth.

    Nothing if the network is not layered, has no hidden layer, or a size without a number.
    """
    family = model.family
    if family is None or family.member(family.sizes).graph != model.graph:
        return ()
    numbers = [model.sizes[name] for name in family.sizes if name in model.sizes]
    if len(numbers) < len(family.sizes) or len(numbers) < 3:
        return ()
    return tuple(_growths(family, numbers))


def _growths(family: Family, numbers: list[int]) -> Iterator[Growth]:
    first, *hidden, last = numbers
    if family.stacks:
        rows = ((k, _cost(family, (first, *[hidden[0]] * k, last))) for k in DEPTHS)
        yield Growth("hidden layers", f"of width {hidden[0]}", tuple(rows))
    layers = f"{len(hidden)} hidden layer{'s' * (len(hidden) > 1)}"
    rows = ((width, _cost(family, (first, *[width] * len(hidden), last))) for width in WIDTHS)
    yield Growth("width", f"of {layers}", tuple(rows))


def _cost(family: Family, sizes: tuple[int, ...]) -> Cost:
    return cost(View(family.member(sizes), "layer"))
