"""What a training leaves to look at."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from symgrad.errors import SymgradError
from symgrad.train.layout import Array


@dataclass(frozen=True, eq=False)
class History:
    """The course of one training.

    Attributes
    ----------
    losses
        The mean loss of each whole epoch, float64.
    epochs
        How many whole epochs were run.
    seconds
        Wall-clock time.
    interrupted
        Whether it was stopped from outside.
    """

    losses: Array
    epochs: int
    seconds: float
    interrupted: bool

    @property
    def loss(self) -> float | None:
        """The mean loss of the last epoch; None if there was none."""
        return float(self.losses[-1]) if len(self.losses) else None

    def plot(self) -> Any:
        """Draw the losses over the epochs and return the matplotlib axes."""
        axes = _pyplot().subplots()[1]
        axes.plot(range(1, self.epochs + 1), self.losses)
        axes.set(xlabel="epoch", ylabel="mean loss")
        return axes


def _pyplot() -> Any:
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise SymgradError("plotting needs matplotlib: pip install 'symgrad[plot]'") from error
