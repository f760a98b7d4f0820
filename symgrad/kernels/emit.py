"""Statements as the text of a Python module for Numba.  Sees statements, never graphs."""

from collections.abc import Iterator
from textwrap import wrap

from symgrad.kernels.printer import text
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Constant,
    Fill,
    Function,
    Loop,
    Operand,
    Product,
    Return,
    Size,
    Statement,
    Statements,
)

WIDTH = 110
DECORATOR = (
    '@njit(cache=True, nogil=True, {inline}error_model="numpy", fastmath={{"contract", "reassoc", "nsz"}})'
)


def function(made: Function, like: str) -> str:
    """Write a function; `like` is the array whose type its constants take."""
    lines = [DECORATOR.format(inline="forceinline=True, " if made.inline else ""), *signature(made)]
    lines += [
        f'    """{line}' if k == 0 else f"    {line}" for k, line in enumerate(made.summary.splitlines())
    ]
    lines[-1] += '"""'
    return "\n".join([*lines, *("    " + line if line else "" for line in block(made.body, like))]) + "\n"


def signature(made: Function) -> list[str]:
    """Write the first line of a function, broken where it is long."""
    line = f"def {made.name}({', '.join(made.arguments)}):"
    return [line] if len(line) <= WIDTH else [f"def {made.name}(", *wrapped(made.arguments), "):"]


def wrapped(items: tuple[str, ...], indent: str = "    ") -> list[str]:
    """Write items separated by commas on lines that are not too long."""
    lines = [indent]
    for item in items:
        if len(lines[-1]) + len(item) + 2 > WIDTH - 12:
            lines.append(indent)
        lines[-1] += f"{item}, "
    return [line.rstrip() for line in lines]


def assigned(results: tuple[str, ...], name: str, arguments: tuple[str, ...]) -> list[str]:
    """Write ``results = name(arguments)``, broken where it is long."""
    left, right = ", ".join(results), ", ".join(arguments)
    if len(left) + len(name) + len(right) + 6 <= WIDTH - 12:
        return [f"{left} = {name}({right})"]
    head = (
        [f"{left} = {name}("]
        if len(left) + len(name) < WIDTH - 16
        else ["(", *wrapped(results), f") = {name}("]
    )
    return [*head, *wrapped(arguments), ")"]


def _remark(comment: str) -> list[str]:
    """Write the formula above a statement, on several lines where it is long."""
    return [
        f"# {line}" for line in wrap(comment, WIDTH - 16, drop_whitespace=False, subsequent_indent="    ")
    ]


def _broken(head: str, value: str) -> list[str]:
    """Write a statement, broken before its outer signs where it is long."""
    if len(head) + len(value) <= WIDTH - 12:
        return [head + value]
    lines = [""]
    for part in _summands(value):
        if len(lines[-1]) + len(part) > WIDTH - 16 and lines[-1]:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [f"{head}(", *(f"    {line}" for line in lines), ")"]


def _summands(value: str) -> Iterator[str]:
    """Cut a text before every + and - outside parentheses."""
    depth, start = 0, 0
    for k, sign in enumerate(value):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and value.startswith((" + ", " - "), k):
            yield value[start:k]
            start = k
    yield value[start:]


def _returned(names: tuple[str, ...]) -> list[str]:
    line = f"return {', '.join(names)}"
    return [line] if len(line) <= WIDTH - 8 else ["return (", *wrapped(names), ")"]


def block(statements: Statements, like: str) -> list[str]:
    """Write statements, unindented."""
    return [line for statement in statements for line in _lines(statement, like)]


def _lines(statement: Statement, like: str) -> Iterator[str]:
    comment = getattr(statement, "comment", "")
    yield from _remark(comment)
    match statement:
        case Loop(letter, stop, body, start):
            bounds = text(stop) if start == 0 else f"{text(start)}, {text(stop)}"
            yield f"for {letter} in range({bounds}):"
            yield from ("    " + line for line in block(body, like))
        case Assign(target, value):
            yield from _broken(f"{text(target)} = ", text(value))
        case Accumulate(target, value):
            negative = not value.is_Add and value.could_extract_minus_sign()
            yield from _broken(
                f"{text(target)} {'-=' if negative else '+='} ", text(-value if negative else value)
            )
        case Product(out, left, right):
            yield f"np.dot({_operand(left)}, {_operand(right)}, {out})"
        case Apply(out, helper, source):
            flats = [f"{name}_flat" for name in (out, source)]
            yield from (f"{name}_flat = {name}.reshape(-1)" for name in dict.fromkeys((out, source)))
            yield f"for k in range({flats[0]}.shape[0]):"
            yield f"    {flats[0]}[k] = {helper}({flats[1]}[k])"
        case Fill(name):
            yield f"{name}[:] = 0"
        case Size(name, array, axis):
            yield f"{name} = {array}.shape[{axis}]"
        case Constant(name, numerator, denominator):
            yield f"{name} = constant({like}, {text(numerator)}, {text(denominator)})"
        case Allocate(name, shape):
            sizes = ", ".join(map(text, shape))
            yield f"{name} = np.empty({f'({sizes})' if len(shape) > 1 else sizes}, {like}.dtype)"
        case Return(names):
            yield from _returned(names)


def _operand(operand: Operand) -> str:
    return f"{operand.name}.T" if operand.transposed else operand.name
