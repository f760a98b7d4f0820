"""The optimizers: a table, one row each, and what may be asked of every one of them besides.

A row's equations are formulas of what `symgrad.model.rules` names.  Clipping and coupled weight decay are
equations that change ``g`` before the row's own; a learning rate that changes sets ``learning_rate`` anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symgrad.errors import DefinitionError, unknown
from symgrad.model.rates import Rate, rate_of
from symgrad.model.rules import Optimizer

ADAM = {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
ADAM_RULES = (
    "m = beta1*m + (1 - beta1)*g",
    "v = beta2*v + (1 - beta2)*g^2",
    "w = w - learning_rate*(m/(1 - beta1^step))/(sqrt(v/(1 - beta2^step)) + epsilon)",
)

OPTIMIZERS: Mapping[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", (), {"learning_rate": 0.1}, ("w = w - learning_rate*g",)),
        # Polyak 1964.
        Optimizer(
            "momentum", ("v",), {"learning_rate": 0.1, "momentum": 0.9},
            ("v = momentum*v + g", "w = w - learning_rate*v"),
        ),
        # Nesterov 1983, in the form of Sutskever, Martens, Dahl and Hinton 2013 that PyTorch computes.
        Optimizer(
            "nesterov", ("v",), {"learning_rate": 0.1, "momentum": 0.9},
            ("v = momentum*v + g", "w = w - learning_rate*(g + momentum*v)"),
        ),
        # Duchi, Hazan and Singer 2011.
        Optimizer(
            "adagrad", ("s",), {"learning_rate": 0.01, "epsilon": 1e-10},
            ("s = s + g^2", "w = w - learning_rate*g/(sqrt(s) + epsilon)"),
        ),
        # Tieleman and Hinton 2012; epsilon outside the root.
        Optimizer(
            "rmsprop", ("v",), {"learning_rate": 0.01, "alpha": 0.99, "epsilon": 1e-8},
            ("v = alpha*v + (1 - alpha)*g^2", "w = w - learning_rate*g/(sqrt(v) + epsilon)"),
        ),
        # Kingma and Ba 2015.
        Optimizer("adam", ("m", "v"), ADAM, ADAM_RULES),
        # Loshchilov and Hutter 2019: decay apart from the gradient.
        Optimizer(
            "adamw", ("m", "v"), {**ADAM, "weight_decay": 0.01},
            ("w = w - learning_rate*weight_decay*w", *ADAM_RULES), not_negative=("weight_decay",),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Addition:
    """What may be asked of a rule by giving an option that it has not.

    Attributes
    ----------
    positive
        Whether the option must be above 0; else it may be 0.
    """

    option: str
    rules: tuple[str, ...]
    positive: bool


ADDITIONS: Mapping[str, Addition] = {
    row.option: row
    for row in (
        # Pascanu, Mikolov and Bengio 2013: over all trained parameters together.
        Addition("clip_norm", ("clip = clip_norm/max(norm, clip_norm)", "g = clip*g"), positive=True),
        Addition("clip_value", ("g = between(g, -clip_value, clip_value)",), positive=True),
        # The gradient of the penalty weight_decay/2 · Σ w², behind clipping.
        Addition("weight_decay", ("g = g + weight_decay*w",), positive=False),
    )
}
WARMUP = "warmup"
"""The option that lets the learning rate rise for as many epochs, before its own course begins."""


def optimizer(rule: str | Optimizer = "sgd", *, rate: str | Rate = "constant", **options: float) -> Optimizer:
    """Return an update rule: a row of the table, or the caller's own, with what is asked for besides.

    Parameters
    ----------
    rule
        The name of a row, or a row.
    rate
        The course of the learning rate: the name of a row of `symgrad.model.rates.RATES`, or a row.
    **options
        Values for the options of the rule and the rate; ``weight_decay``, ``clip_norm`` and ``clip_value``
        add what they name to any rule, and ``warmup`` some epochs in which the learning rate rises.

    Raises
    ------
    UnknownNameError
        If there is no such optimizer, course or option.
    DefinitionError
        If an option has no value that it may have, or the rule no learning rate to change.

    Examples
    --------
    >>> optimizer("sgd", weight_decay=0.01).rules
    ('g = g + weight_decay*w', 'w = w - learning_rate*g')
    """
    row = _row(rule)
    asked = [a for a in ADDITIONS.values() if a.option in options and a.option not in row.options]
    dressed = _at_rates(_with_additions(row, asked), rate_of(rate), warm=WARMUP in options)
    for name in options:
        if name not in dressed.options:
            known = (*dressed.options, *ADDITIONS, WARMUP)
            raise unknown(f"option of the optimizer {dressed.name}", name, known)
    values = {name: float(options.get(name, default)) for name, default in dressed.options.items()}
    return replace(dressed, options=values)


def _row(rule: str | Optimizer) -> Optimizer:
    if isinstance(rule, Optimizer):
        return rule
    if rule not in OPTIMIZERS:
        raise unknown("optimizer", rule, OPTIMIZERS)
    return OPTIMIZERS[rule]


def _with_additions(row: Optimizer, asked: list[Addition]) -> Optimizer:
    """Return a rule with more equations in front, together with those that were asked for before in order."""
    there = [a for a in ADDITIONS.values() if a in asked or {*a.rules} <= {*row.rules}]
    added = tuple(rule for a in there for rule in a.rules)
    return replace(
        row,
        options={**row.options, **{a.option: 1.0 for a in asked}},
        rules=(*added, *(rule for rule in row.rules if rule not in added)) if asked else row.rules,
        positive=(*row.positive, *(a.option for a in asked if a.positive)),
        not_negative=(*row.not_negative, *(a.option for a in asked if not a.positive)),
    )


def _at_rates(row: Optimizer, rate: Rate, *, warm: bool) -> Optimizer:
    """Return a rule whose learning rate takes a course."""
    rules = rate.warmed() if warm else rate.rules
    if not rules:
        return row
    if "learning_rate" not in row.options:
        raise DefinitionError(f"optimizer {row.name} has no option learning_rate that could change")
    more = {**rate.options, **({WARMUP: 0.0} if warm else {})}
    for name in more:
        if name in (*row.options, *row.states):
            raise DefinitionError(f"{name} is an option of both {row.name} and {rate.name}; rename one")
    return replace(
        row,
        name=f"{row.name} ({rate.name})" if rate.rules else row.name,
        options={**row.options, **more},
        rules=(*rules, *row.rules),
        positive=(*row.positive, *rate.positive),
        not_negative=(*row.not_negative, *((WARMUP,) if warm else ())),
    )
