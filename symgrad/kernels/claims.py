"""What can be shown of a kernel from its text alone, one function for each claim."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symgrad.errors import CheckError, SymgradError
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.duals import Dual, Duals
from symgrad.exact.residues import Residues
from symgrad.kernels.described import Described, at_sizes
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.judged import LAST, Judgement, Pairs, judge, worst
from symgrad.kernels.plans import ROWS, told
from symgrad.kernels.rehearsal import Training, judged_training
from symgrad.kernels.stage import Arrays, leaf
from symgrad.model.optimizers import OPTIMIZERS, optimizer
from symgrad.model.rates import RATES
from symgrad.model.rules import Optimizer

DERIVATIVE = "gradients = derivative of loss"
PREDICTION = "loss reads what forward returns"
SAMPLES = 2
"""More where a loop takes several samples in a turn: those of one turn, and one that is left."""
OUTPUTS = 24
"""Entries that `forward` may return for what they decide to be found out."""
POINTS = 2

UNFIT = (
    TypeError, IndexError, KeyError, ValueError, ZeroDivisionError, NameError, AttributeError, RecursionError,
    OverflowError,
)  # fmt: skip
"""What a text raises that cannot be carried out, as one that reads an entry before it is written."""


@dataclass(frozen=True)
class Statement:
    """What was found of one claim about one name, and at which sizes."""

    claim: str
    name: str
    found: Judgement
    sizes: Mapping[str, int]


def _carefully(work: Callable[[], Iterable[Judgement]]) -> Judgement:
    """Return the worst of what is found; a faulty text may raise anything."""
    try:
        return worst(work())
    except ExactError as problem:
        return Judgement("unknown", "none", f"exact arithmetic has no answer: {problem}")
    except CheckError as problem:
        return Judgement("wrong", "counterexample", str(problem))
    except UNFIT as problem:
        return Judgement("wrong", "counterexample", f"cannot be carried out: {_reason(problem)}")


def _reason(problem: Exception) -> str:
    unwritten = isinstance(problem, TypeError) and "NoneType" in str(problem)
    return "it reads an entry before it is written" if unwritten else " ".join(str(problem).split())


class _Moved(Duals[Any]):
    """Dual numbers whose stand-ins for largest entries move: a loss that depends on one is found out."""

    def shift(self, a: Dual[Any], b: Dual[Any]) -> Dual[Any]:
        value = self.base.shift(a.value, b.value)
        return self.moving(value, self.base.leaf(("move", id(value))))


def derivative(kernel: Described) -> Iterator[Statement]:
    """Compare `gradients` with the derivative of `loss` along a direction.

    All parameters move at once; one by one only where that fails.
    """
    sizes, names = kernel.sizes(max(SAMPLES, kernel.together + 1)), tuple(kernel["PARAMETERS"])
    whole = _judged(kernel, partial(_along, kernel, sizes, names))
    for name in names:
        alone = whole.verdict != "right" and len(names) > 1
        found = _judged(kernel, partial(_along, kernel, sizes, (name,))) if alone else whole
        yield Statement(DERIVATIVE, name, found, sizes)


def _judged(kernel: Described, trial: Callable[[Algebra[Any]], Pairs]) -> Judgement:
    return _carefully(lambda: judge(trial, branches=kernel.branches))


def _along(kernel: Described, sizes: Mapping[str, int], names: Sequence[str], algebra: Algebra[Any]) -> Pairs:
    """Return the loss and its derivative along a direction, by `gradients` and by `loss` alone."""
    leaves, parameters = _arrays(kernel, sizes, algebra)
    loss, gradients = _by_text(kernel, algebra, leaves, parameters)
    ways = {name: _direction(name, parameters[name], algebra) for name in names}
    found = _moved(kernel, "loss", algebra, leaves, parameters, ways)
    along = (w * g for name in names for w, g in zip(ways[name].flat, gradients[name].flat, strict=True))
    return {", ".join(names): [(loss, found.value), (algebra.total(along), _tangent(found, algebra))]}


def _arrays(kernel: Described, sizes: Mapping[str, int], algebra: Algebra[Any]) -> tuple[Arrays, Arrays]:
    """Return the leaves and the parameters in the order in which they are taken."""
    leaves = {name: leaf(kernel, name, algebra, sizes) for name in kernel.leaves}
    return leaves, {name: leaf(kernel, name, algebra, sizes) for name in kernel["PARAMETERS"]}


def _by_text(
    kernel: Described, algebra: Algebra[Any], leaves: Arrays, parameters: Arrays
) -> tuple[Any, Mapping[str, Any]]:
    """Return the loss and the gradients that `gradients` returns."""
    loss, *found = run_exact(kernel.text, algebra, "gradients", [*leaves.values(), *parameters.values()])
    return loss, dict(zip(parameters, found, strict=True))


def _direction(name: str, array: Any, algebra: Algebra[Any], number: int = 0) -> Any:
    """Return an independent quantity for every entry of an array."""
    entries = [algebra.leaf(("direction", name, at, number)) for at in np.ndindex(array.shape)]
    return objects(entries).reshape(array.shape)


def _moved(
    kernel: Described, function: str, algebra: Algebra[Any], leaves: Arrays, parameters: Arrays, ways: Arrays
) -> Any:
    """Return what a function returns over dual numbers while some parameters move."""
    duals = _Moved(algebra)
    arrays = {**leaves, **parameters}
    given = [_dual(duals, array, ways.get(name)) for name, array in arrays.items()]
    found = run_exact(kernel.text, duals, function, given)
    return found + duals.number(0) if function == "loss" else found


def _dual(duals: Duals[Any], array: Any, way: Any) -> Any:
    """Return an array of dual numbers; labels stay what they are."""
    if array.dtype != object:
        return array
    tangents = [None] * array.size if way is None else way.ravel().tolist()
    entries = [Dual(duals, value, tangent) for value, tangent in zip(array.flat, tangents, strict=True)]
    return objects(entries).reshape(array.shape)


def _tangent(found: Dual[Any], algebra: Algebra[Any]) -> Any:
    return algebra.number(0) if found.tangent is None else found.tangent


def training(kernel: Described) -> Iterator[Statement]:
    """Compare `train` with the optimizer that the file names, at what `gradients` returns."""
    sizes, claim = kernel.sizes(ROWS), f"train = {kernel['OPTIMIZER']} at gradients"
    rule = _rule(kernel)
    if rule is None:
        reason = "no optimizer of the table has this name and these options"
        yield Statement(claim, "", Judgement("unknown", "none", reason), sizes)
        return

    def gradients(algebra: Algebra[Any], leaves: Arrays, parameters: Arrays) -> tuple[Any, Mapping[str, Any]]:
        return _by_text(kernel, algebra, leaves, parameters)

    ascends = bool(kernel.tables.get("MAXIMISE", False))
    asked = Training(kernel, rule, sizes, gradients, maximise=ascends)
    found = _rehearsed(asked)
    if found.where.partition(",")[0] == LAST:
        summed = _rehearsed(replace(asked, mean=False))
        found = summed if summed.verdict == "right" else found
    how = f"{told(kernel, sizes)}; {found.method}"
    yield Statement(claim, "", replace(found, method=how), sizes)


def _rehearsed(asked: Training) -> Judgement:
    return _carefully(lambda: judged_training(asked))


def _rule(kernel: Described) -> Optimizer | None:
    """Return the optimizer that a file names, dressed by its options; None for one of the maker's own."""
    name, _, rate = kernel["OPTIMIZER"].partition(" ")
    course = rate.strip("()") or "constant"
    if name not in OPTIMIZERS or course not in RATES:
        return None
    try:
        rule = optimizer(name, rate=course, **kernel["OPTIONS"])
    except SymgradError:
        return None
    return rule if tuple(rule.options) == tuple(kernel["OPTIONS"]) else None


