"""Rewrites that keep floats finite; each leaves the value as it is over the reals.

They come after derivation, so they add no paths:

- softmax is shifted by its largest argument, ``exp(z − max z)``;
- log softmax is ``z − max z − log Σ exp(z − max z)``;
- log σ(z) and log(1 − σ(z)) take the forms declared, and proved, in the table of activations;
- a division by a norm is 0 where the norm is 0 (the kink of the Euclidean error).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import sympy as sp

from symgrad.derive.deltas import Backward
from symgrad.model.activations import SOFTMAX
from symgrad.model.expressions import Ref, reindex
from symgrad.model.functions import Pointwise, Step, Z, logarithm
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.terms import summed


def stabilise(backward: Backward) -> Backward:
    """Rewrite forward nodes, loss and deltas so that no finite input overflows or divides by zero."""
    table = dict(backward.graph.by_name)
    logs = {name: forms for name, node in table.items() if (forms := _logarithms(node, table))}
    norms = {name for name, node in table.items() if node.function == "norm"}
    nodes = [_map_bodies(node, lambda body: _guarded(_logged(body, logs), norms)) for node in table.values()]
    softmaxes = {_softmax_parts(n, table)[0].name: n for n in table.values() if n.function == SOFTMAX}
    shifted = tuple(n for node in nodes for n in _shifted(node, softmaxes.get(node.name), table))
    return replace(backward, graph=Graph(shifted, backward.graph.loss))


def maximum_name(value: str) -> str:
    """Return the name of the node that holds the largest argument of a softmax."""
    return f"{value}_max"


def _softmax_parts(node: Node, table: Mapping[str, Node]) -> tuple[Ref, Ref, Ref]:
    """Return exp, normaliser and argument of a softmax node, at the node's own subscripts."""
    exp, normaliser = sorted(node.terms[0].accesses, key=lambda r: -len(r.index))
    (argument,) = table[exp.name].terms[0].accesses
    return exp, normaliser, argument


def _shifted(node: Node, owner: Node | None, table: Mapping[str, Node]) -> tuple[Node, ...]:
    """Put the largest argument before the exp of a softmax, and subtract it there."""
    if owner is None:
        return (node,)
    _, normaliser, argument = _softmax_parts(owner, table)
    (term,) = node.terms
    front = node.axes[:-1]
    largest = Node(
        maximum_name(owner.name),
        front,
        terms=(Term(normaliser.index, term.bound, argument),),
        auxiliary=True,
        reduce="max",
    )
    return largest, replace(node, terms=(Term(term.write, term.bound, sp.exp(argument - largest.ref)),))


def _logarithms(node: Node, table: Mapping[str, Node]) -> tuple[sp.Expr | None, sp.Expr | None] | None:
    """Return stable forms of log(a) and log(1 − a) at the node's own subscripts, if there are any."""
    if node.function == SOFTMAX:
        _, normaliser, argument = _softmax_parts(node, table)
        return argument - Ref(maximum_name(node.name), normaliser.index) - sp.log(normaliser), None
    if len(node.terms) != 1 or summed(node.terms[0]) or not isinstance(node.terms[0].body, Pointwise):
        return None
    body = node.terms[0].body
    forms = tuple(None if form is None else form.xreplace({Z: body.args[0]}) for form in logarithm(body.row))
    return (forms[0], forms[1]) if any(forms) else None


def _logged(body: sp.Expr, logs: Mapping[str, tuple[sp.Expr | None, sp.Expr | None]]) -> sp.Expr:
    return body.xreplace(
        {log: form for log in body.atoms(sp.log) if (form := _log_form(log.args[0], logs)) is not None}
    )


def _log_form(argument: sp.Expr, logs: Mapping[str, tuple[sp.Expr | None, sp.Expr | None]]) -> sp.Expr | None:
    for ref in argument.atoms(Ref):
        if ref.name in logs and argument in (ref, 1 - ref):
            form = logs[ref.name][0 if argument == ref else 1]
            return None if form is None else _at(form, ref)
    return None


def _at(form: sp.Expr, ref: Ref) -> sp.Expr:
    """Read a form at the subscripts of an access; forms stand at the letters n, i of their node."""
    own = max((r.index for r in form.atoms(Ref)), key=len)
    return reindex(form, dict(zip(own, ref.index, strict=True)))


def _guarded(body: sp.Expr, norms: set[str]) -> sp.Expr:
    def guard(power: sp.Pow) -> sp.Expr:
        return Step(power.base) / (power.base + 1 - Step(power.base)) ** (-power.exp)

    found = {
        p
        for p in body.atoms(sp.Pow)
        if isinstance(p.base, Ref) and p.base.name in norms and p.exp.is_negative
    }
    return body.xreplace({power: guard(power) for power in found})


def _map_bodies(node: Node, change: Callable[[sp.Expr], sp.Expr]) -> Node:
    return replace(node, terms=tuple(Term(t.write, t.bound, change(t.body)) for t in node.terms))
