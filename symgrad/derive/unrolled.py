"""Is a recurrence the network written out?  Its δ recursion at some lengths beside that graph's.

Both are made into scalars.  Where every scalar of the one has the definition of its partner in the other,
the two are equal for all values: a proof at these sizes, with nothing evaluated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from math import prod
from time import perf_counter

import sympy as sp

from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, at_sizes, differ
from symgrad.derive.scalars import evaluate
from symgrad.derive.sizes import are_possible, small_sizes
from symgrad.exact.decimals import Decimals, Real
from symgrad.model.expressions import Ref, size
from symgrad.model.graph import Graph, Node
from symgrad.model.instances import entries, numbered
from symgrad.model.model import Model
from symgrad.model.unroll import copy_name, unroll

CLAIM = "recurrence = unrolled"
METHOD = "definition by definition"
LENGTHS = (1, 2, 3)
MOST_SCALARS = 3_000

Sizes = Mapping[str, int]


def against_unrolled(model: Model, backward: Backward, wrt: Iterable[str]) -> tuple[Finding, ...]:
    """Compare the δ recursion of every recurrence with the deltas of the graph written out along it.

    Returns
    -------
    tuple of Finding
        One for each axis and length; none where there is no recurrence, or too many scalars.
    """
    names = tuple(wrt)
    return tuple(
        _finding(model.graph, backward, names, along, sizes)
        for along in sorted({group.along for group in model.graph.groups if group.along})
        for sizes in _lengths(model, along)
    )


def _lengths(model: Model, along: str) -> Iterator[dict[str, int]]:
    """Yield sizes at which a recurrence is short, as far as its definition allows them."""
    own, extent = small_sizes(model), _extent(model.graph, along)
    if not extent.is_Atom:
        return
    lengths = sorted({*LENGTHS, own[str(extent)]}) if extent.is_Symbol else []
    for sizes in [{**own, str(extent): k} for k in lengths] or [own]:
        scalars = sum(prod(_shape(node, sizes)) for node in model.graph.nodes)
        if are_possible(model.graph, sizes) and scalars <= MOST_SCALARS:
            yield sizes


def _extent(graph: Graph, along: str) -> sp.Expr:
    """Return the length of the recurrences along an axis."""
    name = next(group.names[0] for group in graph.groups if group.along == along)
    return next(axis.size for axis in graph[name].axes if axis.letter == along)


def _shape(node: Node, sizes: Sizes) -> tuple[int, ...]:
    return tuple(int(extent.xreplace(_numbers(sizes))) for extent in node.shape)


def _numbers(sizes: Sizes) -> dict[sp.Expr, sp.Expr]:
    return {size(name): sp.Integer(number) for name, number in sizes.items()}


def _finding(graph: Graph, backward: Backward, wrt: tuple[str, ...], along: str, sizes: Sizes) -> Finding:
    started = perf_counter()
    flat = unroll(graph, along, int(_extent(graph, along).xreplace(_numbers(sizes))))
    whole = at_sizes(graph, backward, sizes)
    written = at_sizes(flat, deltas(flat, wrt, backward.loss), sizes)
    unlike = _unlike(whole, written, _partners(graph, whole, written, along), wrt)
    verdict, evidence = _judged(whole, written, wrt) if unlike else ("right", "proved")
    return Finding(CLAIM, verdict, evidence, METHOD, sizes, seconds=perf_counter() - started, where=unlike)


def _partners(graph: Graph, whole: Instance, written: Instance, along: str) -> dict[str, str]:
    """Return for every scalar of the unrolled graph its partner in the recurrence."""
    cut = {name for group in graph.groups if group.along == along for name in group.names}
    pairs: dict[str, str] = {}
    for node in graph.nodes:
        place = [axis.letter for axis in node.axes].index(along) if node.name in cut else None
        for at in entries(_shape(node, whole.sizes)):
            pairs[_copy(node, at, place)] = numbered(node, at)
    both = ((written.delta.get(other), whole.delta.get(own)) for other, own in pairs.items())
    return {**pairs, **{other: own for other, own in both if other and own}}


def _copy(node: Node, at: tuple[int, ...], place: int | None) -> str:
    if place is None:
        return numbered(node, at)
    return numbered(replace(node, name=copy_name(node.name, at[place])), (*at[:place], *at[place + 1 :]))


def _unlike(whole: Instance, written: Instance, partners: Mapping[str, str], wrt: Iterable[str]) -> str:
    """Return the first scalar whose definition is not that of its partner, nothing where there is none."""
    own, other = _definitions(whole.backward), _definitions(written.backward)
    table: dict[sp.Expr, sp.Expr] = {Ref(name): Ref(partner) for name, partner in partners.items()}
    for name, body in other.items():
        partner = own.get(partners.get(name, ""))
        if partner is None or not _equal(body.xreplace(table), partner):
            return name
    missing = (entry for name in wrt for entry in whole.entries[name] if entry not in written.delta)
    return next((entry for entry in missing if own[whole.delta[entry]] != 0), "")


def _equal(one: sp.Expr, other: sp.Expr) -> bool:
    return one == other or (not isinstance(one, sp.Tuple) and sp.expand(one - other) == 0)


def _definitions(graph: Graph) -> dict[str, sp.Expr]:
    """Return the definition of every scalar, those that are 0 put into the others."""
    zeros: dict[sp.Expr, sp.Expr] = {}
    found: dict[str, sp.Expr] = {}
    for node in graph.nodes:
        if not node.is_leaf:
            bodies = [term.body.xreplace(zeros) for term in node.terms]
            found[node.name] = sp.Add(*bodies) if node.reduce == "sum" else sp.Tuple(*bodies)
            if found[node.name] == 0:
                zeros[node.ref] = sp.Integer(0)
    return found


def _judged(whole: Instance, written: Instance, wrt: Iterable[str]) -> tuple[str, str]:
    """Judge by numbers where definitions are not alike: they may be equal all the same."""
    names = [entry for name in wrt for entry in whole.entries[name]]

    def compare(entry: str) -> Callable[[Decimals], tuple[Real, Real]]:
        return lambda algebra: (_delta(whole, algebra, entry), _delta(written, algebra, entry))

    wrong = any(differ(whole, compare(entry)) for entry in names)
    return ("wrong", "counterexample") if wrong else ("unknown", "none")


def _delta(instance: Instance, algebra: Decimals, entry: str) -> Real:
    values = evaluate(instance.backward, algebra)
    return values[instance.delta[entry]] if entry in instance.delta else algebra.number(0)
