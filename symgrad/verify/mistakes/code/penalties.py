"""Penalties: terms of a loss that know nothing but one array and numbers."""

import ast
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.listing import Site, holds, is_name, loaded, stored
from symgrad.verify.mistakes.code.quantities import evaluated


@dataclass(frozen=True, eq=False)
class Penalties:
    """Where a case has terms of a penalty on the array that the gradient is for."""

    case: Case

    @cached_property
    def scalars(self) -> frozenset[str]:
        """The arrays that are single numbers, such as the weight of a penalty."""
        return frozenset({"np"} | {name for name, array in self.case.arrays.items() if array.shape == ()})

    @property
    def in_claim(self) -> bool:
        """Whether the claim has a term that is the array times numbers."""
        wrt = self.case.wrt
        return any(
            isinstance(site.node, ast.BinOp)
            and wrt in loaded(site.node)
            and loaded(site.node) <= {wrt} | self.scalars | self._counts
            for site in self.case.claimed.sites
        )

    @cached_property
    def in_loss(self) -> bool:
        """Whether the loss has a penalty on the array."""
        sites = [s for s in self.case.forward.sites if self.case.wrt in loaded(s.node)]
        return any(self.is_one(site) for site in sites)

    def is_one(self, site: Site) -> bool:
        """Whether a place belongs to a term of the loss that knows nothing but the array and numbers."""
        case = self.case
        around = [s for s in case.forward.sites if s.line == site.line and holds(s.node, site.node)]
        alone = [s for s in around if self._is_mine(s.node)]
        if not alone or np.ndim(evaluated(alone[0].node, case.first.names)) != 0:
            return False
        if any(not _is_additive(s.node, self._counts | self.scalars) for s in around if s not in alone):
            return False
        if self._target(site) == "L":
            return len(alone) < len(around)
        return self._is_name_of_one(self._target(site))

    def _is_name_of_one(self, name: str) -> bool:
        """Whether a name is used, and in penalties alone."""
        if name not in self._named_penalties:
            self._named_penalties[name] = False
            uses = [s for s in self.case.forward.sites if is_name(s.node, name)]
            self._named_penalties[name] = bool(uses) and all(self.is_one(use) for use in uses)
        return self._named_penalties[name]

    def _is_mine(self, node: ast.expr) -> bool:
        made = self.case.ancestors(loaded(node)) & set(self.case.arrays)
        return made <= {self.case.wrt} | self.scalars | self._counts

    @cached_property
    def _named_penalties(self) -> dict[str, bool]:
        return {}

    def _target(self, site: Site) -> str:
        return next(iter(stored(self.case.forward.statements[site.line])), "")

    @property
    def _counts(self) -> frozenset[str]:
        return frozenset(name for name, value in self.case.first.names.items() if isinstance(value, int))


def _is_additive(node: ast.expr, numbers: frozenset[str]) -> bool:
    """Whether an expression only adds and scales its parts."""
    if isinstance(node, ast.UnaryOp):
        return True
    if not isinstance(node, ast.BinOp):
        return False
    scales = isinstance(node.op, ast.Mult | ast.Div)
    sides = (node.left, node.right)
    return isinstance(node.op, ast.Add | ast.Sub) or (
        scales and any(loaded(side) <= numbers for side in sides)
    )
