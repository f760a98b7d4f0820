"""Derived nodes put into one another, as far as that makes no second sum.

Deriving again leaves nodes that only carry a product further, such as ∂(∂J/∂w)/∂δz = x, and identities,
which are terms that land at a repeated letter.  Here they are put in the place of their accesses: by
renaming letters, so that a Kronecker delta vanishes into the subscripts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.derive.compact import compact
from symgrad.derive.rewrite import Knowledge, sum_is_one
from symgrad.model.expressions import Ref, reindex
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.terms import apart, letters, rename, same, summed


@dataclass(frozen=True)
class Shortened:
    """A graph after shortening, and what was assumed of the targets."""

    graph: Graph
    assumptions: tuple[str, ...]


def shorten(graph: Graph, own: Iterable[str], keep: Iterable[str]) -> Shortened:
    """Reuse values in derived nodes, put them into one another, leave out what nobody reads.

    Parameters
    ----------
    own
        The derived nodes; their bodies are linear in one another, as those of deltas and tangents are.
    keep
        Those of them that must stay.
    """
    mine, kept = frozenset(own), frozenset(keep)
    given = [node for node in graph.nodes if node.name not in mine]
    graph = graph.restricted({*(node.name for node in given), *kept})
    knowledge = _knowledge(given)
    made = {node.name: node for node in graph.nodes if node.name in mine}
    used: set[str] = set()
    for name in list(made):
        tidied = knowledge.tidy_node(made[name])
        made[name] = replace(tidied.node, terms=collected(tidied.node.terms))
        used |= tidied.assumptions
        if name not in kept:
            _inline(made, name)
        if name in made and name not in kept:
            _store_diagonal(made, name)
    whole = Graph((*given, *made.values()), graph.loss)
    return Shortened(whole, tuple(sum_is_one(graph[name]) for name in sorted(used)))


def collected(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Add up terms that are equal but for a number and the names of letters, those with a minus last."""
    found: list[tuple[sp.Expr, Term]] = []
    for term in terms:
        number, body = term.body.as_coeff_Mul()
        unit = Term(term.write, term.bound, body)
        at = next((k for k, (_, other) in enumerate(found) if _alike(other, unit)), None)
        if at is None:
            found.append((number, unit))
        else:
            found[at] = found[at][0] + number, found[at][1]
    ordered = sorted(found, key=lambda pair: bool(pair[0] < 0))
    return tuple(Term(t.write, t.bound, number * t.body) for number, t in ordered if number != 0)


def _alike(one: Term, other: Term) -> bool:
    """Whether two terms are equal after renaming, landing letters included."""
    if len(one.bound) != len(other.bound) or len(one.accesses) != len(other.accesses):
        return False
    pairs = list(zip(one.write, other.write, strict=True))
    mapping = {str(b): str(a) for a, b in pairs if b in other.sizes and a in one.sizes}
    if len(set(mapping.values())) < len(mapping):
        return False
    free = apart(other, letters(one))
    moved = dict(zip(letters_in_order(other), letters_in_order(free), strict=True))
    return same(one, rename(free, {moved[b]: a for b, a in mapping.items()})) is True


def letters_in_order(term: Term) -> tuple[str, ...]:
    """Return the letters that a term binds, in order."""
    return tuple(axis.letter for axis in term.bound)


def _knowledge(given: list[Node]) -> Knowledge:
    """Return what the given nodes offer for reuse; a gradient that is a ratio, e/S, is worth its name."""
    known = Knowledge.of({node.name: node for node in given})
    ratios = {name: found for node in given if node.adjoint for name, found in _ratios(node)}
    return replace(known, relations={**ratios, **known.relations})


def _ratios(node: Node) -> Iterator[tuple[str, tuple[Node, sp.Expr]]]:
    """Solve ``d = e/S`` for e, where d is defined by that alone."""
    if len(node.terms) != 1 or summed(node.terms[0]) or node.terms[0].write != node.index:
        return
    body = node.terms[0].body
    for access in node.terms[0].accesses:
        slope = sp.cancel(body / access)
        below = sp.fraction(slope)[1].atoms(Ref)
        if access.index == node.index and below and access not in slope.atoms(Ref):
            yield access.name, (node, node.ref / slope)