def prediction(kernel: Described) -> Iterator[Statement]:
    """Say that the loss depends on the parameters through what `forward` returns, where that can be said.

    What is lost by other targets depends on the parameters through the prediction alone, whatever is added
    for the parameters themselves: a direction along which nothing predicted moves leaves the difference of
    two losses.  Among more directions than the prediction has entries there is such a one.
    """
    sizes = kernel.sizes(SAMPLES)
    places = sum(prod(at_sizes(shape, sizes)) for shape in kernel["OUTPUTS"].values())
    if not kernel["TARGETS"] or kernel["DRAWN"] or places > OUTPUTS:
        return
    yield Statement(PREDICTION, "", _carefully(lambda: [_through(kernel, sizes, places)]), sizes)


def _through(kernel: Described, sizes: Mapping[str, int], places: int) -> Judgement:
    method = f"modulo random 61-bit primes, {POINTS} points"
    for field in map(Residues, range(POINTS)):
        rows = list(_moves(kernel, sizes, field, places + 1))
        if _rank([row[:-1] for row in rows]) < _rank(rows):
            reason = "loss reads more than forward returns, or one of them is wrong"
            return Judgement("unknown", "none", f"{method}: {reason}")
    return Judgement("right", "held", method)


def _moves(kernel: Described, sizes: Mapping[str, int], field: Residues, count: int) -> Iterator[list[Any]]:
    """Yield for some directions how the prediction moves, and how the loss more than at other targets."""
    leaves, parameters = _arrays(kernel, sizes, field)
    others = {name: leaf(kernel, name, field, sizes, version=1) for name in kernel["TARGETS"]}
    _, here = _by_text(kernel, field, leaves, parameters)
    _, there = _by_text(kernel, field, leaves | others, parameters)
    inputs = {name: leaves[name] for name in kernel["INPUTS"]}
    for number in range(count):
        ways = {name: _direction(name, array, field, number) for name, array in parameters.items()}
        found = _moved(kernel, "forward", field, inputs, parameters, ways)
        entries = (u for array in (found if isinstance(found, tuple) else (found,)) for u in array.flat)
        more = (w * (here[n][at] - there[n][at]) for n, way in ways.items() for at, w in np.ndenumerate(way))
        yield [*(_tangent(entry, field) for entry in entries), field.total(more)]


def _rank(rows: Sequence[Sequence[Any]]) -> int:
    """Return the rank of a matrix over a field (Gauss)."""
    left, rank = [list(row) for row in rows], 0
    for column in range(len(left[0])):
        pivot = next((row for row in left[rank:] if not row[column].is_zero()), None)
        if pivot is not None:
            left.remove(pivot)
            left.insert(rank, pivot)
            rank += 1
            left[rank:] = [_without(row, pivot, column) for row in left[rank:]]
    return rank


def _without(row: list[Any], pivot: list[Any], column: int) -> list[Any]:
    """Return a row less the multiple of another that takes its entry in a column away."""
    factor = row[column] / pivot[column]
    return [u - factor * v for u, v in zip(row, pivot, strict=True)]
