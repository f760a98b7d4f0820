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

import sympy as sp

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.fusion import free_letters
from symgrad.kernels.lower import Program
from symgrad.kernels.printer import NAMES
from symgrad.kernels.shapes import UNIT, Shape, is_place, names, pattern, set_letters, shape
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
    read,
    walk,
    written,
)
from symgrad.model.expressions import Ref, index
from symgrad.model.functions import Equal

PLACE = "place"
"""What a number in a subscript is called, where it is another one in every block."""
REPEATS = 4
"""So many equal segments in a row make a function."""
SAVED = 9
"""Segments stay where they are if less than so many statements are saved."""
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
    """The names of a function.

    Attributes
    ----------
    constants
        Those of its constants.
    uses
        How often each name is used.
    passing
        Scalars that every statement that uses them sets first.
    verb
        What it does to its results.
    """

    constants: frozenset[str]
    uses: Counter[str]
    passing: frozenset[str]
    verb: str

    @classmethod
    def of(cls, body: Statements, verb: str = "compute") -> "_Code":
        """Read the statements of a function."""
        constants = frozenset(s.name for s in body if isinstance(s, Constant))
        mentioned = (name for s in walk(body) for name in (*names(s), *_returned(s)))
        return cls(constants, Counter(mentioned), _passing(body), verb)

    def inside(self) -> "_Code":
        """Return the same for the statements in a loop."""
        return replace(self, passing=frozenset())

    def is_closed(self, segment: Statements) -> bool:
        """Whether nothing else uses the scalars of a segment, and it only computes."""
        if any(isinstance(s, Size | Constant | Return | Call) for s in segment):
            return False
        inside = Counter(name for statement in walk(segment) for name in names(statement))
        return all(inside[n] == self.uses[n] or n in self.passing for n in _scalars(segment))


def _passing(body: Statements) -> frozenset[str]:
    """Return the scalars that every one of some statements sets before it reads them."""
    kept = {name for s in body for name in (*_kept((s,), frozenset()), *_returned(s))}
    return frozenset(_scalars(body) - kept)


def _returned(statement: Statement) -> tuple[str, ...]:
    return statement.names if isinstance(statement, Return) else ()


def _kept(statements: Statements, known: frozenset[str]) -> set[str]:
    """Return what some statements read as others left it."""
    found: set[str] = set()
    for s in statements:
        changed = (s.target,) if isinstance(s, Accumulate) else ()
        found |= {r.name for r in (*read(s), *changed)} - known
        if isinstance(s, Loop | When):
            found |= _kept(s.body, known)
        elif isinstance(s, Assign) and not s.target.index:
            known |= {s.target.name}
    return found


