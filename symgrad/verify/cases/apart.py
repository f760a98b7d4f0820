"""The code of a case in processes of its own, each for one purpose; what comes out of them is data.

The forward pass runs where the claim never ran, so that no claim can touch what it is compared with.  The
claim runs once on exact numbers and once in plain NumPy, each behind a forward pass of its own.  Whoever
asks has run no code of the case: domain, witness and conditions are his own, and records are read strictly.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import Any, TypeGuard, cast

import numpy as np

from symgrad.errors import DataError, SymgradError
from symgrad.exact.tapes import Slot, Tape
from symgrad.exact.values import ExactError
from symgrad.verify.arrays.trace import Trace, UndecidedError, UnsupportedError
from symgrad.verify.cases.confined import StoppedError, printable
from symgrad.verify.cases.limits import Limits
from symgrad.verify.cases.sessions import Request, Session, ask, session
from symgrad.verify.code.floats import Floats, Place, claimed, losses
from symgrad.verify.code.following import (
    CodeCase,
    Followed,
    Following,
    NoValueError,
    begun,
    claim_of,
    derived,
    kept_by,
    loss_of,
    witness_of,
)
from symgrad.verify.code.records import RecordError, read, recorded
from symgrad.verify.code.runs import Runs

# What a process says when its code cannot be followed; whatever else is raised there stops the session.
ERRORS: Mapping[str, type[Exception]] = {
    "data": DataError,
    "no value": NoValueError,
    "undecided": UndecidedError,
    "unsupported": UnsupportedError,
}
KINDS: Mapping[type[Exception], str] = {
    SymgradError: "data",
    **{kind: word for word, kind in ERRORS.items() if word != "data"},
}


@dataclass(frozen=True)
class _Processes:
    """The processes of a case: for the forward pass, for the claim on exact numbers, for it in floats."""

    forward: Session
    claim: Session
    floats: Session


@contextmanager
def apart(case: CodeCase, limits: Limits) -> Generator[Runs]:
    """Have processes for the code of a case, for a block.

    They are all begun before anything is known that the claim could be after: a process starts as a copy.
    """
    with ExitStack() as stack:
        answers = (_of_forward, _of_claim, _of_claim_in_floats)
        ways = (stack.enter_context(session(partial(_guarded, answer, case), limits)) for answer in answers)
        yield _runs(_Processes(*ways))


def _runs(processes: _Processes) -> Runs:
    return Runs(
        partial(_followed, processes),
        partial(_losses, processes.forward),
        partial(_claimed, processes.floats),
    )


def _followed(processes: _Processes, case: CodeCase, way: Following) -> Followed:
    t = Trace(Tape(), witness_of(case, way), {}, way.sided)
    keys = frozenset(kept_by(case, way).leaves)
    (loss,) = _values(processes.forward, way, t, keys, 1)
    claim = _values(processes.claim, way, t, keys, len(case.domain.by_name[case.wrt].leaves))
    return derived(case, way, t, loss, claim)


def _values(asked: Session, way: Following, t: Trace, keys: frozenset[str], count: int) -> list[Slot]:
    record = _answer(asked, {"way": _way_written(way)})
    try:
        found = read(record, t, keys)
    except RecordError as error:
        raise StoppedError(str(error)) from None
    except (ExactError, ArithmeticError) as error:
        raise UnsupportedError(str(error)) from error
    if len(found) != count:
        raise StoppedError(f"the process of the code sent {len(found)} values, not {count}")
    return found


def _losses(asked: Session, _case: CodeCase, places: Sequence[Place]) -> list[float]:
    found = _answer(asked, {"places": list(map(_place_written, places))})
    return _floats(found, len(places))


def _claimed(asked: Session, case: CodeCase, place: Place) -> tuple[float, Floats]:
    shape = case.domain.by_name[case.wrt].shape
    loss, *entries = _floats(_answer(asked, {"place": _place_written(place)}), 1 + int(np.prod(shape)))
    return loss, np.array(entries).reshape(shape)


def _answer(asked: Session, request: Request) -> Any:
    found = ask(asked, request)
    if isinstance(found, dict) and set(found) == {"error", "text"}:
        error = ERRORS.get(str(found["error"]), StoppedError)
        raise error(printable(str(found["text"])))
    return found


def _floats(found: object, count: int) -> list[float]:
    if not _is_list(found) or len(found) != count or not all(map(_is_float, found)):
        raise StoppedError("the process of the code sent no numbers")
    return cast("list[float]", found)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_float(value: object) -> bool:
    return isinstance(value, float) and isfinite(value)


# What follows runs in the processes of the code.


def _guarded(answer: Callable[[CodeCase, Request], object], case: CodeCase, request: Request) -> object:
    try:
        return answer(case, request)
    except tuple(KINDS) as error:
        word = next(word for kind, word in KINDS.items() if isinstance(error, kind))
        return {"error": word, "text": str(error)}


def _of_forward(case: CodeCase, request: Request) -> object:
    if "places" in request:
        return _finite(losses(case, list(map(_place_read, request["places"]))))
    run = begun(case, _way_read(request["way"]))
    return recorded(run.t, [loss_of(case, run)])


def _of_claim(case: CodeCase, request: Request) -> object:
    run = begun(case, _way_read(request["way"]))
    loss_of(case, run)
    return recorded(run.t, claim_of(case, run))


def _of_claim_in_floats(case: CodeCase, request: Request) -> object:
    loss, gradient = claimed(case, _place_read(request["place"]))
    return _finite([loss, *gradient.ravel().tolist()])


def _finite(numbers: list[float]) -> list[float]:
    if not all(map(isfinite, numbers)):
        raise DataError("the loss is infinite or NaN in plain NumPy")
    return numbers


def _way_written(way: Following) -> dict[str, object]:
    plain = {"seed": way.seed, "drawn": way.drawn, "sided": way.sided, "spread": way.spread}
    chosen = {name: [str(number) for number in numbers] for name, numbers in way.chosen.items()}
    return {**plain, "chosen": chosen, "moved": {key: str(number) for key, number in way.moved.items()}}


def _way_read(table: Mapping[str, Any]) -> Following:
    chosen = {name: list(map(Fraction, numbers)) for name, numbers in table["chosen"].items()}
    moved = {key: Fraction(number) for key, number in table["moved"].items()}
    return Following(table["seed"], table["drawn"], table["sided"], table["spread"], chosen, moved)


def _place_written(place: Place) -> dict[str, object]:
    return {name: value.tolist() for name, value in place.items()}


def _place_read(table: Mapping[str, Any]) -> Place:
    return {name: np.array(value) for name, value in table.items()}
