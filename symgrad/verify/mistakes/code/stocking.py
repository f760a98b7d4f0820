"""The quantities of a forward pass, collected."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case, Point
from symgrad.verify.mistakes.code.functions import (
    SHORT_FORMS,
    slope_of,
    spelled,
)
from symgrad.verify.mistakes.code.listing import HOOK, Site, loaded, stored
from symgrad.verify.mistakes.code.quantities import Applied, Quantity, Role, Stock, evaluated
from symgrad.verify.mistakes.code.recognition import applied_in, fingerprint, is_numeric
from symgrad.verify.mistakes.code.slopes import FAULTS, STEP

LARGEST = 60


SLOW = 40


def stock(case: Case) -> Stock:
    """Collect the quantities of a case; the points get values of those that code has no words for."""
    values = _values(case)
    applied = tuple(applied_in(case, values))
    quantities = [
        *_plain(case, values),
        *_derivatives(case, applied),
        *_gradients(case),
        *_sizes(case),
        *_labels(case),
    ]
    quantities += _sums(case, quantities)
    return Stock(tuple(quantities), applied)


def _values(case: Case) -> list[tuple[ast.expr, Any]]:
    """Expressions of the forward pass with their values, names first, each value once."""
    found: dict[Any, tuple[ast.expr, Any]] = {}
    for node in _expressions(case):
        value = evaluated(node, case.first.names)
        if is_numeric(value):
            found.setdefault(fingerprint(value), (node, np.asarray(value, float)))
    return list(found.values())[:LARGEST]


def _expressions(case: Case) -> Iterator[ast.expr]:
    names = [*case.arrays, *(n for s in case.forward.statements for n in sorted(stored(s)))]
    yield from (ast.Name(name, ast.Load()) for name in dict.fromkeys(names) if name != "L")
    inner = [site.node for site in case.forward.sites if not site.loops]
    wanted = (ast.BinOp, ast.Call, ast.Subscript, ast.UnaryOp, ast.Attribute)
    yield from sorted((n for n in inner if isinstance(n, wanted)), key=lambda n: len(ast.unparse(n)))


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
            point.names[name] = slope_of(each.apply, evaluated(each.z, point.names))
        value = case.first.names[name]
        node = _short(each, value, case.first.names)
        if node is None and _is_in_steps(case, each):
            continue
        node = node or ast.Name(name, ast.Load())
        names = frozenset(loaded(each.z) | loaded(each.a))
        yield Quantity(node, "derivative", np.shape(value), ast.unparse(each.a), each.function, names)


def _is_in_steps(case: Case, each: Applied) -> bool:
    """Whether the forward pass makes a function out of parts that have names of their own."""
    made = {name for name in case.first.names if case.ancestors({name}) & loaded(each.z)}
    if not isinstance(each.a, ast.Name):
        return bool(loaded(each.a) & made - loaded(each.z))
    lines = (s for s in case.forward.statements if each.a.id in stored(s))
    return any(loaded(line) & made - loaded(each.z) for line in lines)


def _probabilities(case: Case, each: Applied) -> Iterator[Quantity]:
    """p(1 − p) for softmax's values, the diagonal of its Jacobian, and for a single one that has a name."""
    entries = np.ravel(np.asarray(evaluated(each.a, case.first.names)))
    for name in [ast.unparse(each.a), *(n for s in case.forward.statements for n in sorted(stored(s)))]:
        value = case.first.names.get(name)
        array = np.asarray(value, float) if is_numeric(value) else np.zeros(0)
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
        if not target or target == "L" or not is_numeric(case.first.names.get(target)):
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
    return point.slopes.along(codes, still, lambda site, call, changes, values: STEP * row)


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


def _labels(case: Case) -> Iterator[Quantity]:
    """Labels −1 and 1 as 0 and 1, and the other way round."""
    for name, array in case.arrays.items():
        values = set(np.ravel(case.first.arrays[name]).tolist())
        form = {(-1, 1): f"(1 + {name})/2", (0, 1): f"(2*{name} - 1)"}.get(tuple(sorted(values)))
        if form and len(array.shape) == 1:
            node = ast.parse(form, mode="eval").body
            yield Quantity(node, "label", array.shape, name, names=frozenset({name}))


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
