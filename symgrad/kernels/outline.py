"""Repeated blocks share code: fifty layers alike are fifty calls of one function.

A run of neighbouring segments that are equal up to names becomes one function, which has the names of the
first without their numbers, and a call for each.
"""

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.printer import NAMES
from symgrad.kernels.program import Program
from symgrad.kernels.repeats import Code, Search, best, scalars
from symgrad.kernels.shapes import UNIT, Shape, is_place, pattern, set_letters, shape
from symgrad.kernels.statements import (
    Call,
    Commented,
    Constant,
    Function,
    Loop,
    Statement,
    Statements,
    When,
    expressions,
    walk,
    written,
)
from symgrad.kernels.touched import free_letters
from symgrad.kernels.turned import plain_name
from symgrad.kernels.updates import Updates
from symgrad.model.expressions import Ref, index
from symgrad.model.functions import Equal

PLACE = "place"
"""What a number in a subscript is called, where it is another one in every block."""
TAKEN = frozenset((*NAMES.values(), *keyword.kwlist, "np", "math", "constant", "k", UNIT))
"""Names that mean something else in the text of a function."""


def with_blocks(program: Program) -> Program:
    """Return a program whose repeated blocks are functions of their own."""
    outliner = Outliner()
    forward, loss, full = map(outliner.outlined, (program.forward, program.loss, program.full))
    step = full if program.step is program.full else outliner.outlined(program.step)
    extra = tuple(map(outliner.outlined, program.extra))
    plain = program.columns or program.spec.threads
    updates = program.updates if plain else outliner.updates(program)
    made = replace(program, forward=forward, loss=loss, full=full, step=step, extra=extra, updates=updates)
    if program.phases:
        made = replace(
            made, phases=replace(program.phases, samples=outliner.outlined(program.phases.samples))
        )
    if program.online:
        inside = Outliner(outliner.made, ordered=program.online.step.ordered)
        single = replace(program.online, step=inside.outlined(program.online.step))
        made = replace(made, online=single)
    return replace(made, blocks=outliner.blocks)


@dataclass
class Outliner:
    """Takes repeated blocks out of the functions of one kernel, and keeps what it made of them.

    Blocks of an ordered function are ordered, and inlined: it runs for every sample.
    """

    made: dict[object, Function] = field(default_factory=dict[object, Function])
    ordered: bool = False

    @property
    def blocks(self) -> tuple[Function, ...]:
        """The functions of the blocks."""
        return tuple(self.made.values())

    def outlined(self, function: Function) -> Function:
        """Return a function whose repeated blocks are calls; with any it is compiled once, not inlined."""
        body = self._searched(function.body, Code.of(function.body))
        shared = any(isinstance(s, Call) for s in walk(body))
        return replace(function, body=body, inline=function.inline and (function.ordered or not shared))

    def updates(self, program: Program) -> Updates:
        """Return the updates of parameters, those that are alike as calls."""
        made = program.updates
        words = (*program.spec.optimizer.options, *made.shared)
        known = tuple(Constant(word, sp.Symbol(word), sp.Integer(1)) for word in words)
        code = Code.of((*known, *made.constants, *made.entries), "update")
        return replace(made, entries=self._searched(made.entries, code))

    def _shapes(self, body: Statements) -> tuple[Shape, ...]:
        return tuple(shape(statement, long=self.ordered) for statement in body)

    def _searched(self, body: Statements, code: Code) -> Statements:
        return self._outlined(Search(body, self._shapes(body), code))

    def _outlined(self, search: Search) -> Statements:
        run = best(search)
        if run is None:
            return tuple(self._inside(statement, search.code) for statement in search.body)
        calls = [self._call(search.part(*segment)) for segment in run.segments]
        before, behind = search.part(0, run.start), search.part(run.stop, len(search.body))
        return (*self._outlined(before), *calls, *self._outlined(behind))

    def _inside(self, statement: Statement, code: Code) -> Statement:
        if isinstance(statement, Loop | When) and any(isinstance(s, Loop) for s in statement.body):
            return replace(statement, body=self._searched(statement.body, code.inside()))
        return statement

    def _call(self, found: Search) -> Call:
        segment, shapes, code = found.body, found.shapes, found.code
        own = scalars(segment) | set_letters(segment)
        inside = tuple(dict.fromkeys(name for s in shapes for name in s.names))
        given = tuple(name for name in inside if name not in own)
        key = (self.ordered, pattern(shapes, code.constants))
        if key not in self.made:
            more = free_letters(segment) - own | ({UNIT} - {*given} if _reads_unit(segment) else set())
            new = _generic(inside, code.constants, segment)
            self.made[key] = self._function(segment, new, (given, tuple(sorted(more))), code.verb)
        made = self.made[key]
        return Call(made.name, (*given, *made.arguments[len(given) :]), segment, _told(segment))

    def _function(
        self,
        segment: Statements,
        new: Mapping[str, str],
        arguments: tuple[tuple[str, ...], tuple[str, ...]],
        verb: str,
    ) -> Function:
        given, more = arguments

        def place(i: sp.Expr) -> sp.Expr:
            return index(new[str(i)]) if is_place(i) and str(i) in new else i

        def access(ref: Ref) -> Ref:
            return Ref(new[ref.name], map(place, ref.index))

        moved = map_accesses(segment, access, lambda s: new.get(s, s))
        results = dict.fromkeys(new[r.name] for s in walk(segment) for r in written(s) if r.name in given)
        summary = f"{verb.capitalize()} {', '.join(results)} of one block of several that are alike."
        name = self._name([part.rstrip("_") for part in results], verb)
        made = Function(name, (*(new[name] for name in given), *more), summary, _retold(moved, new))
        return replace(made, inner=True, inline=self.ordered, ordered=self.ordered)

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
    turned = {plain_name(old): plain_name(name) for old, name in new.items()}
    words = {**turned, **{old[1:]: name[1:] for old, name in new.items() if old[0] == name[0] == "d"}, **new}
    word = re.compile(r"(?<![0-9A-Za-z_])[A-Za-z][0-9A-Za-z_]*|(?<=[\[,])[0-9]+(?=[\],])")

    def told(statement: Statement) -> Statement:
        if isinstance(statement, Loop | When):
            statement = replace(statement, body=tuple(map(told, statement.body)))
        if not isinstance(statement, Commented):
            return statement
        return replace(statement, comment=word.sub(lambda m: words.get(m[0], m[0]), statement.comment))

    return tuple(map(told, body))
