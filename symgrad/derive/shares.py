"""Auxiliaries as expressions in named nodes: in p = e/S the exponential e is p S.

So the delta of a softmax, or of the weights of an attention, is written with its value.
"""

from collections.abc import Mapping

import sympy as sp

from symgrad.model.activations import LOG_SOFTMAX
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node
from symgrad.model.terms import summed


def relations(forward: Mapping[str, Node]) -> dict[str, tuple[Node, sp.Expr]]:
    """Solve ``p = e/S`` for the auxiliary e, wherever a function or two auxiliaries make such a quotient."""
    found: dict[str, tuple[Node, sp.Expr]] = {}
    for node in forward.values():
        if len(node.terms) != 1 or summed(node.terms[0]):
            continue
        if node.function == LOG_SOFTMAX:
            found |= _exponential(node, forward)
        elif node.function is not None or _is_share(node.terms[0].body, forward):
            found |= _divided(node, forward)
    return found


def _divided(node: Node, forward: Mapping[str, Node]) -> dict[str, tuple[Node, sp.Expr]]:
    """Solve ``p = e · slope`` for the auxiliaries e at the letters of p."""
    (term,) = node.terms
    found: dict[str, tuple[Node, sp.Expr]] = {}
    for access in term.accesses:
        auxiliary = forward[access.name]
        if auxiliary.auxiliary and access.index == auxiliary.index == node.index:
            slope = sp.diff(term.body, access)
            if slope != 0 and access not in slope.atoms(Ref) and term.body == slope * access:
                found[access.name] = (auxiliary, node.ref / slope)
    return found


def _is_share(body: sp.Expr, forward: Mapping[str, Node]) -> bool:
    """Whether a body is e/S of two auxiliaries, as the weights of an attention under a mask are."""
    parts = {factor.as_base_exp() for factor in sp.Mul.make_args(body)}
    read = {base.name: power for base, power in parts if isinstance(base, Ref)}
    both = len(parts) == len(read) == 2 and set(read.values()) == {sp.Integer(1), sp.Integer(-1)}
    return both and all(forward[name].auxiliary for name in read)


def _exponential(node: Node, forward: Mapping[str, Node]) -> dict[str, tuple[Node, sp.Expr]]:
    """Solve ``y = z − log S`` for the auxiliary ``e = exp(z)``: it is ``exp(y) S``."""
    (total,) = (log.args[0] for log in node.terms[0].body.atoms(sp.log))
    exp = forward[forward[total.name].terms[0].accesses[0].name]
    plain = exp.index == node.index and isinstance(exp.terms[0].body, sp.exp)
    return {exp.name: (exp, sp.exp(node.ref) * total)} if plain else {}
