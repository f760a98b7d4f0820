"""Edits of the form of an expression: operators, brackets, axes, indices, functions."""

import ast
from collections.abc import Iterator

from symgrad.verify.mistakes.code.brackets import brackets
from symgrad.verify.mistakes.code.indices import index, mirrored
from symgrad.verify.mistakes.code.places import Place, binary, code, matrix_factors
from symgrad.verify.mistakes.code.quantities import Quantity
from symgrad.verify.mistakes.code.steps import key, order, previous, shifted, term, weighted, whole

Found = Iterator[tuple[ast.expr, ast.expr | Quantity | None]]


OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Mult: (ast.Div, ast.MatMult, ast.Add, ast.Sub),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Pow: (ast.Mult,),
}


FUNCTIONS = (
    ("np.sum", "np.mean", "np.prod", "np.max", "np.cumsum"),
    ("np.maximum", "np.minimum"),
    ("np.max", "np.min"),
    ("np.argmax", "np.argmin"),
    ("np.sin", "np.cos"),
    ("sigmoid", "dsigmoid", "np.tanh", "relu", "softmax"),
    ("np.exp", "np.log"),
    ("np.var", "np.std"),
    ("np.dot", "np.outer", "np.multiply"),
    ("np.zeros_like", "np.ones_like"),
    ("np.abs", "np.sign"),
)


METHODS = ("sum", "mean", "max", "min", "argmax", "argmin", "prod", "var", "std", "cumsum")


def operator(place: Place) -> Found:
    """Another operator."""
    node = place.node
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), ()):
            yield binary(node.left, other(), node.right), None
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in (ast.Gt, ast.Lt, ast.GtE, ast.LtE, ast.Eq, ast.NotEq):
            if not isinstance(node.ops[0], kind):
                yield ast.Compare(node.left, [kind()], node.comparators), None


def swapped(place: Place) -> Found:
    """The operands the other way round, with or without transposes."""
    node = place.node
    sides = matrix_factors(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.cumsum" and len(node.args) == 1:
        yield code("np.cumsum(e[::-1])[::-1]", e=node.args[0]), None
    if sides is None:
        return
    left, right = sides
    for a in (left, transposed(left)):
        for b in (right, transposed(right)):
            yield code("b @ a", a=a, b=b), None
            if not (a is left and b is right):
                yield code("a @ b", a=a, b=b), None
    yield code("np.outer(a, b)", a=left, b=right), None
    yield code("np.outer(b, a)", a=left, b=right), None


def reversed_operands(place: Place) -> Found:
    """A difference, a quotient or a power the other way round."""
    node = place.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
        yield binary(node.right, node.op, node.left), None


def transposed(node: ast.expr) -> ast.expr:
    """The transpose as code; that of a transpose is what it was made of."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def axis(place: Place) -> Found:
    """Another axis."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    reduces = isinstance(node.func, ast.Attribute) and node.func.attr in (*METHODS, "softmax", "flip", "roll")
    names = ("softmax", "norm")
    if not reduces and not any(ast.unparse(node.func).endswith(name) for name in names):
        return
    for value in (0, 1, -1, 2, (0, 1), (0, 2), (1, 2), (0, 2, 3), None):
        for keep in (False, True):
            keywords = [k for k in node.keywords if k.arg not in ("axis", "keepdims")]
            if value is not None:
                keywords.append(ast.keyword("axis", ast.parse(repr(value), mode="eval").body))
            if keep and "softmax" not in ast.unparse(node.func):
                keywords.append(ast.keyword("keepdims", ast.Constant(True)))
            yield ast.Call(node.func, [a for a in node.args if not _is_axis(node, a)], keywords), None


def _is_axis(node: ast.Call, argument: ast.expr) -> bool:
    position = 0 if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) != "np" else 1
    return argument in node.args[position:] and not isinstance(argument, ast.Name)


def function(place: Place) -> Found:
    """Another function of the same family."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func)
    for family in FUNCTIONS:
        for other in family if name in family else ():
            if other != name:
                yield ast.Call(ast.parse(other, mode="eval").body, node.args, node.keywords), None
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        for other in ("sum", "mean"):
            if node.func.attr != other:
                yield (
                    ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords),
                    None,
                )


def exponent(place: Place) -> Found:
    """Another exponent."""
    node = place.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        for change in ("p + 1", "p - 1", "-p", "2*p", "p/2", "1/p"):
            yield binary(node.left, ast.Pow(), code(change, p=node.right)), None


def scalar_product(place: Place) -> Found:
    """The order of differentiating: d(aᵀ M w)/dw left as it was."""
    node = place.node
    sides = matrix_factors(node)
    if sides is None:
        return
    left, right = sides
    inner = matrix_factors(left)
    if inner is not None:
        yield code("m.T @ a", m=inner[1], a=transposed(inner[0])), right
        yield code("m.T @ a", m=inner[1], a=inner[0]), right


REWRITES = {
    "operator": operator,
    "swapped": swapped,
    "reversed": reversed_operands,
    "brackets": brackets,
    "axis": axis,
    "function": function,
    "index": index,
    "mirrored": mirrored,
    "exponent": exponent,
    "scalar product": scalar_product,
    "key": key,
    "order": order,
    "whole": whole,
    "term": term,
    "weighted": weighted,
    "previous": previous,
    "shifted": shifted,
}
