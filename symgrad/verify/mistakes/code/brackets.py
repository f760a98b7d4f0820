"""Brackets put in, taken out, or moved, as in the text of a line."""

import ast
import io
import tokenize
from collections.abc import Iterator

from symgrad.verify.mistakes.code.places import Place

LONGEST = 44
OPENING, CLOSING = "([{", ")]}"


def moved(place: Place) -> Iterator[tuple[ast.expr, None]]:
    """The right-hand side of a line with one pair of brackets more, fewer, or elsewhere."""
    if not (place.site.field == "value" and isinstance(place.site.parent, ast.Assign | ast.AugAssign)):
        return
    words = _words(ast.unparse(place.node))
    if len(words) > LONGEST:
        return
    seen = {ast.dump(place.node)}
    for text in _rewritten(words):
        node = _read(text)
        if node is not None and ast.dump(node) not in seen:
            seen.add(ast.dump(node))
            yield node, None


def _words(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [t.string for t in tokens if t.string.strip()]


def _rewritten(words: list[str]) -> Iterator[str]:
    yield from _bracketed(words)
    for start, end in _grouping(words):
        fewer = [w for n, w in enumerate(words) if n not in (start, end)]
        yield " ".join(fewer)
        yield from _bracketed(fewer)


def _bracketed(words: list[str]) -> Iterator[str]:
    for start in range(len(words)):
        if start and not _may_open(words[start - 1]):
            continue
        depth = 0
        for end in range(start, len(words)):
            depth += (words[end] in OPENING) - (words[end] in CLOSING)
            if depth < 0 or (words[end] == "," and depth == 0):
                break
            if depth == 0 and end > start + 1:
                yield " ".join([*words[:start], "(", *words[start : end + 1], ")", *words[end + 1 :]])


def _may_open(before: str) -> bool:
    return before in "+-*/@**([,=" or before == "%"


def _grouping(words: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs of round brackets that group, not those of calls."""
    open_: list[int] = []
    for n, word in enumerate(words):
        if word in OPENING:
            open_.append(n)
        elif word in CLOSING and open_:
            start = open_.pop()
            if words[start] == "(" and (start == 0 or _may_open(words[start - 1])):
                yield start, n


def _read(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
