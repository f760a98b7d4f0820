"""The small edits of a claim: a catalogue, one row for each way in which one expression may have gone wrong.

To add a mistake, add one row.  A row yields, for a place in the claim, the expressions that could have stood
there; what an edit that works is called, `symgrad.verify.mistakes.code.rows` says.
"""

import ast
from collections.abc import Callable, Iterator

from symgrad.verify.mistakes.code.places import Place, binary, code, factors, fits, product
from symgrad.verify.mistakes.code.quantities import Quantity

MODULES = ("np", "numpy", "math", "np.linalg", "numpy.linalg")
Move = Callable[[Place], Iterator[tuple[ast.expr, Quantity | ast.expr | None]]]


def _oriented(place: Place, q: Quantity) -> Iterator[ast.expr]:
    """A quantity as it can stand beside the value of a place: as it is, transposed, as a row or a column."""
    shape = place.shape or ()
    if fits(q.shape, shape) or (shape == () and len(q.shape) <= len(place.case.shape)):
        yield q.node
    if len(q.shape) == 2 and q.shape != (1, 1) and fits(q.shape[::-1], shape):
        yield ast.Attribute(q.node, "T", ast.Load())
    if len(q.shape) == 1 and len(shape) == 2 and shape[0] == q.shape[0]:
        yield code("q[:, None]", q=q.node)


def _around(place: Place) -> Iterator[Quantity]:
    yield from place.local
    yield from place.stock.quantities


