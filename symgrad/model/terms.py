"""The index algebra: fresh letters, composition along an edge, gather form, equality up to renaming.

Scatter form keeps the landing subscripts of a term as they are; gather form solves them, so that the
node's own indices stand on the left.  Bound letters are renamed freshly at every substitution: a
captured index gives a wrong formula without a word.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count, permutations
from math import factorial

import sympy as sp

from symgrad.model.expressions import index, refs, reindex
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Edge, Node, Term

LETTERS = "ijklpqrsuv"
RENAMING_LIMIT = 5040


def fresh(taken: Iterable[str]) -> Iterator[str]:
    """Yield index letters that are not taken: i, j, k, … and then i1, j1, …"""
    used = set(taken)
    for letter in chain(LETTERS, (f"{c}{n}" for n in count(1) for c in LETTERS)):
        if letter not in used:
            used.add(letter)
            yield letter


def letters(term: Term) -> set[str]:
    """Return the letters that a term binds."""
    return {axis.letter for axis in term.bound}


def rename(term: Term, mapping: Mapping[str, str]) -> Term:
    """Rename bound letters, in bound, write and body at once."""
    table = {index(old): index(new) for old, new in mapping.items() if old != new}
    if not table:
        return term
    return Term(
        tuple(w.xreplace(table) for w in term.write),
        tuple(Axis(mapping.get(axis.letter, axis.letter), axis.size) for axis in term.bound),
        reindex(term.body, table),
    )


def apart(term: Term, taken: Iterable[str]) -> Term:
    """Rename those bound letters of a term that are taken."""
    avoid = set(taken)
    clashing = [axis.letter for axis in term.bound if axis.letter in avoid]
    if not clashing:
        return term
    return rename(term, dict(zip(clashing, fresh(avoid | letters(term)), strict=False)))


def gather(term: Term, axes: tuple[Axis, ...], taken: Collection[str] = ()) -> Term | None:
    """Write a term over its node's own letters, summed letters renamed apart (from `taken` too).

    Returns None where the landing subscripts cannot be solved by renaming (a constant, a repeated or
    a computed subscript, a letter that runs over a part of the axis only); such a term stays in scatter
    form.
    """
    if not (axes or term.bound):
        return term
    landing = dict(zip(term.write, axes, strict=True))
    if len(landing) != len(axes) or any(term.sizes.get(w) != axis.size for w, axis in landing.items()):
        return None
    own = {axis.letter for axis in axes}
    mapping = {w.name: axis.letter for w, axis in landing.items() if isinstance(w, sp.Symbol)}
    clashing = [
        a.letter for a in term.bound if a.letter not in mapping and (a.letter in own or a.letter in taken)
    ]
    if clashing:
        mapping |= zip(clashing, fresh({*own, *taken, *letters(term)}), strict=False)
    solved = rename(term, mapping)
    bound = (*axes, *(axis for axis in solved.bound if axis.letter not in own))
    return solved if bound == solved.bound else Term(solved.write, bound, solved.body)


def onto(term: Term, axes: tuple[Axis, ...]) -> Term:
    """Write any term over its node's own letters.

    That is the gather form where there is one; a landing subscript that cannot be solved becomes an
    indicator ``[i = o + k]``, a further factor of the body (or member, where the body is a tuple).
    """
    gathered = gather(term, axes)
    if gathered is not None:
        return gathered
    own = tuple(axis.symbol for axis in axes)
    moved = apart(term, (axis.letter for axis in axes))
    table: dict[sp.Expr, sp.Expr] = {}
    for w, axis in zip(moved.write, axes, strict=True):
        if moved.sizes.get(w) == axis.size:
            table.setdefault(w, axis.symbol)
    pairs = ((letter, w.xreplace(table)) for w, letter in zip(moved.write, own, strict=True))
    indicators = tuple(Equal(letter, w) for letter, w in pairs if w != letter)
    rest = tuple(axis for axis in moved.bound if axis.symbol not in table)
    body = reindex(moved.body, table)
    joined = sp.Tuple(*body, *indicators) if isinstance(body, sp.Tuple) else sp.Mul(body, *indicators)
    return Term(own, (*axes, *rest), joined)


def summed(term: Term) -> tuple[Axis, ...]:
    """Return the axes that a term sums over: bound, and not a landing subscript by themselves."""
    return tuple(axis for axis in term.bound if axis.symbol not in term.write)


def substitute(term: Term, name: str, definition: Node) -> tuple[Term, ...]:
    """Put a node's definition in the place of its accesses in a term.

    The body must be linear in the node unless the definition is a single term without sums.

    Raises
    ------
    ValueError
        If it is not linear, the definition is a maximum, or its landing subscripts are not distinct
        letters (see `solvable`).
    """
    accesses = [r for r in term.accesses if r.name == name]
    if accesses and not solvable(definition):
        raise ValueError(f"the landing subscripts of {definition.name} cannot be solved")
    result = [term]
    for access in accesses:
        result = [new for old in result for new in _substitute(old, access, definition)]
    return tuple(result)


def solvable(definition: Node) -> bool:
    """Whether a node is a sum of terms that each cover all of its entries: distinct letters on the left."""
    return definition.reduce == "sum" and all(
        len(set(term.write)) == len(term.write)
        and all(term.sizes.get(w) == size for w, size in zip(term.write, definition.shape, strict=True))
        for term in definition.terms
    )


def _substitute(term: Term, access: sp.Expr, definition: Node) -> Iterator[Term]:
    if not any(r == access for r in term.accesses):
        yield term
        return
    if len(definition.terms) == 1 and not summed(definition.terms[0]):
        moved = _landed(apart(definition.terms[0], letters(term)), access.index)
        yield Term(term.write, (*term.bound, *moved.bound), term.body.xreplace({access: moved.body}))
        return
    slope, rest = _linear(term.body, access)
    for part in definition.terms:
        moved = _landed(apart(part, letters(term)), access.index)
        yield Term(term.write, (*term.bound, *moved.bound), slope * moved.body)
    if rest != 0:
        yield Term(term.write, term.bound, rest)


def _linear(body: sp.Expr, access: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return a and b of ``a · access + b``; of a product with the access as a factor, the other factors.

    Raises
    ------
    ValueError
        If the body is not linear in the access.
    """
    factors = sp.Mul.make_args(body)
    others = [factor for factor in factors if access not in refs(factor)]
    if access in factors and len(others) == len(factors) - 1:
        return sp.Mul(*others), sp.Integer(0)
    slope = sp.diff(body, access)
    if access in refs(slope):
        raise ValueError(f"{access} does not stand linearly in {body}")
    return slope, body.xreplace({access: sp.Integer(0)})


