"""Subscripts that are ids: ``E[tokens[n,t], d]`` read as the sum that picks a row.

Integers appear in no subscript of a graph.  What is meant is ``Σ_v [tokens[n,t] = v] E[v,d]``, over the
one-hot form of the ids; formulas print it, and kernels compute it, as it was written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count

import sympy as sp

from symgrad.model.lexer import complain
from symgrad.model.scope import Scope
from symgrad.model.syntax import Chain, Formula, Name, Reduce, children, walk, with_children


def gathered(formula: Formula, own: Iterable[str], scope: Scope) -> tuple[Formula, Scope]:
    """Return a formula with sums in the place of ids in subscripts, and the scope of their letters.

    Parameters
    ----------
    own
        The letters in front of the formula.
    """
    used = {*own, *(name for part in walk(formula) for name in _letters(part))}
    return _rewritten(formula, used, scope)


def _letters(part: Formula) -> tuple[str, ...]:
    match part:
        case Name(name):
            return (name,)
        case Reduce(_, letters):
            return letters
        case _:
            return ()


def _rewritten(formula: Formula, used: set[str], scope: Scope) -> tuple[Formula, Scope]:
    parts: list[Formula] = []
    for child in children(formula):
        part, scope = _rewritten(child, used, scope)
        parts.append(part)
    formula = with_children(formula, tuple(parts))
    place = _id(formula, scope)
    if place is None or not isinstance(formula, Name):
        return formula, scope
    return _sum(formula, place, used, scope)


def _id(formula: Formula, scope: Scope) -> int | None:
    """Return the place of the first subscript that is an id."""
    subscripts = formula.subscripts if isinstance(formula, Name) else ()
    return next((k for k, s in enumerate(subscripts) if isinstance(s, Name) and s.name in scope.hot), None)


def _sum(access: Name, place: int, used: set[str], scope: Scope) -> tuple[Formula, Scope]:
    given = access.subscripts[place]
    hot = scope.hot[given.name] if isinstance(given, Name) else ""
    *own, last = scope.nodes[hot]
    if isinstance(given, Name) and len(given.subscripts) != len(own):
        shown = ", ".join(axis.letter for axis in own)
        raise complain(given.column, f"the ids {given.name} are read as {given.name}[{shown}] in a subscript")
    extent = last.size
    letter = next(letter for letter in _supply(extent, scope) if letter not in used)
    used.add(letter)
    scope = replace(scope, axes={**scope.axes, letter: extent})
    at = Name(letter, (), access.column)
    picked = replace(access, subscripts=(*access.subscripts[:place], at, *access.subscripts[place + 1 :]))
    row, scope = _rewritten(picked, used, scope)
    indicator = Name(hot, (*children(given), at), given.column)
    return Reduce("sum", (letter,), Chain(("*",), (indicator, row), access.column), access.column), scope


def _supply(extent: sp.Expr, scope: Scope) -> Iterator[str]:
    """Yield letters of a size: those that the network has, and then others."""
    own = [letter for letter, size in scope.axes.items() if size == extent]
    return chain(own, (name for k in count(1) if (name := f"{own[0]}{k}") not in scope.names))
