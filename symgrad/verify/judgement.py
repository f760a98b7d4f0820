"""A judged claim that shows itself: as its message, and in a notebook with what differs underlined."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from itertools import zip_longest

from symgrad.model.model import Model
from symgrad.verify.asking import check_name, check_seconds, check_seed
from symgrad.verify.message import message
from symgrad.verify.networks.check import SECONDS, check
from symgrad.verify.networks.claims import Claim
from symgrad.verify.networks.subject import Seen
from symgrad.verify.verdict import Check

# Colours that are told apart in a light and in a dark notebook, and in grey by their sign.
SIGNS: Mapping[str, tuple[str, str]] = {
    "right": ("✓", "#2e8b57"),
    "wrong": ("✗", "#d2492a"),
    "unknown": ("?", "#b8860b"),
}
CARETS = re.compile(r"[ ^]*\^")
MARK = '<span style="border-bottom: 2px solid {colour}">{text}</span>'


@dataclass(frozen=True, repr=False)
class Judgement(Check):
    """A `Check` whose text is the whole message, and which a notebook shows as HTML."""

    def __repr__(self) -> str:
        return message(self)

    def _repr_html_(self) -> str:
        sign, colour = SIGNS[self.verdict]
        first, *rest = message(self).splitlines()
        head = f'<b style="color: {colour}">{sign}</b> {escape(first)}'
        body = "\n".join(_underlined(rest, colour))
        shown = f'<pre style="margin: 0.3em 0 0 1.2em; line-height: 1.5">{body}</pre>' if rest else ""
        return f"<div>{head}{shown}</div>"


def judged(
    network: Model | Seen, wrt: str, claim: Claim, *, seed: int = 0, seconds: float = SECONDS
) -> Judgement:
    """Judge a claimed gradient of a network, and name the mistake of a wrong one.

    Parameters
    ----------
    network
        A network; its level says which names there are.
    wrt
        Any node, or the name of its delta.
    claim
        A formula as text or LaTeX, or a SymPy expression whose symbols bear the names of nodes.
    seed
        Of the points at which anything is evaluated.
    seconds
        How long it may take altogether.

    Raises
    ------
    FormulaError, UnknownNameError
        If the claim is no formula, or there is no such node.
    UsageError
        If another argument cannot be.
    """
    check_name(wrt, "wrt")
    check_seconds(seconds, f"seconds = {seconds!r}")
    check_seed(seed, f"seed = {seed!r}")
    found = check(network, wrt, claim, seed=seed, seconds=seconds)
    return Judgement(**{each.name: getattr(found, each.name) for each in fields(found)})


def _underlined(lines: Sequence[str], colour: str) -> Iterator[str]:
    """Yield lines as HTML, underlined where carets stand below them."""
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        if not CARETS.fullmatch(line):
            yield _marked(line, below, colour) if CARETS.fullmatch(below) else escape(line)


def _marked(line: str, carets: str, colour: str) -> str:
    found, end = "", 0
    for place in re.finditer(r"\^+", carets):
        start, stop = place.span()
        found += escape(line[end:start]) + MARK.format(colour=colour, text=escape(line[start:stop]))
        end = stop
    return found + escape(line[end:])
