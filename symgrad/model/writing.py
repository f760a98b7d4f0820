"""Formulas as text: what is written here is read again as the same formula."""

from fractions import Fraction

from symgrad.model.syntax import (
    ATOM,
    POSTFIX,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
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

JOINTS = {"@": " @ ", "·": " · ", "⋆": " ⋆ ", "∗": " ∗ "}


def write(formula: Formula) -> str:
    """Return the text of a formula; reading it gives the same formula again."""
    match formula:
        case Number(value):
            return _decimal(value)
        case Constant(name):
            return name
        case Name(name, subscripts):
            return f"{name}[{_listed(subscripts)}]" if subscripts else name
        case Call(function, args):
            return f"{function}({_listed(args)})"
        case Prime(function, argument, order):
            return function + "'" * order + f"({write(argument)})"
        case Reduce(kind, letters, body):
            return f"{kind}({', '.join(letters)}, {write(body)})"
        case Fold():
            return _written_fold(formula)
        case Span(kind, letter, first, end, body):
            return f"{kind}({letter}={write(first)}:{write(end)}, {write(body)})"
        case Indicator(left, relation, right):
            return f"[{write(left)} {relation} {write(right)}]"
        case Neg(operand):
            return f"-{_in(operand, SIGN)}"
        case Power(base, exponent):
            return f"{_in(base, POWER + 1)}^{_in(exponent, SIGN)}"
        case Transpose(operand):
            return f"{_in(operand, POSTFIX)}ᵀ"
        case Chain():
            return _written_chain(formula)
        case Slice(new):
            return "None" if new else ":"


def _listed(formulas: tuple[Formula, ...]) -> str:
    return ", ".join(map(write, formulas))


def _written_fold(fold: Fold) -> str:
    axis = "" if fold.axis is None else f", axis={fold.axis}"
    return f"{fold.kind}({write(fold.operand)}{axis}{', keepdims=True' if fold.keep else ''})"


def _written_chain(chain: Chain) -> str:
    tight = _level(chain) + 1
    first, *rest = chain.operands
    text = _in(first, tight)
    for operator, operand in zip(chain.operators, rest, strict=True):
        text += _joint(chain, operator) + _factor(operator, _in(operand, tight))
    return text


def _joint(chain: Chain, operator: str) -> str:
    return f" {operator} " if chain.additive else JOINTS.get(operator, operator)


def _factor(operator: str, text: str) -> str:
    """Put what cannot stand beside another factor without a sign into brackets."""
    return text if operator != " " or text[0].isalpha() or text[0] in "(∂" else f"({text})"


def _in(formula: Formula, level: int) -> str:
    text = write(formula)
    return text if _level(formula) >= level else f"({text})"


def _level(formula: Formula) -> int:
    match formula:
        case Chain():
            return SUM if formula.additive else PRODUCT
        case Neg():
            return SIGN
        case Power():
            return POWER
        case Transpose():
            return POSTFIX
        case _:
            return ATOM


def _decimal(value: Fraction) -> str:
    """Write a fraction whose denominator divides a power of ten."""
    scale = 0
    while value.denominator != 1:
        value, scale = value * 10, scale + 1
    digits = str(value.numerator)
    if scale == 0 and len(digits) <= 30:
        return digits
    if 0 < scale <= 30:
        return f"{digits.zfill(scale + 1)[:-scale]}.{digits.zfill(scale + 1)[-scale:]}"
    mantissa = digits.rstrip("0")
    return f"{mantissa}e{len(digits) - len(mantissa) - scale}"
