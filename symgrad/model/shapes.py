"""Shapes in messages: sizes with their numbers, and what to do where one number has two names."""

from collections.abc import Iterable, Mapping

import sympy as sp

from symgrad.model.expressions import size


def in_numbers(shape: Iterable[sp.Expr], known: Mapping[str, int]) -> tuple[sp.Expr, ...]:
    """Return a shape with the known sizes put in."""
    table: dict[sp.Expr, sp.Expr] = {size(name): sp.Integer(number) for name, number in known.items()}
    return tuple(extent.xreplace(table) for extent in shape)


def shape_in_words(shape: Iterable[sp.Expr], known: Mapping[str, int]) -> str:
    """Return ``(N, C, H - 2 = 4)``: every size, with its number where it is known."""
    extents = tuple(shape)
    pairs = zip(extents, in_numbers(extents, known), strict=True)
    return f"({', '.join(f'{e} = {n}' if n.is_Integer and n != e else str(e) for e, n in pairs)})"


def twins(one: Iterable[sp.Expr], other: Iterable[sp.Expr], known: Mapping[str, int]) -> str:
    """Say which sizes of two shapes are one number under two names; empty where there are none."""
    for a, b in zip(one, other, strict=False):
        (number,), (same,) = in_numbers((a,), known), in_numbers((b,), known)
        if a != b and number == same:
            return (
                f"; {a} and {b} are both {number}, but two sizes that nothing keeps equal: "
                f"give '{a}' where {b} was given as a number"
            )
    return ""
