"""Cases judged in child processes, some at a time; a row each, in the order of the file."""

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from os import cpu_count
from threading import Event, local
from time import perf_counter
from typing import Any, cast

from symgrad.verify.cases.child import MEMORY, Child, Reply, ask, end, start
from symgrad.verify.cases.files import Case
from symgrad.verify.kinds import KINDS
from symgrad.verify.verdict import NO_VALUE, Counterexample, Finding, Mistake

WORK = "symgrad.verify.cases.work"
MOST_AT_ONCE = 2
MOST_MISTAKES = 3
MISTAKE = {field.name for field in fields(Mistake)}
NO_VERDICT = "the child process sent no verdict"


@dataclass(frozen=True)
class Settings:
    """How cases are judged.

    Attributes
    ----------
    seconds
        The time limit of a case.
    memory
        The memory limit of a case, in bytes.
    seed
        Of the points at which anything is evaluated.
    explain
        Whether mistakes are looked for.
    at_once
        How many cases are judged at a time.
    """

    seconds: float = 20.0
    memory: int = MEMORY
    seed: int = 0
    explain: bool = True
    at_once: int = min(MOST_AT_ONCE, cpu_count() or 1)


@dataclass(frozen=True)
class Row:
    """What was found of a case.

    Attributes
    ----------
    id
        The id of the case.
    finding
        Verdict and evidence.
    mistakes
        What explains a wrong claim, best first.
    seconds
        How long it took, diagnosis included.
    reason
        Why there is no verdict, or no diagnosis; empty where there is one.
    """

    id: str
    finding: Finding
    mistakes: tuple[Mistake, ...] = ()
    seconds: float = 0.0
    reason: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the mistakes, best first, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))

    def within(self, vocabulary: frozenset[str] | None) -> "Row":
        """Return the row with the mistakes that a vocabulary has a word for, all without one."""
        if vocabulary is None:
            return self
        return replace(self, mistakes=tuple(m for m in self.mistakes if m.kind in vocabulary))


@dataclass(frozen=True)
class Crew:
    """Child processes, one for each thread that asks; one that has ended is replaced by a fresh one."""

    module: str
    memory: int
    mine: local = field(default_factory=local)
    all: "list[Child]" = field(default_factory=list[Child])
    closed: Event = field(default_factory=Event)

    @property
    def limits(self) -> tuple[str, ...]:
        """The names of the limits that the system keeps, known once one has started."""
        return self.all[0].limits if self.all else ()

    def child(self) -> Child:
        """Return the child of this thread, started where there is none that lives."""
        child: Child | None = getattr(self.mine, "child", None)
        if child is None or not child.alive:
            child = self.mine.child = start(self.module, self.memory)
            self.all.append(child)
            if self.closed.is_set():
                end(child)
        return child

    def close(self) -> None:
        """End all of them, also one that is being started."""
        self.closed.set()
        for child in list(self.all):
            end(child)


@contextmanager
def crew(memory: int = MEMORY, module: str = WORK) -> Generator[Crew]:
    """Have child processes for a block; whatever happens in it, they are gone after it."""
    made = Crew(module, memory)
    try:
        yield made
    finally:
        made.close()


def judge_cases(cases: Sequence[Case], settings: Settings, workers: Crew) -> Generator[Row]:
    """Judge cases, some at a time, and yield a row for each in their order."""
    threads = ThreadPoolExecutor(settings.at_once)
    try:
        yield from threads.map(lambda case: judge_case(case, settings, workers), cases)
    finally:
        workers.close()
        threads.shutdown(cancel_futures=True)


def judge_case(case: Case, settings: Settings, workers: Crew) -> Row:
    """Judge one case in a child process; its start is not counted."""
    child = workers.child()
    begun = perf_counter()
    keys = ("vars", "forward", "claimed", "wrt", "titles")
    request = {key: getattr(case, key) for key in keys} | {"seed": settings.seed, "explain": settings.explain}
    reply = ask(child, request, settings.seconds)
    return row_of(case.id, reply, perf_counter() - begun)


def row_of(name: str, reply: Reply, seconds: float) -> Row:
    """Return the row for what a child process answered."""
    found = {key: value for answer in reply.answers for key, value in answer.items()}
    if "finding" not in found:
        why = reply.fault or NO_VERDICT
        return Row(name, Finding("unknown", "none", why), seconds=seconds, reason=why)
    finding = _finding(found["finding"])
    mistakes, fault = _mistakes(found.get("mistakes", []))
    return Row(name, finding, mistakes, seconds, _reason(finding) or reply.fault or fault)


def _reason(finding: Finding) -> str:
    """Return what an unknown verdict rests on, or why a claim has no value."""
    shown = finding.counterexample
    unsaid = finding.verdict == "unknown" or (shown is not None and shown.claimed == NO_VALUE)
    return finding.method if unsaid else ""


def _mistakes(found: object) -> tuple[tuple[Mistake, ...], str]:
    """Return mistakes as they were sent from where somebody's code ran; none where one is no mistake."""
    if isinstance(found, list) and all(map(_is_mistake, cast("list[object]", found))):
        return tuple(Mistake(**mistake) for mistake in cast("list[Any]", found[:MOST_MISTAKES])), ""
    return (), "the process of the code sent no mistakes"


def _is_mistake(found: object) -> bool:
    if not isinstance(found, dict) or set(cast("dict[object, object]", found)) != MISTAKE:
        return False
    values = cast("dict[str, object]", found).values()
    return all(isinstance(value, str) and _is_shown(value) for value in values) and found["kind"] in KINDS


def _is_shown(text: str) -> bool:
    """Whether a terminal shows a text as it is."""
    return all(sign.isprintable() or sign == "\n" for sign in text)


def _finding(found: Mapping[str, Any]) -> Finding:
    """Return the finding that was sent; what is none is unknown."""
    at = found["counterexample"]
    made: dict[str, Any] = {
        **found,
        "assumptions": tuple(found["assumptions"]),
        "counterexample": None if at is None else Counterexample(**at),
    }
    try:
        return Finding(**made)
    except ValueError:
        return Finding("unknown", "none", NO_VERDICT)
