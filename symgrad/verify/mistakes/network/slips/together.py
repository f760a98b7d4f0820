"""The same slip in several places at once: everywhere a step late, all matrices transposed, no sum at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from symgrad.model.syntax import Formula, Name, Number, Reduce, children, walk, with_children
from symgrad.verify.mistakes.network.slips.subscripts import over, shifted, time_axis, turned
from symgrad.verify.mistakes.network.slips.terms import ONE, Slip, Terms, everywhere, said

Change = Callable[[Formula], Formula]


def together(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """Yield a claim with the same change made wherever it can be made."""
    for kind, text, cost, change in _changes(terms):
        yield Slip(_mapped(formula, change), kind, text, cost)
    yield from _unsummed(formula, terms)
    yield from _counts(formula, terms)


def _mapped(formula: Formula, change: Change) -> Formula:
    if isinstance(formula, Name):
        return change(formula)
    parts = children(formula)
    inside = with_children(formula, tuple(_mapped(part, change) for part in parts)) if parts else formula
    return change(inside)


def _changes(terms: Terms) -> Iterator[tuple[str, str, float, Change]]:
    for by in (1, -1, 2):
        yield "wrong_layer", _late(by), 1.0, lambda one, by=by: _in_time(one, by, terms)
    yield "transpose", "the matrices are transposed", 1.0, lambda one: _transposed(one, terms)
    yield "constant_factor", "what is summed was averaged", 1.0, _summed
    yield "kernel_not_flipped", "the window moves the wrong way", 1.0, _turned


def _late(by: int) -> str:
    if abs(by) > 1:
        return "the deltas were taken from the wrong side in time"
    return f"the deltas belong one step {'later' if by > 0 else 'earlier'} in time"


def _in_time(formula: Formula, by: int, terms: Terms) -> Formula:
    if isinstance(formula, Name) and terms.is_delta(formula.name):
        k = time_axis(formula.name, terms)
        if k is not None and k < len(formula.subscripts):
            at = formula.subscripts
            moved = shifted(at[k], by) if abs(by) == 1 else over(at[k])
            return replace(formula, subscripts=(*at[:k], moved, *at[k + 1 :]))
    return formula


def _transposed(formula: Formula, terms: Terms) -> Formula:
    if isinstance(formula, Name) and terms.is_parameter(formula.name) and len(formula.subscripts) == 2:
        return replace(formula, subscripts=formula.subscripts[::-1])
    return formula


def _summed(formula: Formula) -> Formula:
    return replace(formula, kind="sum") if isinstance(formula, Reduce) else formula


def _turned(formula: Formula) -> Formula:
    return replace(formula, subscripts=turned(formula.subscripts)) if isinstance(formula, Name) else formula


def _unsummed(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """Yield a sum over what was held at one number."""
    numbers = {
        (terms.shapes[part.name][k], at)
        for part in walk(formula)
        if isinstance(part, Name) and part.name in terms.owners
        for k, at in enumerate(part.subscripts)
        if isinstance(at, Number)
    }
    for length, at in sorted(numbers, key=str):
        inside = _mapped(formula, lambda one, n=length, at=at: _over(one, n, at, terms))
        kind = "bias_not_summed" if terms.of_parameter else "forgot_sum_over_paths"
        text = f"only one of {length} summands was counted, that of index {said(at)}"
        yield Slip(Reduce("sum", (terms.fresh,), inside), kind, text, 1.0)


def _over(formula: Formula, length: int, at: Number, terms: Terms) -> Formula:
    if not isinstance(formula, Name) or formula.name not in terms.owners:
        return formula
    shape = terms.shapes[formula.name]
    moved = (
        Name(terms.fresh) if (one, n) == (at, length) else one
        for one, n in zip(formula.subscripts, shape, strict=False)
    )
    return replace(formula, subscripts=tuple(moved))


def _counts(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """Yield a size in the place of another number made of sizes: N for N − 1."""
    for one in dict.fromkeys(part for part in walk(formula) if _is_count(part, terms)):
        for size in (*map(Name, terms.sizes), ONE):
            if size != one:
                text = f"{said(one)} stands where {said(size)} belongs"
                yield Slip(everywhere(formula, one, size), "constant_factor", text, 1.2)


def _is_count(formula: Formula, terms: Terms) -> bool:
    leaves = [part for part in walk(formula) if not children(part)]
    names = [part for part in leaves if isinstance(part, Name)]
    return (
        bool(names)
        and all(isinstance(part, Number) or part in names for part in leaves)
        and all(part.name in terms.sizes for part in names)
    )
