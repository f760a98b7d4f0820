"""The quantities of a forward pass, collected, and the functions in it, recognised by their values."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case, Point
from symgrad.verify.mistakes.code.functions import FUNCTIONS, SHORT_FORMS, slope_of, softmax_axis, spelled
from symgrad.verify.mistakes.code.listing import HOOK, Site, loaded, stored
from symgrad.verify.mistakes.code.numbers import stepped
from symgrad.verify.mistakes.code.quantities import Applied, Quantity, Role, Stock, evaluated
from symgrad.verify.mistakes.code.slopes import FAULTS, STEP

LARGEST = 60


SLOW = 40


def stock(case: Case) -> Stock:
    """Collect the quantities of a case; the points get values of those that code has no words for."""
    values = _values(case)
    applied = tuple(_applied(case, values))
    quantities = [
        *_plain(case, values),
        *_derivatives(case, applied),
        *_gradients(case),
        *_sizes(case),
    ]
    quantities += _sums(case, quantities)
    return Stock(tuple(quantities), applied)


def _values(case: Case) -> list[tuple[ast.expr, Any]]:
    """Expressions of the forward pass with their values, names first, each value once."""
    found: dict[Any, tuple[ast.expr, Any]] = {}
    for node in _expressions(case):
        value = evaluated(node, case.first.names)
        if _is_numeric(value):
            found.setdefault(_fingerprint(value), (node, np.asarray(value, float)))
    return list(found.values())[:LARGEST]


def _expressions(case: Case) -> Iterator[ast.expr]:
    names = [*case.arrays, *(n for s in case.forward.statements for n in sorted(stored(s)))]
    yield from (ast.Name(name, ast.Load()) for name in dict.fromkeys(names) if name != "L")
    inner = [site.node for site in case.forward.sites if not site.loops]
    wanted = (ast.BinOp, ast.Call, ast.Subscript, ast.UnaryOp, ast.Attribute)
    yield from sorted((n for n in inner if isinstance(n, wanted)), key=lambda n: len(ast.unparse(n)))


def _is_numeric(value: Any) -> bool:
    if not isinstance(value, np.ndarray | np.generic | float):
        return False
    kept = np.asarray(value).dtype.kind in "fiu" and np.size(value) <= 400
    return kept and bool(np.all(np.isfinite(value)))


def _fingerprint(value: Any) -> Any:
    flat = np.asarray(value, float)
    return flat.shape, tuple(np.round(flat.ravel()[:6], 10)), round(float(flat.sum()), 9)


def _applied(case: Case, values: Sequence[tuple[ast.expr, Any]]) -> Iterator[Applied]:
    by_print = {_fingerprint(value): (node, value) for node, value in values}
    for z, value in values:
        yield from _functions_of(case, z, value, by_print)


def _functions_of(
    case: Case, z: ast.expr, value: Any, known: Mapping[Any, tuple[ast.expr, Any]]
) -> Iterator[Applied]:
    for name, function in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            a = np.asarray(function.apply(stepped(value)))
        node, _ = known.get(_fingerprint(a), (None, None)) if np.all(np.isfinite(a)) else (None, None)
        if node is not None and _made_of(case, node, z) and _tells(value, a):
            yield Applied(z, node, name)
    for a, other in known.values():
        axis = softmax_axis(value, other) if other.shape == value.shape and a is not z else None
        if axis is not None and _made_of(case, a, z):
            yield Applied(z, a, "softmax", axis)


def _made_of(case: Case, a: ast.expr, z: ast.expr) -> bool:
    """Whether the forward pass makes a from z, not the other way round."""
    if isinstance(a, ast.Name):
        return a.id not in case.arrays and a.id not in case.ancestors(loaded(z))
    inside = ast.unparse(z)
    return any(isinstance(n, ast.expr) and n is not a and ast.unparse(n) == inside for n in ast.walk(a))


def _tells(z: Any, a: Any) -> bool:
    """Whether the numbers tell one function from another: relu of positive ones, or labels, do not."""
    return not np.array_equal(z, a) and not np.all(np.isin(a, (0, 1)))


def _plain(case: Case, values: Sequence[tuple[ast.expr, Any]]) -> Iterator[Quantity]:
    for node, value in values:
        role: Role = "given" if isinstance(node, ast.Name) and node.id in case.arrays else "value"
        yield Quantity(node, role, value.shape, names=frozenset(loaded(node)))


def _derivatives(case: Case, applied: Iterable[Applied]) -> Iterator[Quantity]:
    for each in applied:
        if each.function == "softmax":
            yield from _probabilities(case, each)
            continue
        name = f"{each.function}′({ast.unparse(each.z)})"
        for point in case.points:
            point.names[name] = slope_of(FUNCTIONS[each.function].apply, evaluated(each.z, point.names))
        value = case.first.names[name]
        node = _short(each, value, case.first.names) or ast.Name(name, ast.Load())
        names = frozenset(loaded(each.z) | loaded(each.a))
        yield Quantity(node, "derivative", np.shape(value), ast.unparse(each.a), each.function, names)


def _probabilities(case: Case, each: Applied) -> Iterator[Quantity]:
    """p(1 − p) for softmax's values, the diagonal of its Jacobian, and for a single one that has a name."""
    entries = np.ravel(np.asarray(evaluated(each.a, case.first.names)))
    for name in [ast.unparse(each.a), *(n for s in case.forward.statements for n in sorted(stored(s)))]:
        value = case.first.names.get(name)
        array = np.asarray(value, float) if _is_numeric(value) else np.zeros(0)
        if array.size and np.all(np.isin(array, entries)):
            node = ast.parse(f"{name}*(1 - {name})", mode="eval").body
            yield Quantity(node, "derivative", array.shape, name, "softmax", frozenset({name}))


