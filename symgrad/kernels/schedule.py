"""Loops, BLAS or no arrays at all: the choice for every sum, with its reason in words.

What costs least is chosen: a call of BLAS costs about as much as 700 multiplications in loops over constant
bounds (measured on one core of a Zen 4 with OpenBLAS), and packing a matrix about one for each entry.  A
network whose every entry is a scalar variable needs no arrays between its layers: then samples are the
only loop.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.kernels.contractions import contraction
from symgrad.kernels.costs import is_known, width
from symgrad.kernels.matrices import Contraction
from symgrad.kernels.pieces import Landing, Piece, Summand, entry, letters
from symgrad.kernels.printer import helpers_of
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.streams import by_vector, streams
from symgrad.kernels.tiling import in_tiles
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Axis

UNROLLED_UP_TO = 200
CALL = 8
"""Entries of a large batch that are moved in the time that a call costs more for a few samples at once."""


@dataclass(frozen=True)
class Choice:
    """How one sum is computed, and why: in loops, by BLAS on arrays as they stand, or on packed columns."""

    node: str
    how: str
    reason: str
    contraction: Contraction | None = None

    def __str__(self) -> str:
        return f"{self.node}: {self.how}, {self.reason}"


def split(spec: KernelSpec, piece: Piece) -> Piece:
    """Return a node with ``Σ_j (U[j] u[j] + V[j] v[j])`` as several sums where BLAS takes all of them."""
    if piece.reduce != "sum":
        return piece
    return replace(
        piece, summands=tuple(s for summand in piece.summands for s in _split(spec, piece, summand))
    )


def _split(spec: KernelSpec, piece: Piece, summand: Summand) -> tuple[Summand, ...]:
    if not summand.inner.has(sp.Add):
        return (summand,)
    parts = tuple(replace(summand, inner=inner) for inner in sp.Add.make_args(sp.expand_mul(summand.inner)))
    several = len(parts) > 1 and all(choose(spec, piece, part).contraction for part in parts)
    return parts if several else (summand,)


def choices(spec: KernelSpec, piece: Piece) -> Iterator[Choice]:
    """Yield how the sums of a node are computed."""
    piece = split(spec, piece)
    if piece.reduce == "sum":
        yield from (choose(spec, piece, summand) for summand in piece.summands if summand.summed)
        yield from (landing(spec, piece, term).choice for term in piece.landings if _folded(term))


def choose(spec: KernelSpec, piece: Piece, summand: Summand) -> Choice:
    """Decide how one sum of a node is computed."""
    question = ("choice", piece.name, piece.axes, summand)
    return kept(spec, question, lambda: _chosen(spec, piece, summand))


def _chosen(spec: KernelSpec, piece: Piece, summand: Summand) -> Choice:
    own = own_axes(piece, summand)
    place = entry(piece.name, tuple(axis.symbol for axis in own))
    found = None if summand.positions else contraction(spec, summand.inner, own, summand.summed, place)
    return _weighed(spec, piece.name, (*own, *summand.summed), found)


def own_axes(piece: Piece, summand: Summand) -> tuple[Axis, ...]:
    """Return those of a node's axes on which a sum depends."""
    used = letters(summand.inner).union(*(letters(p.value) for p in summand.positions))
    return tuple(axis for axis in piece.axes if axis.symbol in used)


@dataclass(frozen=True)
class Landed:
    """A term that lands at computed subscripts: ``node[write] += factor · Σ_summed inner``, and how."""

    choice: Choice
    factor: sp.Expr
    summed: tuple[Axis, ...]


def landing(spec: KernelSpec, piece: Piece, term: Landing) -> Landed:
    """Decide how a term is summed before it lands."""
    summed = _folded(term)
    inside = {axis.symbol for axis in summed}
    factors = sp.Mul.make_args(term.body)
    inner = sp.Mul(*(f for f in factors if letters(f) & inside))
    own = tuple(axis for axis in term.bound if axis not in summed and axis.symbol in letters(inner))
    found = None if term.positions else contraction(spec, inner, own, summed, None)
    factor = sp.Mul(*(f for f in factors if not letters(f) & inside))
    return Landed(_weighed(spec, piece.name, term.bound, found), factor, summed)


def _folded(term: Landing) -> tuple[Axis, ...]:
    """Return the letters that do not say where a term lands."""
    lands = {s for w in term.write for s in w.free_symbols}
    return tuple(axis for axis in term.bound if axis.symbol not in lands)


