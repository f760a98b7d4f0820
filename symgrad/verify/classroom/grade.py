"""Grading: a folder of answers, a row for each person.

A file that cannot be read is a row with its error, and stops no other.  What is said of the rows, at which
level of hints, is up to `reports`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from symgrad.errors import DataError, SymgradError
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.verify.classroom.answers import Answers, read_answers
from symgrad.verify.classroom.exercise import exercise
from symgrad.verify.classroom.naming import AFTER, gradient
from symgrad.verify.classroom.printed import EMPTY
from symgrad.verify.classroom.quantities import Quantities, quantities
from symgrad.verify.classroom.worksheets import Judged, judge_worksheet
from symgrad.verify.networks.subject import subject
from symgrad.verify.verdict import Check, Mistake

Judge: TypeAlias = Callable[[str, Sequence[str]], Check]
"""What judges a formula: the node, and the sides of a chain of equalities, mostly one."""

VERDICTS = ("right", "follows", "wrong", "unknown")
SHEETS = 8
"""So many worksheets are kept, for those who have the same numbers."""


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
        What there is to say beside the verdict; of an unknown one the reason, which gives nothing away.
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
    seed
        Of the exercise; None where there was none.
    notes
        What else is to be known, a clause each, none of which gives anything away.
    """

    name: str
    file: str
    items: tuple[Item, ...] = ()
    first: Item | None = None
    error: str = ""
    seed: str | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many answers have each verdict."""
        return {verdict: sum(item.verdict == verdict for item in self.items) for verdict in VERDICTS}


def grade(model: Model, files: Iterable[Path], judge: Judge) -> Iterator[Graded]:
    """Grade files of answers, one after the other.

    Parameters
    ----------
    model
        The network that all of them are about.
    judge
        What judges a formula.
    """
    desk = _Desk(model, judge)
    for file in files:
        try:
            yield desk.graded(read_answers(file), file.name)
        except SymgradError as error:
            yield Graded(file.stem, file.name, error=" ".join(str(error).split()))


@dataclass
class _Desk:
    """What answers are held against: a judge, and the quantities of the exercises that came last."""

    model: Model
    judge: Judge
    _known: dict[str, Quantities] = field(default_factory=dict[str, Quantities])

    @cached_property
    def graph(self) -> Graph:
        """The nodes that formulas may be given for."""
        return subject(self.model).view.graph

    def sheet(self, answers: Answers) -> Quantities:
        """Return the quantities that a person was to compute."""
        key = repr((answers.seed, answers.given, answers.rate))
        if key not in self._known:
            made = self._made(answers)
            self._known = dict([*self._known.items(), (key, made)][-SHEETS:])
        return self._known[key]

    def _made(self, answers: Answers) -> Quantities:
        if answers.seed is None:
            self._refuse_without_numbers(answers)
            return quantities(self.model, answers.given, rate=answers.rate)
        own = exercise(self.model, answers.seed)
        if answers.given and dict(answers.given) != dict(own.given):
            changed = next(iter(_changed(answers.given, own.given)), "some")
            raise DataError(
                f"the given numbers are not those of the exercise {answers.seed!r}: {changed} differs; "
                "restore the table [given], or leave it out"
            )
        return own.sheet

    def _refuse_without_numbers(self, answers: Answers) -> None:
        leaves = (node.name for node in self.model.graph.nodes if node.is_leaf)
        missing = [name for name in leaves if name not in self.model.example]
        if missing and not answers.given:
            raise DataError(
                f"{self.model.name} has no numbers of its own for {', '.join(missing)}; give them in a table "
                "[given], or the seed of an exercise"
            )

    def graded(self, answers: Answers, file: str) -> Graded:
        """Judge one person's answers."""
        if answers.network is not None and answers.network != self.model.name:
            raise DataError(f"these are answers for {answers.network}, not for {self.model.name}")
        judged = self._worksheet(answers) if answers.cells else Judged(())
        rows = [Item(r.quantity, r.figure, r.verdict, r.text, r.correct, r.mistakes) for r in judged.rows]
        formulas = [self._formula(name, text, answers) for name, text in answers.formulas]
        first = next((i for i, r in zip(rows, judged.rows, strict=True) if r is judged.first), None)
        wrong = first or next((item for item in formulas if item.verdict == "wrong"), None)
        notes = (*answers.notes, *_own_numbers(answers))
        return Graded(answers.name, file, (*rows, *formulas), wrong, "", answers.seed, notes)

    def _worksheet(self, answers: Answers) -> Judged:
        sheet = self.sheet(answers)
        return judge_worksheet(sheet, answers.cells, decimals=answers.decimals, comma=answers.comma)

    def _formula(self, name: str, text: str, answers: Answers) -> Item:
        """Judge a formula; one that cannot be read is an answer of which nothing is known."""
        if not text.strip():
            return Item(name, text, "unknown", EMPTY)
        loss = self.graph.loss or ""
        wrt = gradient(name, self.graph.by_name, loss)
        of = f"∂{loss}/∂{wrt}" if wrt in self.graph else wrt
        if answers.literal and wrt in self.graph and not self.graph[wrt].is_leaf:
            return Item(name, text, "unknown", f"this is {wrt} itself; write {of} = … for its gradient")
        try:
            check = self.judge(wrt, self._sides(of, text))
        except SymgradError as error:
            return Item(of, text, "unknown", " ".join(str(error).split()))
        said = check.finding.method if check.verdict == "unknown" else " ".join(check.notes)
        return Item(of, text, check.verdict, said, check.correct, check.mistakes)

    def _sides(self, of: str, text: str) -> Sequence[str]:
        """Return the sides of a chain of equalities, without the gradient's own name before it."""
        if of.endswith(AFTER):
            return (text,)
        first, *rest = (side.strip() for side in text.split("="))
        loss = self.graph.loss or ""
        own = gradient(first, self.graph.by_name, loss) in (of, of.removeprefix(f"∂{loss}/∂"))
        return tuple(rest) if rest and own else (first, *rest)


def _own_numbers(answers: Answers) -> Iterator[str]:
    if answers.given and answers.seed is None:
        yield f"with given numbers of its own: {', '.join(answers.given)}"


def _changed(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[str]:
    names = dict.fromkeys((*one, *other))
    yield from (name for name in names if one.get(name) != other.get(name))
