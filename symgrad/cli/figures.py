"""`check NET --figure`: printed figures, and the way of computing that prints them."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from symgrad.cli.arguments import UsageError
from symgrad.cli.networks import network_of, pairs, values_of
from symgrad.cli.output import Result
from symgrad.verify.classroom.figures import Explained, explain


def figures(options: Namespace) -> Result:
    """Find for every figure the variants of the run that reproduce it; exit status 0 where all are right."""
    if options.network is None:
        raise UsageError(
            "--figure needs a network, as in: symgrad check worked_2_2_2 --figure J=0.291027774 --steps 1"
        )
    model, at = network_of(options).model, values_of(options)
    given = pairs(options.figure, "--figure")
    found = [
        explain(model, name, text, steps=options.steps, at=at, rate=options.rate) for name, text in given
    ]
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
        row |= {"correct": check.correct, "counterexample": None if example is None else asdict(example)}
        row["variants"] = [
            {"words": one.variant.words, "value": one.values[found.quantity]} for one in found.found
        ]
    return row


def _lines(found: Explained, hints: str) -> Iterator[str]:
    check = found.check
    yield f"{check.of} = {check.claimed} is {check.verdict}"
    if hints == "none":
        return
    for mistake in check.mistakes:
        yield f"  mistake  {mistake.kind if hints == 'category' else mistake.text}"
    yield from (f"  {note}" for note in check.notes)
    if hints == "full" and check.verdict != "right":
        yield f"  correct  {check.correct}"
