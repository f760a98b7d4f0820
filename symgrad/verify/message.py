"""What is said of a claim: the first line is the whole verdict, the others show it.

A message is for three readers: whoever made the claim, whoever only sees the summary of a test run, and a
student who must not be told the answer.
"""

import re
import shlex
from collections.abc import Iterator
from textwrap import wrap
from typing import Literal, TypeAlias

from symgrad.verify.alignment import WIDTH, folded, marked
from symgrad.verify.kinds import KINDS
from symgrad.verify.verdict import NO_VALUE, Check, Counterexample, Finding, Mistake

Hints: TypeAlias = Literal["full", "category", "none"]

MOST_LEAVES = 10
# A formula of our own is written otherwise than the claim: it is compared only where it is almost the same.
LIKE_MENDED, LIKE_FOUND = 0.5, 0.85
MARGIN = " " * 11
NAMES = re.compile(r"[^\W\d]\w*")


def message(check: Check, hints: Hints = "full") -> str:
    """Return what is said of a claim.

    Parameters
    ----------
    hints
        ``full``; ``category`` names the kind of mistake only, ``none`` the verdict only: neither shows the
        right formula or a value.
    """
    if check.verdict == "right":
        return _right(check)
    if check.verdict == "unknown":
        return "\n".join([f"{check.of} is undecided: {check.finding.method}", *_again(check, hints)])
    return "\n".join([_first(check, hints), *_shown(check, hints), *_again(check, hints)])


def _right(check: Check) -> str:
    reading = f", read as {check.reading}" if check.reading else ""
    used = f"; used: {'; '.join(check.finding.assumptions)}" if check.finding.assumptions else ""
    return f"{check.of} is right ({_evidence(check.finding)}){reading}{used}"


def _evidence(finding: Finding) -> str:
    bound = f", error below {finding.bound:.0e}" if finding.bound else ""
    return f"{finding.evidence}: {finding.method}{bound}"


def _first(check: Check, hints: Hints) -> str:
    """Return the whole verdict on one line."""
    if hints == "none":
        return f"{check.of} is wrong"
    if not check.mistakes:
        return f"{check.of} is wrong{_unexplained(check, hints)}"
    best = check.mistakes[0]
    if hints == "category":
        return f"{check.of} is wrong: {KINDS[best.kind]}"
    return f"{check.of} is wrong: {best.text or KINDS[best.kind]}"


def _unexplained(check: Check, hints: Hints) -> str:
    """Return why a claim is wrong of which no mistake is named, or why none is."""
    shown = check.finding.counterexample
    if shown is not None and shown.claimed == NO_VALUE:
        return f": {check.finding.method}"
    none = "" if hints == "category" else "no single mistake explains it"
    why = check.unexplained or none
    return f"; {why}" if why else ""


def _shown(check: Check, hints: Hints) -> Iterator[str]:
    if hints != "full":
        return
    yield from _formulas(check)
    if check.finding.counterexample and check.finding.counterexample.at:
        yield from _point(check, check.finding.counterexample)
    yield from (line for one in check.mistakes[:1] for line in _field("mistake", _kind(one)))
    yield from (line for one in check.mistakes[1:] for line in _field("or", _mistake(one)))
    yield from (line for note in check.notes for line in _field("note", note))


def _kind(one: Mistake) -> str:
    """Return what the first line leaves open: where the mistake is, and its kind."""
    return "; ".join(filter(None, (_where(one), _consistent(one))))


def _mistake(one: Mistake) -> str:
    text = ", ".join(filter(None, (one.text or KINDS[one.kind], _where(one))))
    return "; ".join(filter(None, (text, _consistent(one))))


def _consistent(one: Mistake) -> str:
    return "" if one.kind == "other" else f"consistent with {one.kind}"


def _where(one: Mistake) -> str:
    """Return the place of a mistake in words."""
    edges = one.place.split(", ")
    if not all(edge.count(" -> ") == 1 for edge in edges):
        return one.place
    return f"on the edge {edges[0]}" if len(edges) == 1 else f"on the edges {' and '.join(edges)}"


def _formulas(check: Check) -> Iterator[str]:
    mended = next((one.correct for one in check.mistakes if one.correct), "")
    yours, correct = check.claimed, mended or check.correct
    if not yours:
        return
    extra, missing = marked(yours, correct, LIKE_MENDED if mended else LIKE_FOUND) if correct else ("", "")
    yield from _field("yours", yours, extra)
    if correct:
        yield from _field("correct", correct, missing)


def _field(word: str, text: str, carets: str = "") -> Iterator[str]:
    """Yield a text behind its word, wrapped: a formula where it may be broken, its carets below it."""
    is_formula = word in ("yours", "correct")
    if not text:
        return
    lines = list(folded(text, carets) if is_formula else wrap(text, WIDTH, break_long_words=False))
    first, *rest = lines
    yield f"  {word:<7}  {first}"
    yield from (f"{MARGIN}{line}" for line in rest)


def _point(check: Check, at: Counterexample) -> Iterator[str]:
    """Yield the point, first the leaves that the claim names, and both values there."""
    named = set(NAMES.findall(re.sub(r"[{}\\]|(?<=[^\W\d_])_(?=\W*\d)", "", check.claimed)))
    leaves = [f"{key}={value}" for key, value in at.at.items()]
    spoken = [f"{key}={value}" for key, value in at.at.items() if key.partition("[")[0] in named]
    shown = (spoken or leaves)[:MOST_LEAVES]
    rest = len(leaves) - len(shown)
    where = " ".join(shown) + (f" … ({rest} more in --json)" if rest else "")
    entry = f"entry {at.entry}: " if at.entry else ""
    values = f"{entry}yours {at.claimed}   correct {at.correct}"
    lines = wrap(where, WIDTH, break_long_words=False)
    if len(lines[-1]) + len(values) + 3 <= WIDTH:
        lines[-1] += f"   {values}"
    else:
        lines.append(values)
    yield f"  at       {lines[0]}"
    yield from (f"{MARGIN}{line}" for line in lines[1:])


def _again(check: Check, hints: Hints) -> Iterator[str]:
    if check.again and hints == "full":
        yield f"again: {check.again}"


def command(network: str, wrt: str, claim: str, seed: int, level: str = "") -> str:
    """Return the command that judges a claim again."""
    words = ["symgrad", "check", network, wrt, *(["--level", level] if level else []), "--seed", str(seed)]
    return " ".join([*words, shlex.quote(claim)])
