"""Equations below each other: what is checked, and the equations that define what it speaks of."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symgrad.errors import FormulaError
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.ranks import rank
from symgrad.model.spreading import one_hot
from symgrad.model.syntax import Formula, Name, Slice
from symgrad.model.vocabulary import Vocabulary
from symgrad.model.wide_parser import WideParser
from symgrad.model.wide_rows import Row, Tokens

LONGEST_NAME = 12


@dataclass(frozen=True)
class Definition:
    """An equation with a name on its left side, for what stands on its right side."""

    left: Name
    right: Formula


@dataclass(frozen=True)
class System:
    """A derivation as it was read.

    Attributes
    ----------
    left
        The left side of what is checked, if it has one.
    rights
        Its right sides.
    where
        The other equations.
    names
        The number of axes of every name, those that are defined here included.
    """

    left: Formula | None
    rights: tuple[Formula, ...]
    where: tuple[Definition, ...]
    names: Mapping[str, int]


class SystemParser:
    """A reader of equations that takes one meaning of what is doubtful throughout.

    Attributes
    ----------
    doubts
        How many meanings there were.
    """

    def __init__(self, vocabulary: Vocabulary, of: Collection[str], chosen: Mapping[str, int]) -> None:
        self.vocabulary = vocabulary
        self.of = of
        self.chosen = chosen
        self.doubts: dict[str, int] = {}

    def read(self, rows: Sequence[Row]) -> System:
        """Read what is checked, which is the row that names it, or that names nothing, or the last."""
        lefts = [self._left(row) for row in rows]
        asked = [k for k, left in enumerate(lefts) if isinstance(left, Name) and left.name in self.of]
        bare = [k for k, row in enumerate(rows) if len(row.sides) == 1]
        checked = asked or bare[:1] or [len(rows) - 1]
        stray = next((k for k in bare if k not in checked), None)
        if stray is not None:
            raise complain(rows[stray].column, "found a second formula; write an equation that names it")
        where = tuple(
            self._definition(row, left)
            for k, (row, left) in enumerate(zip(rows, lefts, strict=True))
            if k not in checked
        )
        left = lefts[checked[0]] or self._named(rows[checked[0]])
        rights = tuple(
            self.formula(side) for k in checked for side in rows[k].sides[len(rows[k].sides) > 1 :]
        )
        return System(left, rights, where, self.vocabulary.names)

    def formula(self, side: Tokens) -> Formula:
        """Read one side of an equation."""
        parser = WideParser(side, self.vocabulary, self.chosen)
        found = one_hot(self.vocabulary.hot)(parser.whole())
        self.doubts |= parser.doubts
        return found

    def _named(self, row: Row) -> Formula | None:
        return self.formula(row.sides[0]) if len(row.sides) > 1 else None

    def _left(self, row: Row) -> Formula | None:
        """Read the left side of an equation; None where it names what is unknown so far."""
        try:
            return self._named(row)
        except FormulaError:
            return None

    def _definition(self, row: Row, left: Formula | None) -> Definition:
        right = self.formula(row.sides[-1])
        name = left if isinstance(left, Name) else self._new(row.sides[0], right)
        if not all(isinstance(subscript, Name | Slice) for subscript in name.subscripts):
            raise complain(
                row.column, f"found an entry of {name.name} defined; define all of them by letters"
            )
        return Definition(name, right)

    def _new(self, side: Tokens, right: Formula) -> Name:
        """Return the name that an equation introduces, and know it from there on."""
        token = side[0]
        letters = tuple(part for part in token.below if part in self.vocabulary.letters)
        bracketed = tuple(_between_brackets(side[1:-1]))
        whole = len(side) == 2 + (2 * len(bracketed) + 1 if bracketed else 0)
        if token.sort is not Sort.NAME or not whole or len(token.text) > LONGEST_NAME:
            raise complain(side[0].column, "the left side of the equation is no name; leave it out")
        base = "_".join((token.text, *token.above, *(p for p in token.below if p not in letters)))
        subscripts = tuple(Name(letter, (), token.column) for letter in (*letters, *bracketed))
        axes = len(subscripts) + abs(rank(right, self.vocabulary.names))
        self.vocabulary = replace(self.vocabulary, names={**self.vocabulary.names, base: axes})
        return Name(base, subscripts, token.column)


def _between_brackets(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the letters in ``[n, i]``."""
    if len(tokens) > 2 and tokens[0].text == "[" and tokens[-1].text == "]":
        yield from (token.text for token in tokens[1:-1:2] if token.sort is Sort.NAME)
