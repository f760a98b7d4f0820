"""Edits of loops, sums and containers: steps, keys, orders, whole numbers, terms of a sum."""

import ast
from collections.abc import Iterator
from itertools import combinations, permutations

from symgrad.verify.mistakes.code.listing import Site, loaded
from symgrad.verify.mistakes.code.places import Place, binary, code, filled, put

Found = Iterator[tuple[ast.expr, None]]
COUNTED = ("roll", "arange", "range", "eye", "diag", "triu", "tril")
TERM = "k_"


def key(place: Place) -> Found:
    """Another key of a dictionary, out of those that the code speaks of."""
    node = place.node
    if not (isinstance(node, ast.Subscript) and is_key(node.slice)):
        return
    whole = ast.Module([*place.case.forward.statements, *place.case.claimed.statements], [])
    entries = [each for each in ast.walk(whole) if isinstance(each, ast.Subscript)]
    slices = [each.slice for each in entries if is_key(each.slice)]
    for other in {ast.dump(each): each for each in slices}.values():
        if ast.dump(other) != ast.dump(node.slice):
            yield ast.Subscript(node.value, other, ast.Load()), None


def is_key(node: ast.expr) -> bool:
    """Whether an index is a key made of text."""
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))


def order(place: Place) -> Found:
    """Two elements of a list the other way round."""
    node = place.node
    if isinstance(node, ast.List | ast.Tuple):
        for j, k in combinations(range(len(node.elts)), 2):
            elements = list(node.elts)
            elements[j], elements[k] = elements[k], elements[j]
            yield type(node)(elements, ast.Load()), None


def whole(place: Place) -> Found:
    """Another whole number where a call shifts or counts."""
    node = place.node
    if isinstance(node, ast.Call) and counts(node):
        yield code("e + 1", e=node), None
        yield code("e - 1", e=node), None
    elif is_shift(place.site):
        value = ast.literal_eval(node)
        if type(value) is int:
            yield from ((ast.Constant(other), None) for other in (-value, value + 1, value - 1))


def is_shift(site: Site) -> bool:
    """Whether a number stands there by which something is shifted or counted."""
    call, node = site.parent, site.node
    number = isinstance(node, ast.Constant | ast.UnaryOp) and not loaded(node)
    return number and isinstance(call, ast.Call) and site.field == "args" and counts(call)


def counts(call: ast.Call) -> bool:
    """Whether a call is of a function that shifts or counts."""
    return ast.unparse(call.func).rpartition(".")[2] in COUNTED


def term(place: Place) -> Found:
    """A sum over all entries of which one alone is there."""
    if place.site.loops or isinstance(place.node, ast.Name | ast.Constant | ast.Subscript):
        return
    groups: dict[int, list[ast.Subscript]] = {}
    for part in ast.walk(place.node):
        first = _first_index(part)
        if isinstance(part, ast.Subscript) and first is not None:
            groups.setdefault(first, []).append(part)
    for entries in groups.values():
        each = place.node
        for entry in entries:
            each = put(each, entry, _entry_at(entry))
        for start in ("0", "1"):
            text = f"sum(e for {TERM} in range({start}, len(v)))"
            yield code(text, e=each, v=entries[0].value), None


def _first_index(node: ast.AST) -> int | None:
    if not isinstance(node, ast.Subscript):
        return None
    first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
    if isinstance(first, ast.Slice) or loaded(first):
        return None
    value = ast.literal_eval(first)
    return value if type(value) is int else None


def _entry_at(entry: ast.Subscript) -> ast.expr:
    name: ast.expr = ast.Name(TERM, ast.Load())
    if isinstance(entry.slice, ast.Tuple):
        name = ast.Tuple([name, *entry.slice.elts[1:]], ast.Load())
    return ast.Subscript(entry.value, name, ast.Load())


def weighted(place: Place) -> Found:
    """A mean whose entries have weights."""
    node = place.node
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "np.mean" and node.args):
        return
    inner = node.args[0]
    window = inner.slice if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Slice) else None
    for q in place.stock.quantities:
        if len(q.shape) == 1 and q.role in ("given", "value") and isinstance(q.node, ast.Name):
            weight = ast.Subscript(q.node, window, ast.Load()) if window else q.node
            for form in ("np.average(e, axis=0, weights=v)", "np.average(e, axis=0, weights=np.exp(v))"):
                yield code(form, e=inner, v=weight), None


def previous(place: Place) -> Found:
    """The step before, and what there is before the first one."""
    node = place.node
    if not isinstance(node, ast.Subscript) or not place.site.loops:
        return
    for name in sorted(loaded(node.slice) & set(place.site.loops)):
        before = ast.Subscript(node.value, filled(node.slice, {name: code(f"{name} - 1")}), ast.Load())
        firsts = [
            q.node for q in place.stock.quantities if q.role in ("given", "value") and q.shape == place.shape
        ]
        for first in (*firsts, code("0*e", e=node)):
            for body in (before, node):
                yield code(f"a if {name} > 0 else b", a=body, b=first), None


def shifted(place: Place) -> Found:
    """All windows of an index shifted by the same width."""
    node = place.node
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not any(isinstance(part, ast.Slice) and part.upper for part in parts):
        return
    widths = [code(name) for name, value in place.case.first.names.items() if type(value) is int and value]
    for width in (ast.Constant(1), *widths):
        for op in (ast.Add(), ast.Sub()):
            moved = [_shifted(part, op, width) for part in parts]
            index = ast.Tuple(moved, ast.Load()) if len(moved) > 1 else moved[0]
            yield ast.Subscript(node.value, index, ast.Load()), None


def _shifted(part: ast.expr, op: ast.operator, width: ast.expr) -> ast.expr:
    if not isinstance(part, ast.Slice) or part.upper is None:
        return part
    lower = part.lower or ast.Constant(0)
    return ast.Slice(binary(lower, op, width), binary(part.upper, op, width), part.step)


def entries(shape: tuple[int, ...], name: str, lengths: dict[str, int]) -> Iterator[ast.expr]:
    """The entries of an array that the variables of the loops around may speak of."""
    for chosen in permutations(sorted(lengths), len(shape)):
        if all(lengths[each] == length for each, length in zip(chosen, shape, strict=True)):
            yield code(f"{name}[{', '.join(chosen)}]")
