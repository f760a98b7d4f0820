"""The kinks that a statement leaves out, in words."""

from fractions import Fraction

from symgrad.exact.tapes import Tape
from symgrad.verify.evidence.cuts import without_factor
from symgrad.verify.evidence.question import Question

MOST = 3
LONGEST = 40
RELATIONS = {1: ">", -1: "<", 0: "="}
# Longer fractions are written as decimals, if they are some.
LONG = 9


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


def relation(tape: Tape, place: int, side: int, unnamed: str = "") -> str:
    """Write that a value is above, below or at 0: as one sum compared with another.

    Parameters
    ----------
    unnamed
        What stands for a term that is too long to be written, where it is the only one; without it, or where
        there are more, nothing is returned.
    """
    name, places, _ = tape.steps[place]
    taken = places if name == "total" else (place,)
    number = sum((n for p in taken if (n := tape.slot(p).exact) is not None), Fraction(0))
    others = [p for p in taken if tape.slot(p).exact is None]
    terms = [_signed(tape, p, unnamed if len(others) == 1 else "") for p in others]
    if not all(terms):
        return ""
    above = [term for term in terms if not term.startswith("-")]
    below = [term[1:] for term in terms if term.startswith("-")]
    if not above:
        above, below, number, side = below, [], -number, -side
    (below if number < 0 or not below else above).append(_decimal(abs(number) if below else -number))
    return f"{_sum(above)} {RELATIONS[side]} {_sum(below)}"


def _signed(tape: Tape, place: int, unnamed: str) -> str:
    """Write a term; its sign stands in front."""
    sign = "-" if unnamed and _is_negated(tape, place) else ""
    return written(tape, place) or (f"{sign}{unnamed}" if unnamed else "")


def _sum(terms: list[str]) -> str:
    text = " + ".join(term for term in terms if term != "0") or "0"
    return text[1:-1] if _is_enclosed(text) else text


def _decimal(number: Fraction) -> str:
    """Write a number; one with many digits as a decimal."""
    text = str(number)
    if len(text) < LONG:
        return text
    shown = f"{float(number):.12g}"
    return shown if Fraction(shown) == number else text


def _is_negated(tape: Tape, place: int) -> bool:
    return without_factor(tape, place) != place and any(
        tape.slot(p).exact == -1 for p in tape.steps[place][1]
    )


def _is_enclosed(text: str) -> bool:
    """Whether brackets stand around the whole of a text, and nowhere in it."""
    return text.startswith("(") and text.endswith(")") and text.count("(") == 1


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
