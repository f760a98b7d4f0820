"""Repeated blocks share code: fifty layers alike are fifty calls of one function.

A run of neighbouring segments that are equal up to names becomes one function, which has the names of the
first without their numbers, and a call for each.
"""

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.fusion import free_letters
from symgrad.kernels.printer import NAMES
from symgrad.kernels.shapes import UNIT, Shape, names, pattern, set_letters, shape
from symgrad.kernels.statements import (
    Accumulate,
    Assign,
    Call,
    Commented,
    Constant,
    Function,
    Loop,
    Return,
    Size,
    Statement,
    Statements,
    When,
    expressions,
    walk,
    written,
)
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal

REPEATS = 4
"""So many equal segments in a row make a function."""
WEIGHT = 3
"""A segment that computes less than so many things stays where it is."""
PERIODS = 4
"""How many lengths of a segment are tried."""
TAKEN = frozenset((*NAMES.values(), *keyword.kwlist, "np", "math", "constant", "k", UNIT))
"""Names that mean something else in the text of a function."""


@dataclass(frozen=True)
class _Run:
    """Equal segments: where the first begins, how long each is, how many there are."""

    start: int
    length: int
    count: int

    @property
    def stop(self) -> int:
        """The first statement behind them."""
        return self.start + self.length * self.count

    def segments(self, body: Statements) -> list[Statements]:
        """Return the statements of each."""
        return [body[k : k + self.length] for k in range(self.start, self.stop, self.length)]


@dataclass(frozen=True)
class _Code:
    """The names of a function: its constants, and how often each name is used."""

    constants: frozenset[str]
    uses: Counter[str]

    @classmethod
    def of(cls, function: Function) -> "_Code":
        """Read a function."""
        constants = frozenset(s.name for s in function.body if isinstance(s, Constant))
        return cls(constants, Counter(name for statement in walk(function.body) for name in names(statement)))

    def is_closed(self, segment: Statements) -> bool:
        """Whether nothing else uses the scalars of a segment, and it only computes."""
        if any(isinstance(s, Size | Constant | Return | Call) for s in segment):
            return False
        inside = Counter(name for statement in walk(segment) for name in names(statement))
        return all(inside[name] == self.uses[name] for name in _scalars(segment))


@dataclass
class Outliner:
    """Takes repeated blocks out of the functions of one kernel, and keeps what it made of them."""

    made: dict[object, Function] = field(default_factory=dict[object, Function])

    @property
    def blocks(self) -> tuple[Function, ...]:
        """The functions of the blocks."""
        return tuple(self.made.values())

    def outlined(self, function: Function) -> Function:
        """Return a function whose repeated blocks are calls; with any it is compiled once, not inlined."""
        body = self._outlined(function.body, _Code.of(function))
        shared = any(isinstance(s, Call) for s in walk(body))
        return replace(function, body=body, inline=function.inline and not shared)

    def _outlined(self, body: Statements, code: _Code) -> Statements:
        run = _best(_Search(body, tuple(map(shape, body)), code))
        if run is None:
            return tuple(self._inside(statement, code) for statement in body)
        calls = [self._call(segment, code) for segment in run.segments(body)]
        before, behind = body[: run.start], body[run.stop :]
        return (*self._outlined(before, code), *calls, *self._outlined(behind, code))

    def _inside(self, statement: Statement, code: _Code) -> Statement:
        if isinstance(statement, Loop | When) and any(isinstance(s, Loop) for s in statement.body):
            return replace(statement, body=self._outlined(statement.body, code))
        return statement

    def _call(self, segment: Statements, code: _Code) -> Call:
        shapes = tuple(map(shape, segment))
        own = _scalars(segment) | set_letters(segment)
        inside = tuple(dict.fromkeys(name for s in shapes for name in s.names))
        given = tuple(name for name in inside if name not in own)
        more = free_letters(segment) - own | ({UNIT} - {*given} if _reads_unit(segment) else set())
        key = pattern(shapes, code.constants)
        if key not in self.made:
            self.made[key] = self._function(
                segment, _generic(inside, code.constants, segment), given, sorted(more)
            )
        return Call(self.made[key].name, (*given, *sorted(more)), segment, _told(segment))

    def _function(
        self, segment: Statements, new: Mapping[str, str], given: tuple[str, ...], more: Iterable[str]
    ) -> Function:
        moved = map_accesses(segment, lambda r: Ref(new[r.name], r.index), lambda s: new.get(s, s))
        results = dict.fromkeys(new[r.name] for s in walk(segment) for r in written(s) if r.name in given)
        summary = f"Compute {', '.join(results)} of one block of several that are alike."
        return Function(
            self._name(results), (*(new[name] for name in given), *more), summary, _retold(moved, new)
        )

    def _name(self, results: Iterable[str]) -> str:
        """Name a function after the first and the last that it computes."""
        parts = [part.rstrip("_") for part in results]
        wish = "_".join(["", *dict.fromkeys((parts[0], parts[-1]))])
        taken = {function.name for function in self.made.values()}
        return next(n for n in (wish, *(f"{wish}_{k}" for k in range(2, len(taken) + 3))) if n not in taken)


