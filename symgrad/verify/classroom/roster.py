"""A class list: who is to hand something in, a name on each line, or in the first column of a CSV file."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from symgrad.errors import DataError
from symgrad.files import read_text
from symgrad.verify.classroom.grade import Graded

MOST = 2_000
LONGEST = 100
HEADERS = frozenset({"name", "names", "student", "students"})
UNFIT = re.compile(r"[^\w .-]+")


def read_roster(path: Path) -> tuple[str, ...]:
    """Read a class list.

    Raises
    ------
    DataError
        If it cannot be read, is empty, or has a name twice.
    """
    text = read_text(path)
    delimiter = ";" if ";" in text.partition("\n")[0] else "\t" if "\t" in text else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"{path.name} is no class list: {error}") from None
    names = [row[0].strip() for row in rows if row and row[0].strip() and not row[0].startswith("#")]
    if names and names[0].lower() in HEADERS:
        del names[0]
    _check(names, path)
    return tuple(names)


def _check(names: Sequence[str], path: Path) -> None:
    if not names:
        raise DataError(f"{path.name} has no names; write one on each line")
    if len(names) > MOST:
        raise DataError(f"{path.name} has {len(names):,} names; at most {MOST:,} are read")
    seen: dict[str, str] = {}
    for name in names:
        stem = file_stem(name)
        if stem in seen:
            raise DataError(
                f"{path.name} has {seen[stem]!r} and {name!r}, which cannot be told apart; add to one of them"
            )
        seen[stem] = name


def file_stem(name: str) -> str:
    """Return a name as that of a file, the same for spellings that differ in case only.

    >>> file_stem("Ada Lovelace")
    'ada_lovelace'
    """
    return UNFIT.sub("_", name).strip(" .").replace(" ", "_").lower()[:LONGEST] or "_"


def by_roster(found: Sequence[Graded], names: Sequence[str]) -> tuple[list[Graded], list[str]]:
    """Return the rows in the order of a class list, and what is to be said of whoever is not on it.

    A row belongs to the name that its file says or bears; who handed nothing in has a row too.
    """
    rows: list[Graded] = []
    left = list(found)
    for name in names:
        own = [one for one in left if file_stem(name) in _stems(one)]
        rows += own or [Graded(name, "", error="nothing was handed in")]
        left = [one for one in left if one not in own]
    return [*rows, *left], [f"{one.file}: {one.name} is not on the class list" for one in left]


def _stems(one: Graded) -> tuple[str, str]:
    return file_stem(one.name), file_stem(Path(one.file).stem)
