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
from time import perf_counter
from typing import Any, cast

import sympy as sp

from symgrad.asserted import ASSERTED, Wanted
from symgrad.errors import DataError
from symgrad.model.model import Model
from symgrad.network import Network
from symgrad.verify.code.backward import (
    BackwardPass,
    check_backward,
    claim_of,
    explain_backward,
    names_returned,
)
from symgrad.verify.message import Hints, message
from symgrad.verify.networks.backward import explain_gradient
from symgrad.verify.networks.chain import check_steps, steps_message
from symgrad.verify.networks.check import check
from symgrad.verify.networks.loss import arrays_of, loss_of, parameters_of, sizes_with
from symgrad.verify.verdict import Check, Mistake, enough

Shape = Sequence[object]
Explain = Callable[..., tuple[Mistake, ...]]


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
    """
    __tracebackhide__ = True
    wanted = _wanted(evidence, seconds, seed, hints)
    explain = wanted.hints != "none"
    found = check(net, wrt, claim, seed=wanted.seed, seconds=wanted.seconds, explain=explain)
    _assert([_told(found, wanted)], wanted)


def assert_steps(
    net: Network,
    wrt: str,
    steps: Sequence[str | sp.Expr],
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
        Formulas as for `assert_gradient`; a wrong link is named by its number, the first is 1.
    net, wrt, evidence, seconds, seed, hints
        As in `assert_gradient`; the time is that of the whole chain.

    Raises
    ------
    WrongDerivationError, UndecidedDerivationError, WeakEvidenceError
        Where one does not; each is an `AssertionError`.
    FormulaError, UnknownNameError
        If a step is no formula, with its number, or there is no such node.

    Examples
    --------
    >>> import symgrad as sg
    >>> assert_steps(sg.zoo("worked_2_2_2"), "w5", ["δq1 a1", "(o1 - t1) o1 (1 - o1) a1"])
    """
    __tracebackhide__ = True
    wanted = _wanted(evidence, seconds, seed, hints)
    found = check_steps(net, wrt, steps, seed=wanted.seed, seconds=wanted.seconds)
    text = steps_message(found)
    shown = text if wanted.hints == "full" else text.partition("\n")[0]
    _assert([(found.check, shown)], wanted)


def assert_backward(
    forward: Network | Callable[..., Any],
    backward: Callable[..., Any],
    *,
    batch: int = 4,
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
        How many samples the network is given.
    shapes
        For a function, its arrays: ``{"x": (4, 3)}``, or with a kind, ``{"y": ("onehot", 4, 3)}``.
    wrt
        For which arrays gradients are returned: the parameters of a network, else what the function returns.
    evidence, seconds, seed, hints
        As in `assert_gradient`; the time is that of one gradient.

    Raises
    ------
    WrongDerivationError, UndecidedDerivationError, WeakEvidenceError
        Where one is not; each is an `AssertionError`.
    DataError
        If arrays are missing, or the loss cannot be computed.

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
    if isinstance(forward, Network):
        sizes = sizes_with(forward.model, batch)
        loss, arrays = loss_of(forward.model, sizes), arrays_of(forward.model, sizes)
        names = _names(wrt) or parameters_of(forward.model)
        given = BackwardPass(loss, backward, arrays, names)
        explain = partial(_of_network, forward.model, sizes)
    else:
        loss, arrays = forward, _specs(shapes)
        names = _names(wrt) or names_returned(loss, backward, arrays)
        given, explain = BackwardPass(loss, backward, arrays, names), explain_backward
    _assert((_told(_code(given, name, wanted, explain), wanted) for name in names), wanted)


def _of_network(
    model: Model, sizes: Mapping[str, int], given: BackwardPass, name: str, *, seed: int, seconds: float
) -> tuple[Mistake, ...]:
    return explain_gradient(model, sizes, claim_of(given, name), name, seed=seed, seconds=seconds)


def _code(given: BackwardPass, name: str, wanted: Wanted, explain: Explain) -> Check:
    until = perf_counter() + wanted.seconds
    finding = check_backward(given, name, seed=wanted.seed, seconds=wanted.seconds)
    left = until - perf_counter()
    asked = finding.verdict == "wrong" and wanted.hints != "none" and left > 0
    mistakes = explain(given, name, seed=wanted.seed, seconds=left) if asked else ()
    return Check(f"∂L/∂{name}", finding, mistakes[0].claimed if mistakes else "", mistakes=mistakes)


def _names(wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    return (wrt,) if isinstance(wrt, str) else tuple(wrt or ())


def _specs(shapes: Mapping[str, Shape] | None) -> dict[str, list[object]]:
    if not shapes:
        raise DataError('a loss that is a function needs its arrays: shapes={"x": (4, 3)}')
    return {name: [*(() if _has_kind(shape) else ("normal",)), *shape] for name, shape in shapes.items()}


def _has_kind(shape: Shape) -> bool:
    return bool(shape) and isinstance(shape[0], str)


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
