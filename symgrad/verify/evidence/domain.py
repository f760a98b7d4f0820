"""What a claim is judged on: the arrays that it speaks of, and what is known of them.

A kind of array gives rational points, and, where it is an algebraic set, a rational parametrisation of it: a
claim that is an identity in the parameters is right for all arrays of the kind.  What is discrete is drawn.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from random import Random
from typing import Any, TypeVar

from symgrad.errors import DataError, unknown
from symgrad.exact.algebra import Algebra, Value
from symgrad.verify.evidence.families import FAMILIES, Args, Draw, Family, Numbers, Shape

V = TypeVar("V", bound=Value)

Chosen = Mapping[str, Sequence[Fraction]]


@dataclass(frozen=True)
class Array:
    """An array of leaves.

    Attributes
    ----------
    name, shape
        What it is called, and its lengths; no lengths for a scalar.
    kind
        A word of `symgrad.verify.evidence.families.FAMILIES`.
    args
        What the kind takes: the value of a ``const``, the scale of a ``scaled``, how many ``ids`` there are,
        the probability of a ``keep``.
    keys
        The keys of the leaves, row by row, where they are not those of `leaf_key`.

    Raises
    ------
    UnknownNameError
        For an unknown kind.
    DataError
        For a shape, numbers or keys that do not fit.
    """

    name: str
    shape: Shape = ()
    kind: str = "normal"
    args: Args = ()
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in FAMILIES:
            raise unknown("kind of array", self.kind, FAMILIES)
        self.family.check(self.name, self.shape, self.args)
        if self.keys and len(self.keys) != prod(self.shape):
            raise DataError(f"{self.name} has {prod(self.shape)} entries, and {len(self.keys)} keys")

    @property
    def family(self) -> Family:
        """What its kind is."""
        return FAMILIES[self.kind]

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The keys of its leaves, row by row."""
        return self.keys or tuple(leaf_key(self.name, at) for at in product(*map(range, self.shape)))

    @property
    def assumption(self) -> str:
        """What is known of it, in words; empty for free numbers."""
        return f"{self.name}: {self.family.words}" if self.family.words else ""


def leaf_key(name: str, at: Sequence[int] = ()) -> str:
    """Return the key of a leaf: the name, and for an entry of an array its place, counted from 0."""
    return f"{name}[{','.join(map(str, at))}]" if at else name


def array_of(name: str, spec: Sequence[Any]) -> Array:
    """Read an array from the word of its kind, what the kind takes, and the lengths.

    Examples
    --------
    >>> array_of("W", ["scaled", 0.5, 3, 2])
    Array(name='W', shape=(3, 2), kind='scaled', args=(Fraction(1, 2),), keys=())
    >>> array_of("W", ["norm", 3])
    Traceback (most recent call last):
        ...
    symgrad.errors.UnknownNameError: unknown kind of array 'norm'; did you mean normal or orth?

    Raises
    ------
    UnknownNameError
        For an unknown kind.
    DataError
        For lengths or numbers that the kind does not take.
    """
    kind, *rest = spec or ("",)
    if kind not in FAMILIES:
        raise unknown("kind of array", kind, FAMILIES)
    family = FAMILIES[kind]
    lengths = rest[family.takes :]
    if not all(isinstance(n, int) and n > 0 for n in lengths):
        raise DataError(f"{name} = {list(spec)}: the lengths of an array are whole numbers > 0")
    args = tuple(_fraction(name, value) for value in rest[: family.takes])
    return Array(name, family.shape(tuple(lengths)), kind, args)


def _fraction(name: str, value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction) or value - value != 0:
        raise DataError(f"{name}: {value!r} is no number")
    return Fraction(str(value))


@dataclass(frozen=True)
class Domain:
    """Arrays, and with them the points at which a claim is to be right."""

    arrays: tuple[Array, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Array]:
        """The arrays by their names."""
        return {array.name: array for array in self.arrays}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The keys of all leaves."""
        return tuple(key for array in self.arrays for key in array.leaves)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is known of the arrays, in words."""
        return tuple(array.assumption for array in self.arrays if array.assumption)

    @property
    def kept(self) -> Mapping[int, int]:
        """The sides of values of a tape, by their places, on which all points are; none of a whole domain."""
        return {}

    @property
    def discrete(self) -> tuple[Array, ...]:
        """The arrays of which there are finitely many."""
        return tuple(array for array in self.arrays if array.family.choice)

    @property
    def wider(self) -> "Domain":
        """The domain with nothing known of its arrays but signs and fixed numbers."""
        return Domain(tuple(_of_kind(array, array.family.wider) for array in self.arrays))

    @property
    def relaxed(self) -> "Domain":
        """The domain with discrete arrays as special cases of those that have a parametrisation."""
        return Domain(tuple(_of_kind(array, array.family.relaxed) for array in self.arrays))

    def among(self, leaves: Container[object]) -> "Domain":
        """The arrays of which some leaf is among these."""
        return Domain(tuple(a for a in self.arrays if any(key in leaves for key in a.leaves)))

    def point(self, source: Random, spread: int = 1) -> dict[str, Fraction]:
        """Return a random rational point: small fractions without ties, in the usual range of each kind.

        Parameters
        ----------
        spread
            How many times their usual range free numbers are drawn from.
        """
        draw = Draw(source, spread)
        return {
            key: value
            for array in self.arrays
            for key, value in zip(array.leaves, _numbers(array, draw), strict=True)
        }

    def chosen(self, source: Random) -> Chosen:
        """Draw the entries of the discrete arrays."""
        draw = Draw(source)
        return {array.name: _numbers(array, draw) for array in self.discrete}

    def all_chosen(self, most: int) -> list[Chosen] | None:
        """Return everything that the discrete arrays can be, or None where that is more than `most`."""
        choices = [(a, a.family.choice) for a in self.arrays if a.family.choice is not None]
        if prod(choice.count(a.shape, a.args) for a, choice in choices) > most:
            return None
        each = ([(a.name, numbers) for numbers in choice.all(a.shape, a.args)] for a, choice in choices)
        return [dict(combination) for combination in product(*each)]

    def define(self, algebra: Algebra[Any], chosen: Chosen) -> None:
        """Let every leaf be what its kind says: a rational function of parameters, or a number.

        Parameters
        ----------
        chosen
            The entries of the discrete arrays.
        """
        for array in self.arrays:
            numbers = array.args if array.kind == "const" else chosen.get(array.name)
            entries = _written(array, algebra) if numbers is None else map(algebra.number, numbers)
            for key, value in zip(array.leaves, entries, strict=True):
                algebra.define(key, value)


def _of_kind(array: Array, kind: str) -> Array:
    return replace(array, kind=kind, args=()) if kind else array


def _numbers(array: Array, draw: Draw) -> Numbers:
    return array.family.numbers(draw, array.shape, array.args)


def _written(array: Array, algebra: Algebra[V]) -> list[V]:
    """Write an array by its parameters."""
    written = array.family.written
    if written is None:
        raise DataError(f"{array.name} is discrete; its entries must be chosen")
    keys = ((array.name, "parameter", k) for k in range(written.needed(array.shape)))
    values = [algebra.leaf(key, positive=written.positive) for key in keys]
    return [value + algebra.number(0) for value in written.entries(values, array.shape)]