def _inline(made: dict[str, Node], name: str) -> None:
    """Put a node into those that read it, where that makes no sum of sums."""
    node = made[name]
    readers = [n for n in made.values() if any(r.name == name for t in n.terms for r in t.accesses)]
    if node.reduce != "sum" or node in readers:
        return
    uses = [term for n in readers for term in n.terms if any(r.name == name for r in term.accesses)]
    plain = not any(summed(term) for term in node.terms) and (len(node.terms) < 2 or len(readers) < 2)
    helper = node.auxiliary or (len(readers) == 1 and _is_name_for(readers[0], node))
    if not plain and not (helper and len(uses) == 1):
        return
    changed = {reader.name: _composed(reader, node) for reader in readers}
    if all(terms is not None for terms in changed.values()):
        for reader in readers:
            made[reader.name] = replace(reader, terms=changed[reader.name] or ())
        del made[name]


def _store_diagonal(made: dict[str, Node], name: str) -> None:
    """Store a node that is zero where two subscripts differ, as ∂y[m,k]/∂a[n,j] is, over one of them."""
    node = made[name]
    twin = _twins(node)
    if twin is None:
        return
    first, second = twin
    at = tuple(a.symbol if k != second else node.axes[first].symbol for k, a in enumerate(node.axes))
    axes = tuple(axis for k, axis in enumerate(node.axes) if k != second)
    diagonal = Term(at, axes, Ref(name, tuple(axis.symbol for axis in axes)))
    readers = [n for n in made.values() if any(r.name == name for t in n.terms for r in t.accesses)]
    changed = {reader.name: _composed(reader, replace(node, terms=(diagonal,))) for reader in readers}
    if node in readers or any(terms is None for terms in changed.values()):
        return
    for reader in readers:
        made[reader.name] = replace(reader, terms=changed[reader.name] or ())
    terms = tuple(replace(t, write=(*t.write[:second], *t.write[second + 1 :])) for t in node.terms)
    made[name] = replace(node, axes=axes, terms=terms, adjoint=None)


def _twins(node: Node) -> tuple[int, int] | None:
    """Return the places of two axes of one size at which every term lands with the same letter."""
    size = [axis.size for axis in node.axes]
    pairs = ((p, q) for q in range(len(size)) for p in range(q) if size[p] == size[q])
    whole = (
        pair
        for pair in pairs
        if all(t.write[pair[0]] == t.write[pair[1]] and t.write[pair[0]] in t.sizes for t in node.terms)
    )
    return next(whole, None) if node.terms else None


def _is_name_for(reader: Node, node: Node) -> bool:
    """Whether a node only gives another a second name."""
    bodies = [term.body for term in reader.terms]
    return len(bodies) == 1 and isinstance(bodies[0], Ref) and bodies[0].name == node.name


def _composed(reader: Node, node: Node) -> tuple[Term, ...] | None:
    """Return a reader's terms with a node's definition in the place of its accesses, None if that fails."""
    done: list[Term] = []
    for term in reader.terms:
        mine = [ref for ref in term.accesses if ref.name == node.name]
        rest = term.body.xreplace(dict.fromkeys(mine, sp.Integer(0)))
        done += [Term(term.write, term.bound, rest)] if rest != 0 else []
        for access in mine:
            slope = sp.diff(term.body, access)
            parts = [compose(Term(term.write, term.bound, slope), access, node, part) for part in node.terms]
            done += [part for part in parts if part is not None]
            if None in parts:
                return None
    return tuple(done)


def compose(term: Term, access: Ref, node: Node, part: Term) -> Term | None:
    """Multiply a term by one term of the node that it accesses, the subscripts made equal by renaming.

    Returns None where they cannot be: a letter that runs over a part of an axis, a computed landing.
    """
    step = apart(part, letters(term))
    sizes = {**term.sizes, **step.sizes}
    solved: dict[sp.Expr, sp.Expr] = {}
    for at, wanted, axis in zip(step.write, access.index, node.axes, strict=True):
        left, right = at.xreplace(solved), wanted.xreplace(solved)
        whole = sizes.get(left) == axis.size
        if left == right:
            continue
        if not whole or (left in term.sizes and sizes.get(right) != axis.size):
            return None
        solved = {old: new.xreplace({left: right}) for old, new in solved.items()} | {left: right}
    bound = tuple(a for a in (*term.bound, *step.bound) if a.symbol not in solved)
    write = tuple(w.xreplace(solved) for w in term.write)
    return Term(write, bound, reindex(compact(term.body) * step.body, solved))
