"""The kinks that a statement leaves out, in words."""

from fractions import Fraction

from symgrad.exact.tapes import Tape
from symgrad.verify.evidence.cuts import without_factor
from symgrad.verify.evidence.question import Question

MOST = 3
LONGEST = 40


def off_kinks(question: Question) -> tuple[str, ...]:
    """Say where the statement may not hold: where a condition is exactly 0."""
    tape = question.tape
    steps = (tape.steps[place] for place in question.steps)
    taken = (places[0] for name, places, _ in steps if name == "step")
    conditions = list(dict.fromkeys(without_factor(tape, place) for place in taken))
    if not conditions:
        return ()
    named = [text for place in conditions if (text := written(tape, place))][:MOST]
    shown = [f"{text} = 0" for text in named]
    if rest := len(conditions) - len(named):
        shown.append(f"{rest} {'more' if named else 'in number'}")
    return (f"off the kinks ({', '.join(shown)})",)


def written(tape: Tape, place: int, room: int = LONGEST) -> str:
    """Write a value of a tape as a formula; empty where that would be longer than there is room."""
    name, places, rest = tape.steps[place]
    if name in ("number", "leaf"):
        text = str(rest[0])
        return text if len(text) <= room else ""
    parts: list[str] = []
    for taken in places:
        part = written(tape, taken, room - sum(map(len, parts)) - 1) if room > 1 else ""
        if not part:
            return ""
        parts.append(part)
    text = _joined(name, parts, rest)
    return text if len(text) <= room else ""


def _joined(name: str, parts: list[str], rest: tuple[Fraction, ...]) -> str:
    if name == "total":
        return " + ".join(parts).replace("+ -", "- ")
    if name == "times":
        return _product([f"({part})" if " " in part else part for part in parts])
    if name in ("raised", "power"):
        return f"{_atom(parts[0])}**{_atom(str(rest[0]))}"
    return parts[0] if name == "held" else f"{name}({', '.join(parts)})"


def _product(factors: list[str]) -> str:
    first, second = sorted(factors, key=lambda factor: not _is_number(factor))
    return f"-{second}" if first == "-1" else f"{first}*{second}"


def _is_number(text: str) -> bool:
    return text.replace("-", "").replace("/", "").isdigit()


def _atom(text: str) -> str:
    return f"({text})" if any(mark in text for mark in " */-") else text
