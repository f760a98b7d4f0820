"""`check NET --figure`: printed figures, and the way of computing that prints them."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap

from symgrad.cli.networks import network_of, pairs, values_of
from symgrad.cli.output import Result
from symgrad.errors import UsageError
from symgrad.verify.alignment import WIDTH
from symgrad.verify.classroom.figures import Explained, explain_all

DIGITS = 12


def figures(options: Namespace) -> Result:
    """Find for every figure the variants of the run that reproduce it; exit status 0 where all are right."""
    if options.network is None:
        raise UsageError(
            "--figure needs a network, as in: symgrad check worked_2_2_2 --figure J=0.291027774 --steps 1"
        )
    model, at = network_of(options).model, values_of(options)
    found = explain_all(
        model,
        pairs(options.figure, "--figure"),
        steps=options.steps,
        at=at,
        rate=options.rate,
        seconds=options.timeout,
    )
    rows = [_row(one, options.hints) for one in found]
    data = {**(rows[0] if len(rows) == 1 else {}), "figures": rows}
    text = "\n".join(line for one in found for line in _lines(one, options.hints))
    return Result(data, text, 0 if all(one.is_right for one in found) else 1)


def _row(found: Explained, hints: str) -> dict[str, object]:
    check = found.check
    row: dict[str, object] = {"of": check.of, "figure": check.claimed, "verdict": check.verdict}
    row |= {"evidence": check.evidence, "kinds": [] if hints == "none" else list(check.kinds)}
    if hints == "full":
        example = check.finding.counterexample
        row |= {"correct": check.correct or None, "value": _value(found) or None, "notes": check.notes}
        row["counterexample"] = None if example is None else asdict(example)
        row["variants"] = [
            {"words": one.variant.words, "value": one.values[found.quantity]} for one in found.found
        ]
    return row


def _value(found: Explained) -> str:
    """Return the right value with more digits than a printed figure has."""
    return f"{found.value:.{DIGITS}g}" if found.value.is_finite() else ""


def _lines(found: Explained, hints: str) -> Iterator[str]:
    check = found.check
    if check.verdict == "unknown":
        yield f"{check.of} = {check.claimed} is undecided: {check.finding.method}; raise --timeout"
        return
    yield f"{check.of} = {check.claimed} is {check.verdict}"
    if hints == "none":
        return
    for mistake in check.mistakes:
        yield from _field("mistake", mistake.kind if hints == "category" else mistake.text)
    if hints == "full":
        yield from (line for note in check.notes for line in _field("note", note))
        more = _value(found)
        longer = f" ({more})" if len(more) > len(check.correct) else ""
        yield from _field("correct", f"{check.correct}{longer}") if check.verdict != "right" else ()


def _field(word: str, text: str) -> Iterator[str]:
    head = f"  {word:<7}  "
    yield from wrap(text, WIDTH + len(head), initial_indent=head, subsequent_indent=" " * len(head))
