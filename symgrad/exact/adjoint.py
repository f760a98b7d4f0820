"""Reverse mode over a tape: the derivatives of one value with respect to any others, in linear time.

The adjoint of a step is the sum, over the steps that take its value, of their adjoints times their partial
derivatives (Linnainmaa 1970; Griewank, Walther 2008, chapter 3).  The partials are what SymPy derives:
there is no table of derivatives.  Conditions are piecewise constant: what is found holds off the kinks.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sympy as sp

from symgrad.exact.tapes import Slot, Step, Tape
from symgrad.exact.translate import translate
from symgrad.exact.values import ExactError

_X, _Y = sp.symbols("x y", real=True)
_FUNCTIONS = {"exp": sp.exp, "log": sp.log, "sin": sp.sin, "cos": sp.cos, "erf": sp.erf}
_CONSTANT = frozenset({"number", "leaf", "step", "shift", "held", "check_zero"})


def adjoint(tape: Tape, loss: Slot, wrt: Sequence[Slot]) -> tuple[Slot, ...]:
    """Write the derivatives of a value with respect to others on its tape.

    Parameters
    ----------
    loss
        What is derived.
    wrt
        Leaves, or values in between.  Steps that are equal are one step of a tape: what is read of the
        derivative by a value in between is through all uses of that step.

    Raises
    ------
    ExactError
        If one of `wrt` is a number, of which no derivative can be taken.
    """
    for slot in wrt:
        if slot.exact is not None:
            raise ExactError(f"no derivative by the number {slot.exact}; let it be a leaf")
    moving = _moving(tape, loss, {slot.place for slot in wrt})
    parts: dict[int, list[Slot]] = {loss.place: [tape.number(1)]}
    for place in range(loss.place, -1, -1):
        if moving[place] and place in parts:
            _pass_on(tape, place, tape.total(parts[place]), moving, parts)
    return tuple(tape.total(parts.get(slot.place, [])) for slot in wrt)


def _moving(tape: Tape, loss: Slot, wrt: set[int]) -> list[bool]:
    """Tell of every step up to the loss whether it depends on what is derived by."""
    moving: list[bool] = []
    for place, (name, places, _) in enumerate(tape.steps[: loss.place + 1]):
        inner = name not in _CONSTANT and any(moving[p] for p in places)
        moving.append(inner or place in wrt)
    return moving


def _pass_on(tape: Tape, place: int, whole: Slot, moving: list[bool], parts: dict[int, list[Slot]]) -> None:
    name, places, _ = step = tape.steps[place]
    if name in _CONSTANT:
        return
    for k, taken in enumerate(places):
        if moving[taken]:
            parts.setdefault(taken, []).append(whole * _partial(tape, step, k))


def _partial(tape: Tape, step: Step, k: int) -> Slot:
    name, places, rest = step
    if name == "total":
        return tape.number(1)
    at = dict(zip((_X, _Y), (tape.slot(place) for place in places), strict=False))
    return translate(_derived(name, k, *rest), tape, at)


@cache
def _derived(name: str, k: int, *rest: Any) -> sp.Expr:
    return sp.diff(_written(name, *rest), (_X, _Y)[k])


def _written(name: str, *rest: Any) -> sp.Expr:
    if name == "times":
        return _X * _Y
    if name in ("raised", "power"):
        (exponent,) = rest
        return _X ** sp.Rational(exponent.numerator, exponent.denominator)
    return _FUNCTIONS[name](_X)
