"""Terms that are equal but for numbers that count on, as one term over a letter.

``Σ_n a[n,0] + Σ_n a[n,1] + Σ_n a[n,2]`` is ``Σ_{t,n} a[n,t]``.  Numbers are those in subscripts, where
terms land too.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import sympy as sp

from symgrad.model.expressions import Ref, index, map_refs
from symgrad.model.graph import Axis, Term
from symgrad.model.terms import apart

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class _Form:
    """A term but for its numbers.

    Attributes
    ----------
    slots
        Symbols that stand for the numbers.
    steady
        Which of them must go on by one, or not at all.
    again
        How many terms with the same numbers were there before.
    """

    term: Term
    slots: tuple[sp.Symbol, ...]
    steady: tuple[bool, ...]
    again: int = 0


@dataclass(frozen=True)
class _Run:
    """Numbers that go on by the same step."""

    start: Numbers
    step: Numbers
    count: int = 1

    def at(self, k: int) -> Numbers:
        """Return the numbers of one of them, or of one behind them."""
        return tuple(a + k * d for a, d in zip(self.start, self.step, strict=True))


def joined(
    terms: Iterable[Term], axes: tuple[Axis, ...], letter: str, steady: Collection[str]
) -> Iterator[Term]:
    """Yield terms of one node with those that are equal but for numbers that count on as one.

    Parameters
    ----------
    axes
        Those of the node: a term that covers one of them is written over its letter.
    letter
        What counts otherwise.
    steady
        Nodes whose subscripts may only go on by one, or stay, as where terms land.
    """
    found: dict[_Form, list[Numbers]] = {}
    seen: Counter[tuple[_Form, Numbers]] = Counter()
    for term in terms:
        form, numbers = _form(term, steady)
        again = seen[form, numbers]
        seen[form, numbers] += 1
        found.setdefault(replace(form, again=again), []).append(numbers)
    for form, several in found.items():
        yield from (_written(form, run, axes, letter) for run in _runs(several, form))


def _form(term: Term, steady: Collection[str]) -> tuple[_Form, Numbers]:
    """Take the numbers out of the subscripts of a term."""
    accesses = sorted(term.body.atoms(Ref), key=_order)
    parts = [(i, True) for i in term.write] + [(i, r.name in steady) for r in accesses for i in r.index]
    numbers = [(int(i), fixed) for i, fixed in parts if isinstance(i, sp.Integer)]
    slots = tuple(index(f"#{k}") for k in range(len(numbers)))
    left = iter(slots)

    def opened(subscripts: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
        return tuple(next(left) if isinstance(i, sp.Integer) else i for i in subscripts)

    write = opened(term.write)
    body = term.body.xreplace({r: r.at(opened(r.index)) for r in accesses})
    form = _Form(Term(write, term.bound, body), slots, tuple(fixed for _, fixed in numbers))
    return form, tuple(number for number, _ in numbers)


def _order(ref: Ref) -> tuple[object, ...]:
    """Sort accesses so that ``h[9]`` and ``h[10]`` stand as ``h[8]`` and ``h[9]`` do."""
    return ref.name, *((int(i), "") if isinstance(i, sp.Integer) else (-1, str(i)) for i in ref.index)


def _runs(several: Iterable[Numbers], form: _Form) -> Iterator[_Run]:
    """Yield numbers in runs as long as can be, in the order of their first."""
    waiting = dict.fromkeys(sorted(several))
    while waiting:
        run = max(_starting(waiting, form), key=lambda run: run.count)
        for k in range(run.count):
            del waiting[run.at(k)]
        yield run


def _starting(waiting: Mapping[Numbers, None], form: _Form) -> Iterator[_Run]:
    """Yield runs from the first of some numbers: it alone, all by one, or as the next one suggests."""
    first, *rest = islice(waiting, 2)
    ones = (1,) * len(form.slots)
    yield _Run(first, ones)
    for step in (ones, *(tuple(b - a for a, b in zip(first, second, strict=True)) for second in rest)):
        if any(step) and all(s in (0, 1) for s, fixed in zip(step, form.steady, strict=True) if fixed):
            yield _longest(_Run(first, step), waiting)


def _longest(run: _Run, waiting: Mapping[Numbers, None]) -> _Run:
    count = run.count
    while run.at(count) in waiting:
        count += 1
    return replace(run, count=count)


def _written(form: _Form, run: _Run, axes: tuple[Axis, ...], letter: str) -> Term:
    """Return one term for a run: over the letter of the axis that it covers, or another."""
    numbers = list(zip(form.slots, run.start, run.step, strict=True))
    if run.count == 1:
        return _filled(form.term, {slot: sp.Integer(start) for slot, start, _ in numbers})
    whole = {slot for slot, start, step in numbers if step == 1 and start == 0}
    covered = (a for a, w in zip(axes, form.term.write, strict=True) if w in whole and a.size == run.count)
    axis = Axis(next((a.letter for a in covered), letter), sp.Integer(run.count))
    table = {slot: start + step * axis.symbol for slot, start, step in numbers}
    filled = _filled(apart(form.term, (axis.letter,)), table)
    return replace(filled, bound=(axis, *filled.bound))


def _filled(term: Term, table: Mapping[sp.Expr, sp.Expr]) -> Term:
    body = map_refs(term.body, lambda r: r.at(i.xreplace(table) for i in r.index))
    return Term(tuple(w.xreplace(table) for w in term.write), term.bound, body)
