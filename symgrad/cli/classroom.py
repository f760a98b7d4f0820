"""`grade`, `exercise` and `vectors`: answers of many, numbers for each, and tests for other languages."""

import csv
import io
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from symgrad.cli.arguments import UsageError
from symgrad.cli.networks import network_of
from symgrad.cli.output import Result, to_json
from symgrad.errors import DataError
from symgrad.files import check_writable, write_atomically
from symgrad.verify.classroom.answers import written
from symgrad.verify.classroom.exercise import exercise as exercise_of
from symgrad.verify.classroom.grade import VERDICTS, Graded, Hints, files_of
from symgrad.verify.classroom.grade import grade as graded
from symgrad.verify.networks.check import check
from symgrad.verify.vectors.files import as_json, as_npz, summary
from symgrad.verify.vectors.separate import separating
from symgrad.verify.verdict import Check

FORMULA = "=+-@\t\r"


def grade(options: Namespace) -> Result:
    """Grade files of answers, and print or write a row for each."""
    network = network_of(options)
    files = files_of(options.files)
    if options.output is not None:
        check_writable(Path(options.output))

    def judge(node: str, text: str) -> Check:
        return check(network, node, text, seconds=options.timeout)

    found = list(graded(network.model, files, judge))
    data = {
        "network": network.model.name,
        "hints": options.hints,
        "rows": [g.data(options.hints) for g in found],
    }
    if options.output is not None and Path(options.output).suffix == ".csv":
        write_atomically(Path(options.output), _table(found, options.hints).encode("utf-8-sig"))
        return Result({**data, "written": options.output}, options.output, written=True)
    return Result(data, "\n".join(_lines(found, options.hints)))


def _lines(found: Sequence[Graded], hints: Hints) -> Iterator[str]:
    width = max(len("name"), *(len(g.name) for g in found))
    yield "  ".join([f"{'name':{width}}", *VERDICTS, "first mistake" * (hints != "none")]).rstrip()
    for one in found:
        counts = "  ".join(f"{one.counts[verdict]:>{len(verdict)}}" for verdict in VERDICTS)
        said = f"not graded: {one.error}" if one.error else one.hint(hints)
        yield f"{one.name:{width}}  {counts}  {said}".rstrip()


def _table(found: Sequence[Graded], hints: Hints) -> str:
    """Return the rows as CSV; a cell that a spreadsheet would compute is marked as text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["name", "file", *VERDICTS, "first mistake", "error"])
    for one in found:
        counts = [one.counts[verdict] for verdict in VERDICTS]
        writer.writerow([_safe(one.name), _safe(one.file), *counts, _safe(one.hint(hints)), _safe(one.error)])
    return text.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in FORMULA and cell else cell


def exercise(options: Namespace) -> Result:
    """Draw an exercise; its key goes to a file of its own."""
    if not 2 <= options.digits <= 12:
        raise UsageError(f"--digits {options.digits}: between 2 and 12 significant digits")
    network = network_of(options)
    made = exercise_of(network.model, options.seed, digits=options.digits)
    sheet, key = written(made, filled=False), written(made, filled=True)
    places = [place for place in (options.output, options.key) if place is not None]
    if len(set(places)) < len(places):
        raise UsageError("the worksheet and its key go to two files; give --key another name")
    for place in places:
        check_writable(Path(place))
    if options.key is not None:
        write_atomically(Path(options.key), key.encode())
    data = {
        "network": network.model.name,
        "seed": made.seed,
        "digits": made.digits,
        "given": made.given,
        "asked": made.asked,
        "key": options.key,
    }
    if options.output is None or options.json:
        return Result(data, sheet.rstrip("\n"))
    write_atomically(Path(options.output), sheet.encode())
    return Result(data, "\n".join(places), written=True)


def vectors(options: Namespace) -> Result:
    """Make test vectors that tell the right gradient from the usual mistakes."""
    path = None if options.output is None else Path(options.output)
    if path is not None and path.suffix not in (".json", ".npz"):
        raise DataError(f"{path}: vectors are written as .json or .npz; choose one of the two")
    found = separating(network_of(options).model, seed=options.seed)
    if path is None:
        return Result(as_json(found), summary(found))
    check_writable(path)
    write_atomically(
        path, as_npz(found) if path.suffix == ".npz" else f"{to_json(as_json(found))}\n".encode()
    )
    data = {"files": [str(path)], "vectors": len(found.vectors), "mistakes": len(found.caught)}
    return Result(data, f"{summary(found)}\n{path}", written=True)