def _weighed(spec: KernelSpec, name: str, axes: tuple[Axis, ...], found: Contraction | None) -> Choice:
    if found is None:
        return Choice(name, "loops", "not a product of two matrices")
    count = width(spec, axes)
    wish = spec.asked(name)
    found = replace(found, tiled=in_tiles(spec, found, wish))
    how = "tiles" if found.tiled else "columns" if found.packs else "blas"
    if wish:
        return (
            Choice(name, "loops", "as asked for")
            if wish == "loops"
            else Choice(name, how, "as asked for", found)
        )
    if by_vector(spec, axes):
        return Choice(name, "loops", f"{streams(spec)}: a call for a vector would read them once more")
    if not is_known(spec, axes) and not found.packs:
        return Choice(name, how, "sizes are open", found)
    if count < found.cost:
        return Choice(name, "loops", f"{count} multiplications for {spec.rows} rows are too few for a call")
    return Choice(name, how, f"{count} multiplications", found)


def unrolls(spec: KernelSpec, parts: tuple[Piece, ...]) -> str | None:
    """Return why a network is written without arrays, or None when it is not."""
    asked = spec.schedule.get("*")
    if asked == "arrays" or any(p.landings or p.reduce == "argmax" for p in parts):
        return None
    if any(group.along for group in spec.graph.groups):
        return None
    counts = [_scalars(spec, piece) for piece in parts]
    count = sum(c for c in counts if c)
    if any(c is None for c in counts) or not (asked == "scalars" or _pays(spec, parts, count)):
        return None
    told = f"{count} scalar statements{', as asked for' if asked == 'scalars' else ''}"
    return told if _layered(spec, parts) and _by_sample(spec, parts) else None


def _pays(spec: KernelSpec, parts: tuple[Piece, ...], count: int) -> bool:
    """Whether few scalars do, and no large batch would be copied for little."""
    copied = streams(spec) and CALL * _calls(spec, parts) <= (_given(spec) if spec.fast else 0)
    return count <= UNROLLED_UP_TO and not copied


def _calls(spec: KernelSpec, parts: tuple[Piece, ...]) -> int:
    """Count the calls of functions for one sample: they cost less for several samples at once."""
    bodies = ((p.axes, s) for p in parts for s in p.summands)
    return sum(
        width(spec, [a for a in (*axes, *s.summed) if a.size != spec.row])
        for axes, s in bodies
        if helpers_of(s.factor) | helpers_of(s.inner)
    )


def _given(spec: KernelSpec) -> int:
    """Count the entries of a sample: each is moved once where samples are to stand last."""
    leaves = (spec.axes(spec.graph[name]) for name in spec.leaves)
    return sum(width(spec, [a for a in axes if a.size != spec.row]) for axes in leaves)


def _scalars(spec: KernelSpec, piece: Piece) -> int | None:
    """Count the summands of all entries of a node for one sample; None when a width is open."""
    total = 0
    for summand in piece.summands:
        sizes = [a.size for a in (*piece.axes, *summand.summed) if a.size != spec.row]
        if not all(s.is_Integer for s in sizes):
            return None
        total += int(sp.prod(sizes))
    return total


def _layered(spec: KernelSpec, parts: tuple[Piece, ...]) -> bool:
    """Whether no sample waits for a sum over all samples."""
    late: set[str] = set()
    for piece in parts:
        per_sample = [axis for axis in piece.axes if axis.size == spec.row]
        needs = {r.name for s in piece.summands for e in (s.factor, s.inner) for r in e.atoms(Ref)} & late
        sums = any(axis.size == spec.row for s in piece.summands for axis in s.summed)
        if len(per_sample) > 1 or (per_sample and (needs or sums)) or (sums and needs):
            return False
        if needs or sums:
            late.add(piece.name)
    return True


def _by_sample(spec: KernelSpec, parts: tuple[Piece, ...]) -> bool:
    """Whether every sample reads its own entries only: in a loop over samples no other ones are at hand."""
    return all(_reads_itself(spec, piece, s) for piece in parts for s in piece.summands)


def _reads_itself(spec: KernelSpec, piece: Piece, summand: Summand) -> bool:
    rows = {axis.symbol for axis in (*piece.axes, *summand.summed) if axis.size == spec.row}
    found = {r for e in (summand.factor, summand.inner) for r in refs(e)}
    elsewhere = {s for r in found for i in r.index[spec.has_samples(r.name) :] for s in letters(i)}
    values = {s for e in (summand.factor, summand.inner) for s in e.free_symbols}
    own = all(r.index[0] in rows for r in found if spec.has_samples(r.name))
    return own and not rows & (elsewhere | values)
