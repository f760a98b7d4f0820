"""The losses: a table, one row each.

A row gives the error of one entry in ``y`` (the prediction) and ``t`` (the target), in the formula
grammar, and how entries are put together into the loss of a sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.model.expressions import Ref
from symgrad.model.formula import parse, to_sympy
from symgrad.model.functions import VOCABULARY, Equal
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.layers import pointwise

TARGETS = ("free", "labels", "one_hot", "distribution")


@dataclass(frozen=True)
class Loss:
    """One loss.

    Attributes
    ----------
    entry
        The error of one entry, a formula in ``y`` and ``t``.
    over
        How the entries of a sample are put together: ``sum``, ``mean`` or ``norm`` (the root of the sum).
    task
        ``classification`` or ``regression``.
    targets
        The kinds of targets it can do with, the usual one first.
    """

    name: str
    entry: str
    over: str = "sum"
    task: str = "regression"
    targets: tuple[str, ...] = TARGETS


LOSSES: Mapping[str, Loss] = {
    row.name: row
    for row in (
        Loss("squared_error", "(y - t)^2/2"),
        Loss("sum_of_squares", "(y - t)^2"),
        Loss("mean_squared_error", "(y - t)^2", "mean"),
        Loss("absolute_error", "abs(y - t)"),
        Loss("euclidean_error", "(y - t)^2", "norm"),
        Loss("binary_cross_entropy", "-(t*log(y) + (1 - t)*log(1 - y))", task="classification"),
        Loss(
            "cross_entropy",
            "-t*log(y)",
            task="classification",
            targets=("one_hot", "labels", "distribution", "free"),
        ),
    )
}


def loss_nodes(
    name: str, row: Loss, output: Node, target: Node, *, mean: bool, samples: Axis | None
) -> tuple[Node, ...]:
    """Return the definitions of a loss: over the samples a mean or a sum.

    Raises
    ------
    DefinitionError
        If labels are given for a prediction that has no axis of classes.
    """
    hot = _one_hot(target, output)
    error = _entry(row, output.ref, (hot[-1] if hot else target).ref)
    if row.over == "norm":
        return (*hot, *_norm(name, output, error, _weight(mean, samples), samples))
    inner = [axis for axis in output.axes if axis != samples]
    share = sp.prod([1 / axis.size for axis in inner]) if row.over == "mean" else 1
    return (*hot, Node(name, terms=(Term((), output.axes, _weight(mean, samples) * share * error),)))


def check_loss(name: str) -> Loss:
    """Return the row of a loss, or raise the error that names the nearest ones."""
    if name not in LOSSES:
        raise unknown("loss", name, LOSSES)
    return LOSSES[name]


def check_targets(kind: str, row: Loss) -> str:
    """Return the kind of targets if there is such a kind."""
    if kind not in TARGETS:
        raise unknown("kind of targets", kind, TARGETS)
    if kind not in row.targets:
        raise DefinitionError(f"{row.name} cannot do with {kind} targets; it takes {', '.join(row.targets)}")
    return kind


def _weight(mean: bool, samples: Axis | None) -> sp.Expr:
    return 1 / samples.size if mean and samples else sp.Integer(1)


def _entry(row: Loss, output: Ref, target: Ref) -> sp.Expr:
    names = {"y": output, "t": target}
    return to_sympy(parse(row.entry, VOCABULARY, names), lambda name: names[name.name], VOCABULARY)


def _one_hot(target: Node, output: Node) -> tuple[Node, ...]:
    """Return the one-hot form of integer labels, ``hot[n,i] = [t[n] = i]``."""
    if target.targets != "labels":
        return ()
    if len(output.axes) != len(target.axes) + 1:
        raise DefinitionError(f"labels need an axis of classes in the prediction {output.name}")
    hot = pointwise(
        f"{target.name}_hot", output.axes, Equal(target.ref, output.axes[-1].symbol), auxiliary=True
    )
    return (Node(hot.name, hot.axes, terms=hot.terms, auxiliary=True, targets="labels"),)


def _norm(name: str, output: Node, error: sp.Expr, weight: sp.Expr, samples: Axis | None) -> tuple[Node, ...]:
    """Return J = mean of r[n], r = √s, s[n] = Σ_i error."""
    front = tuple(axis for axis in output.axes if axis == samples)
    write = tuple(axis.symbol for axis in front)
    square = Node(f"{name}_square", front, terms=(Term(write, output.axes, error),), auxiliary=True)
    root = pointwise(f"{name}_norm", front, sp.sqrt(square.ref))
    norm = Node(root.name, root.axes, terms=root.terms, auxiliary=True, function="norm")
    return square, norm, Node(name, terms=(Term((), front, weight * norm.ref),))
