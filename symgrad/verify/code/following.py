"""Gradients claimed in code, run on exact numbers: what the judge is asked about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
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
    SLIPS_OF_WRITING,
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
from symgrad.verify.code.gradients import picked, setting
from symgrad.verify.evidence.domain import Array, Chosen, Domain, array_of
from symgrad.verify.evidence.question import Question

_INTEGERS = frozenset({"ids"})
TITLES = ("the forward pass", "the claim")


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
    titles
        What the two are called in messages.
    """

    forward: Program
    claimed: Program
    domain: Domain
    wrt: str
    titles: Sequence[str] = TITLES


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
    moved
        Leaves of the witness that lie elsewhere than where they were drawn.
    """

    seed: int = 0
    drawn: bool = True
    sided: bool = False
    spread: int = 1
    chosen: Chosen = field(default_factory=dict[str, Any])
    moved: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])


def case_of(
    forward: Program,
    claimed: Program,
    arrays: Mapping[str, Sequence[Any]],
    wrt: str,
    titles: Sequence[str] = TITLES,
) -> CodeCase:
    """Return a case from the description of its arrays.

    Raises
    ------
    DataError
        If there is no such array to derive by, or statements set no gradient.
    """
    if wrt not in arrays:
        raise DataError(f"there is no array {wrt!r} to derive by; arrays: {', '.join(arrays)}")
    claim = setting(claimed, wrt) if isinstance(claimed, str) else claimed
    return CodeCase(forward, claim, Domain(tuple(array_of(*item) for item in arrays.items())), wrt, titles)


@dataclass(frozen=True)
class Run:
    """A run of a case on exact numbers: its trace, and the names that its programs share."""

    t: Trace
    names: Names


@dataclass(frozen=True)
class Followed:
    """A case that was followed: what the judge is asked, the run, and its loss."""

    question: Question
    t: Trace
    loss: Slot


def followed(case: CodeCase, way: Following) -> Followed:
    """Run a case on exact numbers, and derive its gradient on the same tape.

    Raises
    ------
    DataError
        If the forward pass raises or gives no loss, or nothing is claimed.
    NoValueError
        If the claim raises, or has another shape.
    UndecidedError
        If the code needs a decision, and none is made.
    UnsupportedError
        If the code does what exact numbers cannot follow.
    """
    run = begun(case, way)
    loss = loss_of(case, run)
    return derived(case, way, run.t, loss, claim_of(case, run))


def begun(case: CodeCase, way: Following) -> Run:
    """Lay out what programs start from: the arrays, and NumPy on exact numbers."""
    t = Trace(Tape(), witness_of(case, way), FUNCTIONS, way.sided, way.sided)
    given = {a.name: _leaves(t, a, number=_is_number(case, a, way)) for a in case.domain.arrays}
    return Run(t, exact_names(t) | given)


def witness_of(case: CodeCase, way: Following) -> dict[str, Fraction]:
    """Return the point at which a run decides."""
    witness = case.domain.point(Random(f"witness {way.seed}"), way.spread)
    for name, numbers in way.chosen.items():
        witness.update(zip(case.domain.by_name[name].leaves, numbers, strict=True))
    return {**witness, **way.moved}


def loss_of(case: CodeCase, run: Run) -> Slot:
    """Run the forward pass, and return its loss."""
    values = array(run.t, _carried(case.forward, run.names, LOSS, run.t, case.titles[0])).values
    if values.size != 1:
        raise DataError(f"the loss has the shape {values.shape}; it is one number")
    slot = values.item()
    if isinstance(slot, float):
        raise DataError(f"the loss is {slot}")
    return slot


def claim_of(case: CodeCase, run: Run) -> list[Slot]:
    """Run the claim behind the forward pass, and return its entries."""
    found = picked(_carried(case.claimed, run.names, GRADIENT, run.t, case.titles[1]), case.wrt)
    values = _array_of_claim(run.t, found)
    shape = case.domain.by_name[case.wrt].shape
    if values.shape != shape:
        raise NoValueError(f"the claim has the shape {values.shape}; {case.wrt} has {shape}")
    slots = [slot for slot in values.values.flat if isinstance(slot, Slot)]
    if len(slots) < values.size:
        raise NoValueError("the claim is infinite or NaN")
    return slots


def derived(case: CodeCase, way: Following, t: Trace, loss: Slot, claim: Sequence[Slot]) -> Followed:
    """Derive the gradient of a loss, and ask whether it is what was claimed."""
    wrt = case.domain.by_name[case.wrt]
    truth = adjoint(t.tape, loss, [t.tape.leaf(key) for key in wrt.leaves])
    entries = tuple(key.removeprefix(wrt.name) for key in wrt.leaves)
    domain = region(t, kept_by(case, way))
    return Followed(Question(t.tape, truth, tuple(claim), entries, domain, t.numerical), t, loss)


def kept_by(case: CodeCase, way: Following) -> Domain:
    """Return the arrays that are leaves of a run; the others are numbers."""
    return Domain(tuple(a for a in case.domain.arrays if not _is_number(case, a, way)))


def _is_number(case: CodeCase, a: Array, way: Following) -> bool:
    return a.name != case.wrt and (a.kind == "const" or (way.drawn and a.family.choice is not None))


def _leaves(t: Trace, a: Array, *, number: bool) -> Traced:
    values = np.empty(len(a.leaves), dtype=object)
    for place, key in enumerate(a.leaves):
        values[place] = t.tape.number(t.witness[key]) if number else t.tape.leaf(key)
    return Traced(t, values.reshape(a.shape), "i" if a.kind in _INTEGERS else "f")


def _carried(program: Program, names: Names, result: str, t: Trace, title: str) -> Any:
    try:
        return carried_out(program, names, result, t)
    except ProgramError as error:
        if isinstance(error.__cause__, UndecidedError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ExactError):
            raise UnsupportedError(f"{title}: {error.__cause__}") from error
        said = f"{title} {'raises ' if error.__cause__ else ''}{error}"
        raise (DataError if _is_no_claim(result, error) else NoValueError)(said) from error


def _is_no_claim(result: str, error: ProgramError) -> bool:
    """Whether code failed before anything was claimed."""
    return result == LOSS or error.__cause__ is None or isinstance(error.__cause__, SLIPS_OF_WRITING)


def _array_of_claim(t: Trace, found: Any) -> Traced:
    try:
        return array(t, found)
    except (ValueError, UnsupportedError) as error:
        raise NoValueError(f"the claim is no array: {error}") from error
