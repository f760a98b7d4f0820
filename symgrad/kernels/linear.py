"""Update rules that are linear in parameter and gradient: w ← keep · w + rate · g."""

from dataclasses import dataclass

import sympy as sp

from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.updates import named_numbers
from symgrad.model.expressions import refs
from symgrad.model.rules import symbol


@dataclass(frozen=True)
class Linear:
    """The factors of a linear rule, in the words of the text."""

    keep: sp.Expr
    rate: sp.Expr

    @property
    def names(self) -> tuple[str, ...]:
        """What is read for the factors."""
        return tuple(sorted({str(ref) for factor in (self.keep, self.rate) for ref in refs(factor)}))


def linear(spec: KernelSpec) -> Linear | str:
    """Return the factors of the optimizer, or why it has none that are known before the gradients."""
    rule = spec.optimizer
    if rule.states:
        return f"{rule.name} keeps {' and '.join(rule.states)} for every entry"
    if rule.reads("norm"):
        return "the norm of all gradients comes first"
    keep, rate = _factors(spec)
    known = _known(keep) and _known(rate) and any((sign * rate).is_Symbol for sign in (1, -1))
    if not known or sp.expand(_changed(spec) - keep * symbol("w") - rate * symbol("g")) != 0:
        return f"{rule.name} does more with an entry than to add its gradient, times a number with a name"
    numbers = named_numbers(spec)
    return Linear(keep.xreplace(numbers), (-rate if spec.maximise else rate).xreplace(numbers))


def descent_rate(spec: KernelSpec) -> sp.Expr | None:
    """Return c if the rule is w ← w + c·g; None otherwise."""
    rule = linear(spec)
    return None if isinstance(rule, str) or rule.keep != 1 else rule.rate


def _factors(spec: KernelSpec) -> tuple[sp.Expr, sp.Expr]:
    changed = _changed(spec)
    return changed.coeff(symbol("w")), changed.coeff(symbol("g"))


def _changed(spec: KernelSpec) -> sp.Expr:
    """Return what an entry of a parameter becomes, the equations of the rule put into each other."""
    table: dict[sp.Expr, sp.Expr] = {}
    for target, value in spec.optimizer.updates:
        table[symbol(target)] = value.xreplace(table)
    return sp.expand(table.get(symbol("w"), symbol("w")))


def _known(factor: sp.Expr) -> bool:
    """Whether a factor is the same for all entries, and not counted on."""
    return not factor.free_symbols & {symbol(name) for name in ("w", "g", "step", "epoch")}
