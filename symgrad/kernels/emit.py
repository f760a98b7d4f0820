"""Statements as the text of a Python module for Numba.  Sees statements, never graphs."""

from collections.abc import Iterator
from textwrap import wrap

import sympy as sp

from symgrad.kernels.buffers import Share
from symgrad.kernels.printer import text
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Call,
    Constant,
    Fill,
    Function,
    Loop,
    Operand,
    Position,
    Product,
    Record,
    Return,
    Size,
    Statement,
    Statements,
    When,
)
from symgrad.model.expressions import Ref

WIDTH = 110
PUBLIC, INNER = ("njit", "cache=True, nogil=True"), ("register_jitable", "no_cfunc_wrapper=True")
"""How functions are compiled that Python calls, and those that only compiled functions call."""
WITHIN = ("njit", 'inline="always"')
"""How functions are compiled whose text stands for their one call: with the caller, not before it as well."""
MOST = 30
"""So many arguments Python passes one by one; more are passed as a tuple, and Numba puts no text in place."""

FREE = '{"contract", "reassoc", "nsz"}'
ORDERED = '{"contract"}'
"""For functions whose every rounding is settled by their text."""


def decorator(made: Function) -> str:
    """Write how a function is compiled."""
    name, reach = _reach(made)
    settings = f'{reach}, error_model="numpy", fastmath={ORDERED if made.ordered else FREE}'
    line = f"@{name}({settings})"
    return line if len(line) <= WIDTH else f"@{name}(\n    {settings}\n)"


def _reach(made: Function) -> tuple[str, str]:
    """Return what compiles a function, and how."""
    if made.inline and not made.ordered and len(made.arguments) <= MOST:
        return WITHIN
    name, reach = INNER if made.inner else PUBLIC
    return name, f"{reach}, forceinline=True" if made.inline else reach


def function(made: Function, like: str) -> str:
    """Write a function; `like` is the array whose type its constants take."""
    lines = [decorator(made), *signature(made)]
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


def called(name: str, arguments: tuple[str, ...]) -> list[str]:
    """Write ``name(arguments)``, broken where it is long."""
    line = f"{name}({', '.join(arguments)})"
    return [line] if len(line) <= WIDTH - 12 else [f"{name}(", *wrapped(arguments), ")"]


def _remark(comment: str) -> list[str]:
    """Write the formula above a statement, on several lines where it is long."""
    line, width = comment.replace("\n", " "), WIDTH - 16
    if len(line) <= width:
        return [f"# {line}"] if line else []
    parts = wrap(line, width, drop_whitespace=False, subsequent_indent="    ")
    return [f"# {part.rstrip()}" for part in parts]


def _broken(head: str, value: str) -> list[str]:
    """Write a statement, broken before its outer signs where it is long, a long summand before factors."""
    if len(head) + len(value) <= WIDTH - 12:
        return [head + value]
    lines = [""]
    for part in _parts(value):
        if len(lines[-1]) + len(part) > WIDTH - 16 and lines[-1]:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [f"{head}(", *(f"    {line}" for line in lines), ")"]


def _parts(value: str) -> Iterator[str]:
    """Cut a text into summands, and those that are too long for a line into factors."""
    for summand in _cut(value, (" + ", " - ")):
        yield from _cut(summand, ("*", "/")) if len(summand) > WIDTH - 16 else (summand,)


