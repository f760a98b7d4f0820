"""A gradient as it was written, in all the ways in which it can be read."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TypeAlias

from symgrad.errors import FormulaError
from symgrad.model.latex_lexer import is_latex, lex_latex
from symgrad.model.lexer import Token, check_text, complain, lex
from symgrad.model.ranks import entrywise, matrices_first, plain_products
from symgrad.model.spreading import by_letters, over_samples
from symgrad.model.syntax import Formula, Name
from symgrad.model.vocabulary import Vocabulary
from symgrad.model.wide_lexer import GRADIENTS
from symgrad.model.wide_rows import Row, equals_in, rows_of
from symgrad.model.writing import write
from symgrad.verify.formulas.systems import Definition, System, SystemParser

MOST_READINGS = 16
EQUALS = re.compile(r"\\[A-Za-z]+|==?")

Way: TypeAlias = Callable[[Formula], Formula]


@dataclass(frozen=True)
class Reading:
    """One way to read a formula.

    Attributes
    ----------
    formula
        The right side; of several, the last.
    text
        How it was read, as text.
    left
        The left side of an equation: the gradient that it names, with the letters of its entries.
    where
        What it speaks of beside the names of the vocabulary, in the order in which it is defined.
    before
        The right sides before the last.
    """

    formula: Formula
    text: str
    left: Name | None = None
    where: tuple[Definition, ...] = ()
    before: tuple[Formula, ...] = ()

    @property
    def sides(self) -> tuple["Reading", ...]:
        """A reading for each right side."""
        alone = (replace(self, formula=side, text=write(side), before=()) for side in self.before)
        return (*alone, replace(self, before=()))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """All formulas in it, the definitions included."""
        return (*(one.right for one in self.where), *self.before, self.formula)


def read(text: str, vocabulary: Vocabulary, *, of: Collection[str] = ()) -> tuple[Reading, ...]:
    """Read a gradient, as text or as LaTeX.

    Parameters
    ----------
    text
        A formula, or an equation with what is checked on its left side and one or several right sides;
        beside it equations that define what it speaks of.
    vocabulary
        What it may speak of.
    of
        The names that may stand on the left side, such as ``∂J/∂w1``; without any every name may.

    Returns
    -------
    tuple
        All readings, the likeliest first, at most `MOST_READINGS`.

    Raises
    ------
    FormulaError
        If it is no formula: the message has the column, what was found, and the remedy.
    """
    rows = rows_of(tokens_of(text), vocabulary.names)
    first, doubts = _parsed(rows, vocabulary, of, {})
    further = (_attempt(rows, vocabulary, of, choice) for choice in islice(_choices(doubts), MOST_READINGS))
    found = [first, *(system for system in further if system is not None)]
    named = [system for system in found if system.left is None or _is_named(system.left, of)]
    if not named:
        raise _misnamed(first, of)
    ranked = [(k + n, r) for k, one in enumerate(named) for n, r in enumerate(_products(one, vocabulary))]
    readings = dict.fromkeys(reading for _, reading in sorted(ranked, key=lambda pair: pair[0]))
    return tuple(islice(readings, MOST_READINGS))


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the tokens of a formula, written as text or as LaTeX."""
    return lex_latex(text) if is_latex(check_text(text, GRADIENTS.characters)) else lex(text, GRADIENTS)


def split_sides(text: str) -> tuple[str, ...]:
    """Return the sides of an equation as text, from left to right."""
    cuts = [EQUALS.match(text, column - 1) for column in equals_in(tokens_of(text))]
    spans = [cut.span() for cut in cuts if cut is not None]
    starts, ends = (0, *(end for _, end in spans)), (*(start for start, _ in spans), None)
    return tuple(text[start:end].strip(" \n\t&") for start, end in zip(starts, ends, strict=True))


def _choices(doubts: Mapping[str, int]) -> Iterator[Mapping[str, int]]:
    """Yield the meanings to take but the first: the same one throughout before one here, another there.

    The last meaning of a δ with two indices is Kronecker's.
    """
    most = max(doubts.values(), default=1)
    kronecker = {doubt: -1 if doubt.startswith("δ_") else 0 for doubt in doubts}
    uniform = [kronecker, *(dict.fromkeys(doubts, k) for k in (-1, *range(1, most - 1)))]
    yield from uniform if len(doubts) > 1 else ()
    mixed = product(*map(range, doubts.values()))
    yield from (dict(zip(doubts, chosen, strict=True)) for chosen in islice(mixed, 1, None))


def _parsed(
    rows: tuple[Row, ...], vocabulary: Vocabulary, of: Collection[str], chosen: Mapping[str, int]
) -> tuple[System, Mapping[str, int]]:
    parser = SystemParser(vocabulary, of, chosen)
    return parser.read(rows), parser.doubts


def _attempt(
    rows: tuple[Row, ...], vocabulary: Vocabulary, of: Collection[str], chosen: Mapping[str, int]
) -> System | None:
    try:
        return _parsed(rows, vocabulary, of, chosen)[0]
    except FormulaError:
        return None


def _is_named(left: Formula, of: Collection[str]) -> bool:
    return isinstance(left, Name) and (not of or left.name in of)


def _misnamed(system: System, of: Collection[str]) -> FormulaError:
    left = system.left
    column = left.column if left else 1
    if not isinstance(left, Name):
        return complain(column, "the left side of the equation is no name of a gradient; leave it out")
    return complain(column, f"the left side names {left.name}; checked is {' or '.join(sorted(of))}")


def _products(system: System, vocabulary: Vocabulary) -> Iterator[Reading]:
    """Yield a reading from the left, and those with matrices first and entry by entry where they differ.

    The same once more where names have fewer subscripts than axes, with the others by their letters.
    """
    spread = (by_letters(vocabulary.axes), over_samples(vocabulary.axes, vocabulary.samples))
    whole = (system, *(_changed(system, way) for way in spread))
    for one in (_plain(one) for one in whole if one is not None):
        ways: tuple[Way, ...] = (matrices_first, lambda formula, names=one.names: entrywise(formula, names))
        regrouped = (one, *(_changed(one, way) for way in ways))
        yield from (_reading(other) for other in regrouped if other is not None)


def _changed(system: System, way: Way) -> System | None:
    """Return a system with every formula changed in a way; None where that changes nothing."""
    formulas = (*system.rights, *(one.right for one in system.where))
    if all(way(formula) is formula for formula in formulas):
        return None
    where = tuple(replace(one, right=way(one.right)) for one in system.where)
    return replace(system, rights=tuple(map(way, system.rights)), where=where)


def _plain(system: System) -> System:
    return _changed(system, lambda formula: plain_products(formula, system.names)) or system


def _reading(system: System) -> Reading:
    plain = _plain(system)
    *before, last = plain.rights
    left = plain.left if isinstance(plain.left, Name) else None
    return Reading(last, write(last), left, plain.where, tuple(before))
