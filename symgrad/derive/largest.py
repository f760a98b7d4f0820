"""The paths that carry most of a gradient: the k largest products, without listing all paths.

From every node down, the largest product that can still be reached is known exactly by dynamic
programming.  With it as the bound, a best-first search meets whole paths in the order of their size
(Hart, Nilsson, Raphael 1968), however many paths there are.  Equal products come in the order of the graph.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from heapq import heappop, heappush
from itertools import islice
from operator import mul

from symgrad.derive.paths import Link, Path, links
from symgrad.derive.values import Figures, Product, link_value
from symgrad.exact.decimals import Real


@dataclass(frozen=True)
class _Step:
    """A link with its value and the size of the largest product from it down to the end."""

    link: Link
    value: Real
    reach: Real


@dataclass(frozen=True)
class _Prefix:
    """The upper part of a path: where its links stand, the size of its product, the bound on the whole."""

    place: tuple[int, ...]
    steps: tuple[_Step, ...]
    size: Real
    bound: Real

    def __lt__(self, other: "_Prefix") -> bool:
        order = (other.bound - self.bound).signum
        return order < 0 or (order == 0 and self.place < other.place)


def largest_products(found: Figures, wrt: str, count: int) -> tuple[Product, ...]:
    """Return the `count` paths to a node whose products are largest, the largest first.

    Raises
    ------
    UnknownNameError
        If there is no such node.
    LimitError
        If one node has more than 10,000 routes through auxiliaries.
    """
    end, top = found.view.check(wrt), found.model.loss
    table = _steps(found, end, top)
    whole = found.gradient(end)
    return tuple(_product(found, steps, whole) for steps in islice(_best_first(found, table, end), count))


def _steps(found: Figures, end: str, top: str) -> dict[str, tuple[_Step, ...]]:
    """Return the links of every node that lead on to the end, each with what can be reached through it."""
    algebra, graph = found.algebra, found.view.graph
    above = graph.ancestors(top)
    reach = {end: algebra.number(1)}
    table: dict[str, tuple[_Step, ...]] = {}
    for name, downward in links(graph, (top, end)).items():
        if name in above and name != end:
            values = [(link, link_value(found, link)) for link in downward if link.parent in reach]
            table[name] = tuple(_Step(k, v, algebra.abs(v) * reach[k.parent]) for k, v in values)
            if table[name]:
                reach[name] = reduce(algebra.maximum, (step.reach for step in table[name]))
    return table


def _best_first(
    found: Figures, table: Mapping[str, tuple[_Step, ...]], end: str
) -> Iterator[tuple[_Step, ...]]:
    top, one = found.model.loss, found.algebra.number(1)
    waiting = [_Prefix((), (), one, one)] if top == end or table.get(top) else []
    while waiting:
        here = heappop(waiting)
        name = here.steps[-1].link.parent if here.steps else top
        if name == end:
            yield here.steps
            continue
        for k, step in enumerate(table[name]):
            size = here.size * found.algebra.abs(step.value)
            place, steps = (*here.place, k), (*here.steps, step)
            heappush(waiting, _Prefix(place, steps, size, here.size * step.reach))


def _product(found: Figures, steps: tuple[_Step, ...], whole: Real) -> Product:
    factors = tuple(step.value for step in steps)
    value = reduce(mul, factors, found.algebra.number(1))
    path = Path(tuple(step.link for step in steps), found.model.loss)
    return Product(path, factors, value, None if whole.is_zero() else value / whole)