def _told(segment: Statements) -> str:
    """Name above a call what it computes."""
    return ", ".join(
        s.comment.split(" = ")[0] for s in walk(segment) if isinstance(s, Commented) and s.comment
    )


@dataclass(frozen=True)
class _Search:
    """Looks for equal segments among statements."""

    body: Statements
    shapes: tuple[Shape, ...]
    code: _Code

    def lengths(self) -> Iterator[int]:
        """Yield the distances at which statements most often come again."""
        last: dict[object, int] = {}
        gaps: Counter[int] = Counter()
        for k, found in enumerate(self.shapes):
            gaps[k - last.get(found.key, k)] += found.weight
            last[found.key] = k
        yield from [length for length, _ in gaps.most_common(PERIODS + 1) if length]

    def weight(self, run: _Run) -> int:
        """Return how much there is in one segment."""
        return sum(s.weight for s in self.shapes[run.start : run.start + run.length])

    def runs(self, length: int) -> Iterator[_Run]:
        """Yield the runs of segments of one length, where they may begin."""
        start = 0
        while start + REPEATS * length <= len(self.body):
            stop = start + length
            while stop < len(self.body) and self.shapes[stop].key == self.shapes[stop - length].key:
                stop += 1
            if stop - start >= REPEATS * length:
                yield from self._from(start, length, stop)
            start = max(start + 1, stop - length + 1)

    def _from(self, start: int, length: int, stop: int) -> Iterator[_Run]:
        """Yield the longest run that begins in the first segment of a stretch."""
        candidates = (self._run(at, length, stop) for at in range(start, start + length))
        longest = max(candidates, key=lambda run: run.count)
        if longest.count >= REPEATS and self.weight(longest) >= WEIGHT:
            yield longest

    def _run(self, start: int, length: int, stop: int) -> _Run:
        """Return how many segments from a place on are equal, and keep their scalars to themselves."""
        first = pattern(self.shapes[start : start + length], self.code.constants)
        places = range(start, stop - length + 1, length)
        alike = takewhile(
            lambda k: (
                pattern(self.shapes[k : k + length], self.code.constants) == first
                and self.code.is_closed(self.body[k : k + length])
            ),
            places,
        )
        return _Run(start, length, sum(1 for _ in alike))


def _best(search: _Search) -> _Run | None:
    """Return the run of equal segments that saves most."""
    found = (run for length in search.lengths() for run in search.runs(length))
    return max(found, key=lambda run: (run.count - 1) * search.weight(run), default=None)


def _scalars(segment: Statements) -> set[str]:
    targets = (s.target for s in walk(segment) if isinstance(s, Assign | Accumulate))
    return {target.name for target in targets if not target.index}


def _reads_unit(segment: Statements) -> bool:
    """Whether the text of a segment names the constant 1, as an indicator does."""
    return any(e.has(Equal) for s in walk(segment) for e in expressions(s))


def _generic(inside: Iterable[str], constants: frozenset[str], segment: Statements) -> Mapping[str, str]:
    """Return names without numbers, apart from each other and from other words; constants keep theirs.

    What is computed is named before what is only read.
    """
    taken = TAKEN | free_letters(segment) | {s.letter for s in walk(segment) if isinstance(s, Loop)}
    new = {name: name for name in inside if name in constants}
    computed = (r.name for s in walk(segment) for r in written(s))
    for name in dict.fromkeys((*computed, *inside)):
        wish = re.sub(r"(Ω\d+Ω)|_?\d+", lambda found: found[1] or "", name) or name
        while name not in new and (wish in taken or wish in new.values()):
            wish += "_"
        new.setdefault(name, wish)
    return new


def _retold(body: Statements, new: Mapping[str, str]) -> Statements:
    """Return statements whose comments have the new names; δz12 is the delta of what dz12 is named after."""
    words = {**{old[1:]: name[1:] for old, name in new.items() if old[0] == name[0] == "d"}, **new}
    word = re.compile(r"(?<![0-9A-Za-z_])[A-Za-zΩ][0-9A-Za-z_Ω]*")

    def told(statement: Statement) -> Statement:
        if isinstance(statement, Loop | When):
            statement = replace(statement, body=tuple(map(told, statement.body)))
        if not isinstance(statement, Commented):
            return statement
        return replace(statement, comment=word.sub(lambda m: words.get(m[0], m[0]), statement.comment))

    return tuple(map(told, body))
