"""Rewrites that keep floats finite; each leaves the value as it is over the reals.

They come after derivation, so they add no paths:

- softmax, over whatever axis and behind whatever axes, is shifted by its largest argument,
  ``exp(z − max z)``; under a mask by the largest that the mask lets through;
- log Σ exp(z) is ``max z + log Σ exp(z − max z)``, in the logarithm of softmax and in log softmax;
- log a, log(1 − a) and a′/a take the forms declared, and proved, in the table of activations:
  log(1 − tanh z) and the logarithm of softplus stay finite, and so does its slope where softplus is 0;
- the logarithm of exp(z) is z;
- a division by a norm is 0 where the norm is 0 (the kink of the Euclidean error, and of the cosine).

What these do not reach is as finite as its formula: the loss of a softmax that needs log(1 − p), 1/|y|³ in
the cosine of a y near 0, and exp where its value is beyond all floats.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from symgrad.derive import held
from symgrad.derive.deltas import Backward
from symgrad.derive.kept import kept
from symgrad.derive.rewrite import Knowledge
from symgrad.model.activations import LOG_SOFTMAX, SOFTMAX
from symgrad.model.expressions import Ref, is_product, refs, reindex
from symgrad.model.functions import A, Candidate, MaskedExp, Pointwise, Reciprocal, Z, derivative, logarithm
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.terms import solvable, summed


@dataclass(frozen=True)
class Logs:
    """Stable forms of log(a), log(1 − a) and a′/a, each if there is one, and a′ as the deltas have it.

    All are over the letters at which a is written.
    """

    letters: tuple[sp.Expr, ...]
    log: sp.Expr | None
    complement: sp.Expr | None = None
    slope: sp.Expr | None = None
    derivative: sp.Expr | None = None

    def at(self, ref: Ref, argument: sp.Expr) -> sp.Expr | None:
        """Return the form of the log of an argument that is the access or 1 minus it."""
        form = self.log if argument == ref else self.complement if argument == 1 - ref else None
        return self._over(ref, form)

    def undivided(self, ref: Ref) -> Mapping[sp.Expr, sp.Expr]:
        """Return what to write for a′ where it is divided by a: a times the form of a′/a."""
        slope, derivative = self._over(ref, self.slope), self._over(ref, self.derivative)
        return {} if slope is None else {derivative: ref * slope}

    def _over(self, ref: Ref, form: sp.Expr | None) -> sp.Expr | None:
        return None if form is None else reindex(form, dict(zip(self.letters, ref.index, strict=True)))


Known = Callable[[str], Logs | None]
"""What is known of a node, by its name."""


def stabilise(backward: Backward) -> Backward:
    """Rewrite forward nodes, loss and deltas: what the list above names stays finite at finite inputs."""
    return kept(backward, "stable", lambda: _stabilised(backward))


def _stabilised(backward: Backward) -> Backward:
    knowledge = _knowledge(backward)
    table = _over_held_values(backward, knowledge)
    shifts = _shifts(table, backward)
    norms = {name for name, node in table.items() if node.function == "norm"}
    sums = {shift.total.name: shift for shift in shifts.values()}

    @cache
    def logs(name: str) -> Logs | None:
        return _logarithms(table[name], shifts, knowledge) if name in table else None

    def change(body: sp.Expr) -> sp.Expr:
        if is_product(body) or not body.atoms(sp.log, sp.Pow):
            return body
        return _guarded(_undivided(_logged(_raised(body, sums), logs), logs), norms)

    nodes = [_map_bodies(node, change) for node in table.values()]
    made = tuple(n for node in nodes for n in _shifted(node, shifts.get(node.name)))
    return replace(backward, graph=Graph(made, backward.graph.loss))


@dataclass(frozen=True)
class Shift:
    """A softmax that can be shifted: ``owner = e/S`` (or ``z − log S``), ``S = Σ e``, ``e = m exp(u)``.

    Attributes
    ----------
    owner
        The node that applies the function.
    exp, total
        The nodes e and S.
    mask, argument
        m and u, over the letters of e.
    """

    owner: Node
    exp: Node
    total: Node
    mask: sp.Expr
    argument: sp.Expr

    @property
    def letters(self) -> tuple[sp.Expr, ...]:
        """The letters at which e is defined."""
        return self.exp.terms[0].write

    def over(self, expression: sp.Expr, index: tuple[sp.Expr, ...]) -> sp.Expr:
        """Return an expression over the letters of e at other subscripts of e."""
        return reindex(expression, dict(zip(self.letters, index, strict=True)))

    def largest(self, index: Iterable[sp.Expr]) -> Ref:
        """Return the access of the shift at subscripts of S."""
        return Ref(maximum_name(self.owner.name), index)

    @property
    def node(self) -> Node:
        """The node that holds the shift: the largest argument that the mask lets through."""
        (term,) = self.total.terms
        (read,) = term.accesses
        argument, mask = self.over(self.argument, read.index), self.over(self.mask, read.index)
        body = argument if mask == 1 else Candidate(mask, argument)
        name = maximum_name(self.owner.name)
        return Node(
            name, self.total.axes, terms=(Term(term.write, term.bound, body),), auxiliary=True, reduce="max"
        )

    @property
    def shifted(self) -> Node:
        """The node e with its argument shifted."""
        (term,), (outer,) = self.exp.terms, self.total.terms
        (read,) = outer.accesses
        back = dict(zip(read.index, self.letters, strict=True))
        less = self.argument - self.largest(w.xreplace(back) for w in outer.write)
        body = sp.exp(less) if self.mask == 1 else MaskedExp(self.mask, less)
        return replace(self.exp, terms=(Term(term.write, term.bound, body),))


def _shifts(table: Mapping[str, Node], backward: Backward) -> dict[str, Shift]:
    """Return the softmaxes that can be shifted, by the name of their exp.

    Deltas read exp(u) from the node that holds it.  Where the same exp(u) stands in a definition beside
    the softmax, or where one derives by the mask, the deltas may mean either, and the softmax stays.
    """
    found = [shift for node in table.values() if (shift := _shift(node, table))]
    own = frozenset(backward.delta.values())
    forward = [node for node in table.values() if node.name not in own]
    return {
        shift.exp.name: shift
        for shift in found
        if _alone(shift, forward) and not any(r.name in backward.delta for r in refs(shift.mask))
    }


def _shift(node: Node, table: Mapping[str, Node]) -> Shift | None:
    """Read a node as e/S or z − log S, whatever it is called."""
    (body,) = (term.body for term in node.terms) if len(node.terms) == 1 else (sp.Integer(0),)
    inside = {f.base for f in body.atoms(sp.Pow) if f.exp == -1} | {f.args[0] for f in body.atoms(sp.log)}
    sums = (table[r.name] for r in inside if isinstance(r, Ref) and _sums_up(table[r.name]))
    for total in sums:
        exp = table[total.terms[0].accesses[0].name]
        found = held.parts(exp.terms[0].body) if exp.auxiliary and len(exp.terms) == 1 else None
        ratio = any(r.name == exp.name and body == r / d for r in refs(body) for d in inside)
        if found is not None and (ratio or node.function == LOG_SOFTMAX):
            return Shift(node, exp, total, *found)
    return None


def _sums_up(node: Node) -> bool:
    if not node.auxiliary or len(node.terms) != 1 or node.reduce != "sum":
        return False
    return bool(summed(node.terms[0])) and isinstance(node.terms[0].body, Ref)


def _alone(shift: Shift, forward: Iterable[Node]) -> bool:
    """Whether no other definition has the exponential of the argument of a softmax."""
    pattern = (shift.mask, shift.argument)
    others = (t.body for node in forward if node.name != shift.exp.name for t in node.terms)
    return not any(
        held.matched(pattern, e.args[0], shift.letters) is not None for b in others for e in b.atoms(sp.exp)
    )


def _knowledge(backward: Backward) -> Knowledge:
    own = frozenset(backward.delta.values())
    return Knowledge.of({name: node for name, node in backward.graph.by_name.items() if name not in own})


def _over_held_values(backward: Backward, knowledge: Knowledge) -> dict[str, Node]:
    """Let the deltas read exp and norms from the nodes that hold them: only those are rewritten."""
    own = frozenset(backward.delta.values())
    nodes = backward.graph.by_name.items()
    return {name: _map_bodies(node, knowledge.reused) if name in own else node for name, node in nodes}


def maximum_name(value: str) -> str:
    """Return the name of the node that holds the largest argument of a softmax."""
    return f"{value}_max"


def _shifted(node: Node, shift: Shift | None) -> tuple[Node, ...]:
    """Put the largest argument before the exp of a softmax, and subtract it there."""
    return (node,) if shift is None else (shift.node, shift.shifted)


def _logarithms(node: Node, shifts: Mapping[str, Shift], knowledge: Knowledge) -> Logs | None:
    if node.function == SOFTMAX:
        return _of_softmax(node, shifts)
    if len(node.terms) != 1 or summed(node.terms[0]) or not solvable(node) or node.name in shifts:
        return None
    (term,) = node.terms
    if isinstance(term.body, sp.exp):
        return Logs(term.write, term.body.args[0])
    if not isinstance(term.body, Pointwise):
        return None
    row, at = term.body.row, {Z: term.body.args[0], A: node.ref.at(term.write)}
    log, complement, slope = (None if form is None else form.xreplace(at) for form in logarithm(row))
    return Logs(term.write, log, complement, slope, knowledge.reused(derivative(row).xreplace(at)))


def _of_softmax(node: Node, shifts: Mapping[str, Shift]) -> Logs | None:
    """Return log p = u − max u − log S; behind a mask p may be 0, and there is no such form."""
    (term,) = node.terms
    shift = next((shifts[r.name] for r in term.accesses if r.name in shifts), None)
    if shift is None or shift.mask != 1:
        return None
    at = {ref.name: ref for ref in term.accesses}
    total = at[shift.total.name]
    argument = shift.over(shift.argument, at[shift.exp.name].index)
    return Logs(term.write, argument - shift.largest(total.index) - sp.log(total))


def _raised(body: sp.Expr, sums: Mapping[str, Shift]) -> sp.Expr:
    """Write the logarithm of a sum that is shifted as max u + log S."""
    found = {log: log.args[0] for log in body.atoms(sp.log) if isinstance(log.args[0], Ref)}
    known = {log: sums[ref.name].largest(ref.index) for log, ref in found.items() if ref.name in sums}
    return body.xreplace({log: log + largest for log, largest in known.items()})


def _logged(body: sp.Expr, logs: Known) -> sp.Expr:
    found = {log: _log_form(log.args[0], logs) for log in body.atoms(sp.log)}
    return body.xreplace({log: form for log, form in found.items() if form is not None})


def _log_form(argument: sp.Expr, logs: Known) -> sp.Expr | None:
    known = (forms.at(ref, argument) for ref in argument.atoms(Ref) if (forms := logs(ref.name)))
    return next((form for form in known if form is not None), None)


def _undivided(body: sp.Expr, logs: Known) -> sp.Expr:
    """Cancel divisions by a value against its derivative where that says how."""
    for ref in refs(body):
        forms = logs(ref.name) if _divided(body, ref) else None
        if forms is None:
            continue
        over_value = body.xreplace(forms.undivided(ref))
        other = sp.factor_terms(sp.expand_mul(over_value, deep=False))
        body = other if _divided(other, ref) < _divided(body, ref) else body
    return body


def _divided(body: sp.Expr, ref: Ref) -> int:
    """Return how often an expression divides by an access."""
    powers = (part for part in sp.preorder_traversal(body) if isinstance(part, sp.Pow) and part.base == ref)
    return sum(int(-power.exp) for power in powers if power.exp.is_Integer and power.exp < 0)


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
    """Change the bodies of a node; one that has nothing to change stays the node that it is."""
    bodies = [change(term.body) for term in node.terms]
    if all(new is term.body for new, term in zip(bodies, node.terms, strict=True)):
        return node
    changed = (Term(t.write, t.bound, body) for t, body in zip(node.terms, bodies, strict=True))
    return replace(node, terms=tuple(changed))
