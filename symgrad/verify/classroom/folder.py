"""What lies in a folder of answers: the files to be graded, and what is passed over, by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from symgrad.errors import DataError
from symgrad.files import reason
from symgrad.verify.classroom.answers import LISTED, READERS

MOST = 2_000


@dataclass(frozen=True)
class Folder:
    """Files of answers in the order of their names.

    Attributes
    ----------
    files
        What is to be graded; a link that leads nowhere is among them, and becomes a row with its error.
    notes
        What was passed over and why, a clause each.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def files_of(places: Iterable[str | Path]) -> Folder:
    """Return the files of answers at some places, each once.

    Raises
    ------
    DataError
        If a place does not exist or cannot be listed, or there is no file of answers at all.
    """
    files: dict[Path, None] = {}
    notes: list[str] = []
    for place in map(Path, places):
        entries = _entries(place)
        passed = {entry: _passed_over(entry) if place.is_dir() else "" for entry in entries}
        files |= dict.fromkeys(entry for entry, why in passed.items() if not why)
        notes += (f"{entry.name} was passed over: {why}" for entry, why in passed.items() if why)
    if not files:
        raise DataError(f"no {LISTED} file of answers was found" + "".join(f"; {note}" for note in notes[:3]))
    if len(files) > MOST:
        raise DataError(f"{len(files):,} files; grade at most {MOST:,} at a time")
    return Folder(tuple(_once(files, notes)), tuple(notes))


def _once(files: Iterable[Path], notes: list[str]) -> Iterator[Path]:
    """Yield every file once, under whatever names it was given; the others become notes."""
    known: dict[Path, Path] = {}
    for file in files:
        target = _target(file)
        if target in known:
            notes.append(f"{file.name} was passed over: it is the same file as {known[target].name}")
            continue
        known[target] = file
        yield file


def _target(file: Path) -> Path:
    try:
        return file.resolve()
    except (OSError, RuntimeError):
        return file


def _entries(place: Path) -> list[Path]:
    try:
        if place.is_dir():
            return sorted(place.iterdir())
        if not place.exists() and not place.is_symlink():
            raise DataError(f"there is no file or folder {place}")
    except (OSError, ValueError) as error:
        said = reason(error) if isinstance(error, OSError) else str(error)
        raise DataError(f"cannot read {str(place)!r}: {said}") from None
    return [place]


def _passed_over(entry: Path) -> str:
    """Return why an entry of a folder is not graded; empty where it is."""
    if entry.name.startswith((".", "~$")):
        return "it is hidden"
    if entry.is_dir():
        return "it is a folder; name it too to grade what is in it"
    if entry.suffix == ".py":
        return "NumPy code is judged by symgrad check --numpy FORWARD CLAIMED"
    return "" if entry.suffix.lower() in READERS else f"answers are {LISTED} files"
