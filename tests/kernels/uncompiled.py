"""Kernels as plain Python: what a text means to NumPy, without the seconds that compiling it takes."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from numba.core import config


def plain(text: str) -> dict[str, Any]:
    """Run the text of a kernel; its functions are not compiled."""
    made: dict[str, Any] = {}
    with patch.object(config, "DISABLE_JIT", True):
        exec(text, made)
    return made


def plain_kernel(text: str) -> Any:
    """Return the names of a text as attributes, like those of a kernel that is loaded."""
    return SimpleNamespace(**plain(text))
