r"""Groups of pieces and of tokens: prose, cases, differentials, what stands for a name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from symgrad.model.latex_pieces import Piece, Pieces
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.wide_rows import REMARKING, SEPARATING

REMARK = "note"
GIVEN = frozenset({"if", "when", "for"})
OTHERWISE = frozenset({"otherwise", "else", REMARK})


def is_prose(pieces: Pieces) -> bool:
    """Whether a text is words to a reader: several of them, or one that joins equations."""
    apart = any(after.column > before.end for before, after in pairwise(pieces))
    plain = all(piece.kind == "letters" for piece in pieces)
    return bool(pieces) and (apart or not plain or pieces[0].text.lower() in SEPARATING | REMARKING)


def first_word(pieces: Pieces) -> str:
    """Return the word that tells what a text is for; that of a remark where it is for nothing else."""
    word = pieces[0].text.lower()
    return word if word in SEPARATING | REMARKING | {"if", "otherwise", "else"} else REMARK


def is_operator(tokens: Sequence[Token]) -> bool:
    """Whether tokens are ∂ or d alone."""
    return len(tokens) == 1 and tokens[0].text in ("∂", "d")


def is_differential(tokens: Sequence[Token]) -> bool:
    """Whether tokens are ∂J, dJ or d J, with what J depends on in brackets or without."""
    size = next((k for k, token in enumerate(tokens) if token.text in ("(", "^")), len(tokens))
    if size < len(tokens) and tokens[-1].text != ")":
        return False
    names = [token for token in tokens[:size] if token.sort is Sort.NAME]
    first = tokens[0].text if tokens else ""
    return (size == 2 and len(names) == 2 - (first == "∂") and first in ("∂", "d")) or (
        size == len(names) == 1 and first.startswith("d") and len(first) > 1
    )


def cells_of(pieces: Pieces) -> Iterator[list[list[Piece]]]:
    """Yield the cells of every row of a table."""
    row: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.kind == "command" and piece.text == "\\":
            yield row
            row = [[]]
        elif piece.kind == "align":
            row.append([])
        else:
            row[-1].append(piece)
    if row != [[]]:
        yield row


def chosen(rows: Sequence[Sequence[list[Token]]], column: int) -> list[Token]:
    """Return a value where its condition holds, else the next: ``where(z > 0, a, …)``."""
    if not rows or any(len(row) != 2 or not row[0] for row in rows):
        raise complain(column, r"cases have a value, & and a condition in each row")
    (value, given), *rest = rows
    condition = [token for token in given if not _is_word(token, GIVEN)]
    if not condition or _is_word(condition[0], OTHERWISE):
        return [_mark("(", column), *value, _mark(")", column)]
    other = chosen(rest, column) if rest else [Token(Sort.NUMBER, "0", column, Fraction(0))]
    where, comma = Token(Sort.NAME, "where", column), _mark(",", column)
    return [where, _mark("(", column), *condition, comma, *value, comma, *other, _mark(")", column)]


def put_in(tokens: Sequence[Token], equation: Sequence[Token], column: int) -> list[Token]:
    """Return tokens in which a name stands for what an equation says of it.

    Raises
    ------
    FormulaError
        If it is no such equation, or the name is not there.
    """
    name = equation[0] if len(equation) > 2 and equation[1].text == "=" else None
    if name is None or name.sort is not Sort.NAME:
        raise complain(column, r"expected what stands for a name, as in \right|_{z = z_1}")
    value = list(equation[2:])
    found = [new for token in tokens for new in _put_in(token, name, value)]
    if found == list(tokens):
        raise complain(column, f"found nothing called {name.text!r} for which something could stand")
    return found


def _put_in(token: Token, name: Token, value: list[Token]) -> list[Token]:
    alone = value[0] if len(value) == 1 and value[0].sort is Sort.NAME else None
    if replace(token, column=0) == replace(name, column=0):
        return [alone] if alone else [_mark("(", name.column), *value, _mark(")", name.column)]
    if alone and token.sort is Sort.NAME and token.text == f"d{name.text}":
        return [replace(alone, text=f"d{alone.text}")]
    return [token]


def _is_word(token: Token, words: frozenset[str]) -> bool:
    return token.sort is Sort.NAME and token.text in words


def _mark(text: str, column: int) -> Token:
    return Token(Sort.MARK, text, column)
