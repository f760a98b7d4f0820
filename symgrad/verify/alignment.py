"""Two formulas one above the other: lines of a bearable width, with carets under what differs.

Formulas are compared as formulas are read: ``w_{10}`` is w10, ``·``, ``*`` and a space are a product,
``−`` is a minus.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

WIDTH = 110
ALIKE = 0.5
# Of more tokens the comparison takes too long: it may grow with the cube of their number.
MOST_TOKENS = 600
TOKEN = re.compile(r"\\?[^\W\d_]+(?:_?\d+|_\{\d+\})?'?|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
SILENT = re.compile(r"\\(?:left|right|cdot|times|,|;)|[\s*·{}]*", re.DOTALL)
SPELLED = {"−": "-", "\\top": "T", "ᵀ": "T"}


def marked(yours: str, correct: str, alike: float = ALIKE) -> tuple[str, str]:
    """Return carets under what each of two formulas has and the other has not.

    Both are empty where the two are less alike than that, from 0 to 1, are written over several lines, or
    are too long to be compared.
    """
    if "\n" in yours + correct:
        return "", ""
    one, other = TOKEN.findall(yours), TOKEN.findall(correct)
    first, second = _spoken(one), _spoken(other)
    if max(len(first), len(second)) > MOST_TOKENS:
        return "", ""
    words = ([_read(one[k]) for k in first], [_read(other[k]) for k in second])
    matcher = SequenceMatcher(None, *words, autojunk=False)
    if matcher.ratio() < alike:
        return "", ""
    apart = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        _carets(one, [first[a:b] for _, a, b, _, _ in apart]),
        _carets(other, [second[c:d] for _, _, _, c, d in apart]),
    )


def _spoken(tokens: Sequence[str]) -> list[int]:
    """Return the places of the tokens that are more than a way to write a product."""
    return [k for k, token in enumerate(tokens) if not SILENT.fullmatch(token)]


def _read(token: str) -> str:
    plain = re.sub(r"[_{}]", "", token) if len(token) > 1 else token
    return SPELLED.get(plain, plain).removeprefix("\\")


def _carets(tokens: Sequence[str], groups: Sequence[Sequence[int]]) -> str:
    """Return carets under groups of tokens, without a gap within a group."""
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    line = [" "] * starts[-1]
    for group in groups:
        if group:
            line[starts[group[0]] : starts[group[-1] + 1]] = "^" * (starts[group[-1] + 1] - starts[group[0]])
    return "".join(line).rstrip()


def folded(text: str, carets: str = "", width: int = WIDTH) -> Iterator[str]:
    """Yield a formula in lines of a width where it has spaces to be broken at, each above its carets."""
    for line in text.splitlines() or [""]:
        start = 0
        while start < len(line):
            end = _end(line, start, width)
            yield line[start:end].rstrip()
            if below := carets[start:end].rstrip():
                yield below
            start = end


def _end(line: str, start: int, width: int) -> int:
    """Return where a line is broken: before a plus or minus outside of brackets, else at a space."""
    if len(line) - start <= width:
        return len(line)
    signs = [k for k in _outside(line, start, start + width) if line[k : k + 3] in (" + ", " - ", " − ")]
    spaces = [k for k in range(start + 1, start + width) if line[k] == " "]
    found = signs or spaces
    return found[-1] + 1 if found else start + width


def _outside(line: str, start: int, stop: int) -> Iterator[int]:
    """Yield the places of a part of a line at which no bracket is open that it opened."""
    depth = 0
    for k in range(start, stop):
        depth += (line[k] in "([{") - (line[k] in ")]}")
        if depth <= 0 and k > start:
            yield k
