"""Gradients claimed in code, run on exact numbers: what the judge is asked about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from symgrad.errors import DataError
from symgrad.exact.adjoint import adjoint
from symgrad.exact.tapes import Slot, Tape
from symgrad.exact.values import ExactError
from symgrad.verify.arrays.conversions import array
from symgrad.verify.arrays.programs import (
    GRADIENT,
    LOSS,
    Names,
    Program,
    ProgramError,
    carried_out,
    exact_names,
)
from symgrad.verify.arrays.regions import region
from symgrad.verify.arrays.tables import FUNCTIONS
from symgrad.verify.arrays.trace import Trace, UndecidedError, UnsupportedError
from symgrad.verify.arrays.traced import Traced
from symgrad.verify.evidence.domain import Array, Chosen, Domain, array_of
from symgrad.verify.evidence.question import Question

_INTEGERS = frozenset({"ids"})


class NoValueError(Exception):
    """A claim that has no value, or one of another shape."""


@dataclass(frozen=True)
class CodeCase:
    """A gradient claimed in code.

    Attributes
    ----------
    forward
        What computes the loss: statements that set ``L``, or a function.
    claimed
        What computes the gradient: statements that set ``G`` after those of `forward`, or a function that
        returns an array, or several by name.
    domain
        The arrays.
    wrt
        The array to derive by.
    """

    forward: Program
    claimed: Program
    domain: Domain
    wrt: str


@dataclass(frozen=True)
class Following:
    """How code is followed.

    Attributes
    ----------
    seed
        Of the witness.
    drawn
        Whether discrete arrays are numbers drawn, so that they can be indices; else they are leaves.
    sided
        Whether every condition is decided at the witness; else none is.
    spread
        How many times their usual range free numbers are drawn from for the witness.
    chosen
        The entries of discrete arrays, by their names; drawn for none.
    """

    seed: int = 0
    drawn: bool = True
    sided: bool = False
    spread: int = 1
    chosen: Chosen = field(default_factory=dict[str, Any])


def case_of(forward: Program, claimed: Program, arrays: Mapping[str, Sequence[Any]], wrt: str) -> CodeCase:
    """Return a case from the description of its arrays."""
    if wrt not in arrays:
        raise DataError(f"there is no array {wrt!r} to derive by; arrays: {', '.join(arrays)}")
    return CodeCase(
        forward, claimed, Domain(tuple(array_of(name, spec) for name, spec in arrays.items())), wrt
    )


def followed(case: CodeCase, way: Following) -> tuple[Question, Trace]:
    """Run a case on exact numbers, and derive its gradient on the same tape.

    Raises
    ------
    DataError
        If the forward pass raises or gives no loss.
    NoValueError
        If the claim raises, or has another shape.
    UndecidedError
        If the code needs a decision, and none is made.
    UnsupportedError
        If the code does what exact numbers cannot follow.
    """
    witness = case.domain.point(Random(f"witness {way.seed}"), way.spread)
    for name, numbers in way.chosen.items():
        witness.update(zip(case.domain.by_name[name].leaves, numbers, strict=True))
    t = Trace(Tape(), witness, FUNCTIONS, way.sided, way.sided)
    given = {a.name: _leaves(t, a, number=_is_number(case, a, way)) for a in case.domain.arrays}
    leaves = list(given[case.wrt].values.flat)
    names = exact_names(t) | given
    loss = _loss(t, _carried(case.forward, names, LOSS, t, "the forward pass"))
    claim = _claim(t, case, names, given[case.wrt].shape)
    truth = adjoint(t.tape, loss, leaves)
    kept = Domain(tuple(a for a in case.domain.arrays if not _is_number(case, a, way)))
    entries = tuple(_entry(case.domain.by_name[case.wrt]))
    return Question(t.tape, truth, tuple(claim), entries, region(t, kept), t.numerical), t


def _is_number(case: CodeCase, a: Array, way: Following) -> bool:
    return a.name != case.wrt and (a.kind == "const" or (way.drawn and a.family.choice is not None))


def _leaves(t: Trace, a: Array, *, number: bool) -> Traced:
    values = np.empty(len(a.leaves), dtype=object)
    for place, key in enumerate(a.leaves):
        values[place] = t.tape.number(t.witness[key]) if number else t.tape.leaf(key)
    return Traced(t, values.reshape(a.shape), "i" if a.kind in _INTEGERS else "f")


def _entry(a: Array) -> list[str]:
    return [key.removeprefix(a.name) for key in a.leaves]


def _carried(program: Program, names: Names, result: str, t: Trace, title: str) -> Any:
    try:
        return carried_out(program, names, result, t)
    except ProgramError as error:
        if isinstance(error.__cause__, UndecidedError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ExactError):
            raise UnsupportedError(f"{title}: {error.__cause__}") from error
        said = f"{title} {'raises ' if error.__cause__ else ''}{error}"
        raise (DataError if result == LOSS else NoValueError)(said) from error


def _loss(t: Trace, found: Any) -> Slot:
    values = array(t, found).values
    if values.size != 1:
        raise DataError(f"the loss has the shape {values.shape}; it is one number")
    slot = values.item()
    if isinstance(slot, float):
        raise DataError(f"the loss is {slot}")
    return slot


def _claim(t: Trace, case: CodeCase, names: Names, shape: tuple[int, ...]) -> list[Slot]:
    found = _carried(case.claimed, names, GRADIENT, t, "the claim")
    if isinstance(found, dict):
        found = next((found[name] for name in (case.wrt, f"d{case.wrt}") if name in found), None)
    values = _array_of_claim(t, found)
    if values.shape != shape:
        raise NoValueError(f"the claim has the shape {values.shape}; {case.wrt} has {shape}")
    slots = [slot for slot in values.values.flat if isinstance(slot, Slot)]
    if len(slots) < values.size:
        raise NoValueError("the claim is infinite or NaN")
    return slots


def _array_of_claim(t: Trace, found: Any) -> Traced:
    if found is None:
        raise NoValueError("the claim gives no gradient")
    try:
        return array(t, found)
    except (ValueError, UnsupportedError) as error:
        raise NoValueError(f"the claim is no array: {error}") from error
