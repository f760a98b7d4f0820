"""Answers as equations, a line each: ``z1 = 0.3775``, ``∂J/∂w5 = (o1-t1) o1 (1-o1) a1``, ``w1+ = …``.

The last side of an equation is the answer where it is a number: ``z1 = 0.15·0.05 + 0.2·0.1 + 0.35 = 0.3775``.
In LaTeX the equations stand between dollars or in an environment; what else is there is prose.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symgrad.errors import DataError
from symgrad.verify.classroom.printed import read_printed

HEAD = ("name", "network", "seed", "digits", "decimals", "rate")
SAID = re.compile(rf"[#%\s]*({'|'.join(HEAD)})\s*[:=]\s*(.*)", re.IGNORECASE)
NAME = re.compile(r"[^\W\d_]")
NUMBERED = re.compile(r"[^\W\d_]_?[\d₀-₉]")
EXPONENT = re.compile(r"\d[eE][+-]?\d")
OPERATORS = frozenset("+-−*·×/()[]^⊙\\")
BREAKS = re.compile(r"\\\\(?:\[[^\]\n]{0,20}\])?|\$\$?|\\[\[\]()]|\\(?:begin|end)\{[^{}\n]{0,40}\}|\n\s*\n")
REMOVED = re.compile(r"(?<!\\)%[^\n]*|\\label\{[^{}\n]{0,80}\}|\\(?:nonumber|notag|quad|qquad|[,;!])|&")
EQUAL = re.compile(r":=|←|\\leftarrow|\\gets|\\approx|≈|=")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Equations:
    """The equations of a text.

    Attributes
    ----------
    head
        What the text says of itself: a name, a seed.
    figures, formulas
        The left side of each equation and its answer.
    ignored
        How many lines had no equation.
    """

    head: Mapping[str, str]
    figures: Pairs
    formulas: Pairs
    ignored: int


def equations(text: str, *, latex: bool) -> Equations:
    """Read the equations of a text.

    Parameters
    ----------
    latex
        Whether it is LaTeX, in which a line break means nothing.
    """
    lines = text.splitlines()
    said = [found for line in lines if (found := SAID.fullmatch(line.strip()))]
    head = {found[1].lower(): found[2].strip() for found in said}
    plain = (line for line in lines if not SAID.fullmatch(line.strip()))
    pieces = list(_pieces(text) if latex else plain)
    stripped = [piece.strip() for piece in pieces if piece.strip() and not piece.lstrip().startswith("#")]
    found = [_sides(piece) for piece in stripped if EQUAL.search(piece)]
    prose = 0 if latex else len(stripped) - len(found)
    figures = tuple(pair for pair in found if not is_formula(pair[1]))
    return Equations(head, figures, tuple(pair for pair in found if is_formula(pair[1])), prose)


def _pieces(text: str) -> Iterator[str]:
    """Yield what stands between the breaks of LaTeX; what begins with = continues the last."""
    body = REMOVED.sub("", text)
    whole = ""
    for piece in (" ".join(part.split()) for part in BREAKS.split(body)):
        if piece.startswith("=") and whole:
            whole = f"{whole} {piece}"
            continue
        yield whole
        whole = piece
    yield whole


def _sides(equation: str) -> tuple[str, str]:
    """Return the left side of an equation and the answer: the last side if that is a number, else all."""
    left, *right = [side.strip() for side in EQUAL.split(equation)]
    return left, right[-1] if not is_formula(right[-1]) else " = ".join(right)


def is_formula(text: str) -> bool:
    """Whether a text is meant as a formula: it speaks of something, and computes with it, or names a node."""
    if _is_number(text):
        return False
    bare = EXPONENT.sub("0", text)
    return NUMBERED.search(bare) is not None or (
        NAME.search(bare) is not None and not OPERATORS.isdisjoint(bare)
    )


def _is_number(text: str) -> bool:
    try:
        read_printed(text, "", comma=True)
    except DataError:
        return False
    return True
