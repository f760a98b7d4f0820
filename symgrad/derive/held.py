"""Products with an exponential that a node holds: m·exp(u) is read from the node defined so.

The partial of such a node contains its value; read from the node it needs no second exponential, and
stays right when the node is rewritten.
"""

from collections.abc import Iterable, Mapping

import sympy as sp

from symgrad.model.expressions import Ref, refs, reindex
from symgrad.model.graph import Node
from symgrad.model.terms import solvable, summed


def parts(body: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Return m and u of a product m·exp(u), None where there is no exponential or more than one."""
    factors = sp.Mul.make_args(body)
    found = [f for f in factors if isinstance(f, sp.exp)]
    if len(found) != 1:
        return None
    return sp.Mul(*(f for f in factors if f is not found[0])), found[0].args[0]


def holders(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return the nodes that are such a product, entry by entry, and do more than exp of one access."""
    return tuple(node for node in nodes if _holds(node))


def _holds(node: Node) -> bool:
    if len(node.terms) != 1 or summed(node.terms[0]) or node.reduce != "sum" or not solvable(node):
        return False
    found = parts(node.terms[0].body)
    return found is not None and not (found[0] == 1 and isinstance(found[1], Ref))


def read(body: sp.Expr, nodes: tuple[Node, ...]) -> sp.Expr:
    """Read products with an exponential from the nodes that hold them."""
    for exponential in sorted(body.atoms(sp.exp), key=str) if nodes else ():
        for node in nodes:
            (term,) = node.terms
            places = matched(parts(term.body), exponential.args[0], term.write)
            if places is not None:
                held = node.ref.at(w.xreplace(places) for w in term.write)
                body = body.subs(reindex(term.body, places), held)
    return body


def matched(
    pattern: tuple[sp.Expr, sp.Expr] | None, argument: sp.Expr, letters: tuple[sp.Expr, ...]
) -> Mapping[sp.Expr, sp.Expr] | None:
    """Return where the letters of a product stand if its exponent is that argument."""
    if pattern is None:
        return None
    there = {ref.name: ref for ref in refs(argument)}
    places: dict[sp.Expr, sp.Expr] = {}
    for ref in refs(pattern[1]):
        if ref.name in there:
            places |= dict(zip(ref.index, there[ref.name].index, strict=True))
    known = {letter for letter in letters if letter in places}
    same = known == set(letters) and reindex(pattern[1], places) == argument
    return {letter: places[letter] for letter in letters} if same else None
