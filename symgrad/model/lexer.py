"""From the text of a formula to tokens: the only place that looks at characters.

The parser sees tokens alone, so another lexer (for LaTeX) needs nothing but to produce the same ones.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

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
    """One word of a formula, with the column (from 1) at which it starts."""

    sort: Sort
    text: str
    column: int
    value: Fraction = Fraction(0)


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


def lex(text: object) -> tuple[Token, ...]:
    """Return the tokens of a formula, an end token last.

    Raises
    ------
    FormulaError
        If it is no text, too long, or has a character that no formula has.
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is a text in quotation marks, not {text!r}")
    if len(text) > MAX_CHARACTERS:
        raise complain(
            MAX_CHARACTERS + 1, f"the formula has {len(text)} characters; at most {MAX_CHARACTERS} are read"
        )
    tokens = [*_words(text), Token(Sort.END, "", len(text) + 1)]
    if len(tokens) > MAX_TOKENS + 1:
        raise complain(
            tokens[MAX_TOKENS].column,
            f"the formula has {len(tokens) - 1} words; at most {MAX_TOKENS} are read; name a part of it",
        )
    return tuple(tokens)


def _words(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        match = _WORDS.match(text, place)
        if match is None:
            raise _strange(text[place], place + 1)
        yield from _READERS[match.lastgroup or "space"](match.group(), place + 1)
        place = match.end()


def _strange(character: str, column: int) -> FormulaError:
    hint = HINTS.get(character, "it has no meaning in a formula; remove it or type the plain letter")
    return complain(column, f"found {describe(character)}; {hint}")


def _number(text: str, column: int) -> Iterator[Token]:
    mantissa, _, scale = text.lower().partition("e")
    digits = len(mantissa) - mantissa.count(".")
    if digits > MAX_DIGITS:
        raise complain(column, f"found a number of {digits} digits; at most {MAX_DIGITS} are read; round it")
    if len(scale.lstrip("+-0")) > 3 or abs(int(scale or "0")) > MAX_SCALE:
        raise complain(column, f"found a number scaled by 10^{scale[:9]}; at most {MAX_SCALE} is read")
    yield Token(Sort.NUMBER, text, column, Fraction(text))


def _name(text: str, column: int) -> Iterator[Token]:
    if len(text) > LONGEST:
        raise complain(column, f"found a name of {len(text)} characters; at most {LONGEST} are allowed")
    yield Token(Sort.NAME, "".join(ALIASES.get(c, c) for c in text), column)


def _mark(text: str, column: int) -> Iterator[Token]:
    yield Token(Sort.MARK, ALIASES.get(text, text), column)


def _fraction(text: str, column: int) -> Iterator[Token]:
    yield Token(Sort.NUMBER, text, column, FRACTIONS[text])


def _raised(text: str, column: int) -> Iterator[Token]:
    plain = text.translate(SUPERSCRIPTS)
    yield Token(Sort.MARK, "^", column)
    if plain.startswith("-"):
        yield Token(Sort.MARK, "-", column)
    yield from _number(plain.lstrip("-"), column + plain.count("-"))


def _space(_text: str, _column: int) -> Iterator[Token]:
    return iter(())


_READERS: Mapping[str, Callable[[str, int], Iterator[Token]]] = {
    "space": _space,
    "number": _number,
    "name": _name,
    "mark": _mark,
    "fraction": _fraction,
    "raised": _raised,
}
