"""Expressions as Python text, with as few parentheses as a person would write."""

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.activations import ROWS, Activation
from symgrad.model.expressions import Ref

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

NAMES: Mapping[str, str] = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "Abs": "absolute", "sign": "sign", "Max": "larger",
    "Min": "smaller", "Between": "between", "sin": "sine", "cos": "cosine", "erf": "erf", "Step": "step",
    "Equal": "equal", "Typed": "typed", "Reciprocal": "reciprocal", "MaskedExp": "masked_exp",
    "Candidate": "candidate", "RunningMaximum": "running_maximum", "sigmoid": "sigmoid", "tanh": "tanh",
    "relu": "relu", "leaky_relu": "leaky_relu", "softplus": "softplus", "elu": "elu", "selu": "selu",
    "selu_slope": "selu_slope", "normal_cdf": "normal_cdf", "normal_pdf": "normal_pdf",
    "log_cosh": "log_cosh", "xlogx": "xlogx", "softplus_ratio": "softplus_ratio",
    "SigmoidOfOne": "sigmoid_of_one",
}  # fmt: skip
"""For the name of a SymPy function, the name of the emitted helper."""


TYPED = ("Equal", "Typed")
"""Functions of integers that give a number in the type of the arrays."""

INTEGER: Mapping[str, str] = {"Quotient": "//", "Remainder": "%", "floor": "//"}
"""The sign of a function of integers; the floor of a fraction is a quotient."""


def text(value: sp.Expr) -> str:
    """Write an expression."""
    return _write(value)[0]


def _at(value: sp.Expr, level: int) -> str:
    written, own = _write(value)
    return written if own >= level else f"({written})"


@lru_cache(maxsize=50_000)
def _write(value: sp.Expr) -> tuple[str, int]:
    if isinstance(value, Ref):
        return (f"{value.name}[{', '.join(map(text, value.index))}]" if value.index else value.name), ATOM
    if isinstance(value, sp.Symbol):
        return value.name, ATOM
    if isinstance(value, sp.Integer):
        return str(value.p), SIGN if value.p < 0 else ATOM
    if isinstance(value, sp.NumberSymbol):
        return f"np.{str(value).lower()}", ATOM
    if value.is_Add:
        return _sum(value), SUM
    if value.is_Mul:
        return _product(value)
    if value.is_Pow:
        return _power(value)
    if type(value).__name__ in INTEGER:
        return _divided(value, INTEGER[type(value).__name__]), PRODUCT
    return _call(value), ATOM


def _divided(value: sp.Expr, sign: str) -> str:
    """Write a quotient or remainder of integers, or the floor of a fraction."""
    above, below = value.args if len(value.args) == 2 else sp.fraction(sp.together(value.args[0]))
    return f"{_at(above, PRODUCT)} {sign} {_at(below, POWER)}"


def _sum(value: sp.Expr) -> str:
    """Write a sum, a positive summand first."""
    terms = list(value.as_ordered_terms())
    terms.sort(key=lambda t: (t.could_extract_minus_sign(), _places(t)))
    written = _at(terms[0], SUM)
    for term in terms[1:]:
        negative = term.could_extract_minus_sign()
        written += f" - {_at(-term, PRODUCT)}" if negative else f" + {_at(term, PRODUCT)}"
    return written


def _places(term: sp.Expr) -> list[int]:
    """Return the numbers in subscripts by which summands that are written out are put.

    Those of the factors, and of everything in it the numbers that are added to a letter.
    """
    factors = (f for f in sp.Mul.make_args(term) if isinstance(f, Ref))
    found = {int(i) for f in factors for i in f.index if i.is_Integer}
    added = {i.as_coeff_Add()[0] for r in term.atoms(Ref) for i in r.index if i.is_Add}
    return sorted(found | {int(number) for number in added if number.is_Integer})


def _product(value: sp.Expr) -> tuple[str, int]:
    sign, factors = _signed(value)
    above = [f for f in factors if not _below(f)]
    below = [1 / f for f in factors if _below(f)]
    written = "*".join(_at(f, POWER if k else PRODUCT) for k, f in enumerate(above))
    for factor in below:
        written += f"/{_at(factor, POWER)}"
    return (f"-{written}", SIGN) if sign else (written, PRODUCT)


def _signed(value: sp.Expr) -> tuple[bool, list[sp.Expr]]:
    factors = list(value.as_ordered_factors())
    negative = -1 in factors
    return negative, [f for f in factors if f != -1]


def _below(factor: sp.Expr) -> bool:
    return factor.is_Pow and factor.exp.could_extract_minus_sign()


def _power(value: sp.Expr) -> tuple[str, int]:
    if value.exp == sp.Rational(1, 2):
        return f"sqrt({text(value.base)})", ATOM
    if value.exp.is_Rational and not value.exp.is_Integer:
        raise DefinitionError(
            f"the power {value.exp} of {value.base} has no kernel yet; write it with exp and log"
        )
    return f"{_at(value.base, ATOM)}**{_at(value.exp, ATOM)}", POWER


def _call(value: sp.Expr) -> str:
    name = type(value).__name__
    if name not in NAMES:
        raise DefinitionError(f"the function {name} has no kernel")
    typed = ["one"] if name in TYPED else []
    return _nested(NAMES[name], [*(text(a) for a in value.args), *typed])


def _nested(name: str, arguments: list[str]) -> str:
    """Write a call; what takes two arguments and is given more is nested."""
    if name in ("larger", "smaller") and len(arguments) > 2:
        return f"{name}({arguments[0]}, {_nested(name, arguments[1:])})"
    return f"{name}({', '.join(arguments)})"


def has_helper(row: Activation) -> bool:
    """Whether a row of the table of functions has an emitted helper; the others are written out."""
    return row.name in NAMES and ROWS.get(row.name) == row


def helpers_of(value: sp.Expr) -> set[str]:
    """Return the helpers that the text of an expression calls."""
    found = {NAMES[type(f).__name__] for f in sp.preorder_traversal(value) if type(f).__name__ in NAMES}
    roots = any(p.exp in (sp.Rational(1, 2), sp.Rational(-1, 2)) for p in value.atoms(sp.Pow))
    return found | ({"sqrt"} if roots else set())
