"""A gradient as it was written, in all the ways in which it can be read."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from symgrad.errors import FormulaError
from symgrad.model.latex_lexer import is_latex, lex_latex
from symgrad.model.lexer import Token, check_text, complain, lex
from symgrad.model.ranks import entrywise, matrices_first, plain_products
from symgrad.model.syntax import Formula, Name
from symgrad.model.vocabulary import Vocabulary
from symgrad.model.wide_lexer import GRADIENTS
from symgrad.model.wide_parser import WideParser
from symgrad.model.writing import write

MOST_READINGS = 12


@dataclass(frozen=True)
class Reading:
    """One way to read a formula.

    Attributes
    ----------
    formula
        The right side.
    text
        How it was read, as text.
    left
        The left side of an equation: the gradient that it names, with the letters of its entries.
    """

    formula: Formula
    text: str
    left: Name | None = None


def read(text: str, vocabulary: Vocabulary, *, of: Collection[str] = ()) -> tuple[Reading, ...]:
    """Read a gradient, as text or as LaTeX.

    Parameters
    ----------
    text
        A formula, or an equation with what is checked on its left side.
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
    tokens = tokens_of(text)
    first, doubts = _parsed(tokens, vocabulary, {})
    choices = (dict(zip(doubts, chosen, strict=True)) for chosen in product(*map(range, doubts.values())))
    further = (_attempt(tokens, vocabulary, choice) for choice in islice(choices, 1, MOST_READINGS))
    found = [first, *(side for side in further if side is not None)]
    named = [side for side in found if side.left is None or _is_named(side.left, of)]
    if not named:
        raise _misnamed(first, of)
    readings = (reading for side in named for reading in _products(side, vocabulary))
    return tuple(dict.fromkeys(readings))[:MOST_READINGS]


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the tokens of a formula, written as text or as LaTeX."""
    return lex_latex(text) if is_latex(check_text(text)) else lex(text, GRADIENTS)


@dataclass(frozen=True)
class _Sides:
    """An equation, or a formula alone."""

    left: Formula | None
    right: Formula


def _parsed(
    tokens: tuple[Token, ...], vocabulary: Vocabulary, chosen: Mapping[str, int]
) -> tuple[_Sides, Mapping[str, int]]:
    parser = WideParser(tokens, vocabulary, chosen)
    return _Sides(*parser.equation()), parser.doubts


def _attempt(tokens: tuple[Token, ...], vocabulary: Vocabulary, chosen: Mapping[str, int]) -> _Sides | None:
    try:
        return _parsed(tokens, vocabulary, chosen)[0]
    except FormulaError:
        return None


def _is_named(left: Formula, of: Collection[str]) -> bool:
    return isinstance(left, Name) and (not of or left.name in of)


def _misnamed(sides: _Sides, of: Collection[str]) -> FormulaError:
    left = sides.left
    column = left.column if left else 1
    if not isinstance(left, Name):
        return complain(column, "the left side of the equation is no name of a gradient; leave it out")
    return complain(column, f"the left side names {left.name}; checked is {' or '.join(sorted(of))}")


def _products(sides: _Sides, vocabulary: Vocabulary) -> Iterator[Reading]:
    """Yield a reading from the left, and those with matrices first and entry by entry where they differ."""
    left = sides.left if isinstance(sides.left, Name) else None
    formula = plain_products(sides.right, vocabulary.names)
    yield Reading(formula, write(formula), left)
    for regrouped in (matrices_first(formula), entrywise(formula, vocabulary.names)):
        if regrouped is not formula:
            other = plain_products(regrouped, vocabulary.names)
            yield Reading(other, write(other), left)
