"""Convolutions in their usual notation: ``z[n,o] = Σ_c W[o,c] ⋆ x[n,c]``, ``δx[n,c] = Σ_o δz[n,o] ∗ W[o,c]``.

``(W ⋆ x)[i] = Σ_k W[k] x[i+k]`` slides the kernel as it is, which deep learning calls a convolution;
``(δ ∗ W)[i] = Σ_k δ[i−k] W[k]`` slides it flipped (Goodfellow, Bengio, Courville 2016, section 9.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.terms import summed
from symgrad.notation.arrange import arrange, listed, split_coefficient
from symgrad.notation.compose import over, product, total
from symgrad.notation.layout import Equation, Layout
from symgrad.notation.order import ordered_factors
from symgrad.notation.roles import Roles, named

SIGNS = {1: "⋆", -1: "∗"}


@dataclass(frozen=True)
class _Slide:
    """``still[k]`` slides over ``moving[i + k]`` (sign +1) or ``moving[i − k]`` (sign −1)."""

    moving: Ref
    still: Ref
    sign: int
    places: Mapping[sp.Symbol, sp.Symbol]

    @property
    def letters(self) -> frozenset[sp.Symbol]:
        """The spatial letters, own and summed."""
        return frozenset({*self.places, *self.places.values()})


def convolution(node: Node, terms: list[Term], roles: Roles) -> Equation | None:
    """Return a definition as convolutions of what its other letters label; None if it is none."""
    slides = [_slide(term, node.axes) for term in terms]
    found = next((slide for slide in slides if slide is not None), None)
    if found is None:
        return None
    spatial = {axis.symbol for axis in node.axes} & found.letters
    alike = all(set(slide.places) == spatial for slide in slides if slide is not None)
    pairs = zip(terms, slides, strict=True)
    parts = [_part(term, slide, spatial, roles) if alike else None for term, slide in pairs]
    whole = tuple(part for part in parts if part is not None)
    if len(whole) < len(parts):
        return None
    left = listed(axis.symbol for axis in node.axes if axis.symbol not in spatial)
    return Equation(named(node.name, left, roles, whole=True), total(whole))


def _slide(term: Term, axes: tuple[Axis, ...]) -> _Slide | None:
    """Read a product of two accesses as one that slides over the other, in every spatial axis alike."""
    _, rest = split_coefficient(term.body)
    factors = sp.Mul.make_args(rest)
    if len(factors) != 2 or not all(isinstance(factor, Ref) for factor in factors):
        return None
    one, other = (factor for factor in factors if isinstance(factor, Ref))
    own = tuple(axis.symbol for axis in axes)
    return _sliding(one, other, own, term) or _sliding(other, one, own, term)


def _sliding(moving: Ref, still: Ref, own: tuple[sp.Symbol, ...], term: Term) -> _Slide | None:
    mixed = [i for i in moving.index if len(i.free_symbols & set(term.sizes)) == 2]
    pairs = [_pair(i, set(own), still) for i in mixed]
    found = [pair for pair in pairs if pair is not None]
    signs = {sign for _, _, sign in found}
    if not found or len(found) < len(pairs) or len(signs) > 1:
        return None
    slide = _Slide(moving, still, signs.pop(), {a: b for a, b, _ in found})
    return slide if _is_ordered(slide, own) else None


def _is_ordered(slide: _Slide, own: tuple[sp.Symbol, ...]) -> bool:
    """Whether the spatial letters stand in one order everywhere, and what stands still has no own ones."""
    still = [i for i in slide.still.index if i.free_symbols & slide.letters]
    mine = [letter for letter in own if letter in slide.letters]
    return still == list(slide.places.values()) and mine == list(slide.places)


def _pair(subscript: sp.Expr, own: set[sp.Symbol], still: Ref) -> tuple[sp.Symbol, sp.Symbol, int] | None:
    """Read ``i + k`` or ``i − k``, i an own letter and k one at which the other factor is read."""
    for letter in subscript.free_symbols & own:
        rest = sp.expand(subscript - letter)
        for sign in SIGNS:
            if rest * sign in still.index and isinstance(rest * sign, sp.Symbol):
                return letter, rest * sign, sign
    return None


def _part(term: Term, slide: _Slide | None, spatial: set[sp.Symbol], roles: Roles) -> Layout | None:
    """Return one term: a sum of slides, or something that is the same everywhere, such as a bias."""
    if slide is None:
        used = {s for ref in term.accesses for i in ref.index for s in i.free_symbols}
        alone = not used & spatial and not summed(term)
        return arrange(term.body, roles) if alone else None
    sums = tuple(axis.letter for axis in summed(term) if axis.symbol not in slide.letters)
    if any(i.free_symbols & slide.letters for i in _labels(slide.moving, slide)):
        return None
    front, _ = split_coefficient(term.body)
    first, second = _ordered(slide, roles)
    joined = product((_slid(first, slide, roles), _slid(second, slide, roles)), SIGNS[slide.sign])
    return product((arrange(front, roles), over("Σ", sums, joined)))


def _ordered(slide: _Slide, roles: Roles) -> tuple[Ref, Ref]:
    """A correlation names what stands still first; a convolution is ordered as products are."""
    if slide.sign > 0:
        return slide.still, slide.moving
    one, other = ordered_factors((slide.moving, slide.still), roles)
    delta_first = roles.deltas.keys() & {other.name}
    return (other, one) if delta_first else (one, other)


def _labels(ref: Ref, slide: _Slide) -> tuple[sp.Expr, ...]:
    """Return the subscripts that are not spatial."""
    spatial = {i for i in ref.index if len(i.free_symbols & slide.letters) == 2}
    return tuple(i for i in ref.index if i not in spatial and i not in slide.letters)


def _slid(ref: Ref, slide: _Slide, roles: Roles) -> Layout:
    return named(ref.name, listed(_labels(ref, slide)), roles, whole=True)
