"""A tiny network without arrays: every entry is a scalar variable, and samples are the only loop.

So weights and gradients stay in registers, and the loop over samples is what LLVM vectorises.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import sympy as sp

from symgrad.kernels.hoist import shared
from symgrad.kernels.mapping import map_values
from symgrad.kernels.nests import RunningMaximum
from symgrad.kernels.pieces import Piece, Summand
from symgrad.kernels.single import read_at_sample
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Assign, Loop, Statement, Statements, read
from symgrad.model.expressions import Ref, index, map_refs, reindex
from symgrad.model.graph import Axis, Node

LETTER = index("n")


@dataclass
class _Phases:
    """Statements before, in and after the loop over samples; what is known only after it."""

    before: list[Statement] = field(default_factory=list)
    inside: list[Statement] = field(default_factory=list)
    after: list[Statement] = field(default_factory=list)
    late: set[str] = field(default_factory=set)


def unrolled(
    spec: KernelSpec, parts: tuple[Piece, ...], results: tuple[str, ...], columns: frozenset[str]
) -> Statements:
    """Return the statements of a network whose every entry is a scalar.

    Parameters
    ----------
    results
        What is wanted, stored in arrays in the end unless there are columns.
    columns
        Arrays whose samples stand last, so that the loop over samples runs along memory; with any,
        the parameters are scalars already.
    """
    phases = _Phases()
    for piece in parts:
        _put(spec, piece, phases, stored=piece.name in results and not columns)
    leaves = frozenset(node.name for node in spec.graph.nodes if node.is_leaf)
    arrays = leaves | set(results)
    inside = shared((*_loads(phases.inside, leaves, samples=True), *phases.inside))
    everything = (*phases.before, *inside, *phases.after)
    loop = (Loop(str(LETTER), spec.row, inside),) if phases.inside else ()
    loads = _loads(everything, leaves, samples=False) if not columns else []
    made = (*loads, *phases.before, *loop, *phases.after)
    return map_values(made, lambda e: map_refs(e, lambda r: _written_out(r, arrays, columns)))


def straight(spec: KernelSpec, parts: Iterable[Piece], results: Iterable[str]) -> Statements:
    """Return the statements of one sample, whose every entry is a scalar; samples stand first.

    Parameters
    ----------
    parts
        Of a network without an axis of samples.
    """
    made = read_at_sample(spec, tuple(s for piece in parts for s in _entries(spec, piece)))
    body = shared((*_loads(made, frozenset(spec.leaves), samples=True), *made))
    arrays = frozenset((*spec.leaves, *(p.name for p in spec.parameters), *results))
    return map_values(body, lambda e: map_refs(e, lambda r: _written_out(r, arrays, frozenset())))


def _entries(spec: KernelSpec, piece: Piece) -> Iterator[Statement]:
    """Yield the values of all entries of a node, its formula above the first."""
    entries = [Ref(piece.name, at) for at in product(*_ranges(spec, piece.axes))]
    made = [s for entry in entries for s in _entry(spec, piece, entry)]
    yield from (replace(made[0], comment=piece.comment), *made[1:])


def scalars(spec: KernelSpec, node: Node, name: str | None = None) -> dict[Ref, Ref]:
    """Return the scalar of every entry of an array, in the order of memory: ``W1_01`` for ``W1[0, 1]``."""
    places = [Ref(name or node.name, at or (0,)) for at in product(*_ranges(spec, spec.axes(node)))]
    return {place: _written_out(place, frozenset(), frozenset()) for place in places}


STORED = "@"
"""Marks an access of an array itself, not of the scalar that stands for its entry."""


def _in_array(access: Ref) -> Ref:
    return Ref(STORED + access.name, access.index)


def _written_out(access: Ref, arrays: frozenset[str], columns: frozenset[str]) -> Ref:
    """Return the scalar of an entry, ``W1_01`` for ``W1[0,1]``, or the marked entry of an array."""
    if access.name.startswith(STORED):
        name = access.name.removeprefix(STORED)
        turned = (*access.index[1:], access.index[0]) if name in columns else access.index or (0,)
        return Ref(name, turned)
    digits = [str(i) for i in access.index if i != LETTER]
    if not digits and access.name in arrays:
        return Ref(f"{access.name}_n" if access.index else f"{access.name}_0")
    joined = ("_" if max(map(len, digits), default=1) > 1 else "").join(digits)
    return Ref(f"{access.name}_{joined}" if digits else access.name)


def _loads(statements: Iterable[Statement], leaves: frozenset[str], *, samples: bool) -> list[Statement]:
    """Return the loads of all entries of leaves that are read, of each sample or of none."""
    seen = {
        r for s in _flat(statements) for r in read(s) if r.name in leaves and (LETTER in r.index) is samples
    }
    return [
        Assign(r, _in_array(r)) for r in sorted(seen, key=lambda r: (r.name, tuple(map(_order, r.index))))
    ]


def _order(subscript: sp.Expr) -> int:
    return int(subscript) if subscript.is_Integer else -1


def _flat(statements: Iterable[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield from _flat(statement.body) if isinstance(statement, Loop) else (statement,)


def _put(spec: KernelSpec, piece: Piece, phases: _Phases, *, stored: bool) -> None:
    """Put the statements of a node where they belong."""
    entries = [Ref(piece.name, at) for at in product(*_ranges(spec, piece.axes))]
    made = [list(_entry(spec, piece, entry)) for entry in entries]
    made[0][0] = replace(made[0][0], comment=piece.comment)
    stores = [Assign(_in_array(entry), entry) for entry in entries] if stored else []
    sums = [s for group in made for s in group if isinstance(s, Accumulate)]
    if any(axis.size == spec.row for axis in piece.axes):
        phases.inside += [s for group in made for s in group] + stores
    elif sums:
        phases.before += [group[0] for group in made]
        phases.inside += [replace(sums[0], comment=piece.comment), *sums[1:]]
        phases.after += [s for group in made for s in group[1:] if not isinstance(s, Accumulate)] + stores
        phases.late.add(piece.name)
    elif any(r.name in phases.late for group in made for s in group for r in read(s)):
        phases.after += [s for group in made for s in group] + stores
        phases.late.add(piece.name)
    else:
        phases.before += [s for group in made for s in group]
        phases.after += stores


def _ranges(spec: KernelSpec, axes: Iterable[Axis]) -> list[list[sp.Expr]]:
    return [[LETTER] if a.size == spec.row else [sp.Integer(k) for k in range(int(a.size))] for a in axes]


def _entry(spec: KernelSpec, piece: Piece, target: Ref) -> Iterator[Assign | Accumulate]:
    """Yield the statements of one entry: a value, or a zero, its summands and what follows the sum."""
    own = dict(zip(piece.index, target.index, strict=True))
    sums = [s for s in piece.summands if _over_samples(spec, s)]
    now = [_total(spec, piece, s, own) for s in piece.summands if s not in sums]
    if not sums:
        yield Assign(target, sp.Add(*now))
        return
    yield Assign(target, sp.Integer(0))
    factors = {s.factor for s in sums}
    common = sums[0].factor if len(factors) == 1 else sp.Integer(1)
    for summand in sums:
        yield Accumulate(target, _total(spec, piece, replace(summand, factor=summand.factor / common), own))
    value = sp.Add(reindex(common, own) * target, *now)
    if value != target:
        yield Assign(target, value)


def _over_samples(spec: KernelSpec, summand: Summand) -> bool:
    return any(axis.size == spec.row for axis in summand.summed)


def _total(spec: KernelSpec, piece: Piece, summand: Summand, own: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Return a summand with its sums over widths written out."""
    summed = [axis.symbol for axis in summand.summed]
    terms = [
        reindex(summand.inner, {**own, **dict(zip(summed, at, strict=True))})
        for at in product(*_ranges(spec, summand.summed))
    ]
    if piece.reduce == "max":
        largest = terms[0]
        for term in terms[1:]:
            largest = RunningMaximum(largest, term)
        return reindex(summand.factor, own) * largest
    return reindex(summand.factor, own) * sp.Add(*terms)
