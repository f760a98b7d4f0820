"""What a constant factor means: a sign, a 2, the number of samples, a constant that has a name."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.quantities import evaluated

TWO = (2.0, 0.5)


@dataclass(frozen=True)
class Meaning:
    """A kind of mistake that a constant may stand for, with what it costs to believe in it."""

    kind: str
    cost: float
    text: str


@dataclass(frozen=True)
class Constants:
    """The constants of a case.

    Attributes
    ----------
    sizes
        Over how many things the forward pass takes means.
    divisors
        By how many things the claim divides.
    named
        The values of those that the forward pass has a word for, such as ``tau`` and ``np.sqrt(d)``.
    used
        Which of these words the claim has.
    """

    sizes: frozenset[int]
    divisors: frozenset[int]
    named: Mapping[str, float]
    used: frozenset[str]

    def meanings(self, factor: float) -> list[Meaning]:
        """What it may mean that a claim has to be multiplied by a factor, likeliest first."""
        size = abs(factor)
        found = [*self._means(size), *self._words(size)]
        known = bool(found)
        if factor < 0:
            found.append(Meaning("wrong_sign", 0.0 if size == 1 else 0.5, "the sign is wrong"))
        if size in TWO:
            text = f"a factor {'2 is missing' if size == 2 else '2 is too much'}"
            found.append(Meaning("factor_2", 0.4 if known else 0.0, text))
        if not any(meaning.kind == "constant_factor" for meaning in found):
            cost = 0.0 if not found else 1.2 if size in (1.0, *TWO) else 0.8
            found.append(Meaning("constant_factor", cost, f"it is {1 / factor:.9g} times what it should be"))
        return sorted(found, key=lambda meaning: meaning.cost)

    def _means(self, size: float) -> Iterator[Meaning]:
        for n in sorted(self.sizes):
            if abs(size * n - 1) < 1e-9:
                text = f"the loss is a mean over {n}, this is a sum"
                yield Meaning("missing_batch_mean", -0.1 if n > 2 else 0.2, text)
                return
        for n in sorted(self.sizes):
            others = self.divisors - self.sizes
            over = [m for m in others if abs(size * n - m) < 1e-9 and n % m == 0]
            if over:
                yield Meaning("missing_batch_mean", -0.1, f"the loss is a mean over {n}, not over {over[0]}")
                return
            if size * n in TWO:
                yield Meaning("missing_batch_mean", 0.2, f"the loss is a mean over {n}, this is a sum")
                yield Meaning("factor_2", 0.4, "a factor 2 is wrong as well")
                return

    def _words(self, size: float) -> Iterator[Meaning]:
        for text, value in self.named.items():
            if any(abs(size - each) < 1e-9 for each in (value, 1 / value)):
                kind = "extra_chain_factor" if text in self.used else "missing_chain_factor"
                yield Meaning(kind, -0.05, f"the constant {text} is missing, or there once too often")
                yield Meaning("constant_factor", 0.3, f"the constant {text} is missing, or too much")
                return


def constants_of(case: Case) -> Constants:
    """The constants of a case."""
    sizes = frozenset(n for site in case.forward.sites for n in _sizes(case, site.node) if n > 1)
    divisors = frozenset(n for site in case.claimed.sites for n in _divisors(case, site.node) if n > 1)
    named = {text: value for text, value in _named(case) if value not in (0, 1) and value not in sizes}
    texts = {ast.unparse(site.node) for site in case.claimed.sites}
    return Constants(sizes, divisors, named, frozenset(named) & texts)


def _sizes(case: Case, node: ast.expr) -> Iterator[int]:
    yield from _divisors(case, node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("mean", "average"):
        yield from _averaged(case, node)


def _divisors(case: Case, node: ast.expr) -> Iterator[int]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        for part in (node.right, *_operands(node.right)):
            value = evaluated(part, case.first.names)
            whole = isinstance(value, int | np.integer | float) and value == int(value) and not _is_root(part)
            if whole and (not isinstance(part, ast.Constant) or _is_length(case, int(value))):
                yield int(value)


def _is_root(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sqrt")


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


def _named(case: Case) -> Iterator[tuple[str, float]]:
    """Arrays that hold one constant, and roots of sizes."""
    for name, array in case.arrays.items():
        if array.kind == "const":
            yield name, float(np.ravel(case.first.arrays[name])[0])
    for site in case.forward.sites:
        if _is_root(site.node):
            value = evaluated(site.node, case.first.names)
            if value is not None and np.ndim(value) == 0:
                yield ast.unparse(site.node), float(value)
