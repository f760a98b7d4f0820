r"""The smallest parts of LaTeX: commands, braces, scripts, numbers, letters; and groups of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symgrad.model import latex_words as words
from symgrad.model.lexer import complain, strange
from symgrad.model.names import DIGITS, GREEK, LATIN
from symgrad.model.wide_lexer import GRADIENTS

_GREEK = GREEK + "µϵϕ"
_PIECES = re.compile(
    r"(?P<space>[ \t\r\n~]+)"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|[^A-Za-z]))"
    r"|(?P<brace>[{}])"
    r"|(?P<script>[_^])"
    r"|(?P<align>&)"
    r"|(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    rf"|(?P<letters>[{LATIN}{_GREEK}][{LATIN}{_GREEK}{DIGITS}]*)"
)
_FENCES = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
MAX_DEPTH = 80
MOST_SHAPES = 6
_TRAILING = " .,;\t\r\n"


@dataclass(frozen=True)
class Piece:
    """One part of a text, with the column at which it starts.

    Attributes
    ----------
    kind
        ``command``, ``brace``, ``script``, ``align``, ``number``, ``letters``, or a sort of typed words.
    text
        As written; of a command without the backslash.
    """

    kind: str
    text: str
    column: int

    @property
    def end(self) -> int:
        """The column behind it."""
        return self.column + len(self.text) + (self.kind == "command")


Pieces: TypeAlias = Sequence[Piece]


def pieces_of(text: str) -> list[Piece]:
    """Return the parts of a text, the dollars around it and the full stop behind it left out."""
    return list(_shallow(_pieces(_without_fences(text))))


def _shallow(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Pass pieces on. FormulaError where braces are nested too deeply."""
    depth = 0
    for piece in pieces:
        if piece.kind == "brace":
            depth += 1 if piece.text == "{" else -1
        if depth > MAX_DEPTH:
            raise complain(piece.column, f"nested deeper than {MAX_DEPTH} levels; name a part of it")
        yield piece


def _without_fences(text: str) -> str:
    bare = text.rstrip(_TRAILING)
    start = len(bare) - len(bare.lstrip())
    for opening, closing in _FENCES:
        inside = len(bare) - start - len(opening) - len(closing)
        if inside >= 0 and bare.startswith(opening, start) and bare.endswith(closing):
            return " " * (start + len(opening)) + bare[start + len(opening) : len(bare) - len(closing)]
    return bare


def _pieces(text: str) -> Iterator[Piece]:
    place = 0
    while place < len(text):
        match = _PIECES.match(text, place) or GRADIENTS.words.match(text, place)
        if match is None:
            raise strange(text[place], place + 1, GRADIENTS.hints)
        kind = match.lastgroup or ""
        if kind != "space":
            yield Piece(kind, match.group()[kind == "command" :], place + 1)
        place = match.end()


class Cursor:
    """A place among pieces, and how to take groups from it."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = list(pieces)
        self.place = 0

    @property
    def here(self) -> Piece:
        """The next piece; of the kind ``end`` behind the last."""
        return self.ahead(0)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.pieces)

    def ahead(self, steps: int) -> Piece:
        """Return a piece further on."""
        place = self.place + steps
        column = self.pieces[-1].column + 1 if self.pieces else 1
        return self.pieces[place] if place < len(self.pieces) else Piece("end", "", column)

    def take(self) -> Piece:
        """Return the next piece and step over it."""
        piece = self.here
        self.place += piece.kind != "end"
        return piece

    def at(self, kind: str, text: str) -> bool:
        """Whether a certain piece comes next."""
        return self.here.kind == kind and self.here.text == text

    def accept(self, kind: str, text: str) -> bool:
        """Step over a certain piece if it comes next."""
        found = self.at(kind, text)
        self.place += found
        return found

    def argument(self, *, digit: bool = False) -> list[Piece]:
        """Take the argument of a command or a script: a group, or one sign, with its accents and fonts.

        Of letters one is taken, as TeX does; of a number all digits, unless `digit` is set.
        """
        shapes: list[Piece] = []
        while self.here.kind == "command" and self.here.text in words.FONTS | words.ACCENTS.keys():
            shapes.append(self.take())
        if len(shapes) > MOST_SHAPES:
            raise complain(
                shapes[0].column, f"found {len(shapes)} fonts and accents on one letter; leave them out"
            )
        content = self._group() if self.accept("brace", "{") else [self._sign(digit)]
        for shape in reversed(shapes):
            opening, closing = (Piece("brace", sign, shape.column) for sign in "{}")
            content = [shape, opening, *content, closing]
        return content

    def _sign(self, digit: bool) -> Piece:
        piece = self.take()
        if piece.kind in ("end", "script") or piece.text == "}":
            raise complain(piece.column, "expected a group in braces, or one sign")
        return self._first(piece) if piece.kind == "letters" or (digit and piece.text.isdigit()) else piece

    def _first(self, piece: Piece) -> Piece:
        rest = piece.text[1:]
        if rest:
            kind = "number" if rest[0] in DIGITS and rest.strip(DIGITS) == "" else piece.kind
            self.place -= 1
            self.pieces[self.place] = Piece(kind, rest, piece.column + 1)
        return Piece(piece.kind, piece.text[0], piece.column)

    def _group(self) -> list[Piece]:
        """Take what stands before the closing brace."""
        start, depth = self.place, 1
        opening = self.ahead(-1)
        while depth:
            piece = self.take()
            if piece.kind == "end":
                raise complain(opening.column, "found '{' without a closing brace")
            depth += (piece.kind == "brace") * (1 if piece.text == "{" else -1)
        return self.pieces[start : self.place - 1]


def bare(pieces: Pieces) -> str:
    """Return the letters and digits of a name, an index or a word, without what only shapes them."""
    return "".join(_bare(piece) for piece in pieces)


def _bare(piece: Piece) -> str:
    if piece.kind != "command":
        return "" if piece.text in "{}_^" else piece.text
    if piece.text in words.ACCENTS:
        return ""
    if piece.text in words.FONTS | words.SPACES or piece.text == "_":
        return ""
    if piece.text in words.LETTERS:
        return words.LETTERS[piece.text]
    return f"\\{piece.text}"
