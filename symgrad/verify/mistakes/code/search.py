"""The search for edits that make a claim right."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case, Point, value_of
from symgrad.verify.mistakes.code.deadline import Deadline
from symgrad.verify.mistakes.code.edits import MOVES
from symgrad.verify.mistakes.code.listing import HOOK, Site, stored
from symgrad.verify.mistakes.code.loops import of_loops
from symgrad.verify.mistakes.code.places import Edit, Place, binary
from symgrad.verify.mistakes.code.quantities import Quantity, Stock
from symgrad.verify.mistakes.code.rewrites import REWRITES
from symgrad.verify.mistakes.code.slopes import FAULTS, numeric, safely
from symgrad.verify.mistakes.ranking import constant_between

LIKE = (
    "times",
    "over",
    "instead",
    "operator",
    "reversed",
    "axis",
    "function",
    "index",
    "exponent",
)


RARE = ("gradient", "sum", "size")


@dataclass(frozen=True)
class Mend:
    """Edits that make a claim right.

    Attributes
    ----------
    factor
        The constant by which what the last edit brings in has to be multiplied.
    whole
        Whether the factor belongs to the whole gradient instead.
    """

    edits: tuple[Edit, ...]
    factor: float = 1.0
    whole: bool = False

    @property
    def edit(self) -> Edit:
        """The last edit."""
        return self.edits[-1]


@dataclass(frozen=True, eq=False)
class Search:
    """A search with its time limit."""

    case: Case
    stock: Stock
    until: Deadline

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.until.passed

    def run(self, codes: Sequence[CodeType], point: Point | None = None) -> Any:
        """The gradient that code gives, if it has the right shape."""
        self.until.spend()
        value = value_of(codes, (point or self.case.first).names)
        return value if value is not None and value.shape == self.case.shape else None

    def places(self, given: Sequence[tuple[Site, Any]] = ()) -> list[Place]:
        """The places of the claim, with what stands there."""
        listing = self.case.claimed
        sites = [s for s in listing.sites if not any(_inside(s, edited) for edited, _ in given)]
        values = {id(site): self.value(site) for site in sites}
        claimed = self.claimed_names
        stock = replace(self.stock, quantities=(*self.stock.quantities, *claimed))
        return [Place(s, values[id(s)], self.case, stock, self.local(s)) for s in sites]

    def value(self, site: Site, edits: Sequence[Edit] = ()) -> Any:
        """What stands at a site, the last time that the claim passes it."""
        seen: list[Any] = []

        def recorded(value: Any) -> Any:
            seen.append(value)
            return value

        inner = [(edit.site, edit.node) for edit in edits if edit.site is not site]
        node = next((edit.node for edit in edits if edit.site is site), site.node)
        hooked = ast.Call(ast.Name(HOOK, ast.Load()), [node], [])
        with suppress(*FAULTS):
            codes = self.case.claimed.edited((site, hooked), *inner)
            value_of(codes, {**self.case.first.names, HOOK: recorded})
            return np.asarray(numeric(seen[-1]), float)
        return None

    @cached_property
    def claimed_names(self) -> list[Quantity]:
        """What the claim makes itself, as far as it runs."""
        names = {n for statement in self.case.claimed.statements[:-1] for n in stored(statement)} - {"G"}
        values = self.case.after
        arrays = {n: values[n] for n in sorted(names) if isinstance(values.get(n), np.ndarray | np.float64)}
        return [Quantity(ast.Name(n, ast.Load()), "value", np.shape(v), "claim") for n, v in arrays.items()]

    def local(self, site: Site) -> tuple[Quantity, ...]:
        """Entries and steps that the loops around a site speak of."""
        known = (*self.stock.quantities, *self.claimed_names)
        return tuple(safely(of_loops(self.case, known, site, self._shape)))

    def _shape(self, site: Site) -> tuple[int, ...]:
        if id(site) not in self._shapes:
            self._shapes[id(site)] = np.shape(self.value(site))
        return self._shapes[id(site)]

    @cached_property
    def _shapes(self) -> dict[int, tuple[int, ...]]:
        return {}

    def edits(self, place: Place, moves: Mapping[str, Any]) -> Iterator[Edit]:
        """All edits of a place."""
        for name, move in moves.items():
            for node, about in safely(move(place)):
                q = about if isinstance(about, Quantity) else None
                yield Edit(name, place.site, node, q, about if isinstance(about, ast.expr) else None)

    def mends(self, places: Sequence[Place], given: Sequence[Edit] = (), moves: Any = None) -> Iterator[Mend]:
        """The single edits, beside those given, that make the claim right."""
        before = tuple((edit.site, edit.node) for edit in given)
        claim = self.run(self.case.claimed.edited(*before)) if before else self._claim()
        for place in places:
            zero = self._without(place, before)
            for edit in self.edits(place, moves or MOVES | REWRITES):
                if self.late:
                    return
                if given and edit.quantity is not None and edit.quantity.role in RARE:
                    continue
                mend = self._tried(edit, tuple(given), before, claim, zero)
                if mend is not None and self.holds(mend):
                    yield mend

    def matched(self, edits: tuple[Edit, ...], value: Any) -> Mend | None:
        if value is None:
            return None
        point = self.case.first
        if np.max(np.abs(value - point.truth), initial=0) <= point.tolerance:
            return Mend(edits)
        factor = constant_between(value, point.truth, point.tolerance)
        return Mend(edits, factor, whole=True) if factor else None

    def _claim(self) -> Any:
        claim = self.case.first.claim
        return claim if claim is not None and claim.shape == self.case.shape else None

    def _without(self, place: Place, before: Any) -> Any:
        zero = binary(ast.Constant(0.0), ast.Mult(), place.node)
        if place.value is None or isinstance(place.node, ast.List | ast.Tuple):
            return None
        return self.attempt(*before, (place.site, zero))

    def attempt(self, *edits: tuple[Site, Any], point: Point | None = None) -> Any:
        """The gradient after edits, if it has the right shape."""
        try:
            codes = self.case.claimed.edited(*edits)
        except FAULTS:
            return None
        return self.run(codes, point)

    def _tried(self, edit: Edit, given: tuple[Edit, ...], before: Any, claim: Any, zero: Any) -> Mend | None:
        value = self.attempt(*before, (edit.site, edit.node))
        if value is None:
            return None
        point = self.case.first
        if np.max(np.abs(value - point.truth), initial=0) <= point.tolerance:
            return Mend((*given, edit))
        base = claim if edit.move == "plus" else zero if edit.move in LIKE else None
        if base is not None:
            factor = constant_between(value - base, point.truth - base, point.tolerance)
            if factor:
                return Mend((*given, edit), factor)
        factor = constant_between(value, point.truth, point.tolerance)
        return Mend((*given, edit), factor, whole=True) if factor else None

    def holds(self, mend: Mend) -> bool:
        return all(self.right_at(mend, point) for point in self.case.points[1:])

    def right_at(self, mend: Mend, point: Point) -> bool:
        """Whether the edits make the claim right at a point."""
        value = self.attempt(*self.replacements(mend), point=point)
        if value is None:
            return False
        value = mend.factor * value if mend.whole else value
        return bool(np.max(np.abs(value - point.truth), initial=0) <= point.loose)

    def replacements(self, mend: Mend) -> list[tuple[Site, Any]]:
        """What stands where after the edits."""
        pairs = [(edit.site, edit.node) for edit in mend.edits]
        if mend.factor != 1.0 and not mend.whole:
            pairs[-1] = (mend.edit.site, scaled(mend.edit, mend.factor))
        return pairs


def scaled(edit: Edit, factor: float) -> ast.expr:
    """What an edit brings in, times a constant."""
    constant = ast.Constant(factor)
    if edit.move == "plus" and isinstance(edit.node, ast.BinOp):
        if factor == -1.0:
            return binary(edit.node.left, ast.Sub(), edit.node.right)
        return binary(edit.node.left, ast.Add(), binary(constant, ast.Mult(), edit.node.right))
    if factor == -1.0:
        return ast.UnaryOp(ast.USub(), edit.node)
    return binary(constant, ast.Mult(), edit.node)


def _inside(site: Site, edited: Site) -> bool:
    return any(node is site.node for node in ast.walk(edited.node))
