"""Rewrites that keep floats finite; each leaves the value as it is over the reals.

They come after derivation, so they add no paths:

- softmax is shifted by its largest argument, ``exp(z − max z)``;
- log softmax is ``z − max z − log Σ exp(z − max z)``;
- log σ(z) and log(1 − σ(z)) take the forms declared, and proved, in the table of activations;
- a division by a norm is 0 where the norm is 0 (the kink of the Euclidean error).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.derive.deltas import Backward
from symgrad.derive.rewrite import Knowledge
from symgrad.model.activations import SOFTMAX
from symgrad.model.expressions import Ref, reindex
from symgrad.model.functions import Pointwise, Reciprocal, Z, logarithm
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.terms import solvable, summed


@dataclass(frozen=True)
class Logs:
    """Stable forms of log(a) and log(1 − a), each if there is one, over the letters at which a is written."""

    letters: tuple[sp.Expr, ...]
    log: sp.Expr | None
    complement: sp.Expr | None

    def at(self, ref: Ref, argument: sp.Expr) -> sp.Expr | None:
        """Return the form of the log of an argument that is the access or 1 minus it."""
        form = self.log if argument == ref else self.complement if argument == 1 - ref else None
        return None if form is None else reindex(form, dict(zip(self.letters, ref.index, strict=True)))


def stabilise(backward: Backward) -> Backward:
    """Rewrite forward nodes, loss and deltas: what the list above names stays finite at finite inputs."""
    table = _over_held_values(backward)
    logs = {name: forms for name, node in table.items() if (forms := _logarithms(node, table))}
    norms = {name for name, node in table.items() if node.function == "norm"}
    nodes = [_map_bodies(node, lambda body: _guarded(_logged(body, logs), norms)) for node in table.values()]
    softmaxes = {_softmax_parts(n, table)[0].name: n for n in table.values() if n.function == SOFTMAX}
    shifted = tuple(n for node in nodes for n in _shifted(node, softmaxes.get(node.name), table))
    return replace(backward, graph=Graph(shifted, backward.graph.loss))


def _over_held_values(backward: Backward) -> dict[str, Node]:
    """Let the deltas read exp and norms from the nodes that hold them: only those are rewritten."""
    own = frozenset(backward.delta.values())
    table = dict(backward.graph.by_name)
    knowledge = Knowledge.of({name: node for name, node in table.items() if name not in own})
    return {n: _map_bodies(node, knowledge.reused) if n in own else node for n, node in table.items()}


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


def _logarithms(node: Node, table: Mapping[str, Node]) -> Logs | None:
    if node.function == SOFTMAX:
        _, normaliser, argument = _softmax_parts(node, table)
        largest = Ref(maximum_name(node.name), normaliser.index)
        return Logs(node.index, argument - largest - sp.log(normaliser), None)
    if len(node.terms) != 1 or summed(node.terms[0]) or not solvable(node):
        return None
    (term,) = node.terms
    if not isinstance(term.body, Pointwise):
        return None
    log, complement = (
        None if form is None else form.xreplace({Z: term.body.args[0]}) for form in logarithm(term.body.row)
    )
    return Logs(term.write, log, complement)


def _logged(body: sp.Expr, logs: Mapping[str, Logs]) -> sp.Expr:
    found = {log: _log_form(log.args[0], logs) for log in body.atoms(sp.log)}
    return body.xreplace({log: form for log, form in found.items() if form is not None})


def _log_form(argument: sp.Expr, logs: Mapping[str, Logs]) -> sp.Expr | None:
    known = (logs[ref.name].at(ref, argument) for ref in argument.atoms(Ref) if ref.name in logs)
    return next((form for form in known if form is not None), None)


def _guarded(body: sp.Expr, norms: set[str]) -> sp.Expr:
    def guard(power: sp.Pow) -> sp.Expr:
        return Reciprocal(power.base) ** (-power.exp)

    found = {
        p
        for p in body.atoms(sp.Pow)
        if isinstance(p.base, Ref) and p.base.name in norms and p.exp.is_negative
    }
    return body.xreplace({power: guard(power) for power in found})


def _map_bodies(node: Node, change: Callable[[sp.Expr], sp.Expr]) -> Node:
    return replace(node, terms=tuple(Term(t.write, t.bound, change(t.body)) for t in node.terms))
