"""Kernels are compiled once for all tests: compiling is slow."""

from collections.abc import Callable
from typing import Any

import pytest

from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from tests.kernels.networks import spec_of

Make = Callable[..., Kernel]


@pytest.fixture(scope="session")
def kernel() -> Make:
    """Return a function that generates, writes and loads the kernel of a network, once for each.

    It is written under a name of its content, so what one process compiled the others find.
    """
    made: dict[str, Kernel] = {}

    def make(name: str, opt: str = "sgd", **options: Any) -> Kernel:
        key = f"{name}_{opt}_{abs(hash(repr(sorted(options.items()))))}"
        if key not in made:
            made[key] = load_kernel(write(generate(spec_of(name, opt, **options))))
        return made[key]

    return make
