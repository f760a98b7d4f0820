"""The emitted text, executed over exact numbers, equals the gradient: the third statement of a certificate.

What runs is the very text that is compiled, without JIT and with elementary functions abstracted.  It
says nothing of rounding, which is measured elsewhere.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import prod
from time import perf_counter
from typing import Any

from symgrad.derive.agreement import Finding, Instance, at_sizes
from symgrad.derive.deltas import deltas
from symgrad.derive.scalars import evaluate
from symgrad.errors import LimitError
from symgrad.exact.algebra import Algebra, BudgetError, Value
from symgrad.exact.degrees import Degrees
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.primefield import error_bound
from symgrad.exact.residues import Residues
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.module import generate
from symgrad.model.graph import Kind, Node
from symgrad.model.model import Model

SAMPLES = 2
UNKNOWN_SIZE = 2
POINTS = 2
MONOMIALS = 4_000
FEW = 60
CLAIM = "kernel"

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One exact run of a kernel beside an exact evaluation of the deltas, as they were derived."""

    algebra: Algebra[Any]
    computed: Mapping[str, Value]
    derived: Mapping[str, Value]

    def differs(self, names: tuple[str, ...]) -> str | None:
        """Return the first of some entries in which the two differ."""
        return next((n for n in names if not self.algebra.equal(self.computed[n], self.derived[n])), None)


def prove_kernel(model: Model, text: str | None = None) -> dict[str, tuple[Finding, ...]]:
    """Show for every parameter that the text of the kernel computes the gradient.

    Parameters
    ----------
    text
        The text of the kernel; by default it is generated.  Never a text from outside: it is executed.
    """
    text = generate(spec_of(model)) if text is None else text
    sizes = model.numbers(UNKNOWN_SIZE, SAMPLES)
    started = perf_counter()
    try:
        instance = at_sizes(model.graph, deltas(model.graph, _names(model), model.loss), sizes)
    except LimitError as error:
        return {name: (Finding(CLAIM, "unknown", "none", str(error)),) for name in _names(model)}
    runs, evidence = _runs(model, text, instance)
    share = (perf_counter() - started) / len(_names(model))
    return {name: (_judged(name, instance, runs, evidence, share),) for name in _names(model)}


def _names(model: Model) -> tuple[str, ...]:
    return tuple(node.name for node in model.graph.parameters)


def _runs(model: Model, text: str, instance: Instance) -> tuple[list[Run], str]:
    if sum(len(instance.entries[name]) for name in _names(model)) <= FEW:
        with suppress(BudgetError):
            return [_run(model, text, instance, NormalForms(limit=MONOMIALS))], "proved"
    return [_run(model, text, instance, Residues(seed)) for seed in range(POINTS)], "bounded"


def _run(model: Model, text: str, instance: Instance, algebra: Algebra[Any]) -> Run:
    arrays, given = _leaves(model, instance, algebra)
    order = [node for node in model.graph.nodes if node.kind is Kind.INPUT]
    order += [node for node in model.graph.nodes if node.kind is Kind.TARGET]
    order += list(model.graph.parameters)
    loss, *gradients = run_exact(text, algebra, "gradients", [arrays[node.name] for node in order])
    computed = {instance.entries[model.loss][0]: loss}
    for name, gradient in zip(_names(model), gradients, strict=True):
        computed |= dict(zip(instance.entries[name], gradient.ravel().tolist(), strict=True))
    values = evaluate(instance.backward, algebra, given)
    derived = {
        entry: values[instance.delta[entry]] for name in _names(model) for entry in instance.entries[name]
    }
    return Run(algebra, computed, {**derived, instance.entries[model.loss][0]: values[model.loss]})


def _leaves(model: Model, instance: Instance, algebra: Algebra[Any]) -> tuple[Arrays, dict[str, Value]]:
    """Return the leaves as arrays for the kernel, and by entry for the deltas."""
    given: dict[str, Value] = {}
    arrays: Arrays = {}
    for node in model.graph.nodes:
        if node.is_leaf:
            shape = _shape(node, instance.sizes)
            values = _values(node, shape, instance, algebra)
            given |= dict(zip(instance.entries[node.name], values, strict=True))
            arrays[node.name] = objects(values).reshape(shape or (1,))
    given |= _one_hot(model, instance, arrays, algebra)
    return arrays, given


def _shape(node: Node, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[str(size)] if not size.is_Integer else int(size) for size in node.shape)


def _values(node: Node, shape: tuple[int, ...], instance: Instance, algebra: Algebra[Any]) -> list[Any]:
    """Return generators; labels are numbers, and the last of entries that add up to 1 is the rest."""
    names = instance.entries[node.name]
    if node.targets == "labels":
        return [k % 2 for k in range(prod(shape))]
    if not any(set(group) <= set(names) for group in instance.groups):
        return [algebra.leaf(name) for name in names]
    width = shape[-1]
    rows = [[algebra.leaf(n) for n in names[k : k + width - 1]] for k in range(0, len(names), width)]
    return [value for row in rows for value in (*row, 1 - algebra.total(row))]


def _one_hot(model: Model, instance: Instance, arrays: Arrays, algebra: Algebra[Any]) -> dict[str, Value]:
    """Return the entries of the one-hot forms of labels, which the instance takes as given."""
    found: dict[str, Value] = {}
    for node in model.graph.nodes:
        if node.targets == "labels" and not node.is_leaf:
            labels = arrays[node.terms[0].accesses[0].name]
            places = product(*(range(extent) for extent in _shape(node, instance.sizes)))
            for entry, at in zip(instance.entries[node.name], places, strict=True):
                found[entry] = algebra.number(int(labels[at[:-1]] == at[-1]))
    return found


def _judged(name: str, instance: Instance, runs: list[Run], evidence: str, seconds: float) -> Finding:
    names = instance.entries[name]
    method = "exact normal forms"
    bound = None
    if evidence == "proved":
        names = (*names, *instance.entries[instance.forward.loss or ""])
    wrong = next((entry for run in runs if (entry := run.differs(names))), None)
    if evidence == "bounded":
        method = f"modulo random 61-bit primes, {len(runs)} points"
        bound = None if wrong else prod(_bound(instance, name, run) for run in runs)
    verdict, evidence = ("wrong", "counterexample") if wrong else ("right", evidence)
    return Finding(
        CLAIM, verdict, evidence, method, instance.sizes, bound, seconds=seconds, where=wrong or ""
    )


def _bound(instance: Instance, name: str, run: Run) -> float:
    """Bound the chance that a wrong kernel agrees at one point; its degree counts as twice the deltas'."""
    degrees = Degrees()
    values = evaluate(instance.backward, degrees)
    value = values[instance.delta[instance.entries[name][0]]]
    degree = 3 * (value.above + value.below) + degrees.collisions()
    field = run.algebra
    return (
        float(error_bound(degree, field.prime, choices=field.choices)) if isinstance(field, Residues) else 0.0
    )