def _cut(value: str, signs: tuple[str, ...]) -> Iterator[str]:
    """Cut a text before every sign outside parentheses that does not stand twice, as in a power."""
    depth, start = 0, 0
    for k, sign in enumerate(value):
        depth += (sign in "([") - (sign in ")]")
        twice = sign in (value[k - 1 : k], value[k + 1 : k + 2])
        if depth == 0 and not twice and value.startswith(signs, k):
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
        case Loop(letter=letter, body=body):
            yield f"for {letter} in range({_bounds(statement)}):"
            yield from ("    " + line for line in block(body, like))
        case Assign(target, value):
            yield from _broken(f"{text(target)} = ", text(value))
        case Accumulate(target, value):
            negative = not value.is_Add and value.could_extract_minus_sign()
            yield from _broken(
                f"{text(target)} {'-=' if negative else '+='} ", text(-value if negative else value)
            )
        case Product():
            yield from _product(statement)
        case Position(letter, value):
            yield f"{letter} = {text(value)}"
        case Record(best, value, place, position):
            yield f"if greater({text(value)}, {text(best)}):"
            yield f"    {text(best)} = {text(value)}"
            yield f"    {place} = {text(position)}"
        case Apply(out, helper, source):
            other = "_before" if out.name == source.name and out != source else ""
            flats = [f"{out.name}_flat", f"{source.name}{other}_flat"]
            named = dict(zip(flats, (out, source), strict=True))
            yield from (f"{flat} = {text(ref)}.reshape(-1)" for flat, ref in named.items())
            yield f"for entry in range({flats[0]}.shape[0]):"
            yield f"    {flats[0]}[entry] = {helper}({flats[1]}[entry])"
        case Fill(name, _, at):
            yield f"{text(Ref(name, at))}[:] = 0"
        case Call(name, arguments):
            yield from called(name, arguments)
        case When(body=body):
            yield f"if {_condition(statement)}:"
            yield from ("    " + line for line in block(body, like))
        case Size(name=name, array=array, axis=axis):
            yield f"{name} = {array}.shape[{axis}]"
        case Constant(name, numerator, denominator):
            yield f"{name} = constant({like}, {text(numerator)}, {text(denominator)})"
        case Share(name, _, _, room, part):
            yield f"{name} = {room}{_part(statement) if part else ''}    # {room} is not read any more"
        case Allocate(name, shape, integer):
            kind = "np.int64" if integer else f"{like}.dtype"
            yield f"{name} = np.empty({_shape(shape)}, {kind})"
        case Return(names):
            yield from _returned(names)


def _bounds(loop: Loop) -> str:
    if loop.down:
        return f"{text(loop.stop - 1)}, {text(loop.start - 1)}, -1"
    if loop.step > 1:
        return f"{text(loop.start)}, {text(loop.stop)}, {loop.step}"
    return text(loop.stop) if loop.start == 0 else f"{text(loop.start)}, {text(loop.stop)}"


def _condition(when: When) -> str:
    """Write ``t > 0``, ``t < T - 1``, ``t == 0`` or ``1 <= t < T - 1``."""
    if when.stop - when.start == 1:
        return f"{when.letter} == {text(when.start)}"
    if when.stop == when.size:
        return f"{when.letter} > {text(when.start - 1)}"
    first = f"{text(when.start)} <= " if when.start != 0 else ""
    return f"{first}{when.letter} < {text(when.stop)}"


def _shape(sizes: tuple[sp.Expr, ...]) -> str:
    written = ", ".join(map(text, sizes))
    return f"({written})" if len(sizes) > 1 else written


def _part(share: Share) -> str:
    """Write how the first entries of an array are taken in another shape."""
    return f".reshape(-1)[:{text(sp.Mul(*share.shape))}].reshape({', '.join(map(text, share.shape))})"


def _call(name: str, arguments: tuple[str, ...]) -> list[str]:
    """Write a call, one argument on a line where it is long."""
    line = f"{name}({', '.join(arguments)})"
    return [line] if len(line) <= WIDTH - 12 else [f"{name}(", *(f"    {a}," for a in arguments), ")"]


def _product(made: Product) -> list[str]:
    out, left, right = map(_operand, (made.out, made.left, made.right))
    if made.tiled:
        keep, rate = ("0", "1") if made.rate is None else (text(made.keep), text(made.rate))
        return _call("set_in_tiles", (out, keep, rate, left, right))
    if made.rate is not None:
        return _call("set_product", (out, text(made.keep), text(made.rate), left, right))
    return _call("np.dot", (left, right, out))


def _operand(operand: Operand) -> str:
    joined = "" if operand.shape is None else f".reshape({', '.join(map(text, operand.shape))})"
    part = "" if operand.part is None else f"[{':'.join(map(text, operand.part))}]"
    cut = "" if operand.columns is None else f"[:, {':'.join(map(text, operand.columns))}]"
    return f"{text(operand.ref)}{part}{joined}{cut}{'.T' if operand.transposed else ''}"
