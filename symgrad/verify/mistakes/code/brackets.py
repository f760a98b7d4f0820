"""Brackets put in, taken out, or moved, as in the text of a line."""

import ast
import io
import tokenize
from collections.abc import Iterator

from symgrad.verify.mistakes.code.listing import holds
from symgrad.verify.mistakes.code.places import Place, binary

LONGEST = 44
OPENING, CLOSING = "([{", ")]}"


def brackets(place: Place) -> Iterator[tuple[ast.expr, None]]:
    """One pair of brackets more, fewer, or elsewhere, in the whole line if it is short enough."""
    if isinstance(place.node, ast.Call):
        yield from _out_of_call(place.node)
    if not _is_widest(place):
        return
    seen = {ast.dump(place.node)}
    for text in _rewritten(_words(ast.unparse(place.node))):
        node = _read(text)
        if node is not None and ast.dump(node) not in seen:
            seen.add(ast.dump(node))
            yield node, None


def _is_widest(place: Place) -> bool:
    """Whether it is short enough, and what is around it is not."""
    around = [s for s in place.case.claimed.sites if s.line == place.site.line and holds(s.node, place.node)]
    return [s.node for s in around if len(_words(ast.unparse(s.node))) <= LONGEST][:1] == [place.node]


def _out_of_call(node: ast.Call) -> Iterator[tuple[ast.expr, None]]:
    """f(a c) − b for f((a − b) c), with b as it was before it became a column."""
    inner = node.args[0] if node.args else None
    if not (isinstance(inner, ast.BinOp) and isinstance(inner.left, ast.BinOp)):
        return
    difference, taken = inner.left, inner.left.right
    call = ast.Call(
        node.func, [binary(difference.left, inner.op, inner.right), *node.args[1:]], node.keywords
    )
    yield binary(call, difference.op, taken.value if isinstance(taken, ast.Subscript) else taken), None


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
