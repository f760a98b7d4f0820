"""From the text of a formula to tokens: the only place that looks at characters.

The parser sees tokens alone.  What characters there are is a `Dialect`: that of definitions stands here,
the wider one of gradients in `symgrad.model.wide_lexer`; LaTeX has a lexer of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from symgrad.errors import FormulaError
from symgrad.model.names import DIGITS, GREEK, LATIN, LONGEST, describe

MAX_CHARACTERS = 10_000
MAX_TOKENS = 4_000
MAX_DIGITS = 40
MAX_SCALE = 308


class Sort(StrEnum):
    """What a token is."""

    NUMBER = "number"
    NAME = "name"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True)
class Token:
    """One word of a formula, with the column (from 1) at which it starts.

    Attributes
    ----------
    value
        Of a number.
    above, below
        What stands raised and lowered at a name in print, for a name that was written so.
    """

    sort: Sort
    text: str
    column: int
    value: Fraction = Fraction(0)
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


Reader: TypeAlias = Callable[[str, int], Iterator[Token]]


@dataclass(frozen=True)
class Dialect:
    """What characters mean.

    Attributes
    ----------
    words
        A pattern with a named group for each sort of word.
    readers
        For each group, what makes tokens of a word.
    hints
        What to do instead of some characters that have no meaning.
    characters, tokens
        How many a formula may have.
    """

    words: re.Pattern[str]
    readers: Mapping[str, Reader]
    hints: Mapping[str, str]
    characters: int = MAX_CHARACTERS
    tokens: int = MAX_TOKENS


def complain(column: int, message: str) -> FormulaError:
    """Return the error of a formula, the column in front."""
    return FormulaError(f"column {column}: {message}")


FRACTIONS: Mapping[str, Fraction] = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
ALIASES: Mapping[str, str] = {
    "**": "^",
    "·": "*",
    "⋅": "*",
    "∗": "*",
    "×": "*",
    "−": "-",
    "∕": "/",
    "÷": "/",
    "µ": "μ",
    "ϵ": "ε",
    "ϕ": "φ",
}
HINTS: Mapping[str, str] = {
    "'": "a prime is not read here; write the derivative out, as in a*(1 - a)",
    "’": "a prime is not read here; write the derivative out, as in a*(1 - a)",
    "=": "a formula is one expression, without an equals sign",
    ";": "a formula is one expression; remove what follows",
    '"': "a formula holds no quoted text",
    "@": "write the product of matrices as a sum: sum(j, W[i,j]*x[j])",
    "_": "a name starts with a letter",
    ".": "a point stands only inside a number",
    "{": "use round brackets",
    "%": "divide by 100 instead",
}

_GREEK = GREEK + "µϵϕ"
_WORDS = re.compile(
    rf"(?P<space>[ \t\r\n]+)"
    rf"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[{LATIN}{_GREEK}][{LATIN}{DIGITS}_{_GREEK}]*)"
    rf"|(?P<mark>\*\*|[-+*/^()\[\],·⋅∗×−∕÷])"
    rf"|(?P<fraction>[½¼¾])"
    rf"|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
)


def space(_text: str, _column: int) -> Iterator[Token]:
    """Read what separates words."""
    return iter(())


def number(text: str, column: int) -> Iterator[Token]:
    """Read a decimal number, exactly."""
    mantissa, _, scale = text.lower().partition("e")
    digits = len(mantissa) - mantissa.count(".")
    if digits > MAX_DIGITS:
        raise complain(column, f"found a number of {digits} digits; at most {MAX_DIGITS} are read; round it")
    if len(scale.lstrip("+-0")) > 3 or abs(int(scale or "0")) > MAX_SCALE:
        raise complain(column, f"found a number scaled by 10^{scale[:9]}; at most {MAX_SCALE} is read")
    yield Token(Sort.NUMBER, text, column, Fraction(text))


def name(text: str, column: int) -> Iterator[Token]:
    """Read a name, look-alikes of a letter as that letter."""
    if len(text) > LONGEST:
        raise complain(column, f"found a name of {len(text)} characters; at most {LONGEST} are allowed")
    yield Token(Sort.NAME, "".join(ALIASES.get(c, c) for c in text), column)


def mark(text: str, column: int) -> Iterator[Token]:
    """Read an operator, a bracket or a comma."""
    yield Token(Sort.MARK, ALIASES.get(text, text), column)


def fraction(text: str, column: int) -> Iterator[Token]:
    """Read ½, ¼ or ¾."""
    yield Token(Sort.NUMBER, text, column, FRACTIONS[text])


def raised(text: str, column: int) -> Iterator[Token]:
    """Read a raised number as a power."""
    plain = text.translate(SUPERSCRIPTS)
    yield Token(Sort.MARK, "^", column)
    if plain.startswith("-"):
        yield Token(Sort.MARK, "-", column)
    yield from number(plain.lstrip("-"), column + plain.count("-"))


DEFINITIONS = Dialect(
    _WORDS,
    {"space": space, "number": number, "name": name, "mark": mark, "fraction": fraction, "raised": raised},
    HINTS,
)


def lex(text: object, dialect: Dialect = DEFINITIONS) -> tuple[Token, ...]:
    """Return the tokens of a formula, an end token last.

    Raises
    ------
    FormulaError
        If it is no text, too long, or has a character that no formula has.
    """
    checked = check_text(text, dialect.characters)
    return check_count([*_words(checked, dialect), Token(Sort.END, "", len(checked) + 1)], dialect.tokens)


def check_text(text: object, most: int = MAX_CHARACTERS) -> str:
    """Return a text that is short enough to be a formula."""
    if not isinstance(text, str):
        raise FormulaError(f"a formula is a text in quotation marks, not {text!r}")
    if len(text) > most:
        raise complain(most + 1, f"the formula has {len(text)} characters; at most {most} are read")
    return text


def check_count(tokens: list[Token], most: int = MAX_TOKENS) -> tuple[Token, ...]:
    """Return tokens that are few enough, the end not counted."""
    if len(tokens) > most + 1:
        raise complain(
            tokens[most].column,
            f"the formula has {len(tokens) - 1} words; at most {most} are read; name a part of it",
        )
    return tuple(tokens)


def _words(text: str, dialect: Dialect) -> Iterator[Token]:
    place = 0
    while place < len(text):
        match = dialect.words.match(text, place)
        if match is None:
            raise strange(text[place], place + 1, dialect.hints)
        yield from dialect.readers[match.lastgroup or "space"](match.group(), place + 1)
        place = match.end()


def strange(character: str, column: int, hints: Mapping[str, str]) -> FormulaError:
    """Return the error of a character that has no meaning."""
    hint = hints.get(character, "it has no meaning in a formula; remove it or type the plain letter")
    return complain(column, f"found {describe(character)}; {hint}")
