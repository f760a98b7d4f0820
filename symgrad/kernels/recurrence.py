"""A recurrence as a loop along its axis: ``for t in range(T)`` around the statements of one step.

Sums that read nothing of the recurrence are computed for all steps at once, before the loop; sums over
other steps begin a step, so that the rest of it is one pass over the entries.  Terms that only some steps
have stand under a condition.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.kernels.nests import statements
from symgrad.kernels.ordering import nest
from symgrad.kernels.pieces import Piece, composed
from symgrad.kernels.remarks import headed
from symgrad.kernels.slices import NOW, placed
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Assign,
    Loop,
    Statement,
    Statements,
    When,
)
from symgrad.model.expressions import Ref, map_refs, reindex
from symgrad.model.graph import Axis, Group, Term
from symgrad.model.terms import apart, summed


@dataclass(frozen=True)
class Part:
    """Terms over a row, for the steps ``start <= t < stop``; `early` ones read other steps only."""

    start: sp.Expr
    stop: sp.Expr
    early: bool
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Row:
    """A node of a recurrence.

    Attributes
    ----------
    before
        What is summed for all steps at once, if anything is.
    base
        The terms that every step has.
    parts
        The terms that only some steps have.
    """

    piece: Piece
    before: Piece | None
    base: tuple[Term, ...]
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The node's row of the step, as if it were an array."""
        return f"{self.piece.name}{NOW}"

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the row."""
        return self.piece.axes[1:]

    @property
    def room(self) -> Allocate:
        """The allocation of the array of all steps."""
        whole = self.piece
        return Allocate(whole.name, tuple(axis.size for axis in whole.axes), whole.reduce == "argmax")

    @property
    def target(self) -> Ref:
        """An entry of the row."""
        return Ref(self.name, tuple(axis.symbol for axis in self.axes))


@dataclass(frozen=True)
class Walk:
    """A recurrence: its nodes in the order of a step, along which axis, and which way."""

    spec: KernelSpec
    axis: Axis
    down: bool
    rows: tuple[Row, ...]

    @property
    def pieces(self) -> Iterator[Piece]:
        """Everything in it that may be a product."""
        for row in self.rows:
            yield from (row.before,) if row.before else ()
            yield from (self._piece(row, part, k) for k, part in enumerate(row.parts, 1))
            yield composed(self.spec, Piece(row.name, row.axes, reduce=row.piece.reduce), row.base)

    def statements(self) -> Statements:
        """Return the statements of all steps; allocations of what they need besides stand among them."""
        rooms = (row.room for row in self.rows)
        before = (s for row in self.rows if row.before for s in statements(self.spec, row.before))
        step = placed(tuple(self._step()), self.axis.symbol)
        inside = tuple(s for s in step if not isinstance(s, Allocate))
        loop = Loop(self.axis.letter, self.axis.size, inside, down=self.down)
        return (*rooms, *before, *(s for s in step if isinstance(s, Allocate)), loop)

    def _step(self) -> Iterator[Statement]:
        """Yield the statements of one step over rows: sums over other steps, then every node in turn."""
        for row in self.rows:
            for number, part in enumerate(row.parts, 1):
                if part.early:
                    yield from self._sums(row, part, number)
        for row in self.rows:
            yield from headed(self._row(row), row.piece.comment)

    def _piece(self, row: Row, part: Part, number: int) -> Piece:
        """Return the sums of a part as a piece of its own: ``z_carried``."""
        word = "carried" if part.early else "now"
        name = f"{row.piece.name}_{word}{'' if number == 1 else number}"
        return composed(self.spec, Piece(name, row.axes), (t for t in part.terms if not _is_pointwise(t)))

    def _sums(self, row: Row, part: Part, number: int) -> Iterator[Statement]:
        piece = self._piece(row, part, number)
        if not (piece.summands or piece.landings):
            return
        made = statements(self.spec, piece)
        if piece.axes:
            yield Allocate(piece.name, tuple(axis.size for axis in piece.axes))
        yield from (s for s in made if isinstance(s, Allocate))
        yield self._when(part, tuple(s for s in made if not isinstance(s, Allocate)))

    def _when(self, part: Part, body: Statements) -> When:
        return When(self.axis.letter, part.start, part.stop, self.axis.size, body)

    def _row(self, row: Row) -> Iterator[Statement]:
        """Yield the statements of one node: the terms of every step, then those of some."""
        yield from self._base(row)
        for number, part in enumerate(row.parts, 1):
            if not part.early:
                yield from self._sums(row, part, number)
            yield from nest(row.axes, (self._when(part, (self._added(row, part, number),)),))

    def _added(self, row: Row, part: Part, number: int) -> Accumulate:
        piece = self._piece(row, part, number)
        sums = [Ref(piece.name, piece.index)] if piece.summands or piece.landings else []
        pointwise = composed(self.spec, Piece("", row.axes), (t for t in part.terms if _is_pointwise(t)))
        return Accumulate(row.target, sp.Add(*sums, *(s.factor for s in pointwise.summands)))

    def _base(self, row: Row) -> Iterator[Statement]:
        piece = composed(self.spec, Piece(row.name, row.axes, reduce=row.piece.reduce), row.base)
        if row.before is None and row.base:
            yield from statements(self.spec, piece)
        elif row.before is None:
            yield from nest(row.axes, (Assign(row.target, sp.Integer(0)),))
        elif all(map(_is_pointwise, row.base)):
            value = sp.Add(*(s.factor for s in piece.summands))
            yield from nest(row.axes, (Accumulate(row.target, value),)) if row.base else ()
        else:
            now = replace(piece, name=f"{row.piece.name}_now")
            yield Allocate(now.name, tuple(axis.size for axis in now.axes))
            yield from statements(self.spec, now)
            yield from nest(row.axes, (Accumulate(row.target, Ref(now.name, now.index)),))


def _is_pointwise(term: Term) -> bool:
    return (
        not summed(term)
        and len(set(term.write)) == len(term.write)
        and all(w in term.sizes for w in term.write)
    )


def walked(spec: KernelSpec, group: Group, parts: Iterable[Piece]) -> Walk:
    """Return a recurrence from what its nodes compute; the axis along which it runs stands first.

    Raises
    ------
    DefinitionError
        If a term lands at other places of the axis than one, or than steps by a constant.
    """
    assert group.along is not None
    rows = tuple(_row(spec, group, piece) for piece in parts)
    wishes = {f"{row.piece.name}{tail}": how for row in rows for tail in (NOW, "_carried", "_now")
              if (how := spec.schedule.get(row.piece.name))}  # fmt: skip
    known = replace(spec, schedule={**spec.schedule, **wishes})
    return Walk(known, rows[0].piece.axes[0], group.step < 0, rows)


def _row(spec: KernelSpec, group: Group, piece: Piece) -> Row:
    axis, members = piece.axes[0], frozenset(group.names)
    before: list[Term] = []
    base: list[Term] = []
    found: dict[tuple[sp.Expr, sp.Expr, bool], list[Term]] = {}
    for term in _terms(piece):
        if not _by_steps(term) and not members.intersection(r.name for r in term.accesses):
            before.append(term)
            continue
        start, stop, row = _at_step(piece.name, term, axis, members)
        carried = [r for r in term.accesses if r.name in members]
        early = all(sp.expand(term.write[0] - r.index[0]) != 0 for r in carried)
        if not carried and not _is_pointwise(row) and stop - start != 1:
            before.append(term)
        elif (start, stop) == (0, axis.size):
            base.append(row)
        elif stop != start:
            found.setdefault((start, stop, early), []).append(row)
    whole = composed(spec, Piece(piece.name, piece.axes, comment=_told(piece)), before) if before else None
    return Row(piece, whole, tuple(base), tuple(Part(*key, tuple(terms)) for key, terms in found.items()))


def _by_steps(term: Term) -> bool:
    """Whether a term lands at one place along the first axis, or at a constant distance from its letter."""
    letters = [s for s in term.sizes if s in term.write[0].free_symbols]
    apart = sp.expand(term.write[0] - sp.Add(*letters))
    return not letters or (len(letters) == 1 and isinstance(apart, sp.Integer))


def _told(piece: Piece) -> str:
    """Say of the part before the loop what it is."""
    return f"{piece.comment.split(' = ')[0]}: the sums that need no other step, for all steps"


def _terms(piece: Piece) -> Iterator[Term]:
    for s in piece.summands:
        yield Term(piece.index, (*piece.axes, *s.summed), s.factor * s.inner)
    yield from (Term(landing.write, landing.bound, landing.body) for landing in piece.landings)


def _at_step(name: str, term: Term, axis: Axis, members: frozenset[str]) -> tuple[sp.Expr, sp.Expr, Term]:
    """Return the steps that have a term, and the term over the row of one step."""
    moved = apart(term, (axis.letter,))
    first, here = moved.write[0], axis.symbol
    letters = [s for s in moved.sizes if s in first.free_symbols]
    table: Mapping[sp.Expr, sp.Expr] = {}
    start, stop = first, first + 1
    if letters:
        start = sp.expand(first - letters[0])
        stop, table = start + moved.sizes[letters[0]], {letters[0]: here - start}
        if len(letters) > 1 or not isinstance(start, sp.Integer):
            raise DefinitionError(
                f"{name} lands at {first} along {axis.letter}; a kernel walks by constant steps; write the "
                f"recurrence out with unroll"
            )
    bound = tuple(a for a in moved.bound if a.symbol not in table)
    write = tuple(w.xreplace(table) for w in moved.write[1:])
    body = map_refs(reindex(moved.body, table), lambda r: _marked(r, (here, first), members))
    return start, stop, Term(write, bound, body)


def _marked(ref: Ref, here: tuple[sp.Expr, ...], members: frozenset[str]) -> Ref:
    """Read a node of the recurrence in the same step from its row."""
    same = ref.name in members and ref.index[0] in here
    return Ref(f"{ref.name}{NOW}", ref.index[1:]) if same else ref
