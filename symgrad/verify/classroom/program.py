"""A scalar graph as a straight line of float64 operations, quick enough for ten thousand steps.

It is no kernel: it knows nothing of arrays and needs no compiler.  It exists to run a training step in
ways that no kernel should, and to count as a person with a pocket calculator does, who rounds on the way.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal, Pointwise, Step
from symgrad.model.graph import Graph, Node

Operation = Callable[[float, float], float]
Instruction = tuple[Operation, int, int, int]


@dataclass(frozen=True)
class Program:
    """Instructions over numbered registers.

    Attributes
    ----------
    registers
        The register of every node.
    constants
        The values of all registers before anything is computed, 0 where nothing is known.
    code
        Operation, register of the result, registers of the operands.
    """

    registers: Mapping[str, int]
    constants: tuple[float, ...]
    code: tuple[Instruction, ...]

    def run(self, memory: list[float]) -> None:
        """Carry out all instructions."""
        for operation, result, one, other in self.code:
            memory[result] = operation(memory[one], memory[other])

    def memory(self, leaves: Mapping[str, float]) -> list[float]:
        """Return the registers with the values of the leaves in them."""
        made = list(self.constants)
        for name, value in leaves.items():
            made[self.registers[name]] = value
        return made


def compiled(graph: Graph, decimals: int | None = None) -> Program:
    """Turn a scalar graph into a program.

    Parameters
    ----------
    decimals
        To how many decimals the value of every defined node is rounded; not at all without it.
    """
    builder = _Builder(decimals)
    for node in graph.nodes:
        builder.add(node)
    return Program(builder.names, tuple(builder.constants), tuple(builder.code))


@dataclass
class _Builder:
    """Collects instructions; equal expressions share a register."""

    decimals: int | None
    names: dict[str, int] = field(default_factory=dict[str, int])
    constants: list[float] = field(default_factory=list[float])
    code: list[Instruction] = field(default_factory=list[Instruction])
    known: dict[sp.Expr, int] = field(default_factory=dict[sp.Expr, int])

    def add(self, node: Node) -> None:
        if node.is_leaf:
            register = self._register()
        else:
            join = max if node.reduce == "max" else operator.add
            register = self._folded(join, [self.register(term.body) for term in node.terms])
            register = self._rounded(register)
        self.names[node.name] = self.known[Ref(node.name)] = register

    def _register(self, value: float = 0.0) -> int:
        self.constants.append(value)
        return len(self.constants) - 1

    def _rounded(self, register: int) -> int:
        if self.decimals is None:
            return register
        return self._instruction(_round, register, self._register(self.decimals))

    def _instruction(self, operation: Operation, one: int, other: int) -> int:
        result = self._register()
        self.code.append((operation, result, one, other))
        return result

    def _folded(self, operation: Operation, registers: list[int]) -> int:
        if not registers:
            return self._register()
        return reduce(lambda one, other: self._instruction(operation, one, other), registers)

    def register(self, expression: sp.Expr) -> int:
        if expression not in self.known:
            self.known[expression] = self._computed(expression)
        return self.known[expression]

    def _computed(self, expression: sp.Expr) -> int:
        if isinstance(expression, sp.Rational):
            return self._register(expression.p / expression.q)
        if isinstance(expression, Pointwise):
            return self.register(expression.primal)
        if isinstance(expression, sp.Pow) and expression.exp == -1:
            return self._instruction(_divide, self._register(1.0), self.register(expression.base))
        operation = next((OPERATIONS[t] for t in type(expression).__mro__ if t in OPERATIONS), None)
        if operation is None:
            raise DefinitionError(f"{type(expression).__name__} has no float64 operation here")
        registers = [self.register(part) for part in expression.args]
        if len(registers) == 1:
            return self._instruction(operation, registers[0], registers[0])
        return self._folded(operation, registers)


def _round(value: float, decimals: float) -> float:
    return round(value, int(decimals)) if math.isfinite(value) else value


def _divide(one: float, other: float) -> float:
    return one / other if other else math.copysign(math.inf, other) * one


def _power(base: float, exponent: float) -> float:
    if base < 0 and not exponent.is_integer():
        return math.nan
    try:
        return base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _exp(value: float, _: float) -> float:
    return math.exp(value) if value < 709.0 else math.inf


def _log(value: float, _: float) -> float:
    return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan


def _plain(function: Callable[[float], float]) -> Operation:
    return lambda value, _: function(value) if math.isfinite(value) else math.nan


OPERATIONS: Mapping[type, Operation] = {
    sp.Add: operator.add,
    sp.Mul: operator.mul,
    sp.Pow: _power,
    sp.exp: _exp,
    sp.log: _log,
    sp.sin: _plain(math.sin),
    sp.cos: _plain(math.cos),
    sp.erf: _plain(math.erf),
    sp.Abs: lambda value, _: abs(value),
    sp.sign: lambda value, _: float((value > 0) - (value < 0)),
    sp.Max: max,
    sp.Min: min,
    Step: lambda value, _: float(value > 0),
    Equal: lambda one, other: float(one == other),
}
