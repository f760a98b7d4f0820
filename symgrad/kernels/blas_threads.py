"""BLAS with one thread: what threads share must be computed by one instruction after the other."""

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from symgrad.errors import DataError

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def alone(train: Callable[..., int]) -> Callable[..., int]:
    """Return a function during which BLAS has one thread.

    Raises
    ------
    DataError
        By the returned function, if nothing tells BLAS so.
    """

    @wraps(train)
    def limited(*arguments: Any, **named: Any) -> int:
        if find_spec("threadpoolctl"):
            with import_module("threadpoolctl").threadpool_limits(1, user_api="blas"):
                return train(*arguments, **named)
        if not any(os.environ.get(name) == "1" for name in VARIABLES):
            raise DataError(
                "BLAS may use several threads inside of one; install threadpoolctl, or set "
                f"{VARIABLES[0]}=1 before Python starts"
            )
        return train(*arguments, **named)

    return limited
