"""The kinds of arrays: how points of each are drawn, and how it is written by free parameters.

The words are those of case files, and those by which networks declare targets and parameters: ``one_hot``,
``distribution``, ``free``, ``positive``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import ceil, floor, prod
from random import Random

from symgrad.errors import DataError
from symgrad.verify.evidence.parameters import (
    BELOW_ONE,
    COLUMN_SHARES,
    COLUMNS_TO_ONE,
    ORTHONORMAL,
    PLAIN,
    POSITIVE,
    POSITIVE_DEFINITE,
    ROW_SHARES,
    ROWS_TO_ONE,
    SHARES,
    SYMMETRIC,
    UNIT_ROWS,
    Parametrisation,
    Shape,
)

Args = tuple[Fraction, ...]
Numbers = list[Fraction]

COUNTS = 5


@dataclass
class Draw:
    """A source of small fractions, no two of the same size and none 0 or ±1: there are no accidental ties.

    Attributes
    ----------
    spread
        How many times their usual range free numbers are drawn from.
    """

    source: Random
    spread: int = 1
    sizes: set[Fraction] = field(default_factory=lambda: {Fraction(0), Fraction(1)})

    def between(self, low: Fraction, high: Fraction) -> Fraction:
        """Return a fraction whose absolute value is a new one."""
        value, tries = Fraction(0), 0
        while abs(value) in self.sizes:
            below = self.source.randint(2, 7 + tries // 3 + len(self.sizes) // 16)
            first, last = ceil(low * below), floor(high * below)
            value = Fraction(self.source.randint(first, max(first, last)), below)
            tries += 1
        self.sizes.add(abs(value))
        return value


@dataclass(frozen=True)
class Choice:
    """Something discrete: blocks of entries, each one of a few.

    Attributes
    ----------
    options
        The blocks that there are.
    blocks
        How many blocks an array of a shape has.
    columns
        Whether they are columns.
    """

    options: Callable[[Shape, Args], list[tuple[int, ...]]]
    blocks: Callable[[Shape], int] = prod
    columns: bool = False

    def drawn(self, source: Random, shape: Shape, args: Args) -> Numbers:
        """Draw the entries of an array."""
        options = self.options(shape, args)
        return self._entries([source.choice(options) for _ in range(self.blocks(shape))])

    def all(self, shape: Shape, args: Args) -> Iterator[Numbers]:
        """Yield all arrays."""
        options = self.options(shape, args)
        return map(self._entries, product(options, repeat=self.blocks(shape)))

    def count(self, shape: Shape, args: Args) -> int:
        """Return how many arrays there are."""
        return len(self.options(shape, args)) ** self.blocks(shape)

    def _entries(self, blocks: Sequence[tuple[int, ...]]) -> Numbers:
        rows = zip(*blocks, strict=True) if self.columns else blocks
        return [Fraction(entry) for row in rows for entry in row]


@dataclass(frozen=True)
class Family:
    """A kind of array.

    Attributes
    ----------
    words
        What is known of it; empty for free numbers.
    written
        How it is written by parameters; None for what is discrete.
    sampled
        By which other parameters points of it are drawn, where they are.
    choice
        What there is of something discrete.
    low, high
        Between which numbers parameters are drawn.
    takes
        How many numbers stand between its word and the lengths.
    least, most
        How many lengths may be given.
    square
        Whether it is a square matrix, of which one length is enough.
    wider
        The kind of which it is a special case where only signs are known; empty where that is itself.
    relaxed
        For something discrete, a kind with parameters of which it is a special case.
    """

    words: str = ""
    written: Parametrisation | None = None
    sampled: Parametrisation | None = None
    choice: Choice | None = None
    low: Fraction = Fraction(-5, 2)
    high: Fraction = Fraction(5, 2)
    takes: int = 0
    least: int = 0
    most: int = 32
    square: bool = False
    wider: str = "free"
    relaxed: str = ""

    def shape(self, lengths: Shape) -> Shape:
        """Return the shape that lengths after the word of a kind mean."""
        return lengths * 2 if self.square and len(lengths) == 1 else lengths

    def numbers(self, draw: Draw, shape: Shape, args: Args) -> Numbers:
        """Draw the entries of an array."""
        way = self.sampled or self.written
        if way is None:
            return self.choice.drawn(draw.source, shape, args) if self.choice else [args[0]]
        spread = draw.spread if way is PLAIN else 1
        values = [draw.between(spread * self.low, spread * self.high) for _ in range(way.needed(shape))]
        scale = args[0] if self.takes else 1
        return [Fraction(scale * entry) for entry in way.entries(values, shape)]

    def check(self, name: str, shape: Shape, args: Args) -> None:
        """Refuse lengths and numbers that the kind does not take."""
        if len(args) != self.takes:
            raise DataError(f"{name}: numbers before the lengths: {self.takes} expected, {len(args)} given")
        if not self.least <= len(shape) <= self.most:
            raise DataError(f"{name}: its kind has {self.least} to {self.most} lengths, not {len(shape)}")
        if self.square and shape[0] != shape[1]:
            raise DataError(f"{name}: its kind is square, not {shape[0]}×{shape[1]}")


def _either(*numbers: int) -> Choice:
    return Choice(lambda shape, args: [(number,) for number in numbers])


def _below(shape: Shape, args: Args) -> list[tuple[int, ...]]:
    return [(number,) for number in range(int(args[0]))]


def _units(width: int) -> list[tuple[int, ...]]:
    return [tuple(int(i == k) for i in range(width)) for k in range(width)]


ROWS = Choice(lambda shape, args: _units(shape[-1]), lambda shape: prod(shape[:-1]))
COLUMNS = Choice(lambda shape, args: _units(shape[0]), lambda shape: prod(shape[1:]), columns=True)


def _shares(words: str, written: Parametrisation) -> Family:
    return Family(words, written, low=Fraction(1, 5), high=Fraction(5), least=1, wider="positive")


def _sums(words: str, written: Parametrisation, sampled: Parametrisation) -> Family:
    return Family(words, written, sampled, low=Fraction(1, 5), high=Fraction(5), least=1)


_FREE = Family(written=PLAIN)
_POSITIVE = Family("positive", POSITIVE, low=Fraction(2, 5), wider="")
_ONE_HOT = Family("each row is one-hot", choice=ROWS, least=1, relaxed="distribution")

FAMILIES: Mapping[str, Family] = {
    "const": Family("a fixed number", takes=1, most=0, wider=""),
    "normal": _FREE,
    "free": _FREE,
    "scaled": Family(written=PLAIN, takes=1),
    "pos": _POSITIVE,
    "positive": _POSITIVE,
    "unit": Family("between 0 and 1", BELOW_ONE, low=Fraction(1, 9), high=Fraction(9), wider=""),
    "prob": _shares("positive, adds up to 1", SHARES),
    "rowprob": _shares("positive, each row adds up to 1", ROW_SHARES),
    "colprob": _shares("positive, each column adds up to 1", COLUMN_SHARES),
    "distribution": _sums("each row adds up to 1", ROWS_TO_ONE, ROW_SHARES),
    "columns_to_one": _sums("each column adds up to 1", COLUMNS_TO_ONE, COLUMN_SHARES),
    "sym": Family("symmetric", SYMMETRIC, least=2, most=2, square=True),
    "spd": Family("symmetric, positive definite", POSITIVE_DEFINITE, least=2, most=2, square=True),
    "orth": Family("orthonormal columns", ORTHONORMAL, least=2, most=2),
    "unitrows": Family("each row has length 1", UNIT_ROWS, least=1),
    "onehot": _ONE_HOT,
    "one_hot": _ONE_HOT,
    "onehot0": Family("each column is one-hot", choice=COLUMNS, least=1, relaxed="columns_to_one"),
    "label01": Family("0 or 1", choice=_either(0, 1), relaxed="free"),
    "sign": Family("−1 or 1", choice=_either(-1, 1), relaxed="free"),
    "count": Family("whole numbers from 0 to 4", choice=_either(*range(COUNTS)), relaxed="free"),
    "ids": Family("whole numbers below a bound", choice=Choice(_below), takes=1, wider=""),
    "keep": Family("0 or 1", choice=_either(0, 1), takes=1, relaxed="free"),
}
