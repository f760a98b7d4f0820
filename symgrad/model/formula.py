"""Formulas from outside: read with a closed vocabulary, turned into SymPy without a string or `eval`.

``^`` and ``**`` are powers and bind to the right; juxtaposition multiplies (``2 x``, ``o1(1-o1)``);
a name is a call only if it is in the function table; ``sum``, ``mean`` and ``max`` over index letters
are reductions.  ``1/2x`` can be read in two ways: `parse` reads it from the left, as (1/2)·x, and
`readings` gives both.
"""

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from inspect import Parameter, signature

import sympy as sp

from symgrad.model.lexer import complain, lex
from symgrad.model.limits import EXPONENT, exponent_is_small
from symgrad.model.parser import TIGHT, Parser
from symgrad.model.syntax import (
    Call,
    Chain,
    Constant,
    Fold,
    Formula,
    Indicator,
    Name,
    Neg,
    Number,
    Power,
    Prime,
    Reduce,
    Slice,
    Span,
    Transpose,
)

Lookup = Callable[[Name], sp.Expr]
Functions = Mapping[str, Callable[..., sp.Expr]]

CONSTANTS: Mapping[str, sp.Expr] = {"e": sp.E, "pi": sp.pi}
MAX_ARGUMENTS = 12
INFINITE = frozenset({sp.oo, -sp.oo, sp.zoo, sp.nan})


def parse(text: str, functions: Collection[str], names: Collection[str] | None = None) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        The formula as it was typed.
    functions
        The names that are calls; a table of functions will do.
    names
        The names that exist: nodes, sizes, index letters.  Without it every name is accepted.

    Raises
    ------
    FormulaError
        If the text is no formula; the message has the column, what was found and the remedy.
    """
    return Parser(lex(text), functions, names).whole()


def readings(
    text: str, functions: Collection[str], names: Collection[str] | None = None
) -> tuple[Formula, ...]:
    """Return every reading of a formula, the one of `parse` first; two where ``a/b c`` occurs, else one."""
    tokens = lex(text)
    loose = Parser(tokens, functions, names)
    first = loose.whole()
    return (first, Parser(tokens, functions, names, TIGHT).whole()) if loose.doubtful else (first,)


def parse_definition(
    text: str, functions: Collection[str], names: Collection[str] | None = None, sizes: Collection[str] = ()
) -> tuple[tuple[str, ...], Formula]:
    """Read ``[n, i] formula``: the letters of the axes, none without the brackets, and the formula.

    A formula with two readings is refused: a definition must not depend on a guess.  The names of `sizes`
    may stand as factors in subscripts.
    """
    parser = Parser(lex(text), functions, names, sizes=sizes)
    letters = parser.heading()
    formula = parser.whole()
    if parser.doubtful:
        found = parser.doubtful[0]
        raise complain(
            found.column,
            f"found {found.text!r} beside a divisor, which can be read in two ways; "
            "write (a/b)*c or a/(b*c) for a/b c",
        )
    return letters, formula


def axes_of(text: str, letters: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the letters in front of a definition, without reading the rest."""
    return Parser(lex(text), (), letters).heading()


def to_sympy(formula: Formula, lookup: Lookup, functions: Functions) -> sp.Expr:
    """Turn a formula without reductions into an expression.

    Parameters
    ----------
    lookup
        What a name, with its subscripts, stands for.
    functions
        What a call stands for.

    Raises
    ------
    FormulaError
        If the value is no real number (division by zero, the root of −1), a function gets a wrong
        number of arguments, or a power or a function of constants would be too large to compute.
    """
    match formula:
        case Number(value):
            return sp.Rational(value.numerator, value.denominator)
        case Constant(name):
            return CONSTANTS[name]
        case Name():
            return lookup(formula)
        case Neg(operand):
            return -to_sympy(operand, lookup, functions)
        case Power(base, exponent):
            return _power(formula, to_sympy(base, lookup, functions), to_sympy(exponent, lookup, functions))
        case Chain(_, operands):
            return _joined(formula, [to_sympy(operand, lookup, functions) for operand in operands])
        case Call(_, args):
            return _called(formula, [to_sympy(arg, lookup, functions) for arg in args], functions)
        case Reduce(kind):
            raise complain(formula.column, f"found {kind} over an index, which is not allowed here")
        case Prime() | Transpose() | Indicator() | Fold() | Span() | Slice():
            raise complain(formula.column, "found what only a gradient may hold")


def _joined(chain: Chain, values: list[sp.Expr]) -> sp.Expr:
    signs = ("", *chain.operators)
    if chain.additive:
        return sp.Add(*(-v if sign == "-" else v for sign, v in zip(signs, values, strict=True)))
    for sign, value, operand in zip(signs, values, chain.operands, strict=True):
        if sign == "/" and value == 0:
            raise complain(operand.column, "found a division by zero")
    return sp.Mul(*(1 / v if sign == "/" else v for sign, v in zip(signs, values, strict=True)))


def _power(power: Power, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    if isinstance(exponent, sp.Rational) and not exponent_is_small(Fraction(exponent.p, exponent.q)):
        raise complain(power.exponent.column, EXPONENT)
    if not isinstance(exponent, sp.Rational):
        _refuse_towers(power.exponent, exponent)
    if base == 0 and exponent.is_negative:
        raise complain(power.column, "found a division by zero")
    return _real(power, base**exponent)


def _called(call: Call, values: list[sp.Expr], functions: Functions) -> sp.Expr:
    function = functions[call.function]
    if not takes(function, len(values)):
        raise complain(call.column, f"{call.function} does not take {len(values)} argument(s)")
    if sum(len(v.args) if isinstance(v, sp.Max | sp.Min) else 1 for v in values) > MAX_ARGUMENTS:
        raise complain(
            call.column, f"{call.function} takes at most {MAX_ARGUMENTS} arguments; name a part of it"
        )
    for value in values:
        _refuse_towers(call, value)
    return _real(call, function(*values))


def takes(function: Callable[..., sp.Expr], count: int) -> bool:
    """Return whether a function takes that many arguments, defaults left alone."""
    nargs = getattr(function, "nargs", None)
    if nargs is not None:
        return count in nargs
    kinds = [p for p in signature(function).parameters.values() if p.default is Parameter.empty]
    needed = sum(p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD) for p in kinds)
    return count == needed or (count > needed and any(p.kind is Parameter.VAR_POSITIONAL for p in kinds))


def _refuse_towers(place: Formula, value: sp.Expr) -> None:
    """Refuse a constant such as exp(exp(3)) as an argument: SymPy may try to compute its digits."""
    irrational = any(not power.exp.is_Rational for power in value.atoms(sp.Pow))
    if value.is_number and (irrational or value.has(sp.Function)):
        raise complain(
            place.column, "found a function of a constant that is itself a function; write a number instead"
        )


def _real(place: Formula, value: sp.Expr) -> sp.Expr:
    if value in INFINITE or (value.is_number and value.is_extended_real is False):
        raise complain(place.column, f"found a value that is no real number ({value})")
    return value
