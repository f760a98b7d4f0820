"""What the loops of a claim speak of: entries of arrays, the steps before and after, alternating signs."""

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.listing import Site, loaded
from symgrad.verify.mistakes.code.quantities import Quantity
from symgrad.verify.mistakes.code.steps import entries

LOOPS = 3
Shape = tuple[int, ...]


def of_loops(
    case: Case, known: Sequence[Quantity], site: Site, shape_of: Callable[[Site], Shape]
) -> Iterator[Quantity]:
    """The quantities that the loops around a site speak of."""
    if site.loops:
        yield from _of_steps(case, site, shape_of)
        yield from _of_entries(case, known, site)


def _of_steps(case: Case, site: Site, shape_of: Callable[[Site], Shape]) -> Iterator[Quantity]:
    seen: set[tuple[str, Shape]] = set()
    for other in case.claimed.sites:
        node = other.node
        if isinstance(node, ast.Subscript) and loaded(node) & set(site.loops) and other.line == site.line:
            shape = shape_of(other)
            for text in _steps(node, site.loops):
                if (text, shape) not in seen:
                    seen.add((text, shape))
                    yield from _slopes_of_step(text, shape)


def _of_entries(case: Case, known: Sequence[Quantity], site: Site) -> Iterator[Quantity]:
    lengths = {name: case.lengths[name] for name in site.loops if name in case.lengths}
    if len(lengths) > LOOPS:
        return
    for q in known:
        named = isinstance(q.node, ast.Name) and q.role in ("given", "value")
        if named and 1 <= len(q.shape) <= len(lengths):
            for node in entries(q.shape, q.text, lengths):
                yield Quantity(node, "value", (), q.text)
    for one, other in combinations(sorted(lengths), 2):
        yield Quantity(ast.parse(f"(-1)**({one} + {other})", mode="eval").body, "sign", ())


def _steps(node: ast.Subscript, loops: Sequence[str]) -> Iterator[str]:
    base = ast.unparse(node.value)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    texts = list(map(ast.unparse, parts))
    yield f"{base}[{', '.join(texts)}]"
    for k, text in enumerate(texts):
        if text in loops:
            for other in (f"{text} - 1", f"{text} + 1"):
                yield f"{base}[{', '.join([*texts[:k], other, *texts[k + 1 :]])}]"


def _slopes_of_step(text: str, shape: tuple[int, ...]) -> Iterator[Quantity]:
    yield Quantity(ast.parse(text, mode="eval").body, "value", shape, text)
    for form in (f"1 - {text}**2", f"{text}*(1 - {text})", f"{text} > 0"):
        yield Quantity(ast.parse(form, mode="eval").body, "derivative", shape, text, "activation")
