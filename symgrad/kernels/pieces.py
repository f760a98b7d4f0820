"""What each node computes: its terms over its own letters, split at the sums, and those that land elsewhere.

::

    z[own] = Σ_k factor_k · ( Σ_summed inner_k )          own letters in `factor`, summed ones inside
    z[write] += body                                      computed subscripts on the left
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Position
from symgrad.model.expressions import Ref, index, refs, reindex, spelled
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.terms import gather, rename

SAMPLE = "n"


@dataclass(frozen=True)
class Summand:
    """``factor · Σ_summed inner``; without summed axes `inner` is 1.

    `positions` are the subscripts in it that arrays of integers hold.
    """

    factor: sp.Expr
    summed: tuple[Axis, ...]
    inner: sp.Expr
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True)
class Landing:
    """``node[write] += body`` for all values of the bound letters: a term left in scatter form."""

    write: tuple[sp.Expr, ...]
    bound: tuple[Axis, ...]
    body: sp.Expr
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A node as the kernel computes it: summands over own axes, and terms that land where they say.

    `reduce` says how they are put together, as for a node; all but sums have summands only, each with
    everything inside, and the summed letters in the order in which positions are counted.
    """

    name: str
    axes: tuple[Axis, ...]
    summands: tuple[Summand, ...] = ()
    landings: tuple[Landing, ...] = ()
    reduce: str = "sum"
    comment: str = ""

    @property
    def index(self) -> tuple[sp.Symbol, ...]:
        """The own index symbols."""
        return tuple(axis.symbol for axis in self.axes)

    @property
    def constant(self) -> sp.Expr | None:
        """The value, when it reads nothing and sums over nothing."""
        if self.landings or self.reduce != "sum" or any(s.summed or refs(s.factor) for s in self.summands):
            return None
        value = sp.Add(*(s.factor for s in self.summands))
        return None if value.free_symbols & set(self.index) else value


def pieces(spec: KernelSpec, wanted: Iterable[str]) -> tuple[Piece, ...]:
    """Return what has to be computed for the wanted nodes, parents first; constants are put in."""
    keep = set(wanted)
    table = spec.graph.restricted(keep).nodes
    result: list[Piece] = []
    known: dict[str, sp.Expr] = {}
    indicators: dict[str, Piece] = {}
    for node in table:
        if node.is_leaf:
            continue
        piece = _piece(spec, node, known, indicators)
        if node.name not in keep and _is_indicator(piece):
            indicators[node.name] = piece
        elif piece.constant is not None and node.name not in keep:
            known[node.name] = piece.constant
        else:
            result.append(piece)
    return tuple(result)


def _is_indicator(piece: Piece) -> bool:
    """Whether a node is the one-hot form of labels: cheaper to compare again than to store."""
    return len(piece.summands) == 1 and isinstance(piece.summands[0].factor, Equal)


def _piece(
    spec: KernelSpec, node: Node, known: Mapping[str, sp.Expr], indicators: Mapping[str, Piece]
) -> Piece:
    terms = tuple(_settled(spec, term, known, indicators) for term in node.terms)
    return replace(
        composed(spec, Piece(node.name, spec.axes(node), reduce=node.reduce), terms),
        comment=describe(spec, node),
    )


def composed(spec: KernelSpec, empty: Piece, terms: Iterable[Term]) -> Piece:
    """Return a piece with terms: those that can be solved over its own letters, and those that land."""
    axes = empty.axes
    gathered = [(term, gather(term, axes)) for term in terms if term.body != 0 or empty.reduce != "sum"]
    solved = [_samples_named(spec, found, axes) for _, found in gathered if found is not None]
    landing = [_samples_named(spec, term, ()) for term, found in gathered if found is None]
    if empty.reduce == "sum":
        summands = tuple(summand(t, axes) for t in solved)
        return replace(
            empty, summands=summands, landings=tuple(Landing(t.write, t.bound, t.body) for t in landing)
        )
    if landing:
        raise DefinitionError(f"{empty.name}: a maximum over computed subscripts has no kernel")
    whole = tuple(Summand(sp.Integer(1), summed_axes(t, axes), t.body) for t in solved)
    return replace(empty, summands=whole)


