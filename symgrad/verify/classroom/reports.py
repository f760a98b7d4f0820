"""What is said of graded answers, at each level of hints: as lines, as a table, as data.

At the level `category` a report names the kind of a mistake, at `none` only verdicts; no right figure, no
right formula and no explanation stands in either.  Why an answer could not be judged is said at every level:
that speaks of what the person wrote.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import cast, get_args

from symgrad.verify.asking import check_word
from symgrad.verify.classroom.grade import VERDICTS, Graded, Item
from symgrad.verify.kinds import KINDS
from symgrad.verify.message import Hints

WIDTH = 80
NAMED = 4
REASONS = 5
COMPUTED = "=+-@\t\r"
"""A spreadsheet computes what begins like this."""


def known_level(word: str) -> Hints:
    """Return a level of hints.

    Raises
    ------
    UsageError
        If there is no such level.
    """
    check_word(word, get_args(Hints), f"hints = {word!r}")
    return cast("Hints", word)


def hint(graded: Graded, level: str) -> str:
    """Return what is said of a person's first mistake."""
    first, known = graded.first, known_level(level)
    if first is None or known == "none":
        return ""
    if known == "category":
        kind = _category(first)
        return f"{first.of}: {kind}" if kind else f"{first.of} is wrong"
    said = " or ".join(mistake.text for mistake in first.mistakes) or first.text
    correct = f"; correct {first.correct}" if first.correct else ""
    return f"{first.of} = {first.claimed}{correct}" + (f": {said}" if said else "")


def _category(item: Item) -> str:
    """Return the likeliest kind of a mistake in words; empty where it has no name."""
    kind = next(iter(item.kinds), "other")
    return "" if kind == "other" else KINDS[kind]


def reasons(graded: Graded) -> Iterator[str]:
    """Yield why answers could not be judged, those with the same reason together."""
    groups: dict[str, list[str]] = {}
    for item in graded.items:
        if item.verdict == "unknown":
            groups.setdefault(item.text or "not decided", []).append(item.of)
    for number, (text, names) in enumerate(groups.items()):
        if number == REASONS:
            yield f"{len(groups) - REASONS} more reasons in --json"
            return
        rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        alone = len(names) == 1 and text.startswith(names[0])
        yield text if alone else f"{', '.join(names[:NAMED])}{rest}: {text}"


