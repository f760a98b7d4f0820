"""Kernels are compiled once for all tests: compiling is slow."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from numba.core.dispatcher import Dispatcher

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


@pytest.fixture(autouse=True)
def hold_to_the_mark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile nothing in a test that is not repeated with other settings of Numba for this reason."""

    def refuse(*_arguments: Any) -> NoReturn:
        pytest.fail("it is marked as uncompiled, and a function is compiled")

    if request.node.get_closest_marker("uncompiled"):
        monkeypatch.setattr(Dispatcher, "compile", refuse)
