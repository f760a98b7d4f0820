"""How emitted functions are compiled: within what calls them, and from a text for each type of numbers.

Compiled for Python and for C as well, they would take as long again.  Numba types and translates both sides
of a condition, also where only one can be reached; of two texts that the type of an argument decides between,
only one is compiled.
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

COMPILED: Mapping[str, Helper] = {
    "inlined": Helper('''
# Small functions become part of what calls them; their sums keep the order in which they are written.
INLINED = {"no_cfunc_wrapper": True, "forceinline": True, "error_model": "numpy", "fastmath": {"contract"}}
inlined = register_jitable(**INLINED)
''', compiled=False),
    "in_float32": Helper('''
def in_float32(narrow):
    """Have `narrow` computed where the first argument is a float32; else the function that is decorated."""
    def decorated(wide):
        def chosen(u, *others):
            return (narrow if type(u) is np.float32 else wide)(u, *others)

        @overload(chosen, strict=False, jit_options=INLINED)
        def compiled(u, *others):
            return narrow if u == types.float32 else wide

        return chosen

    return decorated
''', ("inlined",), compiled=False),
}  # fmt: skip
