"""Loops, BLAS or no arrays at all: the choice for every sum, with its reason in words.

A call of BLAS costs about as much as 700 multiplications in loops over constant bounds (measured on one
core of a Zen 4 with OpenBLAS); below that, loops are faster.  A network whose every entry is a
scalar variable needs no arrays between its layers: then samples are the only loop.
"""

from dataclasses import dataclass

import sympy as sp

from symgrad.kernels.pieces import Piece, Summand
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Operand
from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis

BLAS_FROM = 700
UNROLLED_UP_TO = 200
SIZE_ASSUMED = 64


@dataclass(frozen=True)
class Contraction:
    """``left @ right``, transposed as needed, with the axes of the result in this order."""

    left: Operand
    right: Operand
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class Choice:
    """How one sum is computed, and why."""

    node: str
    how: str
    reason: str
    contraction: Contraction | None = None

    def __str__(self) -> str:
        return f"{self.node}: {self.how}, {self.reason}"


def choose(spec: KernelSpec, piece: Piece, summand: Summand) -> Choice:
    """Decide how one sum of a node is computed."""
    found = contraction(spec, summand, piece.axes)
    if found is None:
        return Choice(piece.name, "loops", "not a product of two matrices")
    count, known = _multiplications(spec, (*found.axes, *summand.summed))
    wish = spec.schedule.get(piece.name)
    if wish:
        return Choice(piece.name, wish, "as asked for", found if wish == "blas" else None)
    if known and count < BLAS_FROM:
        return Choice(
            piece.name, "loops", f"{count} multiplications for {spec.rows} rows are too few for a call"
        )
    return Choice(piece.name, "blas", f"{count} multiplications" if known else "sizes are open", found)


def contraction(spec: KernelSpec, summand: Summand, axes: tuple[Axis, ...]) -> Contraction | None:
    """Return the matrix product that a sum is, or None."""
    accesses = sp.Mul.make_args(summand.inner)
    if len(summand.summed) != 1 or len(accesses) != 2 or not all(isinstance(a, Ref) for a in accesses):
        return None
    one, other = (_matrix(spec, a) for a in accesses)
    summed = summand.summed[0].symbol
    if not (one and other and summed in one.index and summed in other.index):
        return None
    own = [axis for axis in axes if axis.symbol in (*one.index, *other.index)]
    return _ordered(one, other, summed, own) or _ordered(other, one, summed, own)


def _matrix(spec: KernelSpec, access: sp.Expr) -> Ref | None:
    """Return an access that BLAS can read: one or two plain, different letters, of a float array."""
    if not isinstance(access, Ref) or not 1 <= len(access.index) <= 2:
        return None
    plain = all(isinstance(i, sp.Symbol) and not i.is_positive for i in access.index)
    labels = access.name == spec.target and spec.target_form == "labels"
    return access if plain and len(set(access.index)) == len(access.index) and not labels else None


def _ordered(left: Ref, right: Ref, summed: sp.Symbol, own: list[Axis]) -> Contraction | None:
    rows = [i for i in left.index if i != summed]
    columns = [i for i in right.index if i != summed]
    if [*rows, *columns] != [axis.symbol for axis in own] or not own:
        return None
    first = Operand(left.name, len(left.index) == 2 and left.index[0] == summed)
    second = Operand(right.name, len(right.index) == 2 and right.index[1] == summed)
    return Contraction(first, second, tuple(own))


def _multiplications(spec: KernelSpec, axes: tuple[Axis, ...]) -> tuple[int, bool]:
    """Count the multiplications of a sum, and say whether all widths are known."""
    widths = [axis.size for axis in axes if axis.size != spec.row]
    known = all(w.is_Integer for w in widths)
    count = spec.rows if len(widths) < len(axes) else 1
    for width in widths:
        count *= int(width) if width.is_Integer else SIZE_ASSUMED
    return count, known


def unrolls(spec: KernelSpec, parts: tuple[Piece, ...]) -> str | None:
    """Return why a network is written without arrays, or None when it is not."""
    if spec.schedule.get("*") == "arrays" or any(p.scattered for p in parts):
        return None
    counts = [_scalars(spec, piece) for piece in parts]
    if any(c is None for c in counts) or not _layered(spec, parts):
        return None
    total = sum(c for c in counts if c)
    return f"{total} scalar statements" if total <= UNROLLED_UP_TO else None


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