def _landed(part: Term, at: tuple[sp.Expr, ...]) -> Term:
    """Read a part at the place where its node is read."""
    table: dict[sp.Expr, sp.Expr] = dict(zip(part.write, at, strict=True))
    bound = tuple(axis for axis in part.bound if axis.symbol not in table)
    return Term(at, bound, reindex(part.body, table))


def same(one: Term, other: Term) -> bool | None:
    """Whether two terms are equal up to the names of bound letters; None when there are too many to try."""
    if len(one.bound) != len(other.bound):
        return False
    if _aligned(one, other, [axis.letter for axis in other.bound]):
        return True
    fixed = {str(b): str(a) for a, b in zip(one.write, other.write, strict=True) if b in other.sizes}
    open_ = [axis.letter for axis in other.bound if axis.letter not in fixed]
    free = [axis.letter for axis in one.bound if axis.letter not in fixed.values()]
    if factorial(len(open_)) > RENAMING_LIMIT:
        return None
    return any(
        _equal(one, rename(other, {**fixed, **dict(zip(open_, choice, strict=True))}))
        for choice in permutations(free, len(open_))
    )


def _aligned(one: Term, other: Term, order: list[str]) -> bool:
    return _equal(one, rename(other, {o: axis.letter for o, axis in zip(order, one.bound, strict=True)}))


def _equal(one: Term, other: Term) -> bool:
    return one.write == other.write and set(one.bound) == set(other.bound) and one.body == other.body


def merged(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Add up terms that bind and write alike, in the order of their first appearance."""
    alike: dict[tuple[object, ...], list[Term]] = {}
    for term in terms:
        alike.setdefault((term.write, frozenset(term.bound)), []).append(term)
    sums = (_added(group) for group in alike.values())
    return tuple(term for term in sums if term.body != 0)


def _added(group: list[Term]) -> Term:
    first = group[0]
    return first if len(group) == 1 else Term(first.write, first.bound, sp.Add(*(t.body for t in group)))


def through(term: Term, edge: Edge) -> Term:
    """Carry a product one edge further down, from the edge's child to its parent.

    The body of the term is the tuple of the factors so far, each in the letters of the term; the
    edge's partial is put behind them, and an indicator for every pair of subscripts that cannot be
    made equal by renaming.
    """
    if not (edge.bound or edge.write):
        return Term(edge.read, term.bound, sp.Tuple(*term.body.args, edge.partial, sympify=False))
    step = apart(Term(edge.write, edge.bound, sp.Tuple(edge.partial, *edge.read)), letters(term))
    meeting = _meet(step, term, edge.shape)
    partial, *read = (reindex(part, meeting.solved) for part in step.body)
    factors = (reindex(factor, meeting.solved) for factor in term.body)
    bound = tuple(a for a in (*term.bound, *step.bound) if a.symbol not in meeting.solved)
    constraints = (Equal(at, wanted) for at, wanted in meeting.open)
    return Term(tuple(read), bound, sp.Tuple(*factors, partial, *constraints))


@dataclass(frozen=True)
class _Meeting:
    """Where two terms meet: letters as other letters stand for them, and what stays to be equal."""

    solved: Mapping[sp.Expr, sp.Expr]
    open: tuple[tuple[sp.Expr, sp.Expr], ...]


def _meet(step: Term, term: Term, shape: tuple[sp.Expr, ...]) -> _Meeting:
    """Solve step.write = term.write as far as letters go; the rest stays open.

    For a letter of the step that runs over the whole axis, of a size in `shape`, whatever is wanted there
    may stand.  A letter that runs over a part of the axis only may stand for one that runs as far or
    further, and nothing else may stand for it.
    """
    sizes = {**term.sizes, **step.sizes}
    solved: dict[sp.Expr, sp.Expr] = {}
    still: list[tuple[sp.Expr, sp.Expr]] = []
    for at, wanted, size in zip(step.write, term.write, shape, strict=True):
        left, right = at.xreplace(solved), wanted.xreplace(solved)
        if left == right:
            continue
        if (left in step.sizes and sizes[left] == size) or _runs_as_far(left, right, sizes):
            given = {left: right}
        elif _runs_as_far(right, left, sizes):
            given = {right: left}
        else:
            still.append((left, right))
            continue
        solved = {old: new.xreplace(given) for old, new in solved.items()} | given
        still = [(a.xreplace(given), b.xreplace(given)) for a, b in still]
    return _Meeting(solved, tuple(still))


def _runs_as_far(letter: sp.Expr, other: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether both are letters, and the first for certain takes every value that the other takes."""
    both = letter in sizes and other in sizes
    return both and (sizes[letter] - sizes[other]).is_nonnegative is True
