"""Update rules: what an optimizer is, its equations as formulas.

``w`` is the parameter, ``g`` its gradient, ``step`` the number of this step (1, 2, …), ``epoch`` the number
of epochs behind it (0, 1, …), ``norm`` the Euclidean norm of all gradients together; all other names are
states, which begin at 0, options, or set by an equation before.  Equations are carried out in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import isfinite

import sympy as sp

from symgrad.errors import DefinitionError, FormulaError
from symgrad.model.formula import CONSTANTS, parse, to_sympy
from symgrad.model.functions import VOCABULARY
from symgrad.model.names import check_name


class Between(sp.Function):
    """u held between two bounds; what is no number stays what it is."""

    nargs = 3
    is_real = True

    @property
    def primal(self) -> sp.Expr:
        """The value in SymPy's own words."""
        value, low, high = self.args
        return sp.Min(sp.Max(value, low), high)


FUNCTIONS = {
    **{name: function for name, function in VOCABULARY.items() if name not in ("step", "equal")},
    "between": Between,
    "floor": sp.floor,
}
"""What the formulas of rules may call."""


class Pace(IntEnum):
    """How often an equation is computed: as seldom as what it reads allows."""

    EPOCH = 0
    """Before the first batch of an epoch."""
    STEP = 1
    """Before the gradients of a batch."""
    NORM = 2
    """Behind the gradients of a batch, which `norm` is made of."""
    ENTRY = 3
    """For every entry of every parameter."""


FIXED = {"step": Pace.STEP, "norm": Pace.NORM, "w": Pace.ENTRY, "g": Pace.ENTRY}


@dataclass(frozen=True)
class Equation:
    """``target = value``, and how often."""

    target: str
    value: sp.Expr
    pace: Pace


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
        Equations ``name = formula``, in order.  One that sets ``w``, ``g`` or a state is for every entry;
        any other sets a number that all entries share, and reads options, ``step``, ``epoch``, ``norm``
        and other such numbers only.
    positive, not_negative
        Options that must be above 0, or at least 0.

    Examples
    --------
    >>> Optimizer("signs", (), {"learning_rate": 0.01}, ("w = w - learning_rate*sign(g)",)).equations
    (Equation(target='w', value=-learning_rate*sign(g) + w, pace=<Pace.ENTRY: 3>),)
    """

    name: str
    states: tuple[str, ...]
    options: Mapping[str, float]
    rules: tuple[str, ...]
    positive: tuple[str, ...] = ()
    not_negative: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for word in self.name.replace("(", "").replace(")", "").split(" "):
            check_name(word, "optimizer")
        names = [*self.states, *self.options]
        for name in names:
            check_name(name, "option")
            if name in (*FIXED, "epoch", *FUNCTIONS, *CONSTANTS) or names.count(name) > 1:
                raise DefinitionError(f"optimizer {self.name}: {name} would mean two things; rename one")
        for name, value in self.options.items():
            self._check(name, value)

    def _check(self, name: str, value: float) -> None:
        found = f"the option {name} of {self.name} is {value:g}"
        if not isfinite(value):
            raise DefinitionError(f"{found}; it must be finite")
        if value <= 0 and name in self.positive:
            raise DefinitionError(f"{found}; it must be above 0")
        if value < 0 and name in self.not_negative:
            raise DefinitionError(f"{found}; it must be at least 0")

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """All equations, in order.

        Raises
        ------
        FormulaError
            If one cannot be read, or sets what it may not set.
        """
        paces: dict[str, Pace] = dict.fromkeys((*self.options, "epoch"), Pace.EPOCH)
        paces |= FIXED | dict.fromkeys(self.states, Pace.ENTRY)
        made: list[Equation] = []
        for rule in self.rules:
            made.append(self._read(rule, paces))
            paces[made[-1].target] = made[-1].pace
            self._check_order(made[:-1], made[-1])
        if all(equation.target != "w" for equation in made):
            raise FormulaError(f"optimizer {self.name}: no rule sets w, so nothing would be learnt")
        return tuple(made)

    @property
    def updates(self) -> tuple[tuple[str, sp.Expr], ...]:
        """The equations for every entry, as pairs of a name and an expression."""
        return tuple((e.target, e.value) for e in self.equations if e.pace is Pace.ENTRY)

    @property
    def shared(self) -> tuple[Equation, ...]:
        """The equations for numbers that all entries share."""
        return tuple(e for e in self.equations if e.pace is not Pace.ENTRY)

    def reads(self, name: str) -> bool:
        """Whether an equation reads something."""
        return any(symbol(name) in equation.value.free_symbols for equation in self.equations)

    def _read(self, rule: str, paces: Mapping[str, Pace]) -> Equation:
        target, equals, formula = rule.partition("=")
        name = target.strip()
        if not equals or name in ("", "step", "norm", *FUNCTIONS, *CONSTANTS):
            raise FormulaError(f"optimizer {self.name}: {rule!r} sets nothing that a rule may set")
        read = parse(formula, FUNCTIONS, tuple(paces))
        value = to_sympy(read, lambda found: symbol(found.name), FUNCTIONS)
        pace = max((paces[str(s)] for s in value.free_symbols), default=Pace.EPOCH)
        if name in ("w", "g", *self.states):
            return Equation(name, value, Pace.ENTRY)
        if pace is Pace.ENTRY:
            raise FormulaError(
                f"optimizer {self.name}: {rule!r} does not set w or a state, and differs between entries"
            )
        return Equation(check_name(name, "number"), value, pace)

    def _check_order(self, before: list[Equation], equation: Equation) -> None:
        """Refuse a shared number that changes behind an entry's equation that reads it."""
        entries = (e for e in before if e.pace is Pace.ENTRY and equation.pace is not Pace.ENTRY)
        if any(symbol(equation.target) in e.value.free_symbols for e in entries):
            raise FormulaError(
                f"optimizer {self.name}: {equation.target} is set behind an equation that reads it"
            )


def symbol(name: str) -> sp.Symbol:
    """Return the symbol by which a rule refers to a quantity."""
    return sp.Symbol(name, real=True)
