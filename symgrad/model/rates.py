"""Learning rates that change in the course of training: a table, one formula each.

``epoch`` is the number of epochs behind (0, 1, …), ``step`` the number of this step (1, 2, …),
``learning_rate`` what the optimizer's option says; all other names are options.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from symgrad.errors import unknown
from symgrad.model.formula import parse
from symgrad.model.rules import FUNCTIONS
from symgrad.model.syntax import Name, walk


@dataclass(frozen=True)
class Rate:
    """One course of the learning rate.

    Attributes
    ----------
    options
        Names and default values.
    formula
        The rate; computed once an epoch, or once a step if it reads ``step``.
    positive
        Options that must be above 0.
    """

    name: str
    options: Mapping[str, float]
    formula: str
    positive: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The equation that sets the rate; none if it stays what it is."""
        return () if self.formula == "learning_rate" else (f"learning_rate = {self.formula}",)

    def warmed(self) -> tuple[str, ...]:
        """Return the equations of a linear warm-up before this course (Goyal et al. 2017).

        In epoch k of the first `warmup` ones the rate is (k + 1)/(warmup + 1) of the whole; then the
        course begins, in what is left of its epochs.
        """
        shifts = {"epoch": "epoch = max(epoch - warmup, 0)", "epochs": "epochs = max(epochs - warmup, 1)"}
        used = [rule for name, rule in shifts.items() if self._reads(name)]
        rise = "warm = min((epoch + 1)/(warmup + 1), 1)"
        return (rise, *used, *self.rules, "learning_rate = warm*learning_rate")

    def _reads(self, name: str) -> bool:
        return any(
            isinstance(part, Name) and part.name == name for part in walk(parse(self.formula, FUNCTIONS))
        )


RATES: Mapping[str, Rate] = {
    row.name: row
    for row in (
        Rate("constant", {}, "learning_rate"),
        Rate(
            "step", {"factor": 0.1, "every": 30.0}, "learning_rate*factor^floor(epoch/every)", ("every",)
        ),
        Rate("exponential", {"factor": 0.95}, "learning_rate*factor^epoch"),
        Rate("inverse", {"decay": 0.01}, "learning_rate/(1 + decay*epoch)"),
        Rate(
            "linear", {"epochs": 100.0, "final_rate": 0.0},
            "final_rate + (learning_rate - final_rate)*max(1 - epoch/epochs, 0)", ("epochs",),
        ),
        # Loshchilov and Hutter 2017, without restarts.
        Rate(
            "cosine", {"epochs": 100.0, "final_rate": 0.0},
            "final_rate + (learning_rate - final_rate)*(1 + cos(pi*min(epoch/epochs, 1)))/2", ("epochs",),
        ),
    )
}  # fmt: skip


def rate_of(rate: str | Rate) -> Rate:
    """Return a course of the learning rate: a row of the table, or the caller's own.

    Raises
    ------
    UnknownNameError
        If the table has no such row.
    """
    if isinstance(rate, Rate):
        return rate
    if rate not in RATES:
        raise unknown("learning-rate schedule", rate, RATES)
    return RATES[rate]
