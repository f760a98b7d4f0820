"""Equality modulo random primes on every combination of sides of kinks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations

from symgrad.exact.agreement import POINTS, Agreement, Chance, Equation, at_points, opened, seeds
from symgrad.exact.degrees import MISTAKEN
from symgrad.exact.primefield import small_fraction
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import needed
from symgrad.exact.values import ExactError

REGIONS = 64

Sides = tuple[int, ...]
# For conditions, by the steps that they are on a tape, 1 where what is asked is above 0, else 0.
Decided = Mapping[int, int]


@dataclass(frozen=True)
class Region:
    """A combination of sides, and how two values agree there.

    Attributes
    ----------
    empty
        Whether the sides contradict each other.
    """

    sides: Sides
    agreement: Agreement
    empty: bool = False


def agreement(equation: Equation, seed: int) -> Agreement:
    """Compare with open sides, and where these differ or do not convince on every combination of sides."""
    open_sides = opened(equation, seed)
    return open_sides if open_sides.convinces else in_regions(equation, seed) or open_sides


def in_regions(equation: Equation, seed: int) -> Agreement | None:
    """Compare on every combination of sides of the kinks, each at points enough for a bound.

    What is wrong is wrong on some combination, so the bound is that of the worst of them.  Combinations that
    contradict themselves say nothing.  None where there are too many, or one of them has no values.
    """
    found = [region.agreement for region in _regions(equation, seed)]
    if len(found) < 2:
        return None
    worst = max(found, key=lambda one: (one.against is not None, one.bound))
    return replace(worst, points=sum(one.points for one in found))


def differing(equation: Equation, seed: int) -> list[Decided]:
    """Return the combinations of sides on which two values differ, without the conditions that do not matter.

    Nothing where there are too many combinations to try, or one of them has no values.
    """
    found = _regions(equation, seed)
    decided = [(_decided(equation, region.sides, seed), region) for region in found]
    equal = [sides for sides, region in decided if not region.empty and region.agreement.against is None]
    unequal = [
        sides for sides, region in decided if not region.empty and region.agreement.against is not None
    ]
    return _distinct(_relevant(sides, equal) for sides in unequal)


def _decided(equation: Equation, sides: Sides, seed: int) -> Decided:
    """Return the sides by the conditions."""
    point, tape = equation.runs.at(Residues(seed, sides=sides)), equation.runs.tape
    steps = needed(tape, (equation.one, equation.other))
    conditions = [place for place in steps if tape.steps[place][0] == "step"]
    values = point.course.values(*map(tape.slot, conditions))
    return {place: value.pair[0] for place, value in zip(conditions, values, strict=True)}


def _relevant(sides: Decided, equal: Sequence[Decided]) -> Decided:
    """Leave out conditions as long as no combination on which the values are equal is left."""
    kept = dict(sides)
    for place in sides:
        fewer = {key: side for key, side in kept.items() if key != place}
        if not any(all(other.get(key) == side for key, side in fewer.items()) for other in equal):
            kept = fewer
    return kept


def _distinct(found: Iterator[Decided]) -> list[Decided]:
    return [dict(sides) for sides in dict.fromkeys(tuple(sorted(one.items())) for one in found)]


def _regions(equation: Equation, seed: int) -> list[Region]:
    with suppress(ExactError):
        return _on_each(equation, seed)
    return []


def _on_each(equation: Equation, seed: int) -> list[Region]:
    """Search the combinations of sides, and compare on each; nothing where there are too many or only one."""
    found: list[Region] = []
    waiting: list[Sides] = [()]
    chance = equation.chance
    while waiting:
        if len(found) == REGIONS:
            return []
        first = waiting.pop()
        if (nothing := _empty(equation, first, seed)) is not None:
            found.append(Region(first, nothing, empty=True))
            continue
        sides = _sides(equation, first, seed).sides_taken
        found.append(_on_one(equation, chance, sides, seed))
        waiting += [(*sides[:k], 1) for k in range(len(first), len(sides))]
    return found


def _on_one(equation: Equation, chance: Chance, sides: Sides, seed: int) -> Region:
    points = (equation.runs.at(Residues(s, sides=sides)) for s in seeds(seed))
    here = at_points(equation, chance, points)
    nothing = None if here.against is None else _empty(equation, sides, seed)
    return Region(sides, nothing or here, empty=nothing is not None)


def _sides(equation: Equation, first: Sides, seed: int) -> Residues:
    """Return a field in which the first conditions take some sides, and further ones 0."""
    point = equation.runs.at(Residues(seed, sides=first))
    equation.equal_in(point)
    return point.field


def _empty(equation: Equation, sides: Sides, seed: int) -> Agreement | None:
    """Return that some sides contradict each other if they do so at four points, None if not."""
    chance = 1.0
    for number in seeds(seed)[:POINTS]:
        field = _sides(equation, sides, number)
        if not contradictory(field.conditions, sides, field.prime):
            return None
        chance *= len(sides) ** 2 * MISTAKEN
    return Agreement(POINTS, chance)


def contradictory(conditions: Sequence[int], sides: Sides, prime: int) -> bool:
    """Whether two values of which the sides are given cannot both have them, as u − 1 > 0 and u < 0.

    Only sums and differences that are small rational numbers are looked at; what is no such number looks
    like one with a chance of `MISTAKEN`.
    """
    met = zip(conditions, sides, strict=False)
    return any(_contradict(one, other, prime) for one, other in combinations(met, 2))


def _contradict(one: tuple[int, int], other: tuple[int, int], prime: int) -> bool:
    (u, above), (v, over) = one, other
    difference, total = small_fraction((u - v) % prime, prime), small_fraction((u + v) % prime, prime)
    if above != over:
        return difference is not None and (difference <= 0 if above else difference >= 0)
    return total is not None and (total <= 0 if above else total >= 0)
