"""A run whose leaves are the entries of given arrays, and back from exact numbers to floats."""

from fractions import Fraction
from typing import Any

import numpy as np

from symgrad.exact.tapes import Tape
from symgrad.verify.arrays.namespace import numpy_module
from symgrad.verify.arrays.tables import FUNCTIONS
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.arrays.traced import Traced


class Run:
    """Exact NumPy as ``np``, and arrays whose entries are leaves with the given values for a witness."""

    def __init__(self) -> None:
        self.witness: dict[str, Fraction] = {}
        self.trace = Trace(Tape(), self.witness, FUNCTIONS)
        self.np = numpy_module(self.trace)

    def leaves(self, array: Any) -> Traced:
        array = np.asarray(array)
        values = np.empty(array.shape, dtype=object)
        for place in np.ndindex(array.shape):
            key = f"x{len(self.witness)}"
            self.witness[key] = Fraction(float(array[place]))
            number = self.trace._decimals.number(self.witness[key])
            self.trace._decimals.define(key, number)
            values[place] = self.trace.tape.leaf(key)
        return Traced(self.trace, values, {"b": "b", "i": "i", "f": "f"}[array.dtype.kind])

    def floats(self, found: Any) -> Any:
        if isinstance(found, Traced):
            values = [self.trace.approximately(element) for element in found.values.flat]
            return np.array(values, dtype=float).reshape(found.shape)
        if isinstance(found, (tuple, list)):
            return [self.floats(part) for part in found]
        return found


def same(run: Run, found: Any, wanted: Any) -> None:
    if isinstance(wanted, (tuple, list)) and not np.isscalar(wanted):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            same(run, one, other)
        return
    got = run.floats(found)
    assert np.shape(got) == np.shape(wanted), (np.shape(got), np.shape(wanted))
    np.testing.assert_allclose(got, np.asarray(wanted, dtype=float), rtol=1e-9, atol=1e-12)
    if isinstance(found, Traced) and hasattr(wanted, "dtype"):
        assert found.dtype.kind == wanted.dtype.kind.replace("u", "i"), (found.dtype, wanted.dtype)
