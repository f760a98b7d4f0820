"""The emitted text, executed over exact numbers, equals the gradient: the last statement of a certificate.

What runs is the very text that is compiled, without JIT and with elementary functions abstracted.  It
says nothing of rounding, which is measured elsewhere.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from time import perf_counter
from typing import Any

import sympy as sp

from symgrad.derive.agreement import Finding, Instance, at_sizes
from symgrad.derive.deltas import deltas
from symgrad.derive.instancing import differ
from symgrad.derive.scalars import evaluate
from symgrad.derive.witnesses import CONVINCING
from symgrad.errors import LimitError
from symgrad.exact.algebra import Algebra, BudgetError, ExactError, Value
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.degrees import Degrees
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.kernels.build import MOMENTS, spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.jam import TOGETHER, jams
from symgrad.kernels.module import generate
from symgrad.kernels.plan import schedule
from symgrad.kernels.shrink import fitting, is_large, smaller
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import size
from symgrad.model.graph import Node
from symgrad.model.labels import class_count
from symgrad.model.model import Model

SAMPLES = 2
ALL = 1 << 40
"""Rows that no cache holds."""
POINTS = 5
REGIONS = 8
"""Points at which a kernel that compares is run: each decides every comparison at random."""
MONOMIALS = 4_000
FEW = 60
CLAIM, SMALL = "kernel", "small kernel"

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One exact run of a kernel beside an exact evaluation of the deltas, as they were derived."""

    algebra: Algebra[Any]
    computed: Mapping[str, Any]
    derived: Mapping[str, Any]

    def differs(self, names: tuple[str, ...]) -> str | None:
        """Return the first of some entries in which the two differ."""
        return next((n for n in names if not self.algebra.equal(self.computed[n], self.derived[n])), None)


def prove_kernel(
    model: Model, text: str | None = None, spec: KernelSpec | None = None
) -> dict[str, tuple[Finding, ...]]:
    """Show for every parameter that the text of the kernel computes the gradient.

    Parameters
    ----------
    text
        The text of the kernel; by default it is generated.  Never a text from outside: it is executed.
    spec
        What the text is made from; by default the model without any option.

    Notes
    -----
    Where a network is too large for exact arithmetic, the kernel that is made for smaller sizes is shown to
    be right, its sums in loops or by BLAS as in the large one; the claim says so.
    """
    made = spec_of(model) if spec is None else spec
    sizes = fitting(model, TOGETHER + 1 if jams(made) else SAMPLES)
    if is_large(model.graph, sizes):
        small, reduced_spec, found = reduced(model, made, sizes)
        return _proved(SMALL, small, generate(reduced_spec), found)
    return _proved(CLAIM, model, generate(made) if text is None else text, sizes)


def reduced(
    model: Model, spec: KernelSpec, sizes: Mapping[str, int]
) -> tuple[Model, KernelSpec, Mapping[str, int]]:
    """Return the network at small sizes, its kernel with every choice as at those it has, and the sizes."""
    how = {choice.node: choice.how for choice in schedule(spec)}
    found = smaller(model, sizes, model.samples)
    small = replace(model, sizes={name: found[name] for name in model.sizes})
    made = spec_of(
        small,
        spec.optimizer,
        trained=spec.trained,
        fast=spec.fast,
        batch=ALL if jams(spec) else spec.rows,
        schedule={"*": "arrays", **how},
        rewrite=MOMENTS if spec.moments else None,
    )
    return small, made, found


def _proved(claim: str, model: Model, text: str, sizes: Mapping[str, int]) -> dict[str, tuple[Finding, ...]]:
    started = perf_counter()
    try:
        instance = at_sizes(model.graph, deltas(model.graph, parameters_of(model), model.loss), sizes)
    except LimitError as error:
        return {name: (Finding(claim, "unknown", "none", str(error)),) for name in parameters_of(model)}
    try:
        trial = _trial(model, text, instance)
        found = {name: replace(_judged(name, trial), claim=claim) for name in parameters_of(model)}
    except ExactError as error:
        method = f"exact arithmetic has no answer: {error}"
        found = dict.fromkeys(parameters_of(model), Finding(claim, "unknown", "none", method, sizes))
    share = (perf_counter() - started) / len(found)
    return {name: (replace(finding, seconds=share),) for name, finding in found.items()}


@dataclass(frozen=True)
class Trial:
    """The runs by which a kernel is judged, and how to run it over another algebra."""

    instance: Instance
    run: Callable[[Algebra[Any]], Run]
    runs: tuple[Run, ...]
    evidence: str

    @cached_property
    def degrees(self) -> Run:
        """The degrees of both sides."""
        return self.run(Degrees())


def parameters_of(model: Model) -> tuple[str, ...]:
    """Return the names of the parameters."""
    return tuple(node.name for node in model.graph.parameters)


def _trial(model: Model, text: str, instance: Instance) -> Trial:
    """Run a small kernel over normal forms, else modulo primes, with open indicators if these will do.

    A kernel that looks for a largest entry branches, so that it runs in one region of its arguments at a
    time: it is run in a few, and no bound is claimed.
    """

    def run(algebra: Algebra[Any]) -> Run:
        return _run(model, text, instance, algebra)

    everything = tuple(entry for name in parameters_of(model) for entry in instance.entries[name])
    if any(node.reduce == "argmax" for node in model.graph.nodes):
        return Trial(instance, run, tuple(run(Residues(seed)) for seed in range(REGIONS)), "held")
    if len(everything) <= FEW:
        with suppress(BudgetError):
            exact = run(NormalForms(limit=MONOMIALS))
            exact.differs((*everything, instance.entries[model.loss][0]))
            return Trial(instance, run, (exact,), "proved")
    runs = tuple(run(Residues(seed, open_sides=True)) for seed in range(POINTS))
    if any(one.differs(everything) for one in runs):
        runs = tuple(run(Residues(seed)) for seed in range(POINTS))
    return Trial(instance, run, runs, "bounded")


