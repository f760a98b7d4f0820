"""Reading and assigning parts of arrays.

Indices are integers and conditions that are known, or decided at the witness.  A mask of unknown conditions
selects lazily: ``a[mask] *= 2`` and ``a[mask] = np.exp(b[mask])`` are choices, entry by entry.
"""

from functools import partial
from typing import Any

import numpy as np

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.conversions import array, fitting, plain, wrapped
from symgrad.verify.arrays.elements import chosen
from symgrad.verify.arrays.trace import Objects, Trace
from symgrad.verify.arrays.traced import Traced


class Selected(Traced):
    """The elements of an array where conditions hold that are not known, still beside the others."""

    __slots__ = ("mask", "whole")

    def __init__(self, whole: Traced, mask: Traced) -> None:
        self.whole, self.mask = whole, mask
        self.tracing, self.kind = whole.tracing, whole.kind

    @property
    def values(self) -> Objects:
        """The elements, the conditions decided."""
        return self.whole.values[plain(self.mask)]

    def by(self, mask: Traced) -> bool:
        """Whether it is the same conditions that select."""
        pairs = zip(self.mask.values.flat, mask.values.flat, strict=False)
        return self.mask.shape == mask.shape and all(one is other for one, other in pairs)

    def replaced(self, result: Traced) -> Traced:
        """Return the result, which is assigned to the array next."""
        return result


def getitem(t: Trace, given: Traced, key: Any) -> Traced:
    """``given[key]``."""
    mask = _open_mask(key)
    if mask is not None and mask.shape == given.shape[: mask.ndim]:
        return Selected(given, mask)
    return wrapped(t, given.values[plain_key(t, key)], given.kind)


def setitem(t: Trace, given: Traced, key: Any, value: Any) -> None:
    """``given[key] = value``."""
    mask = _open_mask(key)
    if mask is not None and _chosen_by(t, given, mask, value):
        return
    elements = fitting(t, value, given.kind)
    given.values[plain_key(t, key)] = elements if elements.ndim else elements.item()


def _chosen_by(t: Trace, given: Traced, mask: Traced, value: Any) -> bool:
    """Assign by a choice for each entry, if the value is a single number or selected by the same mask."""
    alike = isinstance(value, Selected) and value.by(mask)
    new = fitting(t, value.whole if alike else value, given.kind)
    if not alike and new.size != 1:
        return False
    new = new if alike else new.reshape(())
    conditions = mask.values.reshape(mask.shape + (1,) * (given.ndim - mask.ndim))
    given.values[...] = np.frompyfunc(partial(chosen, t), 3, 1)(conditions, new, given.values)
    return True


def _open_mask(key: Any) -> Traced | None:
    """Return a key that is a mask with a condition that is not known."""
    if isinstance(key, tuple) and len(key) == 1:
        (key,) = key
    if not isinstance(key, Traced) or key.kind != "b" or not key.ndim:
        return None
    open_ones = (isinstance(element, Slot) and element.exact is None for element in key.values.flat)
    return key if any(open_ones) else None


def plain_key(t: Trace, key: Any) -> Any:
    """Return an index without exact numbers."""
    if isinstance(key, tuple):
        return tuple(plain_key(t, part) for part in key)
    if isinstance(key, slice):
        return slice(plain(key.start), plain(key.stop), plain(key.step))
    if isinstance(key, list):
        key = array(t, key) if key else np.zeros(0, dtype=int)
    if isinstance(key, Traced) and key.kind == "f":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    return plain(key)
