"""What a constant factor means: a sign, a 2, the number of samples."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.quantities import evaluated


@dataclass(frozen=True)
class Meaning:
    """A kind of mistake that a constant may stand for, with what it costs to believe in it."""

    kind: str
    cost: float
    text: str


def mean_sizes(case: Case) -> frozenset[int]:
    """Over how many things the forward pass takes means."""
    return frozenset(n for site in case.forward.sites for n in _divisors(case, site.node) if n > 1)


def _divisors(case: Case, node: ast.expr) -> Iterator[int]:
    names = case.first.names
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        for part in (node.right, *_operands(node.right)):
            value = evaluated(part, names)
            whole = isinstance(value, int | np.integer | float) and value == int(value)
            if whole and (not isinstance(part, ast.Constant) or _is_length(case, int(value))):
                yield int(value)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("mean", "average"):
        yield from _averaged(case, node)


def _is_length(case: Case, number: int) -> bool:
    """Whether a number in the code can only be the length of an axis, not the 2 of a square."""
    return number > 2 and any(number in array.shape for array in case.arrays.values())


def _operands(node: ast.expr) -> tuple[ast.expr, ...]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return (*_operands(node.left), *_operands(node.right))
    return (node,)


def _averaged(case: Case, node: ast.Call) -> Iterator[int]:
    function = node.func
    whole = isinstance(function, ast.Attribute) and ast.unparse(function.value) not in ("np", "numpy")
    inner = function.value if whole and isinstance(function, ast.Attribute) else (node.args or [node])[0]
    before, after = evaluated(inner, case.first.names), evaluated(node, case.first.names)
    if before is not None and after is not None and np.size(after):
        yield int(np.size(before) // np.size(after))


def meanings(case: Case, factor: float, sizes: frozenset[int]) -> list[Meaning]:
    """What it may mean that a claim has to be multiplied by a factor, likeliest first."""
    found: list[Meaning] = []
    size = abs(factor)
    if factor < 0:
        found.append(Meaning("wrong_sign", 0.0 if size == 1 else 0.5, "the sign is wrong"))
    if size in (2.0, 0.5):
        found.append(Meaning("factor_2", 0.0, f"a factor {'2 is missing' if size == 2 else '2 is too much'}"))
    found += _means(factor, sizes)
    if not found or (size != 1 and size not in (2.0, 0.5)):
        cost = 0.0 if not found else 0.8
        found.append(Meaning("constant_factor", cost, f"it is {_shown(1 / factor)} times what it should be"))
    elif size != 1:
        found.append(Meaning("constant_factor", 1.2, f"it is {_shown(1 / factor)} times what it should be"))
    return sorted(found, key=lambda meaning: meaning.cost)


def _means(factor: float, sizes: frozenset[int]) -> Iterator[Meaning]:
    size = abs(factor)
    for n in sorted(sizes):
        if abs(size * n - 1) < 1e-9:
            yield Meaning(
                "missing_batch_mean", -0.1 if n > 2 else 0.2, f"the loss is a mean over {n}, this is a sum"
            )
            return
    for n in sorted(sizes):
        for extra in (2.0, 0.5):
            if abs(size * n - extra) < 1e-9:
                yield Meaning("missing_batch_mean", 0.2, f"the loss is a mean over {n}, this is a sum")
                yield Meaning("factor_2", 0.4, "a factor 2 is wrong as well")
                return


def _shown(value: float) -> str:
    return f"{value:.6g}"
