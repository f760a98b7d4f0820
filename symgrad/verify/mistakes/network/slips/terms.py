"""What may have gone wrong in writing a claim down: the same formula with one thing in it changed.

A slip of the pen is no mistaken derivation: another letter at one place, a factor lost in one summand, a
step of time too late.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symgrad.model.functions import Pointwise
from symgrad.model.graph import Graph, Kind
from symgrad.model.syntax import Chain, Formula, Name, Number, children, with_children
from symgrad.model.writing import write

DELTA = re.compile(r"∂\w+/∂")
# The letters that a new sum may run over, the last longer than any that is used.
LETTERS = (*"klmpqruvabcdfghijnost", "summed")
ONE = Number(Fraction(1))


@dataclass(frozen=True)
class Terms:
    """What a claim may speak of.

    Attributes
    ----------
    shapes
        The shape of every name.
    owners
        For every name, the node of the layer view whose value or delta it is.
    runs
        How far the index letters of the claim run.
    sizes
        The names of the sizes.
    functions
        The activations of the network.
    places
        At the neuron level, where an entry stands in its node.
    asked
        The delta that is claimed.
    of_parameter
        Whether the claim is the gradient of a parameter.
    """

    graph: Graph
    shapes: Mapping[str, tuple[int, ...]]
    owners: Mapping[str, str]
    runs: Mapping[str, int]
    sizes: tuple[str, ...]
    functions: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    asked: str
    of_parameter: bool

    @property
    def fresh(self) -> str:
        """A letter that the claim does not use."""
        return next(letter for letter in LETTERS if letter not in self.runs and letter not in self.shapes)

    def is_delta(self, name: str) -> bool:
        """Whether a name is that of a delta."""
        return name.startswith("∂")

    def is_parameter(self, name: str) -> bool:
        """Whether a name is a parameter, or an entry of one."""
        owner = self.owners.get(name)
        return owner is not None and self.graph[owner].kind is Kind.PARAMETER and not self.is_delta(name)

    def activation(self, inner: str, outer: str) -> str:
        """Return the function by which one node is the activation of another; no text if it is not."""
        node = self.graph[outer]
        if len(node.terms) != 1 or not isinstance(node.terms[0].body, Pointwise):
            return ""
        read = {ref.name for ref in node.terms[0].accesses}
        return type(node.terms[0].body).row.name if read == {inner} else ""


@dataclass(frozen=True)
class Slip:
    """What belongs where something else stands, and what mistake it is that it does not stand there."""

    right: Formula
    kind: str
    text: str
    cost: float = 1.5


# What may belong where a formula stands.
Slips = Callable[[Formula, Terms], Iterator[Slip]]


def places(formula: Formula) -> Iterator[tuple[Formula, Callable[[Formula], Formula]]]:
    """Yield every formula inside one, subscripts left out, with a function that puts another in its place."""
    yield formula, lambda other: other
    if isinstance(formula, Name):
        return
    parts = children(formula)
    for k, part in enumerate(parts):
        for inner, put in places(part):
            yield (
                inner,
                lambda other, k=k, put=put: with_children(formula, (*parts[:k], put(other), *parts[k + 1 :])),
            )


def everywhere(formula: Formula, wrong: Formula, right: Formula) -> Formula:
    """Return a formula with another in all the places of one."""
    if formula == wrong:
        return right
    parts = children(formula)
    return (
        with_children(formula, tuple(everywhere(part, wrong, right) for part in parts)) if parts else formula
    )


def said(formula: Formula) -> str:
    """Return a formula as messages show it."""
    return DELTA.sub("δ", write(formula))


def joined(signed: tuple[tuple[str, Formula], ...]) -> Formula:
    """Return operands with the operators before them as one formula."""
    operands = tuple(operand for _, operand in signed)
    return operands[0] if len(signed) == 1 else Chain(tuple(sign for sign, _ in signed[1:]), operands)
