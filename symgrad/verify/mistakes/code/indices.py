"""Edits of indices: other entries, other ends of a slice, axes counted from the other end."""

import ast
import copy
from collections.abc import Iterator
from itertools import combinations

from symgrad.verify.mistakes.code.listing import loaded
from symgrad.verify.mistakes.code.places import Place, binary, code, filled, windows

Found = Iterator[tuple[ast.expr, None]]


def index(place: Place) -> Found:
    """Another index, or other ends of a slice."""
    node = place.node
    if not isinstance(node, ast.Subscript):
        return
    positions = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, position in enumerate(positions):
        for other in _other_positions(position):
            parts = [*positions[:k], other, *positions[k + 1 :]]
            whole = (
                ast.Tuple(parts, ast.Load())
                if len(parts) > 1 or isinstance(node.slice, ast.Tuple)
                else parts[0]
            )
            yield ast.Subscript(node.value, whole, ast.Load()), None
    if len(positions) == 1 and not isinstance(node.slice, ast.Slice):
        yield ast.Subscript(node.value, ast.Tuple([ast.Slice(), node.slice], ast.Load()), ast.Load()), None
    if (
        len(positions) == 2
        and isinstance(positions[0], ast.Slice)
        and not isinstance(positions[1], ast.Slice)
    ):
        yield ast.Subscript(node.value, positions[1], ast.Load()), None
    if len(positions) == 2:
        yield ast.Subscript(node.value, ast.Tuple([positions[1], positions[0]], ast.Load()), ast.Load()), None


def _other_positions(position: ast.expr) -> Iterator[ast.expr]:
    if isinstance(position, ast.Slice):
        yield from _other_slices(position)
        return
    if not loaded(position):
        value = ast.literal_eval(position)
        yield from (ast.Constant(k) for k in range(-2, 5) if type(value) is int and k != value)
        return
    for shift in (1, -1):
        yield binary(position, ast.Add() if shift > 0 else ast.Sub(), ast.Constant(1))
    if isinstance(position, ast.BinOp):
        yield position.left
        yield position.right
        if isinstance(position.op, ast.Add | ast.Sub):
            yield binary(
                position.left, ast.Sub() if isinstance(position.op, ast.Add) else ast.Add(), position.right
            )


def _other_slices(position: ast.Slice) -> Iterator[ast.expr]:
    ends = [end for end in (position.lower, position.upper) if end is not None]
    if position.step is None and all(isinstance(end, ast.Constant) for end in ends):
        yield from windows()
    for text in (":", "1:", ":-1", "::-1", "-1:", ":1", "i:", ":i", "i+1:", ":i+1"):
        variable = next((n.id for n in ast.walk(position) if isinstance(n, ast.Name)), "0")
        other = ast.parse(f"x[{text.replace('i', variable)}]", mode="eval").body
        if isinstance(other, ast.Subscript) and ast.dump(other.slice) != ast.dump(position):
            yield other.slice
    for end in ("lower", "upper"):
        bound = getattr(position, end)
        if bound is not None and not isinstance(bound, ast.Constant):
            for op in (ast.Add(), ast.Sub()):
                moved = copy.copy(position)
                setattr(moved, end, binary(bound, op, ast.Constant(1)))
                yield moved


def mirrored(place: Place) -> Found:
    """The variables of loops counted from the other end, as a kernel that is turned needs it."""
    node = place.node
    if not isinstance(node, ast.Subscript) or not place.site.loops:
        return
    used = loaded(node.slice) & set(place.site.loops)
    lengths = place.case.lengths
    turns = {
        name: code(f"{lengths[name] - 1} - i", i=ast.Name(name, ast.Load()))
        for name in used
        if name in lengths
    }
    for count in range(1, min(len(turns), 3) + 1):
        for chosen in combinations(sorted(turns), count):
            index_ = filled(node.slice, {name: turns[name] for name in chosen})
            yield ast.Subscript(node.value, index_, ast.Load()), None
    if isinstance(node.slice, ast.Tuple):
        kept = [part for part in node.slice.elts if not _is_reversed(part)]
        if 0 < len(kept) < len(node.slice.elts):
            yield ast.Subscript(node.value, ast.Tuple(kept, ast.Load()), ast.Load()), None


def _is_reversed(part: ast.expr) -> bool:
    return isinstance(part, ast.Slice) and part.step is not None
