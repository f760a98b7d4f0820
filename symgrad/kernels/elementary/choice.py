"""How an emitted function has a text for each type of numbers.

Numba types and translates both sides of a condition, also where only one can be reached; of two texts that
the type of an argument decides between, only one is compiled.
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

CHOICE: Mapping[str, Helper] = {
    "in_float32": Helper('''
def in_float32(narrow):
    """Have `narrow` computed where the first argument is a float32; else the function that is decorated."""
    def decorated(wide):
        def chosen(u, *others):
            return (narrow if type(u) is np.float32 else wide)(u, *others)

        settings = {
            "no_cfunc_wrapper": True, "forceinline": True, "error_model": "numpy", "fastmath": {"contract"},
        }

        @overload(chosen, strict=False, jit_options=settings)
        def compiled(u, *others):
            return narrow if u == types.float32 else wide

        return chosen

    return decorated
''', compiled=False),
}  # fmt: skip
