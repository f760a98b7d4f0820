"""Matrix style with labels: ``z[t] = x[t] Vᵀ + h[t−1] Uᵀ + 1 bᵀ``, ``S[n,h] = Q[n,h] K[n,h]ᵀ/√d``.

A definition with more than two axes is matrix algebra for every value of some of its letters, the labels:
the steps of a recurrence, the heads of an attention.  Letters summed over may be labels too,
``∂J/∂U = Σ_t δz[t+1]ᵀ h[t]``.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import combinations

import sympy as sp

from symgrad.model.contraction import contract
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.landing import Landed
from symgrad.model.terms import summed
from symgrad.notation.arrange import arrange, listed, split_coefficient
from symgrad.notation.common import entrywise_total
from symgrad.notation.compose import over
from symgrad.notation.convolution import convolution
from symgrad.notation.layout import Block, Equation, Glyph, Layout, Over
from symgrad.notation.lines import definition_block, solved, zero_outside
from symgrad.notation.matrix import matrix_line, tree_layout
from symgrad.notation.order import ordered_factors, ordered_terms
from symgrad.notation.ranges import is_whole, untold
from symgrad.notation.roles import Roles, named

Letters = frozenset[sp.Expr]


def matrix_block(graph: Graph, names: Iterable[str] = ()) -> Block:
    """Return definitions in matrix style, those that are no matrix algebra with their letters.

    Parameters
    ----------
    names
        The nodes wanted; without any, all that are defined.
    """
    roles = Roles.of(graph)
    wanted = [graph[name] for name in names] or graph.nodes
    blocks = [_block(node, roles) for node in wanted]
    notes = dict.fromkeys(note for block in blocks for note in block.notes)
    return Block(tuple(e for block in blocks for e in block.equations), tuple(notes))


def _block(node: Node, roles: Roles) -> Block:
    line = matrix_line(node, roles)
    labelled = Block((line.equation,)) if line is not None else labelled_block(node, roles)
    return labelled or definition_block(node, roles)


def labelled_block(node: Node, roles: Roles) -> Block | None:
    """Return a definition as matrix algebra for every value of some letters; None if it is none."""
    if node.reduce != "sum" or not node.terms:
        return None
    roles = roles.of_node(node)
    landed = [one.landed for one in solved(node, roles)]
    whole = [found for found in landed if found is not None]
    if len(whole) < len(landed):
        return None
    terms = [part for found in whole for part in _addends(found.term)]
    chosen = (
        labels for labels in _own_labels(node.axes, roles) if not (labels and _is_jacobian(node.name, roles))
    )
    found = [way for labels in chosen if (way := _with_own_labels(node, terms, labels, roles)) is not None]
    if found:
        return Block((min(found, key=lambda way: way.sums).equation,), _notes(whole, roles))
    sliding = convolution(node, terms, roles)
    return None if sliding is None else Block((sliding,))


def _notes(found: Iterable[Landed], roles: Roles) -> tuple[Equation | str, ...]:
    """Say of what labels leave the axes, and what stands there: ``a[−1] = x``."""
    landed = tuple(found)
    zeros = sorted({name for one in landed for name in one.outside})
    values = (_beyond(pair, roles) for one in landed for pair in one.beyond)
    return (*zero_outside(zeros, roles), *values)


def _beyond(pair: tuple[Ref, Ref], roles: Roles) -> Equation:
    access, value = pair
    labels = listed(at for at in access.index if not at.is_Symbol or at.is_positive)
    return Equation(
        named(access.name, labels, roles, whole=len(labels) < len(access.index)),
        named(value.name, (), roles, whole=bool(value.index)),
    )


@dataclass(frozen=True)
class _Way:
    """A definition with some labels, and over how many letters it still sums in the open."""

    equation: Equation
    sums: int


def _with_own_labels(node: Node, terms: list[Term], labels: Letters, roles: Roles) -> _Way | None:
    parts = [_term_layout(term, node.axes, labels, roles) for term in terms]
    found = tuple(part for part in parts if part is not None)
    if len(found) < len(parts):
        return None
    sums = sum(len(part.letters) for part in found if isinstance(part, Over))
    return _Way(Equation(_left(node, labels, roles), entrywise_total(found)), sums)


def _addends(term: Term) -> Iterator[Term]:
    """Split a sum of sums: each is a product of matrices by itself."""
    parts = sp.Add.make_args(term.body) if summed(term) else (term.body,)
    return (Term(term.write, term.bound, part) for part in parts)


def _left(node: Node, labels: Letters, roles: Roles) -> Layout:
    index = tuple(axis.symbol for axis in node.axes)
    shown = _told(index, {i for i in index if i not in labels}, roles)
    return named(node.name, shown, roles, whole=len(labels) < len(node.axes))


def _told(index: tuple[sp.Expr, ...], kept: Set[sp.Expr], roles: Roles) -> tuple[Layout, ...]:
    """Return the labels of an access; dots for the axes that it keeps, where these are not its last ones.

    The steps of a recurrence are known by their letter and need no dots.
    """
    labels = [i for i in index if i not in kept]
    leading = list(index[: len(labels)]) == labels
    steps = all(str(s) in roles.along or s.is_positive for i in labels for s in i.free_symbols)
    shown = labels if leading or steps else index
    return tuple(Glyph("·") if i in kept else arrange(i, roles) for i in shown)


def _own_labels(axes: tuple[Axis, ...], roles: Roles) -> Iterator[Letters]:
    """Yield the ways to leave two axes at most, those that walk along a recurrence as labels first."""
    ranked = sorted(axes, key=lambda axis: axis.letter not in roles.along)
    walked = sum(axis.letter in roles.along for axis in axes)
    for chosen in combinations(ranked, max(len(axes) - 2, walked)):
        yield frozenset(axis.symbol for axis in chosen)


def _term_layout(term: Term, axes: tuple[Axis, ...], labels: Letters, roles: Roles) -> Layout | None:
    inner = sorted(summed(term), key=lambda axis: axis.letter not in roles.along)
    most = max((len(ref.index) for ref in term.accesses), default=0)
    for count in range(max(most - 1, 1)):
        for more in combinations(inner, count):
            chosen = labels | {axis.symbol for axis in more}
            found = _with_labels(term, axes, chosen, roles) if _is_clear(term, chosen, roles) else None
            if found is not None:
                return over("Σ", tuple(axis.letter for axis in more), found)
    return None


def _is_jacobian(name: str, roles: Roles) -> bool:
    """Whether a node has axes of two nodes, so that labels would not say whose they are."""
    adjoint = roles.deltas.get(name)
    return adjoint is not None and roles.ranks.get(adjoint.loss, 0) > 0


def _is_clear(term: Term, labels: Letters, roles: Roles) -> bool:
    """Whether it shows how far every letter runs, and labels stand at the same places of a node."""
    rest = {ref: [k for k, i in enumerate(ref.index) if i.free_symbols & labels] for ref in term.accesses}
    places = {(ref.name, *at) for ref, at in rest.items()}
    inner = tuple(axis for axis in summed(term) if axis.symbol in labels)
    others = replace(term, bound=tuple(axis for axis in term.bound if axis.symbol not in labels))
    return (
        len(places) == len({ref.name for ref in term.accesses})
        and not any(at and _is_jacobian(ref.name, roles) for ref, at in rest.items())
        and not untold(inner, term.accesses, roles.shapes)
        and is_whole(others, roles.shapes)
    )


def _with_labels(term: Term, axes: tuple[Axis, ...], labels: Letters, roles: Roles) -> Layout | None:
    """Return a term as matrix algebra with these letters as labels."""
    aliases = {ref: alias for ref in term.accesses if (alias := _alias(ref, labels, set(term.sizes)))}
    if len(aliases) < len(term.accesses):
        return None
    own = tuple(axis.symbol for axis in axes if axis.symbol not in labels)
    bound = tuple(axis for axis in term.bound if axis.symbol not in labels)
    plain = Term(own, bound, map_refs(term.body, lambda ref: aliases[ref]))
    more = roles.with_aliases(
        {alias.name: (ref.name, _told(ref.index, set(alias.index), roles)) for ref, alias in aliases.items()}
    )

    def factors(parts: Sequence[sp.Expr]) -> list[sp.Expr]:
        front, rest = split_coefficient(sp.Mul(*parts))
        return [front, *ordered_factors(sp.Mul.make_args(rest), more)]

    tree = contract(plain, factors, ordered_terms)
    return None if tree is None else tree_layout(tree, more)


def _alias(ref: Ref, labels: Letters, bound: set[sp.Symbol]) -> Ref | None:
    """Return an access without its labels, under a name that says them; None where letters are mixed."""
    kept = [i for i in ref.index if i in bound and i not in labels]
    shown = [i for i in ref.index if not (i in bound and i not in labels)]
    if any(len(i.free_symbols & bound) > 1 or (i.free_symbols & bound) - labels for i in shown):
        return None
    name = f"{ref.name}[{','.join(map(str, shown))}]" if shown else ref.name
    return Ref(name, kept)
