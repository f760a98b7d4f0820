"""Training by second moments of the data: its functions, and the text around the step of `train`.

A batch of all rows is the same batch in every epoch.  Where the loss is quadratic in the trained parameters,
sums over the data are computed once, and an epoch costs as much as the parameters, not as the data
(`symgrad.derive.moments`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil

import sympy as sp

from symgrad.derive.certificate import sizes_in_words
from symgrad.derive.deltas import Backward
from symgrad.derive.moments import Moments, moments
from symgrad.derive.moments_proof import proved
from symgrad.derive.sizes import small_sizes
from symgrad.errors import CheckError
from symgrad.kernels.costs import SHARE
from symgrad.kernels.emit import assigned
from symgrad.kernels.extra import Extra
from symgrad.kernels.operations import counted
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec, OfMoments
from symgrad.kernels.statements import Allocate, Fill, Function, Statements
from symgrad.model.expressions import size
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.model import Model

SUMS, AROUND = "_moments", "_from_moments"
ROWS = 512
"""How many rows are multiplied at once: they stay in the cache."""
FEWEST = 3
"""For fewer epochs the sums are never worth their time."""

Describe = Callable[[Graph], Callable[[Node], str]]
Prepare = Callable[[Graph], Graph]


@dataclass(frozen=True)
class Rewriting:
    """What a kernel that trains by moments has besides: two functions, and the names they share."""

    names: OfMoments
    extra: tuple[Extra, ...]


def rewritten(
    model: Model, backward: Backward, trained: Iterable[str], describe: Describe, prepare: Prepare
) -> Rewriting:
    """Return the functions by which a network is trained by moments of the data.

    Raises
    ------
    DefinitionError
        If the loss is not quadratic in the trained parameters, with the term that is in the way.
    CheckError
        If the rewritten loss or gradient is not that of the network.
    """
    assert model.samples is not None
    found = moments(backward, trained, size(model.samples))
    shown = proved(backward, found, small_sizes(model, samples=2))
    if not shown.right:
        raise CheckError(f"{model.name}: from moments, {shown.where} is another one; please report this")
    references = tuple((name, own.value, own.gradient) for name, own in found.references.items())
    where = f"at {sizes_in_words(shown.sizes or {})} ({shown.method})"
    told = f"{shown.evidence.capitalize()}: loss and gradients from moments = those of the network {where}"
    own = backward.graph.by_name
    return Rewriting(
        OfMoments(found.sums, references, found.loss_ref, told),
        tuple(_functions(model, found, own, describe, prepare)),
    )


def _functions(
    model: Model, found: Moments, own: Iterable[str], describe: Describe, prepare: Prepare
) -> Iterator[Extra]:
    leaves = (*model.inputs, *model.targets, *(p.name for p in found.graph.parameters))
    graph = found.graph.restricted((*own, *found.sums))
    yield Extra(
        name=SUMS,
        arguments=_read(graph, leaves, found.sums),
        results=found.sums,
        graph=prepare(graph),
        summary="Return the sums over some samples that training needs of them.",
        describe=describe(graph),
    )
    held = _held(found.graph, found.sums)
    results = (found.loss, found.loss_magnitude, found.magnitude, found.rest)
    results += tuple(own.moved for own in found.references.values())
    values = [name for own in found.references.values() for name in (own.value, own.gradient)]
    given = (*found.sums, found.loss_ref, *values)
    yield Extra(
        name=AROUND,
        arguments=(*_read(held, leaves, results), *given),
        results=results,
        graph=prepare(held),
        directions=given,
        summary="Return loss and gradients from moments and their values at the reference point.",
        describe=describe(held),
    )


def _held(graph: Graph, sums: Iterable[str]) -> Graph:
    """Return a graph in which the moments are given."""
    known = {*sums}
    nodes = (replace(n, kind=Kind.INPUT, terms=()) if n.name in known else n for n in graph.nodes)
    return Graph(tuple(nodes), graph.loss)


def _read(graph: Graph, leaves: tuple[str, ...], results: Iterable[str]) -> tuple[str, ...]:
    """Return the leaves that some nodes need, and the first one: it says of what type numbers are."""
    above = graph.ancestors(*results)
    return tuple(name for k, name in enumerate(leaves) if name in above or k == 0)


def head_lines(names: OfMoments) -> tuple[str, ...]:
    """Return what the head of a file says of the rewriting."""
    moments = ", ".join(names.sums)
    return (
        f"Rewritten: where one batch holds all rows, train takes loss and gradients from moments, {moments}.",
        f"{names.proof}.",
        "Moments square the problem's condition; guarded: train reads the data again wherever less than half",
        "of the digits of the loss or of the gradients would be left, or one of them is no number.",
    )


def room(program: Program) -> Statements:
    """Return the arrays for the sums over all rows, and for the reference point."""
    spec, names = program.spec, _names(program)
    made = {s.name: s for s in _function(program, SUMS).body if isinstance(s, Allocate)}
    sums = [s for name in names.sums for s in (made[name], Fill(name))]
    values = [Allocate(held, spec.extents(name)) for name, *both in names.references for held in both]
    return (*sums, *values, Allocate(names.loss_ref, (sp.Integer(1),)))


def workspaces(program: Program) -> tuple[Allocate, ...]:
    """Return all that training by moments works with: the arrays that last, and those of one step."""
    made = (*room(program), *_function(program, AROUND).body)
    return tuple(s for s in made if isinstance(s, Allocate))


def summed(program: Program) -> Iterator[str]:
    """Write the sums over all rows, where one batch holds them."""
    spec, names, sums = program.spec, _names(program), _function(program, SUMS)
    parts = tuple(f"{name}_part" for name in names.sums)
    cut = tuple(f"{n}[first:first + {ROWS}]" if _sampled(spec, n) else n for n in sums.arguments)
    yield f"whole = batch == rows and losses.shape[0] >= {_fewest(program)}"
    yield "shuffled = shuffle and not whole"
    yield from ("known = False", "if whole:", f"    for first in range(0, last, {ROWS}):")
    yield from (" " * 8 + line for line in assigned(parts, SUMS, cut))
    yield from (f"        {name} += {part}" for name, part in zip(names.sums, parts, strict=True))


def step(program: Program, ordinary: Iterable[str]) -> Iterator[str]:
    """Write the step from moments, and the ordinary one for where they say too little.

    Parameters
    ----------
    ordinary
        The call that computes loss and gradients from the samples.
    """
    spec, names, around = program.spec, _names(program), _function(program, AROUND)
    loss, magnitudes = spec.loss, (f"{spec.loss}_magnitude", "magnitude", "rest")
    results = (f"{loss}_now", *magnitudes, *(spec.delta[name] for name, *_ in names.references))
    given = tuple(f"{n}_now" if _sampled(spec, n) else n for n in around.arguments)
    yield "if known:"
    yield from ("    " + line for line in assigned(results, AROUND, given))
    yield f"    {loss} = {loss}_now[0]"
    pairs = ((f"{loss}_magnitude[0]", loss), ("magnitude[0]", "rest[0]"))
    yield f"    known = {' and '.join(f'precise({a}, {b}, {spec.like})' for a, b in pairs)}"
    yield "if not known:"
    yield from ("    " + line for line in ordinary)
    yield "    known = whole"
    yield f"    {names.loss_ref}[0] = {loss}"
    for name, value, gradient in names.references:
        yield from (f"    {value}[:] = {name}", f"    {gradient}[:] = {spec.delta[name]}")


def _fewest(program: Program) -> int:
    """Return for how many epochs the sums cost less than passes over the data, as far as sizes are known."""
    sizes = {**program.spec.bound, program.spec.row: sp.Integer(1)}
    once, each = counted(_function(program, SUMS), sizes), counted(program.full, sizes)
    ratio = SHARE * once / each
    return max(FEWEST, ceil(ratio)) if ratio.is_number else FEWEST


def _names(program: Program) -> OfMoments:
    assert program.spec.moments is not None
    return program.spec.moments


def _function(program: Program, name: str) -> Function:
    return next(made for made in program.extra if made.name == name)


def _sampled(spec: KernelSpec, name: str) -> bool:
    return name in spec.leaves and spec.has_samples(name)
