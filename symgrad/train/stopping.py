"""When a training is done before its last epoch."""

from dataclasses import dataclass

import numpy as np

from symgrad.errors import SymgradError
from symgrad.train.layout import Array


@dataclass(frozen=True)
class Stopping:
    """The rules of early stopping; with none of them set, training runs to its last epoch.

    Attributes
    ----------
    target_loss
        Stop once the mean loss of an epoch is at most this.
    tolerance, patience
        Stop once the best loss has become better by at most ``tolerance`` in ``patience`` epochs.
    """

    target_loss: float | None = None
    tolerance: float | None = None
    patience: int = 10

    def __post_init__(self) -> None:
        if self.patience < 1:
            raise SymgradError(f"patience is {self.patience}; it must be at least 1")


def stopping_epoch(rules: Stopping, losses: Array) -> int | None:
    """Return the number of epochs after which the first rule holds, None if none does."""
    candidates = [*_target_epochs(rules.target_loss, losses), *_plateau_epochs(rules, losses)]
    return min(candidates, default=None)


def _target_epochs(target: float | None, losses: Array) -> list[int]:
    return [] if target is None else [int(i) + 1 for i in np.flatnonzero(losses <= target)[:1]]


def _plateau_epochs(rules: Stopping, losses: Array) -> list[int]:
    if rules.tolerance is None:
        return []
    best = np.minimum.accumulate(losses)
    gains = best[: -rules.patience] - best[rules.patience :]
    return [int(i) + rules.patience + 1 for i in np.flatnonzero(gains <= rules.tolerance)[:1]]
