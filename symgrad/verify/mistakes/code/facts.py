"""What is known of a case beside its quantities: sizes of means, values of derivatives, what is broadcast."""

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.constants import Constants, Meaning, constants_of
from symgrad.verify.mistakes.code.functions import FUNCTIONS, slope_of
from symgrad.verify.mistakes.code.listing import Site, is_name, loaded, stored
from symgrad.verify.mistakes.code.penalties import Penalties
from symgrad.verify.mistakes.code.places import filled
from symgrad.verify.mistakes.code.quantities import Quantity, Stock, evaluated
from symgrad.verify.mistakes.code.repetition import Pass, passes
from symgrad.verify.mistakes.code.slopes import safely

TURNED = ("conv", "correlate", "::-1", "flip", "rot90")
Name = tuple[str, float, str]  # a kind, what it costs to believe in it, words


@dataclass(frozen=True, eq=False)
class Facts:
    """Facts of one case."""

    case: Case
    stock: Stock

    @cached_property
    def constants(self) -> Constants:
        """The constants of the forward pass and of the claim."""
        return constants_of(self.case)

    def meanings(self, factor: float) -> list[Meaning]:
        """What it may mean that a claim has to be multiplied by a factor, likeliest first."""
        return self.constants.meanings(factor)

    @cached_property
    def penalties(self) -> Penalties:
        """The terms of penalties."""
        return Penalties(self.case)

    @cached_property
    def slopes(self) -> list[tuple[Quantity, Any]]:
        """The derivatives of activations with their values."""
        stock, names = self.stock, self.case.first.names
        activations = {ast.unparse(each.a) for each in stock.applied if each.activation}
        kept = [q for q in stock.role("derivative") if q.of in activations or q.function == "softmax"]
        found = [(q, evaluated(q.node, names)) for q in kept]
        repeated = [(each.quantity, each.slope) for each in self.repeated]
        return [*((q, value) for q, value in found if value is not None), *repeated]

    @cached_property
    def repeated(self) -> tuple[Pass, ...]:
        """The activations that loops and functions of the forward pass apply, each time that they do."""
        return tuple(safely(passes(self.case)))

    @cached_property
    def has_kernel(self) -> bool:
        """Whether there is a convolution, a window that moves along, or something turned round."""
        sites = (*self.case.forward.sites, *self.case.claimed.sites)
        texts = {ast.unparse(s) for each in (self.case.forward, self.case.claimed) for s in each.statements}
        moving = (s for s in sites if isinstance(s.node, ast.Subscript) and _moves(s))
        return any(word in text for word in TURNED for text in texts) or any(moving)

    @cached_property
    def is_reused(self) -> bool:
        """Whether loops use the same entries of the array again and again."""
        if self.case.wrt in self.inputs:
            return False
        uses = [s for s in self.case.forward.sites if is_name(s.node, self.case.wrt) and s.loops]
        indexed = [s for s in uses if isinstance(s.parent, ast.Subscript)]
        return len(indexed) < len(uses) or any(
            set(s.loops) - loaded(s.parent.slice) for s in indexed if isinstance(s.parent, ast.Subscript)
        )

    def on_path(self, q: Quantity) -> bool:
        """Whether the array acts through the function whose derivative this is."""
        return any(
            ast.unparse(each.a) == q.of and self.case.wrt in self.case.ancestors(loaded(each.z))
            for each in self.stock.applied
        ) or q.function in ("softmax", "activation")

    def is_activation_slope(self, q: Quantity) -> bool:
        """Whether a quantity is the derivative of an activation."""
        return any(q is slope for slope, _ in self.slopes) or q.function in ("activation", "softmax")

    @cached_property
    def jacobians(self) -> list[Any]:
        """The Jacobians of softmax where it is that of a vector."""
        names = self.case.first.names
        values = [evaluated(a.a, names) for a in self.stock.applied if a.function == "softmax"]
        return [
            np.diag(v.ravel()) - np.outer(v, v) for v in values if v is not None and max(v.shape) == v.size
        ]

    @cached_property
    def broadcast(self) -> bool:
        """Whether the array is used for several samples at once, so that its gradient is a sum over them."""
        wrt, shape = self.case.wrt, self.case.shape
        for site in self.case.forward.sites:
            if isinstance(site.node, ast.BinOp) and wrt in loaded(site.node):
                for side in (site.node.left, site.node.right):
                    if ast.unparse(side).startswith(wrt) and not isinstance(site.node.op, ast.MatMult):
                        whole = evaluated(site.node, self.case.first.names)
                        if np.size(whole) > int(np.prod(shape, dtype=int)):
                            return True
        return False

    def slope_like(self, value: Any) -> Quantity | None:
        """The derivative of an activation that has this value."""
        if value is None:
            return None
        for q, slope in ((q, np.asarray(slope, float)) for q, slope in self.slopes):
            if any(_is_same(form, value) for form in (slope, slope.T, slope.ravel())):
                return q
        return None

    def is_slope(self, value: Any) -> bool:
        """Whether a value is the derivative of an activation, or softmax's Jacobian."""
        if value is None or np.size(value) == 0:
            return False
        same = (j.shape == np.shape(value) and np.allclose(j, value, rtol=1e-9) for j in self.jacobians)
        return self.slope_like(value) is not None or any(same)

    def slope_elsewhere(self, value: Any, function: str) -> bool:
        """Whether a value is the derivative of this activation at some other quantity."""
        others = self._elsewhere.get(function, ())
        return value is not None and any(_is_same(value, other) for other in others)

    @cached_property
    def _elsewhere(self) -> dict[str, list[Any]]:
        names = self.case.first.names
        values = [evaluated(q.node, names) for q in self.stock.quantities if q.role in ("given", "value")]
        kept = [np.asarray(v, float) for v in values if v is not None]
        found: dict[str, list[Any]] = {}
        with np.errstate(all="ignore"):
            for q, _ in self.slopes:
                applies = FUNCTIONS[q.function].apply if q.function in FUNCTIONS else None
                found.setdefault(q.function, []).extend(self._forms(q))
                found[q.function] += [slope_of(applies, v) for v in kept] if applies else []
            others = [v for each in self.repeated for v in (each.z, each.a)]
            for each in self.repeated:
                found.setdefault(each.function, []).extend(each.forms_at(others))
        return found

    def _forms(self, slope: Quantity) -> list[Any]:
        """The short form of a derivative with other quantities in place of the value."""
        names = self.case.first.names
        others = [q for q in self.stock.quantities if q.role in ("given", "value") and q.text != slope.of]
        nodes = [filled(slope.node, {slope.of: q.node}) for q in others if slope.of.isidentifier()]
        return [v for v in (evaluated(node, names) for node in nodes) if v is not None]

    @cached_property
    def weights(self) -> list[set[str]]:
        """The arrays that stand beside others in products of matrices and are not the first layer's input."""
        found: list[set[str]] = []
        for site in self.case.forward.sites:
            if isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.MatMult):
                found += [
                    loaded(side) & set(self.case.arrays) - self.inputs
                    for side in (site.node.left, site.node.right)
                ]
        return found

    @cached_property
    def inputs(self) -> frozenset[str]:
        """Arrays that look like data: called x or X."""
        return frozenset(name for name in self.case.arrays if name.lower().startswith("x"))

    @cached_property
    def deltas(self) -> frozenset[str]:
        """The names that the claim makes."""
        return frozenset(n for statement in self.case.claimed.statements for n in stored(statement))

    def is_shared_weight(self, site: Site) -> bool:
        """Whether a place is a use of a weight that has others: a matrix in products, a bias in a loop."""
        node, parent = site.node, site.parent
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript) or self.case.wrt in self.inputs:
            return False
        multiplies = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult | ast.Mult)
        called = isinstance(parent, ast.Call) and ast.unparse(parent.func) in (
            "np.dot",
            "np.einsum",
            "np.outer",
        )
        if len(self.case.shape) >= 2:
            looked_up = isinstance(parent, ast.Subscript) and self._uses > 1
            return multiplies or called or looked_up or isinstance(node, ast.Attribute)
        return bool(site.loops) or (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add))

    @cached_property
    def _uses(self) -> int:
        """At how many places the forward pass reads the array, but for the sizes that it asks for."""
        return sum(is_name(site.node, self.case.wrt) for site in self.case.forward.sites)


def _moves(site: Site) -> bool:
    """Whether the windows of an index move along with loops."""
    slices = [part for part in ast.walk(site.node.slice) if isinstance(part, ast.Slice)]
    return any(loaded(part) & set(site.loops) for part in slices)


def _is_same(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))
