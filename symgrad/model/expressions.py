"""The one symbol table: accesses, indices and sizes as SymPy sees them.

Every symbol of the program is made here, so two equal names are always the same symbol
(``diff(Symbol("w", real=True)**2, Symbol("w"))`` is 0 without a word).
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache

import sympy as sp


class Ref(sp.AtomicExpr):
    """One access of a node: its name and the subscripts it is read at, as in ``W[i, j]``.

    A `Ref` is an atom: SymPy differentiates with respect to it and never looks inside, so the
    calculus cannot confuse a subscript with a variable.
    """

    __slots__ = ("name", "index")
    is_real = True
    is_commutative = True
    _diff_wrt = True

    name: str
    index: tuple[sp.Expr, ...]

    def __new__(cls, name: str, index: Iterable[sp.Expr | int] = ()) -> "Ref":
        return cls._of(name, tuple(sp.sympify(i, strict=True) for i in index))

    @classmethod
    @lru_cache(maxsize=100_000)
    def _of(cls, name: str, index: tuple[sp.Expr, ...]) -> "Ref":
        """Return one object for equal accesses, as far as they are remembered: they are compared a lot."""
        self = super().__new__(cls)
        self.name, self.index = name, index
        return self

    def __getnewargs__(self) -> tuple[str, tuple[sp.Expr, ...]]:
        return self.name, self.index

    def _hashable_content(self) -> tuple[object, ...]:
        return (self.name, *self.index)

    def _sympystr(self, printer: object) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(spelled, self.index))}]" if self.index else self.name

    def at(self, index: Iterable[sp.Expr | int]) -> "Ref":
        """Return the same node read at other subscripts."""
        return Ref(self.name, index)


@lru_cache(maxsize=100_000)
def quantity(name: str) -> sp.Symbol:
    """Return the real symbol of that name, which stands for a scalar where SymPy needs a symbol."""
    return sp.Symbol(name, real=True)


@cache
def index(letter: str) -> sp.Symbol:
    """Return the index symbol of that letter: an integer ≥ 0."""
    return sp.Symbol(letter, integer=True, nonnegative=True)


@cache
def size(name: str | int) -> sp.Expr:
    """Return the symbolic size of that name (an integer ≥ 1), or the number itself."""
    return sp.Integer(name) if isinstance(name, int) else sp.Symbol(name, integer=True, positive=True)


@lru_cache(maxsize=50_000)
def refs(expression: sp.Expr) -> tuple[Ref, ...]:
    """Return the distinct accesses of an expression, in a fixed order."""
    found = expression.atoms(Ref)
    if len(found) < 2:
        return tuple(found)
    return tuple(sorted(found, key=lambda r: (r.name, tuple(map(spelled, r.index)))))


@lru_cache(maxsize=50_000)
def spelled(expression: sp.Expr) -> str:
    """Return a size or a subscript as SymPy writes it: few come again and again."""
    return str(expression)


def is_product(expression: sp.Expr) -> bool:
    """Whether an expression is a product of accesses, sizes, letters and numbers, or one of these."""
    return all(factor.is_Atom for factor in sp.Mul.make_args(expression))


def map_refs(expression: sp.Expr, change: Callable[[Ref], sp.Expr]) -> sp.Expr:
    """Replace every access of an expression by what `change` makes of it, all at once, in a fixed order."""
    changed = {r: new for r in refs(expression) if (new := change(r)) is not r}
    return expression.xreplace(changed) if changed else expression


def reindex(expression: sp.Expr, mapping: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Replace index symbols, inside the subscripts of accesses too, all at once."""
    if not mapping:
        return expression
    moved = {r: r.at(i.xreplace(mapping) for i in r.index) for r in expression.atoms(Ref) if r.index}
    return expression.xreplace({**mapping, **moved})
