"""Training, rehearsed: the emitted `train` over exact values, and beside it what its optimizer says.

The other side is written down here once more and plainly: the rows of a batch, gradients from elsewhere, the
equations of the optimizer entry by entry.  It shares nothing with the statements that kernels are made of.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import sympy as sp

from symgrad.errors import CheckError
from symgrad.exact.algebra import Algebra
from symgrad.exact.translate import translate
from symgrad.kernels.described import Described
from symgrad.kernels.execute import load_exact, objects
from symgrad.kernels.judged import Judgement, Pairs, judge
from symgrad.kernels.plans import BLOCK, BLOCKS, ROWS, Plan, plans
from symgrad.kernels.stage import BEGUN, Arrays, Stage, stage
from symgrad.model.rules import Optimizer, symbol

Gradients = Callable[[Algebra[Any], Arrays, Arrays], tuple[Any, Mapping[str, Any]]]
"""From the leaves of a batch and the parameters, over an algebra, to the loss and the gradients."""
Known = dict[sp.Expr, Any]


@dataclass(frozen=True)
class Training:
    """What training is to do.

    Attributes
    ----------
    maximise
        Whether it ascends.
    mean
        Whether the loss of an epoch is the mean over its rows, else the sum over its batches.
    """

    kernel: Described
    rule: Optimizer
    sizes: Mapping[str, int]
    gradients: Gradients
    maximise: bool = False
    mean: bool = True


@dataclass
class _Notes:
    """What a text drew by chance while it ran, to be drawn again."""

    orders: list[list[int]] = field(default_factory=list[list[int]])
    drawn: list[Any] = field(default_factory=list[Any])

    def watching(self, module: dict[str, Any]) -> dict[str, Any]:
        """Let the functions of a module that draw note what they drew."""
        reorder, draw = module["reorder"], module.get("draw", module["reorder"])

        def reordered(order: Any, random_state: Any) -> None:
            reorder(order, random_state)
            self.orders.append(order.tolist())

        def drawn(numbers: Any, limit: Any, random_state: Any) -> None:
            draw(numbers, limit, random_state)
            self.drawn.append(numbers.copy())

        trusted = cycle((True, True, False))
        module.update({"reorder": reordered, "draw": drawn})
        # Guards of both sums are passed, then one is not: what is read again is read on the way, too.
        module["precise"] = lambda *_given: next(trusted)
        return module


def judged_training(training: Training) -> Iterator[Judgement]:
    """Judge training on every plan: parameters and states, then losses.

    Raises
    ------
    CheckError, ExactError
        As `rehearsed`.
    """
    kernel = training.kernel
    for plan in plans(kernel, training.sizes):
        yield from judge(partial(rehearsed, training, plan), branches=kernel.branches)


def rehearsed(training: Training, plan: Plan, algebra: Algebra[Any]) -> Pairs:
    """Train over exact values in both ways.

    Returns
    -------
    For every parameter and state and for the losses, pairs of what the text computes and what is right.

    Raises
    ------
    CheckError
        If `train` changes what it may only read, or does not take every row once.
    ExactError
        If the algebra has no answer.
    """
    kernel, notes = training.kernel, _Notes()
    begun = stage(kernel, training.rule, algebra, training.sizes)
    module = notes.watching(load_exact(kernel.text, algebra))
    found = _trained(module, begun.copy(), plan)
    wanted = _followed(training, begun.copy(), algebra, plan, notes)
    return {name: list(zip(found[name], values, strict=True)) for name, values in wanted.items()}


def _trained(module: dict[str, Any], here: Stage, plan: Plan) -> dict[str, list[Any]]:
    """Return all entries behind training by the text."""
    losses = objects([0] * plan.epochs)
    before = here.copy()
    arrays = (*here.data.values(), *here.parameters.values(), *here.states.values())
    how = plan.batch, plan.shuffle, plan.drop_last
    tail = (np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
    if plan.block:
        module[BLOCK] = plan.block
    train = module[BLOCKS if plan.block else "train"]
    completed = train(*arrays, *here.options.values(), *how, *tail)
    if completed != plan.epochs:
        raise CheckError(f"train says that it completed {completed} epochs of {plan.epochs}")
    for name, values in before.data.items():
        if not all(map(_same, values.flat, here.data[name].flat)):
            raise CheckError(f"train changes {name}")
    return _entries(here) | {"losses": losses.tolist()}


def _same(one: Any, other: Any) -> bool:
    """Whether an entry was left alone: exact values have no equality, labels no identity."""
    return one is other or (isinstance(one, np.integer) and one == other)


def _entries(here: Stage) -> dict[str, list[Any]]:
    return {name: array.ravel().tolist() for name, array in (here.parameters | here.states).items()}


def _followed(
    training: Training, here: Stage, algebra: Algebra[Any], plan: Plan, notes: _Notes
) -> dict[str, list[Any]]:
    """Return all entries behind training by the equations."""
    drawn, losses = iter(notes.drawn), list[Any]()
    last = ROWS - ROWS % plan.batch if plan.drop_last else ROWS
    spans = [slice(first, min(first + plan.batch, last)) for first in range(0, last, plan.batch)]
    for epoch in range(plan.epochs):
        order = _order(notes, epoch) if plan.shuffle else list(range(ROWS))
        parts = list[Any]()
        for number, rows in enumerate((order[span] for span in spans), epoch * len(spans)):
            batch = _batch(training, here, rows, drawn)
            loss, gradients = training.gradients(algebra, batch, here.parameters)
            parts.append(loss * len(rows) if training.mean else loss)
            _step(training, here, gradients, algebra, (BEGUN + number + 1, BEGUN + epoch))
        losses.append(algebra.total(parts) / (last if training.mean else 1))
    counted = {"step": BEGUN + plan.epochs * len(spans), "epochs_done": BEGUN + plan.epochs}
    here.states.update({n: objects([c]) for n, c in counted.items() if n in here.states})
    return _entries(here) | {"losses": losses}


def _order(notes: _Notes, epoch: int) -> list[int]:
    if len(notes.orders) <= epoch or sorted(notes.orders[epoch]) != list(range(ROWS)):
        raise CheckError("train does not shuffle the rows once an epoch, each of them there once")
    return notes.orders[epoch]


def _batch(training: Training, here: Stage, rows: list[int], drawn: Iterator[Any]) -> Arrays:
    """Return the leaves of a batch, as `gradients` takes them."""
    kernel, found = training.kernel, Arrays()
    for name in kernel["DRAWN"]:
        if (values := next(drawn, None)) is None:
            raise CheckError(f"train does not draw {name} for every batch")
        found[name] = values
    for name, values in here.data.items():
        found[name] = np.ascontiguousarray(values[rows]) if kernel.has_samples(name) else values
    return {name: found[name] for name in kernel.leaves}


def _step(
    training: Training,
    here: Stage,
    gradients: Mapping[str, Any],
    algebra: Algebra[Any],
    count: tuple[int, int],
) -> None:
    """Carry out the equations of the optimizer for every entry of every parameter that is trained."""
    rule, trained = training.rule, training.kernel["TRAINED"]
    shared: Known = {symbol(name): value for name, value in here.options.items()}
    shared |= dict(zip(map(symbol, ("step", "epoch")), map(Fraction, count), strict=True))
    if rule.reads("norm"):
        squares = (g * g for name in trained for g in gradients[name].flat)
        shared[symbol("norm")] = algebra.sqrt(algebra.number(0) + sum(squares))
    for equation in rule.shared:
        shared[symbol(equation.target)] = _value(equation.value, shared, algebra)
    places = _states(training)
    for name in trained:
        for at in np.ndindex(here.parameters[name].shape):
            held = {"w": here.parameters[name]} | {s: here.states[places[s, name]] for s in rule.states}
            gradient = algebra.number(0) + gradients[name][at]
            known = shared | {symbol(key): array[at] for key, array in held.items()}
            known[symbol("g")] = -gradient if training.maximise else gradient
            for target, value in rule.updates:
                known[symbol(target)] = _value(value, known, algebra)
            for key, array in held.items():
                array[at] = known[symbol(key)]


def _states(training: Training) -> dict[tuple[str, str], str]:
    """Return which array holds a state of a parameter: they stand parameter after parameter."""
    rule, trained = training.rule, training.kernel["TRAINED"]
    keys = ((state, name) for name in trained for state in rule.states)
    return dict(zip(keys, training.kernel["STATES"], strict=False))


def _value(formula: sp.Expr, known: Known, algebra: Algebra[Any]) -> Any:
    """Return the value of a formula; a rational number where it reads only such."""
    plain = {s: sp.Rational(v.numerator, v.denominator) for s, v in known.items() if isinstance(v, Fraction)}
    settled = formula.xreplace(plain)
    if settled.is_Rational:
        return Fraction(int(settled.p), int(settled.q))
    return translate(settled, algebra, {s: v for s, v in known.items() if s not in plain})
