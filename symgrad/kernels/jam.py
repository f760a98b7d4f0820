"""Several samples in one turn: the loop over samples unrolled, and its inner loops jammed together.

A loop that computes Σ_j w[j] x[n,j] for one sample waits for each addition, and stores every entry of a
gradient once for each sample.  Four samples at a time, four sums are on their way at once, and an entry
takes four summands before it is stored, while the data are read once, in the order in which they stand.
Inner loops run to sizes read from an array: LLVM writes out a loop to a number before it could vectorise it.
(Unroll and jam: Callahan, Cocke, Kennedy 1988.)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

import sympy as sp

from symgrad.kernels.mapping import map_values
from symgrad.kernels.positions import Remainder
from symgrad.kernels.remarks import without_remarks
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Assign,
    Loop,
    Size,
    Statement,
    Statements,
    expressions,
    read,
    walk,
)
from symgrad.kernels.streams import streams
from symgrad.model.expressions import Ref, index, map_refs, reindex, size

TOGETHER = 4
WIDE = 8
"""Shorter loops are better written out."""
LONGEST = 24
"""How many statements a loop may have: the text of each is written once for every sample."""


def jams(spec: KernelSpec) -> bool:
    """Whether loops over samples are to take several in a turn: fast kernels of data that fill no cache."""
    return spec.fast and streams(spec) is not None


def jammed(spec: KernelSpec, statements: Statements) -> Statements:
    """Return statements whose loops over all samples take several in a turn where they can."""
    found = [s for s in statements if jams(spec) and can_jam(s, spec.row)]
    if not found:
        return statements
    opened = _Opened.of(spec, found)
    made = [_jammed(opened.body(s), spec.row) if can_jam(s, spec.row) else (s,) for s in statements]
    return (*opened.sizes, *(new for some in made for new in some))


def can_jam(statement: Statement, row: sp.Expr) -> TypeGuard[Loop]:
    """Whether the samples of a loop meet in sums only, so that their order does not matter."""
    if not isinstance(statement, Loop) or statement.stop != row or statement.start != 0 or statement.down:
        return False
    inside = tuple(walk(statement.body))
    plain = all(isinstance(s, Assign | Accumulate | Loop) for s in inside) and len(inside) <= LONGEST
    return plain and any(isinstance(s, Loop) for s in inside) and _Jam.of(statement).pays


def _jammed(loop: Loop, row: sp.Expr) -> Statements:
    body = _Jam.of(loop).body(loop.body)
    left = Remainder(row, sp.Integer(TOGETHER))
    together = replace(loop, stop=row - left, step=TOGETHER, body=body)
    return together, replace(loop, start=row - left, body=without_remarks(loop.body))


@dataclass(frozen=True)
class _Opened:
    """The sizes that inner loops read from arrays, by the letter of the loop and the number it runs to."""

    sizes: tuple[Size, ...]
    known: Mapping[tuple[str, sp.Expr], sp.Expr]

    @classmethod
    def of(cls, spec: KernelSpec, loops: Iterable[Loop]) -> "_Opened":
        """Find for the loops inside of others an array of the network whose axis they run along."""
        inner = [s for loop in loops for s in walk(loop.body) if isinstance(s, Loop) and s.start == 0]
        found: dict[str, Size] = {}
        known: dict[tuple[str, sp.Expr], sp.Expr] = {}
        for loop in inner:
            for name, place, extent in _axes(spec, loop):
                if loop.stop.is_Integer and loop.stop == extent.xreplace(spec.bound) and loop.stop >= WIDE:
                    read_as = extent if extent.is_Symbol else size(f"size_{loop.letter}")
                    one = found.setdefault(str(read_as), Size(str(read_as), name, place, loop.stop))
                    if one.extent == loop.stop:
                        known[loop.letter, loop.stop] = read_as
        return cls(tuple(found.values()), known)

    def body(self, loop: Loop) -> Loop:
        """Return a loop whose inner loops run to sizes read from arrays."""
        return replace(loop, body=tuple(self._inner(s) if isinstance(s, Loop) else s for s in loop.body))

    def _inner(self, loop: Loop) -> Loop:
        return self.body(replace(loop, stop=self.known.get((loop.letter, loop.stop), loop.stop)))


def _axes(spec: KernelSpec, loop: Loop) -> Iterator[tuple[str, int, sp.Expr]]:
    """Yield the arguments with an axis along which a loop runs: name, place, size as the network has it."""
    arguments = {*spec.leaves, *(p.name for p in spec.parameters)}
    for ref in sorted({r for s in walk(loop.body) for r in read(s)}, key=str):
        if ref.name in arguments:
            node = spec.graph[ref.name]
            for place, (at, extent) in enumerate(zip(ref.index, node.shape, strict=False)):
                if at == index(loop.letter):
                    yield ref.name, place, extent


@dataclass(frozen=True)
class _Jam:
    """The letter of a loop over samples, and the scalars that are a sample's own."""

    letter: str
    own: frozenset[str]
    statements: Statements

    @classmethod
    def of(cls, loop: Loop) -> "_Jam":
        """Find the scalars that are set in every turn."""
        inside = tuple(walk(loop.body))
        own = {s.target.name for s in inside if isinstance(s, Assign) and not s.target.index}
        return cls(loop.letter, frozenset(own), inside)

    @property
    def pays(self) -> bool:
        """Whether samples may be taken together, and something is summed: entries alone gain nothing."""
        added = (s.target.index for s in self.statements if isinstance(s, Accumulate))
        return self.is_legal and any(index(self.letter) not in place for place in added)

    @property
    def is_legal(self) -> bool:
        """Whether what samples share is only added to, and of arrays a sample reads its own entries only."""
        written = [s for s in self.statements if isinstance(s, Assign | Accumulate)]
        shared = {s.target.name for s in written if self._is_shared(s.target)}
        added = all(isinstance(s, Accumulate) for s in written if self._is_shared(s.target))
        theirs = {s.target.name for s in written if s.target.index} - shared
        reads = [r for s in self.statements for r in read(s)]
        apart = all(index(self.letter) in r.index for r in reads if r.name in theirs)
        single = {s.target.name for s in written if not self._is_shared(s.target)}
        return added and apart and not shared & ({r.name for r in reads} | single)

    def _is_shared(self, target: Ref) -> bool:
        mine = index(self.letter) in target.index
        return target.name not in self.own and not mine

    def body(self, statements: Statements) -> Statements:
        """Return the statements of several samples."""
        return tuple(new for statement in statements for new in self._several(statement))

    def _several(self, statement: Statement) -> Iterator[Statement]:
        if isinstance(statement, Loop):
            yield replace(statement, body=self.body(statement.body))
            return
        assert isinstance(statement, Assign | Accumulate)
        if isinstance(statement, Accumulate) and self._is_shared(statement.target):
            values = (self._moved(statement, k) for k in range(TOGETHER))
            yield replace(statement, value=sp.Add(*(v for s in values for v in expressions(s))))
            return
        for k in range(TOGETHER):
            moved = self._moved(statement, k)
            yield moved if k == 0 else replace(moved, comment="")

    def _moved(self, statement: Assign | Accumulate, k: int) -> Assign | Accumulate:
        """Return the statement of the sample k places further on."""
        table = {index(self.letter): index(self.letter) + k}

        def change(value: sp.Expr) -> sp.Expr:
            return map_refs(reindex(value, table), self._renamed(k))

        (moved,) = map_values((statement,), change)
        assert isinstance(moved, Assign | Accumulate)
        return moved

    def _renamed(self, k: int) -> Callable[[Ref], Ref]:
        return lambda ref: Ref(f"{ref.name}_{k}", ref.index) if ref.name in self.own else ref
