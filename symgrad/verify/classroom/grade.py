"""Grading: a folder of answers, a row for each person.

A file that cannot be read is a row with its error, and stops no other.  How much is said of a mistake is the
teacher's choice: everything, its category, or nothing; the right answer stands in a report only where
everything is said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from symgrad.errors import DataError, SymgradError
from symgrad.model.model import Model
from symgrad.verify.classroom.answers import SUFFIXES, Answers, read_answers
from symgrad.verify.classroom.exercise import exercise
from symgrad.verify.classroom.quantities import Quantities, quantities
from symgrad.verify.classroom.worksheets import Judged, judge_worksheet
from symgrad.verify.kinds import KINDS
from symgrad.verify.verdict import Check, Mistake

Hints: TypeAlias = Literal["full", "category", "none"]
Judge: TypeAlias = Callable[[str, str], Check]
"""What judges a formula: the node, and the formula as text."""

VERDICTS = ("right", "follows", "wrong", "unknown")
MOST = 2_000


@dataclass(frozen=True)
class Item:
    """One answer, judged.

    Attributes
    ----------
    of
        The quantity, or the gradient of a formula.
    claimed
        What the person wrote.
    verdict
        ``right``, ``follows``, ``wrong`` or ``unknown``.
    text
        What there is to say beside the verdict.
    correct
        The right answer; empty where there is none.
    mistakes
        What explains a wrong one.
    """

    of: str
    claimed: str
    verdict: str
    text: str = ""
    correct: str = ""
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its mistakes, best first, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))


@dataclass(frozen=True)
class Graded:
    """One person's answers, judged.

    Attributes
    ----------
    name, file
        Whose they are, and where they stood.
    items
        The answers, in the order of the file.
    first
        The wrong answer that the others may follow from; None where none is wrong.
    error
        Why the file could not be graded; empty where it was.
    """

    name: str
    file: str
    items: tuple[Item, ...] = ()
    first: Item | None = None
    error: str = ""

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many answers have each verdict."""
        return {verdict: sum(item.verdict == verdict for item in self.items) for verdict in VERDICTS}

    def hint(self, level: Hints) -> str:
        """Return what is said of the first mistake at a level of hints."""
        if self.first is None or level == "none":
            return ""
        kind = next(iter(self.first.kinds), "")
        if level == "category":
            return (
                f"{self.first.of}: {KINDS[kind]}" if kind and kind != "other" else f"{self.first.of} is wrong"
            )
        said = " or ".join(mistake.text for mistake in self.first.mistakes)
        correct = f"; correct {self.first.correct}" if self.first.correct else ""
        return f"{self.first.of} = {self.first.claimed}{correct}" + (f": {said}" if said else "")

    def data(self, level: Hints) -> dict[str, object]:
        """Return the row as data, no more in it than the level of hints allows."""
        found: dict[str, object] = {"name": self.name, "file": self.file, **self.counts}
        found["error"] = self.error or None
        if level != "none":
            found["first"] = None if self.first is None else self.first.of
            found["kinds"] = [] if self.first is None else list(self.first.kinds)
        found["answers"] = [_item(item, level) for item in self.items]
        return found


def _item(item: Item, level: Hints) -> dict[str, object]:
    found: dict[str, object] = {"of": item.of, "claimed": item.claimed, "verdict": item.verdict}
    if level != "none":
        found["kinds"] = list(item.kinds)
    if level == "full":
        found |= {"text": item.text, "correct": item.correct}
        found["mistakes"] = [{"kind": m.kind, "place": m.place, "text": m.text} for m in item.mistakes]
    return found


def files_of(places: Iterable[str | Path]) -> list[Path]:
    """Return the files of answers at some places, those of folders in the order of their names.

    Raises
    ------
    DataError
        If a place does not exist, or there is no file of answers at all.
    """
    found = [file for place in places for file in _files(Path(place))]
    if not found:
        raise DataError(f"no {' or '.join(SUFFIXES)} file of answers was found")
    if len(found) > MOST:
        raise DataError(f"{len(found):,} files; grade at most {MOST:,} at a time")
    return found


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        if not place.exists():
            raise DataError(f"there is no file or folder {place}")
        return [place]
    return sorted(f for f in place.iterdir() if f.suffix in SUFFIXES and f.name[0] != "." and f.is_file())


def grade(model: Model, files: Iterable[Path], judge: Judge) -> Iterator[Graded]:
    """Grade files of answers, one after the other.

    Parameters
    ----------
    model
        The network that all of them are about.
    judge
        What judges a formula.
    """
    sheets = _Sheets(model)
    for file in files:
        try:
            answers = read_answers(file)
            yield _graded(model, answers, file.name, sheets, judge)
        except SymgradError as error:
            yield Graded(file.stem, file.name, error=" ".join(str(error).split()))


class _Sheets:
    """The quantities at the values of an exercise; equal ones are made once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._known: dict[str, Quantities] = {}

    def of(self, answers: Answers) -> Quantities:
        """Return the quantities that a person was to compute."""
        key = repr((answers.seed, answers.given, answers.rate, answers.digits))
        if key not in self._known:
            self._known[key] = self._made(answers)
        return self._known[key]

    def _made(self, answers: Answers) -> Quantities:
        if answers.seed is None:
            return quantities(self.model, answers.given, rate=answers.rate)
        own = exercise(self.model, answers.seed)
        if answers.given and dict(answers.given) != dict(own.given):
            changed = next(iter(_changed(answers.given, own.given)), "some")
            raise DataError(
                f"the given numbers are not those of the exercise {answers.seed!r}: {changed} differs; "
                "restore the table [given], or leave it out"
            )
        return own.sheet


def _changed(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[str]:
    names = dict.fromkeys((*one, *other))
    yield from (name for name in names if one.get(name) != other.get(name))


def _graded(model: Model, answers: Answers, file: str, sheets: _Sheets, judge: Judge) -> Graded:
    if answers.network is not None and answers.network != model.name:
        raise DataError(f"these are answers for {answers.network}, not for {model.name}")
    sheet = sheets.of(answers) if answers.cells else None
    judged = Judged(()) if sheet is None else judge_worksheet(sheet, answers.cells, decimals=answers.decimals)
    rows = [Item(r.quantity, r.figure, r.verdict, r.text, r.correct, r.mistakes) for r in judged.rows]
    formulas = [_formula(node, text, judge) for node, text in answers.formulas]
    first = next((i for i, r in zip(rows, judged.rows, strict=True) if r is judged.first), None)
    wrong = first or next((item for item in formulas if item.verdict == "wrong"), None)
    return Graded(answers.name, file, (*rows, *formulas), wrong)


def _formula(node: str, text: str, judge: Judge) -> Item:
    """Judge a formula; one that cannot be read is an answer of which nothing is known."""
    if not text.strip():
        return Item(node, text, "unknown", "an empty cell; fill it in")
    try:
        check = judge(node, text)
    except SymgradError as error:
        return Item(node, text, "unknown", " ".join(str(error).split()))
    return Item(check.of or node, text, check.verdict, " ".join(check.notes), check.correct, check.mistakes)
