"""What is said of a claim: the first line is the whole verdict, the others show it.

A message is for three readers: whoever made the claim, whoever only sees the summary of a test run, and a
student who must not be told the answer.
"""

import re
import shlex
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from symgrad.verify.kinds import KINDS
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake

Hints: TypeAlias = Literal["full", "category", "none"]

MOST_LEAVES = 12
WIDE = 160
ALIKE = 0.5
WORDS = re.compile(r"\\?[^\W\d_]+\d*|\d+|\s+|.", re.DOTALL)


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
        return f"{check.of} is wrong" + ("" if hints == "category" else ", and nothing explains how")
    best = check.mistakes[0]
    if hints == "category":
        return f"{check.of} is wrong: {KINDS[best.kind]}"
    where = f" on {best.place}" if best.place and best.place not in best.text else ""
    return f"{check.of} is wrong: {best.text or KINDS[best.kind]}{where}"


def _shown(check: Check, hints: Hints) -> Iterator[str]:
    if hints != "full":
        return
    yield from _formulas(check)
    if check.finding.counterexample:
        yield _point(check.finding.counterexample)
    yield from (f"  mistake  {_mistake(one)}" for one in check.mistakes[:1])
    yield from (f"  or       {_mistake(one)}" for one in check.mistakes[1:])
    yield from (f"  note     {note}" for note in check.notes)


def _mistake(one: Mistake) -> str:
    where = f" ({one.place})" if one.place else ""
    return f"consistent with {one.kind}: {one.text or KINDS[one.kind]}{where}"


def _formulas(check: Check) -> Iterator[str]:
    mended = next((one.correct for one in check.mistakes if one.correct), "")
    yours, correct = check.claimed, mended or check.correct
    if not yours:
        return
    yield from _line("yours", yours)
    if not correct:
        return
    if "\n" in correct or max(len(yours), len(correct)) > WIDE:
        yield from _line("correct", correct)
        return
    extra, missing = _differences(yours, correct)
    yield from ([f"           {extra}"] if extra else [])
    yield from _line("correct", correct)
    yield from ([f"           {missing}"] if missing else [])


def _line(word: str, text: str) -> Iterator[str]:
    first, *rest = text.splitlines() or [""]
    yield f"  {word:<7}  {first}"
    yield from (f"           {line}" for line in rest)


def _differences(yours: str, correct: str) -> tuple[str, str]:
    """Return carets under what one has and the other has not; nothing where they have little in common."""
    one, other = WORDS.findall(yours), WORDS.findall(correct)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return "", ""
    marks = [[" "] * len(one), [" "] * len(other)]
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            marks[0][a:b] = ["^"] * (b - a)
            marks[1][c:d] = ["^"] * (d - c)
    return _carets(one, marks[0]), _carets(other, marks[1])


def _carets(words: list[str], marks: list[str]) -> str:
    return "".join(mark * len(word) for word, mark in zip(words, marks, strict=True)).rstrip()


def _point(at: Counterexample) -> str:
    leaves = [f"{name}={value}" for name, value in at.at.items()]
    shown = " ".join(leaves[:MOST_LEAVES]) + (" …" if len(leaves) > MOST_LEAVES else "")
    where = f"  at {shown}" if shown else " "
    entry = f"   entry {at.entry}" if at.entry else ""
    return f"{where}{entry}   yours {at.claimed}   correct {at.correct}"


def _again(check: Check, hints: Hints) -> Iterator[str]:
    if check.again and hints == "full":
        yield f"again: {check.again}"


def command(network: str, wrt: str, claim: str, seed: int, level: str = "") -> str:
    """Return the command that judges a claim again."""
    words = ["symgrad", "check", network, wrt, *(["--level", level] if level else []), "--seed", str(seed)]
    return " ".join([*words, shlex.quote(claim)])
