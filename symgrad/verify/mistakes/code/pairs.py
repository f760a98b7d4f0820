"""Two slips at once: pairs of edits of the claim."""

import ast
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.edits import MOVES
from symgrad.verify.mistakes.code.listing import stored
from symgrad.verify.mistakes.code.places import Edit, Place
from symgrad.verify.mistakes.code.quantities import Quantity
from symgrad.verify.mistakes.code.repeated import assigned
from symgrad.verify.mistakes.code.rewrites import REWRITES
from symgrad.verify.mistakes.code.search import Mend, Search

SECOND = {
    name: move
    for name, move in (MOVES | REWRITES).items()
    if name not in ("plus", "through", "brackets", "refactored", "turned")
}
ENOUGH = 6
FIRST = (
    "instead",
    "turned",
    "times",
    "over",
    "dropped",
    "swapped",
    "operator",
    "reversed",
    "axis",
    "function",
)
DIGITS = 6


def pairs(search: Search, places: Sequence[Place]) -> Iterator[Mend]:
    """Pairs that make the claim right: those whose effects add or multiply, then one after the other."""
    yield from islice(_meeting(search, places), ENOUGH)
    yield from islice(_one_after_the_other(search, places), ENOUGH)


def _meeting(search: Search, places: Sequence[Place]) -> Iterator[Mend]:
    """Pairs found by meeting in the middle: differences that add up, ratios that multiply up to the truth."""
    case = search.case
    claim, truth = case.first.claim, case.first.truth
    if claim is None or claim.shape != truth.shape:
        return
    effects = list(_effects(search, places))
    for way, wanted, inverse in (
        (np.subtract, truth - claim, np.subtract),
        (np.divide, truth / claim, np.divide),
    ):
        known: dict[Any, Edit] = {}
        for edit, value in effects:
            effect = way(value, claim)
            partner = known.get(_key(inverse(wanted, effect)))
            if partner is not None and partner.site is not edit.site:
                mend = Mend((partner, edit))
                if all(search.right_at(mend, point) for point in case.points):
                    yield mend
            known.setdefault(_key(effect), edit)


def _effects(search: Search, places: Sequence[Place]) -> Iterator[tuple[Edit, Any]]:
    of_places = (edit for place in places for edit in search.edits(place, SECOND))
    for edit in chain(assigned(search), of_places):
        if search.late:
            return
        value = search.attempt((edit.site, edit.node))
        if value is not None and np.all(np.isfinite(value)):
            yield edit, value


def _key(value: Any) -> Any:
    flat = np.ravel(value)[:4]
    with np.errstate(all="ignore"):
        digits = DIGITS - np.floor(np.log10(np.maximum(np.abs(flat), 1e-12)))
    return (
        tuple(round(float(v), int(d)) for v, d in zip(flat, digits, strict=True))
        if np.all(np.isfinite(flat))
        else None
    )


def _one_after_the_other(search: Search, places: Sequence[Place]) -> Iterator[Mend]:
    moves = {name: (MOVES | REWRITES)[name] for name in FIRST}
    firsts = [
        (place, edit) for place in places for edit in search.edits(place, moves) if _is_plain(edit, place)
    ]
    made = {name for statement in search.case.claimed.statements for name in stored(statement)}
    for place, edit in sorted(firsts, key=lambda first: _rank(first[1], made)):
        if search.late:
            return
        beside = [p for p in places if not _overlap(p, place)]
        yield from search.mends(beside, (edit,), SECOND)


def _rank(edit: Edit, made: set[str]) -> int:
    """Where an edit stands among the first halves: a name that the claim made comes first."""
    undone = edit.move == "instead" and isinstance(edit.site.node, ast.Name) and edit.site.node.id in made
    return -1 if undone else FIRST.index(edit.move)


def _is_plain(edit: Edit, place: Place) -> bool:
    """Whether an edit is common enough to be half of a pair."""
    q = edit.quantity
    if edit.move == "turned":
        return place.site.line == len(place.case.claimed.statements) - 1
    if isinstance(q, Quantity) and edit.move == "instead" and place.shape not in (q.shape, q.shape[::-1]):
        return False
    return (
        not isinstance(q, Quantity)
        or q.role == "derivative"
        or (q.role == "given" and edit.move == "instead")
    )


def _overlap(one: Place, other: Place) -> bool:
    return any(node is one.node for node in ast.walk(other.node)) or one.node is other.node
