"""Derivatives of a forward program along directions, with hooks that change them on the way.

By a complex step where the code admits it, otherwise by Richardson's central differences.  A hook sees a
value and its change and gives the change that a mistaken derivation has there: a mistaken backward pass
is the right backward pass of another forward pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numpy as np

from symgrad.verify.code.snippets import carry_out
from symgrad.verify.mistakes.code.listing import HOOK
from symgrad.verify.mistakes.code.numbers import PLAIN, STEPPED, stepped

# (number of the site, number of its call, changes of the values, values) -> change of the first value
Change = Callable[[int, int, list[Any], list[Any]], Any]
# Code that was edited, or is run on numbers that it was not written for, may raise anything.
FAULTS = (Exception,)
T = TypeVar("T")
STEP = 1e-30
# A wide step may cross a kink, a narrow one loses digits.
WIDE, NARROW = 1e-4, 1e-6
BUILTINS = "__builtins__"


@dataclass
class Hook:
    """What stands at hooked sites, called with the number of a site, its value, and what that is made of."""

    change: Change
    calls: Counter[int] = field(default_factory=Counter[int])

    def __call__(self, site: int, *values: Any) -> Any:
        call = self.counted(site)
        base = [np.real(numeric(value)) for value in values]
        return base[0] + 1j * self.change(site, call, [np.imag(value) for value in values], base)

    def counted(self, site: int) -> int:
        """The number of this call of a site."""
        self.calls[site] += 1
        return self.calls[site] - 1


@dataclass
class Replay(Hook):
    """The same for differences: the first run is the base, later ones are compared with it, call by call."""

    seen: dict[tuple[int, int], list[Any]] = field(default_factory=dict[tuple[int, int], list[Any]])
    recorded: bool = False

    def __call__(self, site: int, *values: Any) -> Any:
        call = self.counted(site)
        if not self.recorded:
            self.seen[site, call] = [np.array(value, float) for value in values]
            return values[0]
        base = self.seen[site, call]
        return base[0] + self.change(site, call, [v - b for v, b in zip(values, base, strict=True)], base)


@dataclass(frozen=True, eq=False)
class Slopes:
    """How the loss of a forward program changes with one of its arrays.

    Attributes
    ----------
    arrays, wrt
        The drawn arrays, and which of them is moved.
    complex
        Whether the complex step serves.
    width
        The step of differences.
    """

    arrays: Mapping[str, Any]
    wrt: str
    complex: bool = True
    width: float = WIDE

    def along(self, codes: Sequence[CodeType], direction: Any, change: Change | None = None) -> float:
        """The derivative of L along a direction, the hook's change in force."""
        if self.complex:
            names = self._names(STEPPED, self.arrays[self.wrt] + 1j * STEP * direction)
            names[HOOK] = Hook(change) if change else None
            return float(np.imag(_scalar(carry_out(codes, names)["L"])) / STEP)
        hook = Replay(change) if change else None
        self._loss(codes, self.arrays[self.wrt], hook)
        near, far = (self._central(codes, direction, hook, h) for h in (self.width, 2 * self.width))
        return (4 * near - far) / 3

    def gradient(self, codes: Sequence[CodeType], change: Change | None = None) -> Any:
        """All derivatives of L, in the shape of the array."""
        shape = np.shape(self.arrays[self.wrt])
        size = int(np.prod(shape, dtype=int))
        rows = (row.reshape(shape) for row in np.eye(size))
        return np.array([self.along(codes, row, change) for row in rows]).reshape(shape)

    def _central(self, codes: Sequence[CodeType], direction: Any, hook: Replay | None, h: float) -> float:
        at = self.arrays[self.wrt]
        ahead, behind = (self._loss(codes, at + s * h * direction, hook) for s in (1, -1))
        return (ahead - behind) / (2 * h)

    def _loss(self, codes: Sequence[CodeType], value: Any, hook: Replay | None) -> float:
        names = {**PLAIN, **copied(self.arrays), self.wrt: np.array(value), HOOK: hook}
        loss = float(_scalar(carry_out(codes, names)["L"]))
        if hook:
            hook.calls.clear()
            hook.recorded = True
        return loss

    def _names(self, space: Mapping[str, Any], value: Any) -> dict[str, Any]:
        arrays = {name: stepped(array.copy()) for name, array in self.arrays.items()}
        return {**space, **arrays, self.wrt: stepped(value)}


def _scalar(value: Any) -> Any:
    return np.asarray(value).reshape(())


def copied(names: Mapping[str, Any]) -> dict[str, Any]:
    """Names whose arrays, lists and objects may be changed without harm."""
    fixed = (value for name, value in names.items() if name == BUILTINS or isinstance(value, ModuleType))
    memo = {id(value): value for value in fixed}
    return {name: _copy(value, memo) for name, value in names.items()}


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    with suppress(*FAULTS):
        return deepcopy(value, memo)
    return value


def numeric(value: Any) -> Any:
    """A value that is made of numbers; raises TypeError for another, such as a layer or ``np.c_``."""
    if not isinstance(value, np.ndarray | np.generic | int | float | complex | list | tuple):
        raise TypeError(f"{type(value).__name__} is no number")
    return value


def safely(found: Iterable[T]) -> Iterator[T]:
    """What an iterator gives before it fails on code that it was not written for."""
    with suppress(*FAULTS):
        yield from found


def slopes(arrays: Mapping[str, Any], wrt: str, codes: Sequence[CodeType]) -> Slopes:
    """The derivatives of a forward program, by a complex step where that agrees with differences."""
    exact, rough = Slopes(arrays, wrt), Slopes(arrays, wrt, complex=False)
    fine = Slopes(arrays, wrt, complex=False, width=NARROW)
    direction = np.cos(1.0 + np.arange(np.size(arrays[wrt]))).reshape(np.shape(arrays[wrt]))
    expected = [differenced.along(codes, direction) for differenced in (rough, fine)]
    try:
        found = exact.along(codes, direction)
    except FAULTS:
        return rough
    agrees = any(abs(found - value) <= 1e-5 * (1 + abs(value)) for value in expected)
    return exact if agrees else rough
