"""Kernels are compiled once for all tests: compiling is slow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from tests.kernels.networks import spec_of

Make = Callable[..., Kernel]


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that generates, writes and loads the kernel of a network, once for each."""
    folder = Path(tmp_path_factory.mktemp("kernels"))
    made: dict[str, Kernel] = {}

    def make(name: str, opt: str = "sgd", **options: Any) -> Kernel:
        key = f"{name}_{opt}_{abs(hash(repr(sorted(options.items()))))}"
        if key not in made:
            made[key] = load_kernel(write(generate(spec_of(name, opt, **options)), folder / f"{key}.py"))
        return made[key]

    return make
