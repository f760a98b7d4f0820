"""The activations that loops and functions of a forward pass apply, again and again."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symgrad.verify.code.snippets import carry_out
from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.functions import FUNCTIONS, NAMED, SHORT_FORMS, slope_of
from symgrad.verify.mistakes.code.listing import HOOK, Site
from symgrad.verify.mistakes.code.numbers import PLAIN
from symgrad.verify.mistakes.code.quantities import Quantity, evaluated
from symgrad.verify.mistakes.code.slopes import copied

PASSES = 12


@dataclass(frozen=True, eq=False)
class Pass:
    """One time that an activation is applied: its argument, its value, and its derivative there."""

    function: str
    z: Any
    a: Any
    slope: Any
    written: str

    @property
    def quantity(self) -> Quantity:
        """Its derivative, which may have no name in the program."""
        node = ast.Name(f"{self.function}′", ast.Load())
        return Quantity(node, "derivative", np.shape(self.slope), self.written, self.function)

    def forms_at(self, values: Sequence[Any]) -> list[Any]:
        """What people write for the derivative, with other quantities in place of the right one."""
        trees = [ast.parse(form, mode="eval").body for form in SHORT_FORMS]
        right = {**PLAIN, "z": self.z, "a": self.a}
        kept = [tree for tree in trees if _same(evaluated(tree, right), self.slope)]
        found = (evaluated(tree, {**PLAIN, "z": v, "a": v}) for tree in kept for v in values)
        return [value for value in found if value is not None and not _same(value, self.slope)]


def _same(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))


def passes(case: Case) -> Iterator[Pass]:
    """All of them, in the order of the places."""
    for site in case.forward.sites:
        function = NAMED.get(ast.unparse(site.node.func)) if isinstance(site.node, ast.Call) else None
        if site.loops and function and FUNCTIONS[function].activation:
            apply = FUNCTIONS[function].apply
            for z in _arguments(case, site, -1 if function == "relu" else 0)[:PASSES]:
                yield Pass(function, z, apply(z), slope_of(apply, z), ast.unparse(site.node))


def _arguments(case: Case, site: Site, position: int) -> list[Any]:
    """What a function is applied to, time by time."""
    seen: list[Any] = []

    def recorded(value: Any) -> Any:
        seen.append(np.array(value, float))
        return value

    args = list(site.node.args)
    inner = next(s for s in case.forward.sites if s.node is args[position])
    hooked = ast.Call(ast.Name(HOOK, ast.Load()), [inner.node], [])
    names = {**PLAIN, **copied(case.first.arrays), HOOK: recorded}
    carry_out(case.forward.edited((replace(inner), hooked)), names)
    return seen
