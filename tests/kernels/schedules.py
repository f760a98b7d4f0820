"""Every way in which a kernel computes and trains, by name: what to ask for, and which networks it is for."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from symgrad.errors import DefinitionError
from symgrad.kernels import team
from symgrad.kernels.build import spec_of
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Loop, walk
from symgrad.model.model import Model
from symgrad.model.rules import Optimizer

LARGE = 10**6
"""Rows of a batch that no cache holds."""
ARRAYS = {"*": "arrays"}


@dataclass(frozen=True)
class Schedule:
    """What is asked of a kernel.

    Attributes
    ----------
    every
        How every node is computed that can be computed so.
    applies
        Whether a program is one of this schedule: others are not worth another test.
    """

    options: Mapping[str, Any]
    applies: Callable[[Program], bool]
    every: str = ""
    arrays: bool = True


def _has_products(program: Program) -> bool:
    return any(True for _ in program.products)


def _in_place(program: Program) -> bool:
    return program.step is not program.full and not program.columns


def _jams(program: Program) -> bool:
    return any(isinstance(s, Loop) and s.step > 1 for s in walk(program.full.body))


def _in_phases(program: Program) -> bool:
    return team.alone(program) is None and program.phases is not None


SCHEDULES: Mapping[str, Schedule] = {
    "as chosen": Schedule({}, lambda program: True, arrays=False),
    "loops": Schedule({}, lambda program: not program.columns, "loops"),
    "apart": Schedule({}, lambda program: not program.columns, "apart"),
    "blas": Schedule({}, _has_products, "blas"),
    "tiles": Schedule({"fast": True}, lambda program: any(p.tiled for p in program.products), "tiles"),
    "in place": Schedule({"fast": True}, _in_place, "blas"),
    "single scalars": Schedule(
        {"fast": True, "batch": 1}, lambda p: bool(p.online and p.columns), arrays=False
    ),
    "single samples": Schedule({"fast": True, "batch": 1}, lambda p: bool(p.online and not p.columns)),
    "large batches": Schedule({"fast": True, "batch": LARGE}, _jams, "loops"),
    "moments": Schedule({"rewrite": "moments"}, lambda p: p.spec.moments is not None, arrays=False),
    "blocks": Schedule({"team": True, "batch": 8}, lambda p: team.alone(p) is None and not p.phases),
    "phases": Schedule({"team": True, "batch": 1}, _in_phases),
    "phases in place": Schedule({"team": True, "fast": True, "batch": 2}, _in_phases, "tiles"),
}
SHARED: tuple[str, ...] = ("blocks", "phases", "phases in place")
"""Those of them that several threads train in."""


@contextmanager
def small_teams() -> Generator[None]:
    """Let small networks be shared by threads, too."""
    with patch.object(team, "LEAST", 0):
        yield


def scheduled(model: Model, name: str, rule: str | Optimizer = "sgd", **options: Any) -> KernelSpec | None:
    """Return a network as a schedule asks for it; None where this makes no kernel of this schedule."""
    wanted = SCHEDULES[name]
    asked: dict[str, Any] = {**wanted.options, **options}
    if wanted.arrays:
        asked["schedule"] = ARRAYS
    try:
        spec = spec_of(model, rule, **asked)
    except DefinitionError:
        if name != "moments":
            raise
        return None
    if wanted.every:
        ways = dict.fromkeys((node.name for node in spec.graph.nodes), wanted.every)
        spec = replace(spec, schedule={**ARRAYS, **ways})
    with small_teams():
        return spec if wanted.applies(program_of(spec)) else None


def text_of(spec: KernelSpec) -> str:
    """Return the text of a kernel; a team has one whatever it costs."""
    with small_teams():
        return generate(spec)