def _settled(
    spec: KernelSpec, term: Term, known: Mapping[str, sp.Expr], indicators: Mapping[str, Piece]
) -> Term:
    """Put the known sizes, the constant nodes and the indicators into a term."""
    constants = {r: known[r.name] for r in term.accesses if r.name in known}
    constants |= {r: _read_at(indicators[r.name], r) for r in term.accesses if r.name in indicators}
    body = reindex(term.body.xreplace(constants), spec.bound)
    return Term(tuple(w.xreplace(spec.bound) for w in term.write), spec.sized(term.bound), body)


def _read_at(piece: Piece, access: Ref) -> sp.Expr:
    return reindex(piece.summands[0].factor, dict(zip(piece.index, access.index, strict=True)))


def _samples_named(spec: KernelSpec, term: Term, own: tuple[Axis, ...]) -> Term:
    """Give the samples the same letter in every sum, so that loops over them can be joined."""
    rows = [axis.letter for axis in term.bound if axis.size == spec.row and axis not in own]
    taken = {axis.letter for axis in term.bound}
    return rename(term, {rows[0]: SAMPLE}) if len(rows) == 1 and SAMPLE not in taken else term


def summed_axes(term: Term, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return the axes over which a term in gather form is summed."""
    return tuple(axis for axis in term.bound if axis not in axes)


def summand(term: Term, axes: tuple[Axis, ...], positions: tuple[Position, ...] = ()) -> Summand:
    """Pull the factors without summed letters out of the sum of a term in gather form."""
    summed = summed_axes(term, axes)
    if not summed:
        return Summand(term.body, (), sp.Integer(1), positions)
    inside = {axis.symbol for axis in summed} | {index(p.letter) for p in positions}
    factors = sp.Mul.make_args(term.body)
    outer = [factor for factor in factors if not letters(factor) & inside]
    body = sp.Mul(*(factor for factor in factors if factor not in outer)) if outer else term.body
    used = letters(body).union(*(letters(p.value) for p in positions))
    idle = [axis for axis in summed if axis.symbol not in used]
    factor = sp.Mul(*outer, *(axis.size for axis in idle))
    busy = tuple(axis for axis in summed if axis not in idle)
    if not busy:
        return Summand(factor * body, (), sp.Integer(1), positions)
    return Summand(factor, busy, body, positions)


@lru_cache(maxsize=50_000)
def letters(expression: sp.Expr) -> frozenset[sp.Symbol]:
    """Return the index symbols of an expression, those in subscripts too."""
    inside = {s for r in refs(expression) for i in r.index for s in i.free_symbols}
    found = expression.free_symbols | inside
    return frozenset(s for s in found if isinstance(s, sp.Symbol) and not s.is_positive)


def describe(spec: KernelSpec, node: Node) -> str:
    """Return the formula of a node and its shape."""
    formula = spec.describe(node) if spec.describe else plain(node)
    axes = spec.axes(node)
    return f"{formula}    ({', '.join(spelled(a.size) for a in axes)})" if axes else formula


def plain(node: Node) -> str:
    """Write a definition plainly: the fallback when the caller brings no notation."""
    solved = [(gather(term, node.axes) or term) for term in node.terms]
    parts = [_plain_term(node, term) for term in solved]
    left = f"{node.name}[{','.join(a.letter for a in node.axes)}]" if node.axes else node.name
    joined = " + ".join(parts) if parts else "0"
    return f"{left} = {'' if node.reduce == 'sum' else f'{node.reduce} '}{joined}"


def _plain_term(node: Node, term: Term) -> str:
    inner = [axis.letter for axis in term.bound if axis not in node.axes]
    named = {
        r: sp.Symbol(f"{r.name}[{','.join(map(str, r.index))}]" if r.index else r.name) for r in term.accesses
    }
    body = str(term.body.xreplace(named)).replace("**", "^").replace("*", "·").replace("Ref", "")
    sign = f"Σ_{{{','.join(inner)}}} " if len(inner) > 1 else f"Σ_{inner[0]} " if inner else ""
    return f"{sign}{body}" if node.reduce == "sum" else f"over {','.join(inner)}: {body}"


def entry(name: str, index: Iterable[sp.Expr]) -> Ref:
    """Return an entry of an array; a quantity without axes is a scalar variable."""
    return Ref(name, tuple(index))