def lines(found: Sequence[Graded], level: str) -> Iterator[str]:
    """Yield the rows for a terminal, and which questions went wrong most often."""
    known = known_level(level)
    width = min(max([len("name"), *(len(one.name) for one in found)]), WIDTH // 2)
    yield "  ".join([f"{'name':{width}}", *VERDICTS])
    for one in found:
        name = one.name if len(one.name) <= width else f"{one.name[: width - 1]}…"
        counts = "  ".join(f"{one.counts[verdict]:>{len(verdict)}}" for verdict in VERDICTS)
        yield f"{name:{width}}  {counts if not one.error else 'not graded'}"
        yield from _said(one, known)
    if len(found) > 1:
        yield from _summary(found, known)


def _said(one: Graded, level: Hints) -> Iterator[str]:
    said = [one.error, hint(one, level), *reasons(one), *one.notes]
    yield from folded(filter(None, said), "    ")


def folded(texts: Iterable[str], margin: str = "") -> Iterator[str]:
    """Yield texts on lines of a terminal, what goes on below indented."""
    for text in texts:
        yield from wrap(
            text, WIDTH, initial_indent=margin, subsequent_indent=f"{margin}  ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def alike(found: Iterable[Graded]) -> Iterator[str]:
    """Say whose files bear one name, or have the numbers of one exercise."""
    names: dict[str, list[str]] = {}
    seeds: dict[str, list[str]] = {}
    for one in found:
        names.setdefault(one.name, []).append(one.file)
        if one.seed is not None:
            seeds.setdefault(one.seed, []).append(one.file)
    for name, files in names.items():
        if len(files) > 1:
            yield f"{' and '.join(files)} bear one name, {name}"
    for seed, files in seeds.items():
        if len(files) > 1:
            yield f"{' and '.join(files)} have the numbers of one exercise, {seed!r}"


@dataclass(frozen=True)
class Question:
    """How a class did in one question.

    Attributes
    ----------
    counts
        How many answers have each verdict.
    mistakes
        The mistakes in words, with how often each was the likeliest, the most frequent first.
    kinds
        The same by their kinds.
    """

    of: str
    counts: Mapping[str, int]
    mistakes: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]


def questions(found: Iterable[Graded]) -> tuple[Question, ...]:
    """Return how each question was answered, in the order in which they first came."""
    answers: dict[str, list[Item]] = {}
    for one in found:
        for item in one.items:
            answers.setdefault(item.of, []).append(item)
    return tuple(_question(of, items) for of, items in answers.items())


def _question(of: str, items: Sequence[Item]) -> Question:
    counts = {verdict: sum(item.verdict == verdict for item in items) for verdict in VERDICTS}
    texts = Counter(item.mistakes[0].text or KINDS[item.kinds[0]] for item in items if item.mistakes)
    kinds = Counter(item.kinds[0] for item in items if item.mistakes)
    return Question(of, counts, tuple(texts.most_common()), tuple(kinds.most_common()))


def _summary(found: Sequence[Graded], level: Hints) -> Iterator[str]:
    """Yield the questions that somebody got wrong, with their most frequent mistake."""
    every = questions(found)
    open_ = [one for one in every if one.counts["wrong"]]
    graded = sum(not one.error for one in found)
    good = sum(one.counts["right"] + one.counts["follows"] for one in every)
    total = sum(sum(one.counts.values()) for one in every)
    yield ""
    said = f"{good} of {total} answers right, or right for figures before them"
    yield f"{graded} of {len(found)} graded; {said}"
    if not open_:
        return
    width = max([len("wrong at"), *(len(one.of) for one in open_)])
    yield f"{'wrong at':{width}}  how often" + ("" if level == "none" else "  most frequent mistake")
    for one in open_:
        often = f"{one.counts['wrong']} of {sum(one.counts.values())}"
        head = f"{one.of:{width}}  {often:9}  {_frequent(one, level)}".rstrip()
        yield from wrap(head, WIDTH, subsequent_indent=" " * (width + 13), break_on_hyphens=False)


def _frequent(one: Question, level: Hints) -> str:
    told = one.mistakes if level == "full" else [(KINDS[k], n) for k, n in one.kinds if k != "other"]
    if level == "none" or not told:
        return ""
    text, count = told[0]
    return f"{text} ({count})" if count > 1 else text


def table(found: Sequence[Graded], level: str) -> str:
    """Return the rows as CSV, a column for each question; what a spreadsheet would compute is made text."""
    text = io.StringIO()
    writer = csv.writer(text)
    asked = [question.of for question in questions(found)]
    head = ["name", "file", *VERDICTS, "first mistake", "not judged", "notes", "error", *asked]
    writer.writerow(map(_safe, head))
    for one in found:
        counts = [str(one.counts[verdict]) for verdict in VERDICTS]
        said = [hint(one, level), "; ".join(reasons(one)), "; ".join(one.notes), one.error]
        verdicts = {item.of: item.verdict for item in reversed(one.items)}
        row = [one.name, one.file, *counts, *said, *(verdicts.get(of, "") for of in asked)]
        writer.writerow(map(_safe, row))
    return text.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in COMPUTED and cell else cell


def row(graded: Graded, level: str) -> dict[str, object]:
    """Return a row as data, no more in it than the level of hints allows."""
    known = known_level(level)
    found: dict[str, object] = {"name": graded.name, "file": graded.file, **graded.counts}
    found |= {"error": graded.error or None, "seed": graded.seed, "notes": graded.notes}
    if known != "none":
        found["first"] = None if graded.first is None else graded.first.of
        found["kinds"] = [] if graded.first is None else graded.first.kinds
    found["answers"] = [_item(item, known) for item in graded.items]
    return found


def _item(item: Item, level: Hints) -> dict[str, object]:
    found: dict[str, object] = {"of": item.of, "claimed": item.claimed, "verdict": item.verdict}
    if item.verdict == "unknown":
        found["reason"] = item.text
    if level != "none":
        found["kinds"] = item.kinds
    if level == "full":
        found |= {"text": item.text, "correct": item.correct}
        found["mistakes"] = [{"kind": m.kind, "place": m.place, "text": m.text} for m in item.mistakes]
    return found


def question_data(found: Iterable[Graded], level: str) -> list[dict[str, object]]:
    """Return how each question was answered, as data."""
    known = known_level(level)
    return [_question_data(one, known) for one in questions(found)]


def _question_data(one: Question, level: Hints) -> dict[str, object]:
    kinds = [{"kind": kind, "count": count} for kind, count in one.kinds]
    return {"of": one.of, **one.counts, **({} if level == "none" else {"kinds": kinds})}
