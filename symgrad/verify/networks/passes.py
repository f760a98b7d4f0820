"""Backward passes of people who are trusted: run in this process, and stopped when their time is up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from symgrad.model.model import Model
from symgrad.verify.code.asked import check_function, checked, names_asked, specs_of
from symgrad.verify.code.backward import (
    BackwardPass,
    check_backward,
    claim_of,
    explain_backward,
    names_returned,
    title,
)
from symgrad.verify.mistakes.code.deadline import deadline
from symgrad.verify.mistakes.code.slopes import FAULTS
from symgrad.verify.networks.backward import explain_gradient
from symgrad.verify.networks.loss import arrays_of, loss_of, parameters_of, sizes_with
from symgrad.verify.stopping import TimeUpError, stopped_after
from symgrad.verify.verdict import NO_TIME, Check, Finding, Mistake

Explained = tuple[tuple[Mistake, ...], str]
Explain = Callable[..., Explained]

# How long the judge, which keeps to its time, may finish what it began before it is stopped.
LEEWAY = 1.0


@dataclass(frozen=True)
class Pass:
    """A backward pass, and what explains a mistake in it: the names and whether one was looked for."""

    given: BackwardPass
    explain: Explain

    @property
    def names(self) -> tuple[str, ...]:
        """The arrays that gradients are claimed for."""
        return self.given.names


def pass_for_network(model: Model, backward: Callable[..., Any], batch: int, wrt: object) -> Pass:
    """Return the backward pass of a network for a number of samples.

    Raises
    ------
    LimitError, UnknownNameError, UsageError
        If that is too much, or `wrt` does not name arrays of the network.
    """
    sizes = sizes_with(model, batch)
    arrays = checked(arrays_of(model, sizes))
    names = names_asked(wrt, arrays) or parameters_of(model)
    return Pass(
        BackwardPass(loss_of(model, sizes), backward, arrays, names), partial(_explained, model, sizes)
    )


def pass_for_loss(
    loss: Callable[..., Any], backward: Callable[..., Any], shapes: object, wrt: object, seconds: float
) -> Pass | Check:
    """Return the backward pass of a loss that is a function too; a verdict where none returns in time.

    Raises
    ------
    DataError, LimitError, UnknownNameError, UsageError
        If arrays are missing or cannot be, or one of the functions raises.
    """
    check_function(loss, "forward", "a network, or a function that returns a loss")
    arrays = specs_of(shapes)
    names = names_asked(wrt, arrays)
    if not names:
        try:
            names = stopped_after(seconds, lambda: names_returned(loss, backward, arrays))
        except TimeUpError:
            return Check(f"what {title(backward)} returns", _late(seconds))
    return Pass(BackwardPass(loss, backward, arrays, names), explain_backward)


def judged(one: Pass, name: str, *, seed: int, seconds: float, explain: bool) -> Check:
    """Judge one of the gradients, and say what is wrong with it.

    Parameters
    ----------
    seconds
        How long that may take altogether.
    explain
        Whether the mistake is looked for.
    """
    until = perf_counter() + seconds
    finding = _found(one.given, name, seed, seconds)
    asked = finding.verdict == "wrong" and explain
    mistakes, why = _mistakes(one, name, seed, until) if asked else ((), "")
    claimed = mistakes[0].claimed if mistakes else ""
    return Check(f"∂L/∂{name}", finding, claimed, mistakes=mistakes, unexplained=why)


def _found(given: BackwardPass, name: str, seed: int, seconds: float) -> Finding:
    """Judge a gradient; code that needs too much is no wrong code."""
    try:
        return stopped_after(
            seconds + LEEWAY, lambda: check_backward(given, name, seed=seed, seconds=seconds)
        )
    except TimeUpError:
        return _late(seconds)
    except (MemoryError, RecursionError) as error:
        return Finding("unknown", "none", f"the code raises {type(error).__name__}: {error}")


def _late(seconds: float) -> Finding:
    return Finding("unknown", "none", f"the time was up: the code did not end within {seconds:g} s")


def _mistakes(one: Pass, name: str, seed: int, until: float) -> Explained:
    """Look for the mistake in a wrong gradient; whatever keeps that from its end is told."""
    left = until - perf_counter()
    if left <= 0:
        return (), NO_TIME
    limit = deadline(left)
    try:
        found, why = stopped_after(
            left + LEEWAY, lambda: one.explain(one.given, name, seed=seed, seconds=left)
        )
    except TimeUpError:
        return (), NO_TIME
    except FAULTS as error:
        return (), f"the search for its mistake ended with {type(error).__name__}: {error}"
    return found, why or (NO_TIME if limit.passed and not found else "")


def _explained(
    model: Model, sizes: Mapping[str, int], given: BackwardPass, name: str, *, seed: int, seconds: float
) -> Explained:
    return explain_gradient(model, sizes, claim_of(given, name), name, seed=seed, seconds=seconds)
