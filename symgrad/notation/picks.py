"""Sums with an indicator in them, as people write them: ``E[ids[n],d]``, ``max_k x[n,2 i+k]``.

The graph says Σ_v [ids[n] = v] E[v,d]; what is meant is the row that the integer picks.  The position of a
maximum picks the summand that is the largest.
"""

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from symgrad.derive.formulas import Delta, Derivative, Factor, Summand
from symgrad.model.expressions import Ref, reindex
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.landing import Shapes
from symgrad.model.terms import same, summed


def picked_by(graph: Graph) -> Mapping[str, str]:
    """Return for the one-hot form of every integer input the name of that input."""
    hot = (node for node in graph.nodes if node.targets == "labels" and node.axes and not node.is_leaf)
    pairs = {node.name: node.terms[0].accesses[0].name for node in hot}
    return {name: given for name, given in pairs.items() if graph[given].kind is Kind.INPUT}


def positions(graph: Graph) -> Mapping[str, Term]:
    """Return for the position of every maximum what it is the position in."""
    found = (node for node in graph.nodes if node.reduce == "argmax" and len(node.terms) == 1)
    return {node.name: node.terms[0] for node in found}


def read_at_integers(term: Term, inputs: Mapping[str, str], shapes: Shapes) -> Term:
    """Let integers stand where a sum picks what they say, and indicators where it does not.

    Only a sum over all that an integer can be picks it for certain.
    """
    for ref in term.accesses:
        if ref.name not in inputs:
            continue
        letter, given = ref.index[-1], Ref(inputs[ref.name], ref.index[:-1])
        own = any((a.symbol, a.size) == (letter, shapes[ref.name][-1]) for a in summed(term))
        linear = term.body.xreplace({ref: sp.Integer(1)}) if _is_factor(ref, term.body) else None
        if own and linear is not None:
            bound = tuple(axis for axis in term.bound if axis.symbol != letter)
            return read_at_integers(Term(term.write, bound, reindex(linear, {letter: given})), inputs, shapes)
        term = replace(term, body=term.body.xreplace({ref: Equal(given, letter)}))
    return term


def summand_at_integers(summand: Summand, inputs: Mapping[str, str], shapes: Shapes) -> Summand:
    """Do the same in a sum of products that is given by its factors."""
    for number, factor in enumerate(summand.factors):
        if not isinstance(factor, Ref) or factor.name not in inputs:
            continue
        letter, given = factor.index[-1], Ref(inputs[factor.name], factor.index[:-1])
        before, behind = summand.factors[:number], summand.factors[number + 1 :]
        whole = (letter, shapes[factor.name][-1])
        sums = tuple(axis for axis in summand.sums if (axis.symbol, axis.size) != whole)
        if len(sums) < len(summand.sums):
            factors = tuple(_moved(f, {letter: given}) for f in (*before, *behind))
            return summand_at_integers(replace(summand, sums=sums, factors=factors), inputs, shapes)
        summand = replace(summand, factors=(*before, Equal(given, letter), *behind))
    return summand


def _moved(factor: Factor, table: Mapping[sp.Expr, sp.Expr]) -> Factor:
    match factor:
        case Derivative(upper, lower):
            return Derivative(_at(upper, table), _at(lower, table))
        case Delta(loss, of, leaf):
            return Delta(loss, _at(of, table), leaf)
        case _:
            return reindex(factor, table)


def _at(ref: Ref, table: Mapping[sp.Expr, sp.Expr]) -> Ref:
    return ref.at(i.xreplace(table) for i in ref.index)


def _is_factor(ref: Ref, body: sp.Expr) -> bool:
    return ref in sp.Mul.make_args(body)


def largest_of(
    node: Node, term: Term, arguments: Mapping[str, Term]
) -> tuple[tuple[Axis, ...], sp.Expr] | None:
    """Return the letters and the body that a term is the maximum of; None if it is a plain sum.

    What stands at the position of the maximum of something else, as in a gradient, is such a sum.
    """
    if len(node.terms) != 1:
        return None
    for factor in sp.Mul.make_args(term.body):
        if isinstance(factor, Equal) and isinstance(factor.args[0], Ref):
            position, body = factor.args[0], term.body / factor
            given = arguments.get(position.name) if position.index == node.index else None
            if given is not None and same(replace(term, body=body), given):
                return summed(term), body
    return None
