"""The text of the emitted elementary functions, and what each needs.

Each works for float32 and float64: ``type(u)`` is the type of its argument, in Python as in Numba; where the
two take other steps, each type has a text of its own, see `symgrad.kernels.elementary.compiled`.  exp and log
are polynomials in plain Python, because LLVM turns them into vector instructions where a call of libm stays
scalar.
"""

from symgrad.kernels.elementary.accuracy import BOUNDS, Bound
from symgrad.kernels.elementary.helper import Helper
from symgrad.kernels.elementary.table import HELPERS, closure, helper_text

__all__ = ["BOUNDS", "HELPERS", "Bound", "Helper", "closure", "helper_text"]
