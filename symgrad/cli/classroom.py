"""`grade`, `exercise` and `vectors`: answers of many, numbers for each, and tests for other languages."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from symgrad.cli.networks import network_of
from symgrad.cli.output import INTERRUPTED, Result, to_json
from symgrad.errors import DataError, UsageError
from symgrad.files import check_writable, make_folder, write_atomically
from symgrad.model.model import Model
from symgrad.verify.asking import check_seconds
from symgrad.verify.classroom.exercise import exercise as exercise_of
from symgrad.verify.classroom.folder import files_of
from symgrad.verify.classroom.grade import Graded
from symgrad.verify.classroom.grade import grade as graded
from symgrad.verify.classroom.reports import alike, folded, known_level, lines, question_data, row, table
from symgrad.verify.classroom.roster import by_roster, file_stem, read_roster
from symgrad.verify.classroom.sheets import written
from symgrad.verify.networks.chain import check_steps
from symgrad.verify.networks.check import check
from symgrad.verify.vectors.files import as_json, as_npz, summary
from symgrad.verify.vectors.separate import separating
from symgrad.verify.verdict import Check


def grade(options: Namespace) -> Result:
    """Grade files of answers, and print or write a row for each."""
    check_seconds(options.timeout, f"--timeout {options.timeout:g}")
    network, level = network_of(options), known_level(options.hints)
    folder = files_of(options.files)
    roster = None if options.roster is None else read_roster(Path(options.roster))
    if options.output is not None:
        check_writable(Path(options.output))

    def judge(node: str, sides: Sequence[str]) -> Check:
        if len(sides) > 1:
            return check_steps(network, node, sides, seconds=options.timeout).check
        return check(network, node, sides[0], seconds=options.timeout, explain=level != "none")

    found: list[Graded] = []
    with suppress(KeyboardInterrupt):
        # A list keeps what was put into it before the generator was interrupted.
        found.extend(graded(network.model, folder.files, judge))
    left = [file.name for file in folder.files[len(found) :]]
    names = () if roster is None or left else roster
    rows, strangers = by_roster(found, names) if names else (found, [])
    notes = [*alike(found), *strangers, *folder.notes, *_interrupted(found, left)]
    return _report(network.model.name, rows, notes, left, options)


def _report(
    network: str, found: Sequence[Graded], notes: Sequence[str], left: Sequence[str], options: Namespace
) -> Result:
    """Return the rows; after an interruption those that are finished, printed and written nowhere."""
    data = {
        "network": network,
        "hints": options.hints,
        "rows": [row(one, options.hints) for one in found],
        "questions": question_data(found, options.hints),
        "notes": notes,
    }
    text = "\n".join([*lines(found, options.hints), *(["", *folded(notes)] if notes else [])])
    if left:
        return Result({**data, "interrupted": True, "left": left}, text, INTERRUPTED, written=True)
    if options.output is not None and Path(options.output).suffix.lower() == ".csv":
        rows = table(found, options.hints).encode("utf-8-sig", errors="backslashreplace")
        write_atomically(Path(options.output), rows)
        said = "\n".join([options.output, *folded(notes)])
        return Result({**data, "written": options.output}, said, written=True)
    return Result(data, text)


def _interrupted(found: Sequence[Graded], left: Sequence[str]) -> Iterator[str]:
    if left:
        yield f"interrupted: {len(found)} of {len(found) + len(left)} files are graded; the others are not"


def exercise(options: Namespace) -> Result:
    """Draw an exercise, or one for everybody on a class list; keys go to files of their own."""
    if not 2 <= options.digits <= 12:
        raise UsageError(f"--digits {options.digits}: between 2 and 12 significant digits")
    network = network_of(options)
    if options.roster is not None:
        return _for_class(network.model, options)
    made = exercise_of(network.model, options.seed, digits=options.digits)
    sheet, key = written(made, filled=False), written(made, filled=True)
    places = [place for place in (options.output, options.key) if place is not None]
    _check_apart(places)
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
    if options.output is None:
        return Result(data, sheet.rstrip("\n"))
    write_atomically(Path(options.output), sheet.encode())
    return Result({**data, "written": options.output}, "\n".join(places), written=True)


def _check_apart(places: Sequence[str]) -> None:
    if len({Path(place).resolve() for place in places}) < len(places):
        raise UsageError("the worksheet and its key go to two files; give --key another name")


def _for_class(model: Model, options: Namespace) -> Result:
    """Write a worksheet for everybody into the folder of `-o`, the keys into that of `--key`."""
    if options.output is None:
        raise UsageError("--class needs a folder for the worksheets, as in: -o sheets --key keys")
    places = [place for place in (options.output, options.key) if place is not None]
    _check_apart(places)
    names = read_roster(Path(options.roster))
    paths = [Path(place) / f"{file_stem(name)}.toml" for place in places for name in names]
    # A worksheet that was filled in is never written over.
    taken = next((path for path in paths if path.exists()), None)
    if taken is not None:
        raise DataError(f"{taken} is there already; choose an empty folder")
    made = {name: exercise_of(model, f"{options.seed}/{name}", digits=options.digits) for name in names}
    for place, filled in zip(places, (False, True), strict=False):
        make_folder(Path(place))
        for name, one in made.items():
            path = Path(place) / f"{file_stem(name)}.toml"
            write_atomically(path, written(one, filled=filled, name=name).encode())
    files = [str(path) for path in paths]
    return Result({"network": model.name, "files": files}, "\n".join(files), written=True)


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
