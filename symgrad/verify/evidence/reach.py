"""The precision at which a difference that there is can be seen.

Two values that differ may do so by very little: tanh(1000) is 1 but for 10⁻⁸⁶⁸.  How little is estimated from
the orders of magnitude that occur in their computation: numbers of small size, combined by few operations, do
not come closer to each other than the product of what is small in them, unless they are equal (Richardson,
*How to recognize zero*, 1997; a conjecture, so what rests on it is called held, never proved).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from math import ceil
from typing import Any

from symgrad.exact.balls import Ball, Balls
from symgrad.exact.tapes import operation
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.budget import Budget
from symgrad.verify.evidence.points import Point, at, watch
from symgrad.verify.evidence.question import Question, both

LEAST_BITS = 1000
MOST_BITS = 20_000
ROUGH = 128
# What is between 2⁻⁸ and 2⁸ is no more than ordinary, and a number of 8 bits is none that hides something.
ORDINARY = 8


def precision(question: Question, point: Point, budget: Budget) -> Sequence[int]:
    """Return the precision at which the two are told apart at a point; none where that is out of reach."""
    if question.numerical:
        return (LEAST_BITS,)
    wanted = LEAST_BITS + 2 * (_written(question) + _height(question, point, budget))
    return (wanted,) if wanted <= MOST_BITS else ()


def _written(question: Question) -> int:
    """Count the bits of the numbers that occur."""
    numbers = (question.tape.slot(place).exact for place in question.steps)
    return sum(_length(number) for number in numbers if number is not None)


def _length(number: Fraction) -> int:
    return number.numerator.bit_length() + number.denominator.bit_length()


def _height(question: Question, point: Point, budget: Budget) -> int:
    """Bound the order of magnitude, in bits, of a product of what is small or large in a computation.

    It adds up in products, as a degree does, and is the largest one in sums.
    """
    heights = dict[int, int]()
    for place, size in _sizes(question, at(point, ROUGH, kinks=True), budget):
        name, taken, rest = question.tape.steps[place]
        own = size if abs(size) > ORDINARY else 0
        heights[place] = max(_composed(name, [heights[p] for p in taken], rest), abs(own))
    return max(heights[slot.place] for slot in both(question.pairs))


def _sizes(question: Question, balls: Balls, budget: Budget) -> Iterator[tuple[int, int]]:
    """Yield every step with the order of magnitude of its value; 0 for one without a value."""
    found, spend = dict[int, Ball | None](), watch(balls, budget)
    for place in question.steps:
        spend()
        name, taken, rest = question.tape.steps[place]
        found[place] = _value(operation(name, balls), [found[p] for p in taken], rest)
        yield place, _size(name, found[place], found.get(taken[0]) if taken else None)


def _value(apply: Callable[..., Ball], values: Sequence[Ball | None], rest: Sequence[Any]) -> Ball | None:
    with suppress(ExactError):
        return None if None in values else apply(*values, *rest)
    return None


def _size(name: str, value: Ball | None, argument: Ball | None) -> int:
    """Return the order of magnitude in bits; of erf(u) that of exp(−u²), by which it is less than 1."""
    if name == "erf" and argument is not None:
        return 4 << min(2 * max(argument.size, 0), 2 * ORDINARY)
    return value.size if value is not None else 0


def _composed(name: str, heights: Sequence[int], rest: Sequence[Any]) -> int:
    if name == "times":
        return sum(heights)
    if name in ("raised", "power"):
        return ceil(heights[0] * abs(rest[0]))
    return max(heights, default=0)
