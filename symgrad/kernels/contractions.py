"""Which matrix product a sum is: the letters of its two factors, as rows, columns and what is summed.

::

    z[n,o,i,j] = Σ_{c,k,l} W[o,c,k,l] x[n,c,2i+k,2j+l]
    for n:  z[n] (o × ij) = W (o × ckl) · columns (ckl × ij)

A factor is read as it stands where its letters are in order, its leading ones fixed; else it is packed into
a matrix first (for a convolution: im2col; Chellapilla, Puri, Simard 2006).  Letters of both factors and of
the result are turns around the product; so may others be, if that saves packing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.kernels.costs import along, call, copying, width
from symgrad.kernels.matrices import Contraction, Side, Stretch
from symgrad.kernels.slices import plain_name
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis

ZERO = sp.Integer(0)

Symbols = tuple[sp.Symbol, ...]
Table = Mapping[sp.Symbol, Axis]


def contraction(
    spec: KernelSpec, inner: sp.Expr, own: tuple[Axis, ...], summed: tuple[Axis, ...], out: Ref | None
) -> Contraction | None:
    """Return the cheapest product that a sum is, or None if it is none.

    Parameters
    ----------
    own, summed
        The letters of the result, and the others; what else stands in subscripts is fixed around it all.
    out
        The entry of the result; None where the order of its letters is free.
    """
    factors = sp.Mul.make_args(inner)
    if len(factors) != 2 or not summed:
        return None
    one, other = factors
    if not (isinstance(one, Ref) and isinstance(other, Ref)):
        return None
    if not all(_is_float(spec, ref.name) for ref in (one, other)):
        return None
    table = {axis.symbol: axis for axis in (*own, *summed)}
    mine, its = _letters(one, table), _letters(other, table)
    if any(a.symbol not in mine & its for a in summed) or any(a.symbol not in mine | its for a in own):
        return None
    return _cheapest(spec, own, summed, tuple(r for r in (one, other, out) if r is not None))


def _cheapest(
    spec: KernelSpec, own: tuple[Axis, ...], summed: tuple[Axis, ...], accesses: tuple[Ref, ...]
) -> Contraction | None:
    """Search once for products that differ in the names of their arrays only, as those of layers alike."""
    table = {axis.symbol: axis for axis in (*own, *summed)}
    slots = tuple(Ref(f"slot{k}", ref.index) for k, ref in enumerate(accesses))
    extents = tuple(_extents(spec, table, ref) for ref in accesses)
    search = _Search(spec, table, own, summed, slots, extents)
    found = kept(spec, ("product", own, summed, slots, extents), search.cheapest)
    return found and _named(found, dict(zip(slots, accesses, strict=True)))


def _named(found: Contraction, names: Mapping[Ref, Ref]) -> Contraction:
    left, right, out = (replace(s, ref=names.get(s.ref, s.ref)) for s in (found.left, found.right, found.out))
    return replace(found, left=left, right=right, out=out)


def _extents(spec: KernelSpec, table: Table, ref: Ref) -> tuple[sp.Expr, ...]:
    """Return the sizes of an array; the letters that read a workspace cover it."""
    node = spec.graph.by_name.get(plain_name(ref.name))
    if node is not None:
        return tuple(axis.size for axis in spec.axes(node)[len(node.axes) - len(ref.index) :])
    return tuple(
        table[i].size if isinstance(i, sp.Symbol) and i in table else sp.Integer(1) for i in ref.index
    )


def _is_float(spec: KernelSpec, name: str) -> bool:
    node = spec.graph.by_name.get(name)
    return not spec.is_integer(name) and not (node is not None and node.reduce == "argmax")


def _shift(subscript: sp.Expr, letter: sp.Symbol) -> sp.Expr:
    if subscript == letter:
        return ZERO
    return subscript - letter if subscript.is_Symbol else sp.expand(subscript - letter)


def _letters(ref: Ref, table: Table) -> set[sp.Symbol]:
    return {s for i in ref.index for s in i.free_symbols & table.keys()}


@dataclass(frozen=True)
class _Search:
    """Tries the ways in which letters may be fixed.

    Attributes
    ----------
    accesses, extents
        The two factors and, where the order of its letters is fixed, the result; the sizes of the arrays.
    """

    spec: KernelSpec
    table: Table
    own: tuple[Axis, ...]
    summed: tuple[Axis, ...]
    accesses: tuple[Ref, ...]
    extents: tuple[tuple[sp.Expr, ...], ...]

    @property
    def out(self) -> Ref | None:
        """The entry of the result."""
        return self.accesses[2] if len(self.accesses) > 2 else None

    def cheapest(self) -> Contraction | None:
        """Return the cheapest product; one on arrays as they stand that fixes nothing is not to be beaten."""
        best: Contraction | None = None
        for found in self.found(*self.accesses[:2]):
            if not (found.packs or found.turns or found.steps):
                return found
            best = found if best is None or found.cost < best.cost else best
        return best

    def found(self, one: Ref, other: Ref) -> Iterator[Contraction]:
        """Yield the products, for every set of letters that is worth fixing."""
        for letters in self._worth(one, other):
            for left, right in ((one, other), (other, one)):
                yield from self._fixed(left, right, letters)

    def _worth(self, one: Ref, other: Ref) -> Iterator[frozenset[sp.Symbol]]:
        """Yield the sets of letters that are worth fixing: those of both factors, and more."""
        shared = frozenset(_letters(one, self.table) & _letters(other, self.table))
        shared -= {axis.symbol for axis in self.summed}
        yield shared
        leads = product(*(list(self._leads(ref)) for ref in self.accesses))
        more = {shared.union(*lead) for lead in leads} - {shared}
        yield from sorted(more, key=lambda letters: (len(letters), sorted(map(str, letters))))

    def _leads(self, ref: Ref) -> Iterator[Symbols]:
        """Yield the leading letters of an access, more and more of them."""
        lead: list[sp.Symbol] = []
        yield ()
        for subscript in ref.index[:-1]:
            if subscript in self.table:
                lead.append(subscript)
                yield tuple(lead)
            elif subscript.free_symbols & self.table.keys():
                return

    def _fixed(self, left: Ref, right: Ref, fixed: frozenset[sp.Symbol]) -> Iterator[Contraction]:
        mine, its = _letters(left, self.table), _letters(right, self.table)
        free = [a for a in self.own if a.symbol not in fixed]
        rows = tuple(a for a in free if a.symbol in mine)
        columns = tuple(a for a in free if a.symbol in its)
        inner = tuple(a for a in self.summed if a.symbol not in fixed)
        if not inner or not free:
            return
        ahead = frozenset(self.table) - {a.symbol for a in (*rows, *columns, *inner)}
        for order in dict.fromkeys((self._order(left, inner), self._order(right, inner))):
            first = rows if self.out else self._order(left, rows)
            second = columns if self.out else self._order(right, columns)
            sides = (
                self._side(left, first, order, ahead),
                self._side(right, order, second, ahead),
                self._result(first, second, ahead),
            )
            yield from self._priced(*sides, fixed)

    def _order(self, ref: Ref, letters: tuple[Axis, ...]) -> tuple[Axis, ...]:
        """Return letters as they stand in an access, those in computed subscripts as they were."""
        places = {i: k for k, i in enumerate(ref.index)}
        return tuple(sorted(letters, key=lambda axis: places.get(axis.symbol, 0)))

    def _side(
        self, ref: Ref, first: tuple[Axis, ...], second: tuple[Axis, ...], ahead: frozenset[sp.Symbol]
    ) -> Side:
        """Return an access as a matrix: as it stands, turned, or to be packed along memory."""
        ahead_of = len(ref.index) - len(first) - len(second)
        lead, rest = ref.index[: max(ahead_of, 0)], ref.index[max(ahead_of, 0) :]
        fixed = ahead_of >= 0 and all((i.free_symbols & self.table.keys()) <= ahead for i in lead)
        for axes, turned in (((*first, *second), False), ((*second, *first), True)):
            if fixed and (part := self._part(ref, rest, axes)) is not None:
                whole = part == (0, self._extents(ref)[len(lead)]) if axes else True
                return Side(ref, first, second, lead, turned, None if whole else part)
        turned = along(ref, first) > along(ref, second)
        ways = (Side(ref, first, second, None, way) for way in (turned, not turned))
        return max(ways, key=lambda side: self._storable(side.stored))

    def _part(self, ref: Ref, rest: tuple[sp.Expr, ...], axes: tuple[Axis, ...]) -> Stretch | None:
        """Return which places of the first axis are read, if the letters are those of some axes in order.

        The first may be shifted or cover a part of its axis; the others have to cover theirs.
        """
        steps = [_shift(i, a.symbol) for i, a in zip(rest, axes, strict=True)]
        extents = self._extents(ref)[len(ref.index) - len(rest) :]
        others = zip(steps[1:], axes[1:], extents[1:], strict=True)
        plain = all(step is ZERO and axis.size == extent for step, axis, extent in others)
        if not plain or (steps and steps[0].free_symbols):
            return None
        return (steps[0], steps[0] + axes[0].size) if axes else (ZERO, sp.Integer(1))

    def _extents(self, ref: Ref) -> tuple[sp.Expr, ...]:
        return self.extents[self.accesses.index(ref)]

    def _result(self, rows: tuple[Axis, ...], columns: tuple[Axis, ...], ahead: frozenset[sp.Symbol]) -> Side:
        if self.out is None:
            return Side(Ref("", ()), rows, columns, (), turned=False)
        side = self._side(self.out, rows, columns, ahead)
        return side if side.lead is not None and not side.turned else replace(side, lead=None, turned=False)

    def _storable(self, axes: tuple[Axis, ...]) -> bool:
        """Whether an array can be kept for all batches: the samples stand first, if they stand there."""
        return all(axis.size != self.spec.row for axis in axes[1:])

    def _priced(
        self, left: Side, right: Side, out: Side, fixed: frozenset[sp.Symbol]
    ) -> Iterator[Contraction]:
        turns = tuple(a for a in self.own if a.symbol in fixed)
        steps = tuple(a for a in self.summed if a.symbol in fixed)
        kept = [side for side in (left, right) if side.lead is None]
        kept += [out] if out.lead is None or steps or self.out is None else []
        if not all(self._storable(side.stored) for side in kept):
            return
        calls = width(self.spec, (*turns, *steps))
        work = call(self.spec, (*left.first, *left.second, *right.second))
        work += sum(copying(self.spec, side) for side in kept)
        yield Contraction(turns, steps, left, right, out, calls * work)
