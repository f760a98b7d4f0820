"""Small changes of the text of a kernel, one at a time, at every place where they can be made."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

SIGNS: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add()}


@dataclass(frozen=True)
class Mutant:
    """A changed text: in which function and line, what was changed, and the line then."""

    function: str
    line: int
    kind: str
    shown: str
    text: str


def mutants(text: str, functions: tuple[str, ...]) -> Iterator[Mutant]:
    """Yield a text with one place of some functions changed: signs, subscripts, statements that add."""
    tree = ast.parse(text)
    for function in (s for s in tree.body if isinstance(s, ast.FunctionDef) and s.name in functions):
        for number, node in enumerate(ast.walk(function)):
            for kind, change in changes(node):
                yield changed(text, function.name, number, kind, change)


def changed(text: str, function: str, number: int, kind: str, change: Callable[[Any], None]) -> Mutant:
    """Return the text with one node changed."""
    other = ast.parse(text)
    found = next(s for s in other.body if isinstance(s, ast.FunctionDef) and s.name == function)
    nodes = list(ast.walk(found))
    node = nodes[number]
    change(node)
    around = next(
        (s for s in nodes if isinstance(s, ast.Assign | ast.AugAssign | ast.Expr) and node in ast.walk(s)),
        node,
    )
    shown = ast.unparse(around).splitlines()[0] if isinstance(around, ast.expr | ast.stmt) else ""
    return Mutant(
        function, getattr(node, "lineno", 0), kind, shown, ast.unparse(ast.fix_missing_locations(other))
    )


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yield what can be changed of a node, and how it is changed in a copy of the tree."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SIGNS:
            yield "sign", lambda n: setattr(n, "op", SIGNS[type(op)])
        case _:
            pass
    match node:
        case ast.AugAssign(op=ast.Add() | ast.Sub()):
            yield "not added", lambda n: setattr(n, "value", ast.Constant(0))
        case ast.UnaryOp(op=ast.USub()):
            yield "sign", lambda n: setattr(n, "operand", ast.UnaryOp(ast.USub(), n.operand))
        case ast.Subscript(slice=ast.Tuple(elts=[one, other, *_])) if ast.dump(one) != ast.dump(other):
            yield "subscripts exchanged", exchanged
        case ast.Subscript(slice=ast.Constant(value=0), value=ast.Name()):
            yield "subscript", lambda n: setattr(n, "slice", ast.Constant(1))
        case ast.Call(func=ast.Name(id="range"), args=[*_, last]):
            less = ast.BinOp(last, ast.Sub(), ast.Constant(1))
            yield "a turn less", lambda n: n.args.__setitem__(-1, less)
        case _:
            pass


def exchanged(node: Any) -> None:
    """Exchange the first two subscripts."""
    places = node.slice.elts
    places[0], places[1] = places[1], places[0]
