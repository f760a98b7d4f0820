"""A derivation as it stands on paper: equations below each other, each with one or several right sides.

A line that begins with an operator, or says no equation, goes on with the one before.  Semicolons, and words
such as *where*, separate equations; remarks, such as *used: …*, are left out.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from symgrad.model.lexer import Sort, Token

Tokens = tuple[Token, ...]

SEPARATING = frozenset({"where", "with", "and", "so", "hence", "thus", "therefore", "then", "let", "here"})
REMARKING = frozenset({"used", "for", "since", "because", "using", "note", "by"})
ENDING = frozenset(",.:")
JOINING = frozenset("=+-*/·@")
SUMS = ("Σ", "sum", "max", "mean")


@dataclass(frozen=True)
class Row:
    """An equation, or a formula alone: its sides from left to right, each with an end token."""

    sides: tuple[Tokens, ...]

    @property
    def column(self) -> int:
        """Where it starts."""
        return self.sides[0][0].column


def rows_of(tokens: Tokens, names: Collection[str] = ()) -> tuple[Row, ...]:
    """Return the equations of a derivation, in the order of writing; at least one.

    Parameters
    ----------
    names
        Words that are names, whatever else they may mean.
    """
    rows: list[list[Token]] = []
    for line, apart in _lines(tokens[:-1], names):
        if rows and not apart and (not _equals(line) or line[0].text in JOINING or _dangles(rows[-1])):
            rows[-1] += line
        else:
            rows.append(list(line))
    if not rows:
        return (Row((tokens[-1:],)),)
    ends = [*(row[0].column for row in rows[1:]), tokens[-1].column]
    return tuple(_row(row, end) for row, end in zip(rows, ends, strict=True))


def equals_in(tokens: Sequence[Token]) -> tuple[int, ...]:
    """Return the columns of the equals signs that stand in no bracket."""
    return tuple(token.column for token in _equals(tokens))


def _lines(tokens: Tokens, names: Collection[str]) -> Iterator[tuple[list[Token], bool]]:
    """Yield the lines with something in them, and whether each is set apart from the one before."""
    line, apart, remark = list[Token](), False, False
    calls = {before.column for before, after in pairwise(tokens) if _is(after, "(")}
    for token, depth in _depths(tokens):
        word = depth == 0 and token.column not in calls and token.text not in names
        ends = depth == 0 and _is(token, "\n")
        remark = (remark or (word and token.sort is Sort.NAME and token.text in REMARKING)) and not ends
        hard = word and not remark and _separates(token, line)
        if hard or ends:
            if kept := _kept(line):
                yield kept, apart
                apart = False
            line, apart = [], apart or hard
        elif not remark and not _is(token, "\n"):
            line.append(token)
    if kept := _kept(line):
        yield kept, apart


def _separates(token: Token, before: Sequence[Token]) -> bool:
    if token.sort is Sort.NAME:
        return token.text in SEPARATING
    return _is(token, ";") or (_is(token, ",") and not _heads_sum(before))


def _heads_sum(before: Sequence[Token]) -> bool:
    """Whether a comma stands between the letters below a sum sign, as in ``Σ_n,k``."""
    for k in range(len(before) - 1, -1, -1):
        if before[k].text in SUMS or before[k].text.startswith(tuple(f"{word}_" for word in SUMS)):
            return True
        if before[k].sort is not Sort.NAME and before[k].text not in ("_", ","):
            return False
    return False


def _kept(line: list[Token]) -> list[Token]:
    """Return a line without the punctuation behind it."""
    kept = list(line)
    while kept and kept[-1].sort is Sort.MARK and kept[-1].text in ENDING:
        kept.pop()
    return kept


def _dangles(row: Sequence[Token]) -> bool:
    """Whether something has to follow."""
    return row[-1].sort is Sort.MARK and row[-1].text in JOINING


def _row(tokens: list[Token], end: int) -> Row:
    cuts = [-1, *(tokens.index(token) for token in _equals(tokens)), len(tokens)]
    sides: list[Tokens] = []
    for before, after in pairwise(cuts):
        side = tokens[before + 1 : after]
        while side and _is(side[-1], ":"):
            side.pop()
        sides.append((*side, Token(Sort.END, "", tokens[after].column if after < len(tokens) else end)))
    return Row(tuple(sides))


def _equals(tokens: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(token for token, depth in _depths(tokens) if depth == 0 and _is(token, "="))


def _depths(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield every token with the number of brackets that are open there."""
    depth = 0
    for token in tokens:
        if token.sort is Sort.MARK and token.text in ("(", "["):
            depth += 1
        elif token.sort is Sort.MARK and token.text in (")", "]"):
            depth = max(0, depth - 1)
        yield token, depth


def _is(token: Token, mark: str) -> bool:
    return token.sort is Sort.MARK and token.text == mark
