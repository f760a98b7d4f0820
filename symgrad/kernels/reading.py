"""A program in codes, read with names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

import sympy as sp

from symgrad.kernels.names import decoded
from symgrad.kernels.online import Online
from symgrad.kernels.phases import Phases
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Function, Operand, Statement, Statements
from symgrad.kernels.updates import Updates
from symgrad.model.expressions import Ref, index, size


def read_as(program: Program, names: Mapping[str, str], spec: KernelSpec) -> Program:
    """Return a program with names for codes; `spec` is the network under these names."""
    reading = _Reading(names)
    forward, loss, full = map(reading.function, (program.forward, program.loss, program.full))
    step = full if program.step is program.full else reading.function(program.step)
    columns = frozenset(decoded(name, names) for name in program.columns)
    extra = tuple(map(reading.function, program.extra))
    updates = reading.updates(program.updates)
    made = replace(program, forward=forward, loss=loss, full=full, step=step, extra=extra, updates=updates)
    turned = tuple(decoded(name, names) for name in program.turned)
    once = reading.function(program.once) if program.once else None
    single = program.online and reading.online(program.online)
    phases = program.phases and reading.phases(program.phases)
    return replace(made, spec=spec, columns=columns, turned=turned, once=once, online=single, phases=phases)


@dataclass(frozen=True)
class _Reading:
    """Replaces codes, in equal expressions once."""

    names: Mapping[str, str]
    known: dict[sp.Basic, sp.Basic] = field(default_factory=dict[sp.Basic, sp.Basic])

    def function(self, made: Function) -> Function:
        """Return a function with names for codes."""
        return Function(**self._fields(made))

    def updates(self, made: Updates) -> Updates:
        """Return the updates of parameters with names for codes."""
        return replace(made, norm=self.statements(made.norm), entries=self.statements(made.entries))

    def online(self, made: Online) -> Online:
        """Return what is done for single samples with names for codes."""
        lists = {f: getattr(made, f) for f in ("left", "copies", "turned")}
        names = {f: tuple(decoded(name, self.names) for name in found) for f, found in lists.items()}
        return replace(made, step=self.function(made.step), updates=self.updates(made.updates), **names)

    def phases(self, made: Phases) -> Phases:
        """Return the functions of a step in two phases with names for codes."""
        lists = {f: getattr(made, f) for f in ("shared", "left", "turned")}
        names = {f: tuple(decoded(name, self.names) for name in found) for f, found in lists.items()}
        functions = {f: self.function(getattr(made, f)) for f in ("samples", "loss", "change")}
        return replace(made, **functions, **names, updates=self.updates(made.updates))

    def statements(self, made: Statements) -> Statements:
        """Return statements with names for codes."""
        return tuple(type(statement)(**self._fields(statement)) for statement in made)

    def _fields(self, part: Function | Statement | Operand) -> dict[str, Any]:
        return {name: self._read(getattr(part, name)) for name in _field_names(type(part))}

    def _read(self, part: object) -> object:
        if isinstance(part, str):
            return decoded(part, self.names)
        if isinstance(part, sp.Basic):
            return self._expression(part)
        if isinstance(part, tuple):
            return tuple(map(self._read, part))
        return type(part)(**self._fields(part)) if isinstance(part, Statement | Operand) else part

    def _expression(self, value: sp.Basic) -> sp.Basic:
        if value not in self.known:
            self.known[value] = self._changed(value)
        return self.known[value]

    def _changed(self, value: sp.Basic) -> sp.Basic:
        if isinstance(value, Ref):
            return Ref(decoded(value.name, self.names), map(self._expression, value.index))
        if isinstance(value, sp.Symbol):
            return (size if value.is_positive else index)(decoded(value.name, self.names))
        return value.func(*map(self._expression, value.args)) if value.args else value


@cache
def _field_names(kind: type[Function | Statement | Operand]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))
