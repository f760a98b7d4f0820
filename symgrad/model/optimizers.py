"""The optimizers: a table, one row each, the update equations as formulas.

``w`` is the parameter, ``g`` its gradient, ``step`` the number of this step (1, 2, …); all other names
are states, which begin at 0, or options.  Equations are carried out in order, for every parameter,
after all gradients are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.errors import FormulaError, unknown
from symgrad.model.formula import parse, to_sympy
from symgrad.model.functions import VOCABULARY


@dataclass(frozen=True)
class Optimizer:
    """One update rule.

    Attributes
    ----------
    states
        Names of what is kept for every entry of every parameter, 0 at first.
    options
        Names and default values.
    rules
        Equations ``name = formula``, in order.
    """

    name: str
    states: tuple[str, ...]
    options: Mapping[str, float]
    rules: tuple[str, ...]

    @cached_property
    def updates(self) -> tuple[tuple[str, sp.Expr], ...]:
        """The equations as pairs of a name and an expression."""
        return tuple(self._read(rule) for rule in self.rules)

    @property
    def counts(self) -> bool:
        """Whether a rule uses the number of the step."""
        return any(symbol("step") in value.free_symbols for _, value in self.updates)

    def _read(self, rule: str) -> tuple[str, sp.Expr]:
        target, equals, formula = rule.partition("=")
        if not equals or target.strip() not in ("w", *self.states):
            raise FormulaError(f"optimizer {self.name}: {rule!r} does not set w or a state")
        names = {n: symbol(n) for n in ("w", "g", "step", *self.states, *self.options)}
        read = parse(formula, VOCABULARY, names)
        return target.strip(), to_sympy(read, lambda name: names[name.name], VOCABULARY)


def symbol(name: str) -> sp.Symbol:
    """Return the symbol by which a rule refers to a quantity."""
    return sp.Symbol(name, real=True)


OPTIMIZERS: Mapping[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", (), {"learning_rate": 0.1}, ("w = w - learning_rate*g",)),
        Optimizer(
            "momentum", ("v",), {"learning_rate": 0.1, "momentum": 0.9},
            ("v = momentum*v + g", "w = w - learning_rate*v"),
        ),
        Optimizer(
            "adam", ("m", "v"), {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
            (
                "m = beta1*m + (1 - beta1)*g",
                "v = beta2*v + (1 - beta2)*g^2",
                "w = w - learning_rate*(m/(1 - beta1^step))/(sqrt(v/(1 - beta2^step)) + epsilon)",
            ),
        ),
    )
}  # fmt: skip


def optimizer(name: str) -> Optimizer:
    """Return an optimizer of the table.

    Raises
    ------
    UnknownNameError
        If there is no such optimizer.
    """
    if name not in OPTIMIZERS:
        raise unknown("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name]