def _run(model: Model, text: str, instance: Instance, algebra: Algebra[Any]) -> Run:
    arrays, given = _leaves(model, instance, algebra)
    order = (*model.inputs, *model.targets, *parameters_of(model))
    loss, *gradients = run_exact(text, algebra, "gradients", [arrays[name] for name in order])
    computed = {instance.entries[model.loss][0]: loss}
    for name, gradient in zip(parameters_of(model), gradients, strict=True):
        computed |= dict(zip(instance.entries[name], gradient.ravel().tolist(), strict=True))
    values = evaluate(instance.backward, algebra, given)
    derived = {
        entry: values[instance.delta[entry]]
        for name in parameters_of(model)
        for entry in instance.entries[name]
    }
    return Run(algebra, computed, {**derived, instance.entries[model.loss][0]: values[model.loss]})


def _leaves(model: Model, instance: Instance, algebra: Algebra[Any]) -> tuple[Arrays, dict[str, Value]]:
    """Return the leaves as arrays for the kernel, and by entry for the deltas."""
    given: dict[str, Value] = {}
    arrays: Arrays = {}
    for node in model.graph.nodes:
        if node.is_leaf:
            shape = _shape(node, instance.sizes)
            values = _values(model, node, shape, instance, algebra)
            given |= dict(zip(instance.entries[node.name], values, strict=True))
            arrays[node.name] = objects(values).reshape(shape or (1,))
    given |= one_hot(model, instance, arrays, algebra)
    return arrays, given


def _shape(node: Node, sizes: Mapping[str, int]) -> tuple[int, ...]:
    known = {size(name): sp.Integer(number) for name, number in sizes.items()}
    return tuple(int(extent.xreplace(known)) for extent in node.shape)


def _values(
    model: Model, node: Node, shape: tuple[int, ...], instance: Instance, algebra: Algebra[Any]
) -> list[Any]:
    """Return generators; labels are numbers, and the last of entries that add up to 1 is the rest."""
    names = instance.entries[node.name]
    if node.targets == "labels":
        return [k % _classes(model, node, instance.sizes) for k in range(prod(shape))]
    if not any(set(group) <= set(names) for group in instance.groups):
        return [algebra.leaf(name) for name in names]
    width = shape[-1]
    rows = [[algebra.leaf(n) for n in names[k : k + width - 1]] for k in range(0, len(names), width)]
    return [value for row in rows for value in (*row, 1 - algebra.total(row))]


def _classes(model: Model, node: Node, sizes: Mapping[str, int]) -> int:
    """Return how many different labels are taken: two, or one where there is one only."""
    count = class_count(model.graph, node.name)
    known = {size(name): sp.Integer(number) for name, number in sizes.items()}
    return 2 if count is None else min(2, int(count.xreplace(known)))


def one_hot(model: Model, instance: Instance, arrays: Arrays, algebra: Algebra[Any]) -> dict[str, Value]:
    """Return the entries of the one-hot forms of labels, which the instance takes as given."""
    found: dict[str, Value] = {}
    for node in model.graph.nodes:
        if node.targets == "labels" and not node.is_leaf:
            labels = arrays[node.terms[0].accesses[0].name]
            places = product(*(range(extent) for extent in _shape(node, instance.sizes)))
            for entry, at in zip(instance.entries[node.name], places, strict=True):
                found[entry] = algebra.number(int(labels[at[:-1]] == at[-1]))
    return found


def _judged(name: str, trial: Trial) -> Finding:
    instance, entries = trial.instance, trial.instance.entries[name]
    proved = trial.evidence == "proved"
    method = "exact normal forms" if proved else f"modulo random 61-bit primes, {len(trial.runs)} points"
    if proved:
        entries = (*entries, *instance.entries[instance.forward.loss or ""])
    suspect = next((entry for run in trial.runs if (entry := run.differs(entries))), None)
    if suspect:
        return _suspected(trial, suspect, method)
    if proved:
        return Finding(CLAIM, "right", "proved", method, instance.sizes)
    if trial.evidence == "held":
        return Finding(CLAIM, "right", "held", f"{method}, largest entries drawn at random", instance.sizes)
    bound = prod(_bound(trial, entries, run) for run in trial.runs)
    if bound < CONVINCING:
        return Finding(CLAIM, "right", "bounded", method, instance.sizes, bound)
    method += "; equal there, but with kinks that is no evidence"
    return Finding(CLAIM, "unknown", "none", method, instance.sizes, bound)


def _suspected(trial: Trial, entry: str, method: str) -> Finding:
    """Confirm a difference by numbers: two forms may be equal in ways that the algebra does not know."""

    def compare(algebra: Decimals) -> tuple[Real, Real]:
        run = trial.run(algebra)
        return run.computed[entry], run.derived[entry]

    if differ(trial.instance, compare):
        return Finding(CLAIM, "wrong", "counterexample", method, trial.instance.sizes, where=entry)
    method += ": other forms, and no point tells them apart"
    return Finding(CLAIM, "unknown", "none", method, trial.instance.sizes, where=entry)


def _bound(trial: Trial, entries: tuple[str, ...], run: Run) -> float:
    """Bound the chance that a wrong kernel agrees at one point (Schwartz 1980, Zippel 1979)."""
    field, degrees = run.algebra, trial.degrees
    if not isinstance(field, Residues) or not isinstance(degrees.algebra, Degrees):
        return 1.0
    above = (degrees.computed[entry] - degrees.derived[entry] for entry in entries)
    return degrees.algebra.chance(max(difference.above for difference in above), field)