def _short(each: Applied, slope: Any, names: Mapping[str, Any]) -> ast.expr | None:
    a = each.a if isinstance(each.a, ast.Name | ast.Call) else None
    for form in SHORT_FORMS:
        node = spelled(form, each.z, a)
        value = None if node is None else evaluated(node, names)
        if (
            value is not None
            and np.shape(value) == np.shape(slope)
            and np.allclose(value, slope, rtol=1e-9, atol=0)
        ):
            return node
    return None


def _gradients(case: Case) -> Iterator[Quantity]:
    for n, statement in enumerate(case.forward.statements):
        target = _assigned(statement)
        if not target or target == "L" or not _is_numeric(case.first.names.get(target)):
            continue
        name, shape = f"∂L/∂{target}", np.shape(case.first.names[target])
        try:
            for point in case.points:
                point.names[name] = gradient_at(case, point, n, shape)
        except FAULTS:
            continue
        yield Quantity(ast.Name(name, ast.Load()), "gradient", shape, target)


def _assigned(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def gradient_at(case: Case, point: Point, line: int, shape: tuple[int, ...]) -> Any:
    """The derivatives of L with respect to what a statement of the forward pass assigns."""
    site = next(site for site in case.forward.sites if site.line == line and site.field == "value")
    hooked = case.forward.edited((site, _hooked(site)))
    size = int(np.prod(shape, dtype=int))
    if size > SLOW:
        raise ValueError(f"{size} derivatives are too many")
    still = np.zeros(case.shape)
    rows = (row.reshape(shape) for row in np.eye(size))
    return np.array([_moved(point, hooked, row, still) for row in rows]).reshape(shape)


def _moved(point: Point, codes: Any, row: Any, still: Any) -> float:
    if not point.slopes.complex:
        raise ValueError("only by a complex step")
    return point.slopes.along(codes, still, lambda call, changes, values: STEP * row)


def _hooked(site: Site) -> ast.expr:
    return ast.Call(ast.Name(HOOK, ast.Load()), [ast.Constant(0), site.node], [])


def _sizes(case: Case) -> Iterator[Quantity]:
    seen: set[int] = set()
    for name, value in case.first.names.items():
        if type(value) is int and value > 1 and value not in seen:
            seen.add(value)
            yield Quantity(ast.Name(name, ast.Load()), "size", ())
    for name, array in case.arrays.items():
        for axis, length in enumerate(array.shape):
            if length > 1 and length not in seen:
                seen.add(length)
                yield Quantity(ast.parse(f"{name}.shape[{axis}]", mode="eval").body, "size", ())


def _sums(case: Case, quantities: Iterable[Quantity]) -> list[Quantity]:
    found: list[Quantity] = []
    for q in quantities:
        if not isinstance(q.node, ast.Name) or not q.shape or q.role not in ("given", "value"):
            continue
        forms = [f"np.sum({q.text})"]
        if len(q.shape) == 2:
            forms += [f"np.sum({q.text}, axis={axis}, keepdims=True)" for axis in (0, 1)]
        for form in forms:
            node = ast.parse(form, mode="eval").body
            shape = np.shape(evaluated(node, case.first.names))
            found.append(Quantity(node, "sum", shape, q.text, names=q.names))
    return found
