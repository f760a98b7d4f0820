"""What kernels import of Numba, and of the compiler below it."""

import re
from collections.abc import Iterator, Mapping

NUMBA: Mapping[str, tuple[str, ...]] = {
    "llvmlite": ("ir",),
    "numba": ("config", "njit", "types"),
    "numba.core": ("cgutils",),
    "numba.core.codegen": ("get_host_cpu_features",),
    "numba.extending": ("intrinsic", "overload", "register_jitable"),
}
STANDARD = ("math", "threading", "time")
"""What kernels import of Python's own library."""


def standard_imports(text: str) -> list[str]:
    """Return the lines that import what the functions of a kernel name of Python's own library."""
    return [f"import {name}" for name in STANDARD if _stands(name, r"\.\w", text)]


def imports_of(text: str) -> Iterator[str]:
    """Yield the lines that import what the functions of a kernel name."""
    for module, names in NUMBA.items():
        used = [name for name in names if _stands(name, r"\b", text)]
        yield from [f"from {module} import {', '.join(used)}"] if used else []


def _stands(name: str, behind: str, text: str) -> bool:
    """Whether a word stands in a text; most do not, and that is found sooner without a pattern."""
    return name in text and re.search(rf"\b{name}{behind}", text) is not None
