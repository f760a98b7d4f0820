"""Numbers get names: a literal in a formula would turn float32 into float64.

A rational factor and the sizes beside it become one constant, computed once in the type of the arrays:
``1/(2 N)`` is ``half_per_N``.  Roots, ``pi`` and ``e`` are made of such constants.
"""

from dataclasses import dataclass, field

import sympy as sp

from symgrad.kernels.mapping import map_values
from symgrad.kernels.statements import Constant, Statements
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal

WORDS = {
    sp.Rational(0): "zero", sp.Rational(1): "one", sp.Rational(2): "two", sp.Rational(3): "three",
    sp.Rational(4): "four", sp.Rational(1, 2): "half", sp.Rational(1, 3): "third",
    sp.Rational(1, 4): "quarter",
}  # fmt: skip


class Typed(sp.Function):
    """An index as a number, in the type of the arrays."""

    nargs = 1
    is_real = True


@dataclass
class Names:
    """The constants of a function, in the order of their appearance."""

    made: dict[str, Constant] = field(default_factory=dict)

    def of(self, numerator: sp.Expr, denominator: sp.Expr) -> Ref:
        """Return the constant of a ratio of numbers and sizes."""
        return self._named(constant_name(numerator, denominator), numerator, denominator)

    def _named(self, name: str, numerator: sp.Expr, denominator: sp.Expr) -> Ref:
        while (made := Constant(name, numerator, denominator)) != self.made.setdefault(name, made):
            name += "_"
        return Ref(name)

    def expression(self, value: sp.Expr) -> sp.Expr:
        """Replace the numbers of an expression; −1, exponents, subscripts and labels stay."""
        if isinstance(value, Ref):
            return value
        if isinstance(value, sp.Symbol):
            return self._size(value) if value.is_positive else self._typed(value)
        if value.is_Rational:
            return -self.of(*_parts(-value)) if value < 0 else self.of(*_parts(value))
        if value.is_Mul or value.is_Pow:
            return self._product(value)
        if isinstance(value, sp.floor) and not _reads(value):
            return self._size(value)
        if isinstance(value, sp.NumberSymbol):
            return self._named(str(value).lower(), value, sp.Integer(1))
        if isinstance(value, Equal):
            self._one()
            return value
        return value.func(*(self.expression(a) for a in value.args))

    def _one(self) -> Ref:
        return self.of(sp.Integer(1), sp.Integer(1))

    def _typed(self, letter: sp.Symbol) -> sp.Expr:
        self._one()
        return Typed(letter)

    def _size(self, value: sp.Expr) -> sp.Expr:
        return self.of(value, sp.Integer(1))

    def _product(self, value: sp.Expr) -> sp.Expr:
        factors = sp.Mul.make_args(value)
        numbers = [f for f in factors if _is_ratio(f)]
        rest = [self._power(f) for f in factors if f not in numbers]
        number = sp.Mul(*numbers)
        negative = number.could_extract_minus_sign()
        number = -number if negative else number
        inverse = all(f.is_Pow and f.exp.could_extract_minus_sign() for f in rest)
        factor = [self.of(*sp.fraction(number))] if number != 1 or inverse else []
        made = (*([sp.Integer(-1)] if negative else []), *factor, *rest)
        return value if made == factors else sp.Mul(*made)

    def _power(self, value: sp.Expr) -> sp.Expr:
        if not value.is_Pow:
            return self.expression(value)
        exponent = value.exp if value.exp.is_Rational else self.expression(value.exp)
        return sp.Pow(self.expression(value.base), exponent)


def _is_ratio(factor: sp.Expr) -> bool:
    """Whether a factor is a ratio of numbers and sizes, rounded down or not: no root, nothing irrational."""
    if _reads(factor) or any(not power.exp.is_Integer for power in factor.atoms(sp.Pow)):
        return False
    return not (factor.atoms(sp.NumberSymbol, sp.Function) - factor.atoms(sp.floor))


def _reads(factor: sp.Expr) -> bool:
    """Whether a factor depends on more than numbers and sizes."""
    if isinstance(factor, Ref):
        return True
    return any(isinstance(a, Ref) or not (a.is_number or a.is_positive) for a in factor.atoms(Ref, sp.Symbol))


def _parts(number: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    return sp.Integer(number.p), sp.Integer(number.q)


def constant_name(numerator: sp.Expr, denominator: sp.Expr) -> str:
    """Return the name of a ratio: ``half``, ``c2_7``, ``two_per_N``, ``one_N`` for N as a float."""
    number = sp.Rational(*(e.as_coeff_Mul()[0] for e in (numerator, denominator)))
    over, under = (sorted(map(str, e.free_symbols)) for e in (numerator, denominator))
    word = WORDS.get(number) or f"c{number.p}" + (f"_{number.q}" if number.q != 1 else "")
    parts = [*([word] if number != 1 or over or not under else []), *over]
    return "_".join([*parts, *(["per", *under] if under else [])])


def named(statements: Statements) -> tuple[tuple[Constant, ...], Statements]:
    """Return the constants of some statements, and the statements with names in place of numbers."""
    names = Names()
    changed = map_values(statements, lambda e: e if isinstance(e, Ref) else names.expression(e))
    return tuple(names.made.values()), changed
