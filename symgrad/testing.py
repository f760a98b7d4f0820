"""Assertions about gradients that somebody derived: for pytest, unittest and notebooks.

Each is a plain function that returns nothing where the claim is right, and else raises an `AssertionError`
whose first line is the whole verdict.  What a call leaves open is taken from the settings of the pytest
plugin (``symgrad_evidence``, ``symgrad_timeout``, ``symgrad_seed``, ``symgrad_hints``), and where there is
none from `symgrad.asserted.Wanted`.

>>> import symgrad as sg
>>> from symgrad.testing import assert_backward, assert_gradient
>>> assert_gradient(sg.zoo("worked_2_2_2"), "w5", "(o1 - t1) o1 (1 - o1) a1")
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import sympy as sp

from symgrad.asserted import ASSERTED, Wanted
from symgrad.errors import UsageError
from symgrad.model.model import Model
from symgrad.network import Network
from symgrad.verify.asking import check_name
from symgrad.verify.code.asked import batch_of, check_function
from symgrad.verify.message import Hints, message
from symgrad.verify.networks.chain import check_steps, steps_message
from symgrad.verify.networks.check import check
from symgrad.verify.networks.passes import Pass, judged, pass_for_loss, pass_for_network
from symgrad.verify.verdict import Check, enough

Shape = Sequence[object]

BATCH = 4


class DerivationError(AssertionError):
    """A claim that is not right, or not on the evidence asked for; `check` holds what was found."""

    def __init__(self, text: str, found: Check) -> None:
        super().__init__(text)
        self.check = found


class WrongDerivationError(DerivationError):
    """A claim that is wrong."""


class UndecidedDerivationError(DerivationError):
    """A claim that could not be decided."""


class WeakEvidenceError(DerivationError):
    """A claim that is right, on weaker evidence than was asked for."""


def assert_gradient(
    net: Network,
    wrt: str,
    claim: str | sp.Expr,
    *,
    evidence: str | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    hints: Hints | None = None,
) -> None:
    """Assert that a formula is ∂J/∂wrt.

    Parameters
    ----------
    net
        Any network.
    wrt
        Any node of it, or the name of its delta.
    claim
        A formula as text or LaTeX, for an entry or for whole matrices, or a SymPy expression.
    evidence
        The least evidence that is enough: proved, bounded or held.
    seconds
        How long it may take.
    seed
        Of the points at which anything is evaluated.
    hints
        How much the message says of a mistake: full, category, none.

    Raises
    ------
    WrongDerivationError, UndecidedDerivationError, WeakEvidenceError
        Where it is not; each is an `AssertionError`.
    FormulaError, UnknownNameError
        If the claim is no formula, or there is no such node.
    UsageError
        If an argument cannot be; the message names it.
    """
    __tracebackhide__ = True
    _check_network(net, wrt)
    wanted = _wanted(evidence, seconds, seed, hints)
    explain = wanted.hints != "none"
    found = check(net, wrt, claim, seed=wanted.seed, seconds=wanted.seconds, explain=explain)
    _assert([_told(found, wanted)], wanted)


def assert_steps(
    net: Network,
    wrt: str,
    steps: str | Sequence[str | sp.Expr],
    *,
    evidence: str | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    hints: Hints | None = None,
) -> None:
    """Assert that ∂J/∂wrt equals the first step, and every step the one before it.

    Parameters
    ----------
    steps
        Formulas as for `assert_gradient`, or one text with all of them, ``"δ1 x1 = (o1 - t1) x1"``; a wrong
        link is named by its number, the first is 1.
    net, wrt, evidence, seconds, seed, hints
        As in `assert_gradient`; the time is that of the whole chain.

    Raises
    ------
    WrongDerivationError, UndecidedDerivationError, WeakEvidenceError
        Where one does not; each is an `AssertionError`.
    FormulaError, UnknownNameError
        If a step is no formula, with its number, or there is no such node.
    UsageError
        If an argument cannot be; the message names it.

    Examples
    --------
    >>> import symgrad as sg
    >>> assert_steps(sg.zoo("worked_2_2_2"), "w5", ["δq1 a1", "(o1 - t1) o1 (1 - o1) a1"])
    """
    __tracebackhide__ = True
    _check_network(net, wrt)
    if not isinstance(cast("object", steps), str | Sequence):
        raise UsageError(f"steps = {steps!r}: a list of formulas, in their order")
    wanted = _wanted(evidence, seconds, seed, hints)
    found = check_steps(net, wrt, steps, seed=wanted.seed, seconds=wanted.seconds)
    text = steps_message(found)
    shown = text if wanted.hints == "full" else text.partition("\n")[0]
    _assert([(found.check, shown)], wanted)


def assert_backward(
    forward: Network | Callable[..., Any],
    backward: Callable[..., Any],
    *,
    batch: int | None = None,
    shapes: Mapping[str, Shape] | None = None,
    wrt: str | Sequence[str] | None = None,
    evidence: str | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    hints: Hints | None = None,
) -> None:
    """Assert that a NumPy function returns the gradients of a network, or of a loss that is NumPy too.

    It is run unchanged, on exact numbers.

    Parameters
    ----------
    forward
        A network, or a function that returns a loss; one that returns more, as in ``return loss, cache``,
        hands the rest on as ``cache``.
    backward
        Called with arrays by the names of its parameters: inputs, targets and parameters of the network (as
        its kernel takes them, weights as (out, in)), or the arrays of `shapes`.  It returns a dict by name, a
        tuple in the order of `wrt`, or one array.
    batch
        How many samples a network is given: 4 without it.
    shapes
        For a function, its arrays: ``{"x": (4, 3)}``, or with a kind, ``{"y": ("onehot", 4, 3)}``.
    wrt
        For which arrays gradients are returned: the parameters of a network, else what the function returns.
    evidence, seconds, seed, hints
        As in `assert_gradient`; the time is that of one gradient.  A function that goes on for longer is
        stopped between two of Python's instructions; one call into compiled code, a sleep or a huge product,
        cannot be stopped and ends first.

    Raises
    ------
    WrongDerivationError, UndecidedDerivationError, WeakEvidenceError
        Where one is not; each is an `AssertionError`.
    DataError
        If arrays are missing, or the loss cannot be computed.
    UsageError, UnknownNameError, LimitError
        If an argument cannot be; the message names it.

    Examples
    --------
    >>> import numpy as np
    >>> def loss(X, w):
    ...     return np.sum((X @ w) ** 2)
    >>> def gradient(X, w):
    ...     return {"w": 2 * X.T @ X @ w}
    >>> assert_backward(loss, gradient, shapes={"X": (4, 3), "w": (3,)})
    """
    __tracebackhide__ = True
    wanted = _wanted(evidence, seconds, seed, hints)
    found = _pass(forward, backward, batch, shapes, wrt, wanted.seconds)
    if isinstance(found, Check):
        _assert([_told(found, wanted)], wanted)
        return
    explain = wanted.hints != "none"
    judge = partial(judged, found, seed=wanted.seed, seconds=wanted.seconds, explain=explain)
    _assert((_told(judge(name), wanted) for name in found.names), wanted)


def _pass(
    forward: Network | Callable[..., Any],
    backward: Callable[..., Any],
    batch: int | None,
    shapes: Mapping[str, Shape] | None,
    wrt: str | Sequence[str] | None,
    seconds: float,
) -> Pass | Check:
    check_function(backward, "backward", "a function that returns gradients")
    if not isinstance(forward, Network):
        if batch is not None:
            raise UsageError("batch is for a network; a function has its lengths from shapes")
        return pass_for_loss(forward, backward, shapes, wrt, seconds)
    if shapes is not None:
        raise UsageError("shapes is for a loss that is a function; a network knows its arrays")
    return pass_for_network(forward.model, backward, batch_of(BATCH if batch is None else batch), wrt)


def _check_network(net: object, wrt: object) -> None:
    if not isinstance(net, Network | Model):
        raise UsageError(f"net = {net!r}: a network, as in symgrad.zoo('worked_2_2_2')")
    check_name(wrt, "wrt")


def _wanted(evidence: str | None, seconds: float | None, seed: int | None, hints: Hints | None) -> Wanted:
    given = {"evidence": evidence, "seconds": seconds, "seed": seed, "hints": hints}
    return replace(ASSERTED.wanted, **{name: value for name, value in given.items() if value is not None})


def _assert(judged: Iterable[tuple[Check, str]], wanted: Wanted) -> None:
    """Raise the first that is not right enough; what was found of it and of those before it is counted."""
    __tracebackhide__ = True
    for found, text in judged:
        ASSERTED.found.append((found.verdict, found.evidence))
        if not enough(found.finding, wanted.evidence):
            raise _error(found, text, wanted)


def _error(found: Check, text: str, wanted: Wanted) -> DerivationError:
    if found.verdict == "right":
        return WeakEvidenceError(f"{text}; {wanted.evidence} evidence was asked for", found)
    kind = WrongDerivationError if found.verdict == "wrong" else UndecidedDerivationError
    return kind(text, found)


def _told(found: Check, wanted: Wanted) -> tuple[Check, str]:
    return found, message(found, cast("Hints", wanted.hints))
