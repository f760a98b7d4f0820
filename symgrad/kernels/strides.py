"""Subscripts as numbers with letters for digits: ``(c H + i) W + j`` takes every value once, without gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Digits:
    """``start + Σ stride · letter``, the last digit first; `count` values from `start` on."""

    strides: tuple[tuple[sp.Symbol, sp.Expr], ...]
    start: sp.Expr
    count: sp.Expr


def digits(value: sp.Expr, letters: Iterable[sp.Symbol], sizes: Mapping[sp.Symbol, sp.Expr]) -> Digits | None:
    """Return a subscript as a number of these letters, or None if its values leave gaps or repeat."""
    rest, stride = sp.expand(value), sp.Integer(1)
    waiting = sorted(letters, key=lambda symbol: sizes[symbol] != 1)
    found: list[tuple[sp.Symbol, sp.Expr]] = []
    while waiting:
        symbol = next((s for s in waiting if sp.expand(rest.coeff(s) - stride) == 0), None)
        if symbol is None:
            return None
        found.append((symbol, stride))
        rest = sp.expand(rest - stride * symbol)
        stride = sp.expand(stride * sizes[symbol])
        waiting.remove(symbol)
    return Digits(tuple(found), rest, stride)