def with_blocks(program: Program) -> Program:
    """Return a program whose repeated blocks are functions of their own."""
    outliner = Outliner()
    forward, loss, full = map(outliner.outlined, (program.forward, program.loss, program.full))
    step = full if program.step is program.full else outliner.outlined(program.step)
    extra = tuple(map(outliner.outlined, program.extra))
    updates = program.updates if program.columns else outliner.updates(program)
    made = replace(program, forward=forward, loss=loss, full=full, step=step, extra=extra, updates=updates)
    return replace(made, blocks=outliner.blocks)


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
        body = self._searched(function.body, _Code.of(function.body))
        shared = any(isinstance(s, Call) for s in walk(body))
        return replace(function, body=body, inline=function.inline and not shared)

    def updates(self, program: Program) -> Statements:
        """Return the updates of parameters, those that are alike as calls."""
        options = tuple(Constant(o, sp.Symbol(o), sp.Integer(1)) for o in program.spec.optimizer.options)
        return self._searched(program.updates, _Code.of((*options, *program.updates), "update"))

    def _searched(self, body: Statements, code: _Code) -> Statements:
        return self._outlined(_Search(body, tuple(map(shape, body)), code))

    def _outlined(self, search: "_Search") -> Statements:
        run = _best(search)
        if run is None:
            return tuple(self._inside(statement, search.code) for statement in search.body)
        calls = [self._call(segment, search.code) for segment in run.segments(search.body)]
        before, behind = search.part(0, run.start), search.part(run.stop, len(search.body))
        return (*self._outlined(before), *calls, *self._outlined(behind))

    def _inside(self, statement: Statement, code: _Code) -> Statement:
        if isinstance(statement, Loop | When) and any(isinstance(s, Loop) for s in statement.body):
            return replace(statement, body=self._searched(statement.body, code.inside()))
        return statement

    def _call(self, segment: Statements, code: _Code) -> Call:
        shapes = tuple(map(shape, segment))
        own = _scalars(segment) | set_letters(segment)
        inside = tuple(dict.fromkeys(name for s in shapes for name in s.names))
        given = tuple(name for name in inside if name not in own)
        more = free_letters(segment) - own | ({UNIT} - {*given} if _reads_unit(segment) else set())
        key = pattern(shapes, code.constants)
        if key not in self.made:
            new = _generic(inside, code.constants, segment)
            self.made[key] = self._function(segment, new, (given, tuple(sorted(more))), code.verb)
        return Call(self.made[key].name, (*given, *sorted(more)), segment, _told(segment))

    def _function(
        self,
        segment: Statements,
        new: Mapping[str, str],
        arguments: tuple[tuple[str, ...], tuple[str, ...]],
        verb: str,
    ) -> Function:
        given, more = arguments

        def access(ref: Ref) -> Ref:
            return Ref(new[ref.name], (index(new[str(i)]) if is_place(i) else i for i in ref.index))

        moved = map_accesses(segment, access, lambda s: new.get(s, s))
        results = dict.fromkeys(new[r.name] for s in walk(segment) for r in written(s) if r.name in given)
        summary = f"{verb.capitalize()} {', '.join(results)} of one block of several that are alike."
        name = self._name([part.rstrip("_") for part in results], verb)
        return Function(name, (*(new[name] for name in given), *more), summary, _retold(moved, new))

    def _name(self, results: list[str], verb: str) -> str:
        """Name a function after the first and the last that it computes, and after what else it does."""
        first = [""] if verb == "compute" else ["", verb]
        wish = "_".join([*first, *dict.fromkeys((results[0], results[-1]))])
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

    def part(self, start: int, stop: int) -> "_Search":
        """Return the search among some of the statements."""
        return replace(self, body=self.body[start:stop], shapes=self.shapes[start:stop])

    def lengths(self) -> Iterator[int]:
        """Yield the distances at which statements most often come again."""
        last: dict[object, int] = {}
        gaps: Counter[int] = Counter()
        for k, found in enumerate(self.shapes):
            gaps[k - last.get(found.key, k)] += found.weight
            last[found.key] = k
        yield from [length for length, _ in gaps.most_common(PERIODS + 1) if length]

    def saved(self, run: _Run) -> int:
        """Return how many statements are written once instead of several times."""
        return (run.count - 1) * sum(s.weight for s in self.shapes[run.start : run.start + run.length])

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
        longest = _Run(start, length, 0)
        for at in range(start, start + length):
            if longest.count < (stop - at) // length:
                longest = max(longest, self._run(at, length, stop), key=lambda run: run.count)
        if longest.count >= REPEATS and self.saved(longest) >= SAVED:
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
    return max(found, key=search.saved, default=None)


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
        wish = PLACE if name.isdigit() else re.sub(r"_?\d+", "", name) or name
        while name not in new and (wish in taken or wish in new.values()):
            wish += "_"
        new.setdefault(name, wish)
    return new


def _retold(body: Statements, new: Mapping[str, str]) -> Statements:
    """Return statements whose comments have the new names; δz12 is the delta of what dz12 is named after."""
    words = {**{old[1:]: name[1:] for old, name in new.items() if old[0] == name[0] == "d"}, **new}
    word = re.compile(r"(?<![0-9A-Za-z_])[A-Za-z][0-9A-Za-z_]*|(?<=[\[,])[0-9]+(?=[\],])")

    def told(statement: Statement) -> Statement:
        if isinstance(statement, Loop | When):
            statement = replace(statement, body=tuple(map(told, statement.body)))
        if not isinstance(statement, Commented):
            return statement
        return replace(statement, comment=word.sub(lambda m: words.get(m[0], m[0]), statement.comment))

    return tuple(map(told, body))
