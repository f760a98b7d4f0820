"""What `symgrad cost` says of deltas is what an emitted kernel does for one sample, each operation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.derive.cost import cost
from symgrad.derive.views import View
from symgrad.kernels.build import spec_of
from symgrad.kernels.module import generate
from symgrad.model.model import Model
from tests.kernels.uncompiled import plain

Operand = Any
FUNCTIONS = ("sigmoid", "tanh", "softplus", "exp")


@dataclass(eq=False)
class Number:
    """A number that counts what is done with it; one that is known is no work to multiply by 1 or to add 0.

    `done` is shared by all numbers of one count.
    """

    done: list[str]
    known: Fraction | None = None

    def made(self, sign: str, *known: Fraction | None) -> "Number":
        """Return the result of an operation, a known one of known numbers, which is no operation."""
        if all(value is not None for value in (self.known, *known)):
            return Number(self.done, Fraction(1))
        self.done.append(sign)
        return Number(self.done)

    def __add__(self, other: Operand) -> "Number":
        return self._beside(other, 0) or self.made("+", value(other))

    def __sub__(self, other: Operand) -> "Number":
        if is_known(other, 0) or is_known(self, 0):
            return self if is_known(other, 0) else other
        return self.made("-", value(other))

    def __mul__(self, other: Operand) -> "Number":
        return self._beside(other, 1) or self.made("*", value(other))

    def _beside(self, other: Operand, number: int) -> Operand:
        """Return the one operand where the other is this number."""
        return other if is_known(self, number) else self if is_known(other, number) else None

    def __truediv__(self, other: Operand) -> "Number":
        return self if is_known(other, 1) else self.made("/", value(other))

    def __pow__(self, exponent: int) -> "Number":
        return self.made("^", Fraction(exponent))

    def __neg__(self) -> "Number":
        return self

    __radd__, __rmul__ = __add__, __mul__


def value(operand: Operand) -> Fraction | None:
    return operand.known if isinstance(operand, Number) else Fraction(operand)


def is_known(operand: Operand, number: int) -> bool:
    return value(operand) == number


@dataclass(frozen=True)
class Counting:
    """An emitted text over numbers that count."""

    text: str
    done: list[str] = field(default_factory=list[str])

    def leaf(self, *shape: int) -> Any:
        found = np.empty(shape, object)
        for at in np.ndindex(*shape):
            found[at] = Number(self.done)
        return found

    def called(self, name: str) -> Callable[[Number], Number]:
        return lambda number: number.made(name)

    def operations(self, function: str) -> int:
        """Return how many operations one call of a function takes for one sample."""
        made = plain(self.text)
        shapes = {**made["INPUTS"], **made["TARGETS"], **made["PARAMETERS"]}
        given = [self.leaf(*(1 if size == made["SAMPLES"] else size for size in s)) for s in shapes.values()]
        made["constant"] = lambda array, over, under: Number(self.done, Fraction(int(over), int(under)))
        made |= {name: self.called(name) for name in FUNCTIONS if name in made}
        self.done.clear()
        made[function](*given)
        return len(self.done)


NETWORKS: dict[str, Model] = {
    "2-2-2": sg.zoo("worked_2_2_2").model,
    "3-3-3": sg.zoo("classifier_3_3_3").model,
    "tanh": sg.mlp([2, 3, 4, 2], hidden="tanh", output="identity", bias="layer").model,
    "deep": sg.mlp([2, 3, 3, 3, 1], hidden="sigmoid", bias="none").model,
    "line": sg.mlp([3, 1], output="identity").model,
    "one": sg.mlp([1, 1, 1]).model,
    "residual": sg.sequential(
        3, ["dense 3", "tanh", sg.residual(sg.dense(3), "tanh"), "dense 2"], loss="squared_error"
    ).model,
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("schedule", ["scalars", "arrays"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_deltas_of_a_kernel_cost_what_is_said(name: str, schedule: str) -> None:
    model = NETWORKS[name]
    counting = Counting(generate(spec_of(model, schedule={"*": schedule})))
    found = counting.operations("gradients") - counting.operations("loss")
    assert found == cost(View(model, "layer")).by_deltas
