"""What stands below and above a sum sign, and index letters inside and outside of sums."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar, get_args

from symgrad.model.array_calls import SYNONYMS
from symgrad.model.lexer import Sort, complain
from symgrad.model.syntax import POWER, Chain, Formula, Indicator, Name, Number, Relation
from symgrad.model.wide_names import NameParser

RELATIONS: tuple[Relation, ...] = get_args(Relation)
MOST_LETTERS = 6

T = TypeVar("T")


@dataclass(frozen=True)
class Heading:
    """What stands below and above a sum sign.

    Attributes
    ----------
    conditions
        Relations such as j ≠ i, which multiply the body.
    first, end
        Where the only letter starts and ends, counted from 0, the end left out; None for the whole axis.
    """

    letters: tuple[str, ...]
    conditions: tuple[Indicator, ...] = ()
    first: Formula | None = None
    end: Formula | None = None


class HeadingParser(NameParser):
    """A cursor that reads relations, and the letters of sums."""

    def value(self) -> Formula:
        """Read an argument, or what stands in brackets: a relation counts 1 or 0."""
        left = self.expression(0)
        if (relation := self.relation()) is None:
            return left
        column = self.take().column
        return Indicator(left, relation, self.expression(0), column)

    def relation(self) -> Relation | None:
        if self.here.sort is not Sort.MARK:
            return None
        return next((relation for relation in RELATIONS if relation == self.here.text), None)

    def within(self, letters: tuple[str, ...], read: Callable[[], T]) -> T:
        """Read something in which the letters are bound."""
        before, added = self.letters, len(self.bound)
        self.letters = before | set(letters)
        self.bound += letters
        result = read()
        self.letters = before
        del self.bound[added:]
        return result

    def letters_of(self, parts: tuple[str, ...], column: int) -> tuple[str, ...]:
        """Return the letters below a sign: ``ij`` is i and j unless it is a letter itself, ``i_1`` is i1."""
        found: list[str] = []
        parts = tuple("".join(together) for together in _with_numbers(parts))
        for part in parts:
            known = part in self.letters or not part.isalpha() or len(part) > MOST_LETTERS
            found += [part] if known else part
        if len(set(found)) < len(found) or not all(map(self.may_be_letter, found)):
            raise complain(column, f"found {', '.join(parts)} where index letters belong")
        return tuple(found)

    def may_be_letter(self, letter: str) -> bool:
        taken = letter in self.vocabulary.names or letter in self.functions or letter in SYNONYMS
        return letter.isalnum() and not letter[0].isdigit() and not taken

    def heading_of_sum(self) -> Heading:
        """Read ``_k``, ``_{i,j}``, ``_{j ≠ i}`` or ``_{k=1}^{K}`` behind a sum sign."""
        if not self.accept("_"):
            return Heading(())
        bracket = self.accept("(")
        token = self.here
        letters, conditions, first = self.below(bracket)
        if bracket:
            self.expect(")", "close what stands below the sum sign")
        if not self.accept("^"):
            if first is not None and not self.is_number(first, 1):
                raise self.unexpected(r"expected the end of the sum, as in \sum_{k=2}^{K}")
            return Heading(letters, conditions)
        if len(letters) != 1:
            raise complain(token.column, "a sum with an end has one letter; write one sum for each")
        if (first is None or self.is_number(first, 1)) and self.unknown_end():
            return Heading(letters, conditions)
        return self.counted(Heading(letters, conditions, first, self.expression(POWER + 1)))

    def unknown_end(self) -> bool:
        """Step over the end of a sum if it is a name that nothing else has: the size of the axis."""
        bracket = self.at("(")
        token, behind = self.ahead(int(bracket)), self.ahead(2)
        closed = not bracket or (behind.sort is Sort.MARK and behind.text == ")")
        if token.sort is not Sort.NAME or not closed or self.known_alone(token):
            return False
        if token.text in self.vocabulary.layers:
            return False
        self.place += 3 if bracket else 1
        return True

    def below(self, bracket: bool) -> tuple[tuple[str, ...], tuple[Indicator, ...], Formula | None]:
        letters: list[str] = []
        conditions: list[Indicator] = []
        first: Formula | None = None
        while True:
            token = self.here
            if token.sort is not Sort.NAME:
                raise self.unexpected("expected an index letter below the sum sign")
            self.take()
            found = self.letters_of((token.text, *token.below), token.column)
            letters += found
            if bracket and (relation := self.relation()) is not None:
                column = self.take().column
                if relation == "=":
                    first = self.expression(0)
                else:
                    right = self.within(tuple(letters), lambda: self.expression(0))
                    conditions.append(Indicator(Name(found[-1], (), token.column), relation, right, column))
            if not (self.at(",") and self.ahead(1).sort is Sort.NAME):
                return tuple(letters), tuple(conditions), first
            self.take()

    def counted(self, heading: Heading) -> Heading:
        """Return a sum counted from 0, its end left out; print counts from 1 unless the sum starts at 0."""
        first, end = heading.first, heading.end
        if end is not None and first is not None and self.is_number(first, 0):
            return replace(heading, end=self.shifted(end, 1))
        return replace(heading, first=Number(Fraction(0)) if first is None else self.shifted(first, -1))

    def is_number(self, formula: Formula, value: int) -> bool:
        return isinstance(formula, Number) and formula.value == value

    def shifted(self, formula: Formula, by: int) -> Formula:
        """Add 1 or −1."""
        column = formula.column
        if isinstance(formula, Number) and formula.value + by >= 0:
            return Number(formula.value + by, column)
        return Chain(("+" if by > 0 else "-",), (formula, Number(Fraction(1), column)), column)


def _with_numbers(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Put a number below a sign together with the letter before it."""
    found: list[tuple[str, ...]] = []
    for part in parts:
        if part.isdigit() and found and found[-1][-1].isalpha():
            found[-1] = (*found[-1], part)
        else:
            found.append((part,))
    return found