def times(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """A factor is missing."""
    if place.shape is not None and not isinstance(place.node, ast.Constant) and not place.site.divides:
        for q in _around(place):
            for node in _oriented(place, q) if q.role != "label" else ():
                yield binary(place.node, ast.Mult(), node), q


def over(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """A factor is there once too often, or a divisor is missing."""
    if place.shape is not None and not isinstance(place.node, ast.Constant) and not place.site.divides:
        for q in _around(place):
            for node in _oriented(place, q) if q.role not in ("sum", "label") else ():
                yield binary(place.node, ast.Div(), node), q


def through(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """A matrix is missing from a product, which may have become a sum."""
    shape = list(place.shape or ())
    inner = place.node.args[0] if isinstance(place.node, ast.Call) and place.node.args else None
    function = ast.unparse(place.node.func) if isinstance(place.node, ast.Call) else ""
    if inner is not None and function in ("np.sum", "np.mean"):
        divided = "/len(e)" if function == "np.mean" else ""
        for q in (q for q in _around(place) if q.role == "given" and len(q.shape) == 2):
            yield code(f"m.T @ e{divided}", m=q.node, e=inner), q
            yield code(f"e @ m{divided}", m=q.node, e=inner), q
    for q in _around(place):
        if q.role not in ("given", "value") or len(q.shape) != 2 or not shape or len(shape) > 2:
            continue
        flipped = ast.Attribute(q.node, "T", ast.Load())
        for node, (rows, columns) in ((q.node, q.shape), (flipped, q.shape[::-1])):
            if columns == shape[0]:
                yield binary(node, ast.MatMult(), place.node), q
            if rows == shape[-1]:
                yield binary(place.node, ast.MatMult(), node), q


def instead(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """Another quantity stands where the right one belongs."""
    if isinstance(place.node, ast.Constant):
        return
    parts = {ast.dump(part) for part in ast.walk(place.node)}
    for q in _around(place):
        if q.form in parts:
            continue
        if place.shape is None or q.shape == place.shape:
            yield q.node, q
        elif place.shape == q.shape[::-1]:
            yield ast.Attribute(q.node, "T", ast.Load()), q
        elif isinstance(place.node, ast.Name | ast.Attribute) and q.role in ("given", "value", "gradient"):
            yield q.node, q
            if len(q.shape) == 2:
                yield ast.Attribute(q.node, "T", ast.Load()), q


def plus(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """A term is missing."""
    if place.shape is None or isinstance(place.node, ast.Constant | ast.Name):
        return
    for q in _around(place):
        if q.role in ("size", "label"):
            continue
        if fits(q.shape, place.shape):
            yield binary(place.node, ast.Add(), q.node), q
        elif place.shape == q.shape[::-1]:
            yield binary(place.node, ast.Add(), ast.Attribute(q.node, "T", ast.Load())), q


TURNS = (
    "e.T",
    "e[::-1, ::-1]",
    "e[::-1]",
    "e[:, ::-1]",
    "np.sum(e, axis=0)",
    "np.sum(e, axis=1)",
    "np.sum(e)",
    "np.sum(e, axis=0, keepdims=True)",
    "np.sum(e, axis=1, keepdims=True)",
    "np.sum(e, axis=-1)",
    "np.sum(e, axis=-1, keepdims=True)",
    "np.sum(e, axis=(0, 1))",
    "np.sum(e, axis=(0, 2))",
    "np.sum(e, axis=(1, 2))",
    "np.sum(e, axis=(0, 1, 2))",
    "np.sum(e, axis=(0, 2, 3))",
    "e[:, None]",
    "e[None, :]",
    "np.swapaxes(e, -1, -2)",
    "np.swapaxes(e, 0, 1)",
    "1/e",
    "-e",
    "e**2",
    "np.sqrt(e)",
    "1 - e",
    "np.log(e)",
    "np.exp(e)",
    "np.diag(e)",
    "e + e.T",
    "(e + e.T)/2",
    "np.mean(e, axis=0)",
    "e - np.mean(e, axis=0)",
    "e - np.mean(e, axis=-1, keepdims=True)",
)
INVERSES = ("np.linalg.inv(e)", "np.linalg.inv(e).T")


def turned(place: Place) -> Iterator[tuple[ast.expr, None]]:
    """A transpose, a turn, a sum, a reciprocal is missing."""
    if isinstance(place.node, ast.Constant) or (place.shape == () and not place.site.loops):
        return
    square = len(place.shape or ()) == 2 and len(set(place.shape or ())) == 1
    for text in (*TURNS, *INVERSES) if square else TURNS:
        yield code(text, e=place.node), None


def dropped(place: Place) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """A factor, a term or a function should not be there."""
    node = place.node
    if isinstance(node, ast.BinOp):
        yield node.left, node.right
        if not isinstance(node.op, ast.Div | ast.Pow):
            yield node.right, node.left
    elif isinstance(node, ast.UnaryOp):
        yield node.operand, None
    elif isinstance(node, ast.Call):
        yield from ((a, node) for a in node.args if not isinstance(a, ast.Constant | ast.Starred))
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in MODULES:
            yield node.func.value, node
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value, None
    elif isinstance(node, ast.Subscript):
        yield node.value, node.slice
    parts = factors(node)
    if len(parts) > 2:
        for k, part in enumerate(parts):
            rest = [p for n, p in enumerate(parts) if n != k]
            yield product(rest), part
        for k in range(len(parts) - 1):
            for j in range(k + 1, len(parts)):
                kept = [p for n, p in enumerate(parts) if n not in (j, k)]
                yield product(kept or [ast.Constant(1.0)]), binary(parts[k], ast.Mult(), parts[j])


def refactored(place: Place) -> Iterator[tuple[ast.expr, Quantity]]:
    """Two factors of a product stand where a derivative belongs."""
    parts = factors(place.node)
    inner = isinstance(place.site.parent, ast.BinOp) and isinstance(place.site.parent.op, ast.Mult)
    if len(parts) < 3 or inner:
        return
    for j in range(len(parts)):
        for k in range(j + 1, len(parts)):
            rest = [part for n, part in enumerate(parts) if n not in (j, k)]
            if isinstance(parts[j], ast.Constant) or isinstance(parts[k], ast.Constant):
                continue
            for q in _around(place):
                if q.role == "derivative" and fits(q.shape, place.shape or q.shape):
                    yield product([*rest, q.node]), q


MOVES: dict[str, Move] = {
    "times": times,
    "over": over,
    "through": through,
    "instead": instead,
    "plus": plus,
    "turned": turned,
    "dropped": dropped,
    "refactored": refactored,
}
