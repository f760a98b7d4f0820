"""A wrong claim laid out for the search: forward and claim as listings, and points with values at them."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from random import Random
from types import CodeType
from typing import Any

import numpy as np

from symgrad.verify.code.gradients import name_set
from symgrad.verify.code.snippets import carry_out
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.mistakes.code.listing import Listing, loaded, stored
from symgrad.verify.mistakes.code.numbers import PLAIN
from symgrad.verify.mistakes.code.quantities import evaluated
from symgrad.verify.mistakes.code.slopes import FAULTS, Slopes, copied, slopes

FOLLOW = 1e-9
COARSE = 1e-6
CLOSE = 1e-3
# Gradients below it are made of rounding errors, as behind a saturated activation.
TINY = 1e-9
TRIES, POINTS = 12, 3


@dataclass(eq=False)
class Point:
    """Values at one draw of the arrays.

    Attributes
    ----------
    names
        Everything after the forward pass, and the quantities that were derived since.
    truth
        The gradient.
    claim
        What the claim gives; None where it has no value.
    directions
        Along which mistaken derivations are compared before whole gradients are.
    """

    arrays: Mapping[str, Any]
    names: dict[str, Any]
    slopes: Slopes
    truth: Any
    claim: Any = None
    directions: tuple[Any, ...] = ()
    known: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def tolerance(self) -> float:
        """How far two gradients may be apart and still be taken for one."""
        share = FOLLOW if self.slopes.complex else COARSE
        return min(share * self._scale, self._close)

    @property
    def loose(self) -> float:
        """The same where constants that were solved for at another point carry errors along."""
        share = FOLLOW if self.slopes.complex else COARSE
        return min(1e3 * share * self._scale, self._close)

    @property
    def is_blind(self) -> bool:
        """Whether the claim is nearly right here, so that little can be told from its deviation."""
        return self._close < CLOSE * CLOSE * self._scale

    @property
    def _scale(self) -> float:
        return float(np.max(np.abs(self.truth), initial=1e-12))

    @property
    def _close(self) -> float:
        """A share of the deviation that is to be explained."""
        if self.claim is None or self.claim.shape != self.truth.shape:
            return np.inf
        deviation = float(np.max(np.abs(self.claim - self.truth), initial=0))
        return CLOSE * deviation if deviation > FOLLOW * self._scale else np.inf


@dataclass(frozen=True, eq=False)
class Case:
    """What is to be explained.

    Attributes
    ----------
    forward, claimed
        The statements that the loss needs, and those that the claim needs, with what the forward code already
        contained of the backward pass in front.
    arrays, wrt
        The arrays by name, and which of them the gradient is for.
    seed
        Of the points.
    """

    forward: Listing
    claimed: Listing
    arrays: Mapping[str, Array]
    wrt: str
    seed: int = 0

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Three points with a gradient, off kinks; what is found at the first is checked at the others."""
        seeds = [seed for seed in range(self.seed, self.seed + TRIES) if self._is_general(seed)]
        others = (seed for seed in range(self.seed, self.seed + TRIES) if seed not in seeds)
        smooth, rough = list[Point](), list[Point]()
        for seed in (*seeds, *others):
            point = self._point(seed)
            if np.max(np.abs(point.truth), initial=0) > TINY:
                (smooth if point.slopes.complex else rough).append(point)
            if POINTS in (len(smooth), len(rough)):
                break
        found = sorted([*smooth, *rough][:POINTS], key=lambda point: point.is_blind)
        return tuple(found) or (self._point(self.seed),)

    def _is_general(self, seed: int) -> bool:
        """Whether free arrays have entries of both signs, so that a modulus or a ReLU shows."""
        free = [a.name for a in self.arrays.values() if a.kind in ("normal", "scaled") and prod(a.shape) > 1]
        values = drawn(tuple(self.arrays.values()), seed)
        return all(np.min(values[name]) < 0 < np.max(values[name]) for name in free)

    @property
    def first(self) -> Point:
        """Where the search goes on."""
        return self.points[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the gradient."""
        return self.arrays[self.wrt].shape

    @cached_property
    def after(self) -> dict[str, Any]:
        """All names after the claim has run, as far as it runs."""
        names = copied(self.first.names)
        with suppress(*FAULTS):
            carry_out(self.claimed.codes, names)
        return names

    @cached_property
    def lengths(self) -> dict[str, int]:
        """How often the loops of the claim go round, by their variables."""
        found: dict[str, int] = {}
        for node in (part for statement in self.claimed.statements for part in ast.walk(statement)):
            if isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
                steps = evaluated(node.iter, self.after)
                if isinstance(steps, range | list | tuple | np.ndarray):
                    found[node.target.id] = len(steps)
        return found

    def ancestors(self, names: set[str]) -> set[str]:
        """The names, and all that they are made of in the forward pass."""
        found = set(names)
        for statement in reversed(self.forward.statements):
            if stored(statement) & found:
                found |= loaded(statement)
        return found

    def claim(self, point: Point, codes: Sequence[CodeType]) -> Any:
        """What claim code gives at a point; None where it has no value."""
        return value_of(codes, point.names)

    def _point(self, seed: int) -> Point:
        arrays = drawn(tuple(self.arrays.values()), seed)
        names = carry_out(self.forward.codes, {**PLAIN, **copied(arrays)})
        slope = slopes(arrays, self.wrt, self.forward.codes)
        random = np.random.default_rng([seed, 7])
        directions = tuple(random.standard_normal(self.shape) for _ in range(2))
        point = Point(arrays, names, slope, slope.gradient(self.forward.codes), None, directions)
        point.claim = self.claim(point, self.claimed.codes)
        return point


def value_of(codes: Sequence[CodeType], names: Mapping[str, Any], target: str = "G") -> Any:
    """The array that code leaves under a name; None where it raises, or leaves no numbers."""
    try:
        value = np.asarray(carry_out(codes, copied(names))[target])
        return value.astype(float) if value.dtype.kind in "fiub" else None
    except FAULTS:
        return None


def drawn(arrays: Sequence[Array], seed: int) -> dict[str, Any]:
    """The arrays at a point of their domain, in float64; those of ``ids`` as integers."""
    point = Domain(tuple(arrays)).point(Random(seed))
    return {array.name: _filled(array, point) for array in arrays}


def _filled(array: Array, point: Mapping[str, Any]) -> Any:
    kind = int if array.kind == "ids" else float
    return np.array([kind(point[key]) for key in array.leaves], dtype=kind).reshape(array.shape)


def case_of(forward: str, claimed: str, arrays: Sequence[Array], wrt: str, seed: int = 0) -> Case:
    """Lay a case out; raises SyntaxError for text that is no Python."""
    needed, rest = split(ast.parse(forward).body, "L")
    last = f"G = {name_set(claimed, wrt) or 'G'}"
    claim = [*rest, *ast.parse(claimed).body, *ast.parse(last).body]
    wanted, _ = split(claim, "G")
    active = frozenset(n for n, statement in enumerate(claim) if any(statement is w for w in wanted))
    named = {array.name: array for array in arrays}
    return Case(Listing(tuple(needed)), Listing(tuple(claim), active), named, wrt, seed)


def split(statements: Iterable[ast.stmt], target: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What a name depends on, and the statements that it does not need."""
    statements = list(statements)
    bodies = {name: loaded(each) for each in statements if _defines(each) for name in stored(each)}
    wanted, needed, rest = {target}, list[ast.stmt](), list[ast.stmt]()
    for statement in reversed(statements):
        if stored(statement) & wanted:
            wanted |= _closed(loaded(statement), bodies)
            needed.append(statement)
        else:
            rest.append(statement)
    return needed[::-1], rest[::-1]


def _defines(statement: ast.stmt) -> bool:
    """Whether it defines a function or a class, whose names are looked up when it is called."""
    named = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)
    return named or isinstance(statement, ast.FunctionDef | ast.ClassDef)


def _closed(names: set[str], bodies: Mapping[str, set[str]]) -> set[str]:
    """The names, and all that the functions among them read."""
    found, open_ = set[str](), set(names)
    while open_:
        found |= open_
        open_ = {name for known in open_ for name in bodies.get(known, ())} - found
    return found
