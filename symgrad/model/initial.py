"""What stands before the beginning of an axis, and behind its end: the initial value of a recurrence.

``h[n,t-1,i]`` has no value at t = 0.  A term that reads so is split into one for each such place, where the
initial value stands in, and one for the rest; the axis itself stays as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs, reindex
from symgrad.model.nodes import Axis, Term


@dataclass(frozen=True)
class Initial:
    """The value of a node outside of its axis.

    Attributes
    ----------
    axes
        The axes of the node.
    place
        Which of them; None for a constant, which stands outside of any of them.
    body
        The value, over the letters of the other axes.
    """

    axes: tuple[Axis, ...]
    place: int | None
    body: sp.Expr

    def at(self, index: tuple[sp.Expr, ...]) -> sp.Expr:
        """Return the value for the other subscripts of an access."""
        return reindex(self.body, dict(zip((axis.symbol for axis in self.axes), index, strict=True)))


def missing_axis(name: str, axes: tuple[Axis, ...], letters: tuple[str, ...]) -> int | None:
    """Return the place of the axis that an initial value has not; None for a constant.

    Raises
    ------
    DefinitionError
        If its letters are not those of the node but one.
    """
    absent = [k for k, axis in enumerate(axes) if axis.letter not in letters]
    if not letters:
        return absent[0] if len(absent) == 1 else None
    if len(absent) != 1 or len(letters) != len(axes) - 1:
        own = ",".join(axis.letter for axis in axes)
        raise DefinitionError(
            f"the initial value of {name}[{own}] needs all of its letters but one, "
            f"found [{','.join(letters)}]"
        )
    return absent[0]


def offset(subscript: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr]) -> tuple[sp.Symbol, sp.Expr] | None:
    """Return the letter and the step of a subscript ``t + step``, None for any other."""
    letters = [s for s in subscript.free_symbols if s in sizes]
    if len(letters) != 1:
        return None
    step = sp.expand(subscript - letters[0])
    return (letters[0], step) if isinstance(step, sp.Integer) else None


def split(term: Term, initial: Mapping[str, Initial]) -> tuple[Term, ...]:
    """Put initial values into a term where it reads outside of an axis."""
    for access in term.accesses:
        for letter, before, behind in _overhangs(term, access, initial):
            inner = _rest(term, letter, before, behind)
            edges = (_edge(term, letter, at, initial) for at in _places(term, letter, before, behind))
            return tuple(t for part in (*edges, inner) for t in split(part, initial) if t.body != 0)
    return (term,)


def _overhangs(
    term: Term, access: Ref, initial: Mapping[str, Initial]
) -> Iterator[tuple[sp.Symbol, int, int]]:
    """Yield the letters with which an access leaves an axis, and by how much at either end."""
    known = initial.get(access.name)
    for place, subscript in enumerate(access.index if known else ()):
        found = offset(subscript, term.sizes)
        if known is None or found is None or known.place not in (None, place):
            continue
        letter, step = found
        beyond = sp.expand(step + term.sizes[letter] - known.axes[place].size)
        before, behind = (int(sp.Max(0, n)) if n.is_Integer else 0 for n in (-step, beyond))
        if before or behind:
            yield letter, before, behind


def _places(term: Term, letter: sp.Symbol, before: int, behind: int) -> Iterator[sp.Expr]:
    yield from (sp.Integer(k) for k in range(before))
    yield from (term.sizes[letter] - 1 - k for k in reversed(range(behind)))


def _rest(term: Term, letter: sp.Symbol, before: int, behind: int) -> Term:
    """Return the term where the letter reads inside only; it begins again at 0."""
    bound = (Axis(a.letter, a.size - before - behind) if a.symbol == letter else a for a in term.bound)
    table: dict[sp.Expr, sp.Expr] = {letter: letter + before}
    write = (w.xreplace(table) for w in term.write)
    return Term(tuple(write), tuple(bound), reindex(term.body, table))


def _edge(term: Term, letter: sp.Symbol, at: sp.Expr, initial: Mapping[str, Initial]) -> Term:
    """Return the term at one place of the letter, initial values put in."""
    table: dict[sp.Expr, sp.Expr] = {letter: at}

    def change(ref: Ref) -> sp.Expr:
        known = initial.get(ref.name)
        return known.at(ref.index) if known and _outside(ref, known) else ref

    bound = tuple(axis for axis in term.bound if axis.symbol != letter)
    write = tuple(w.xreplace(table) for w in term.write)
    return Term(write, bound, map_refs(reindex(term.body, table), change))


def _outside(ref: Ref, known: Initial) -> bool:
    places = range(len(ref.index)) if known.place is None else (known.place,)
    ends = ((ref.index[k], sp.expand(ref.index[k] - known.axes[k].size)) for k in places)
    return any(at.is_negative or (past.is_Integer and bool(past >= 0)) for at, past in ends)
