"""The functions that a forward pass applies, recognised by their values."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.functions import FUNCTIONS, NAMED, slope_of, softmax_axis
from symgrad.verify.mistakes.code.listing import loaded
from symgrad.verify.mistakes.code.numbers import STEPPED, stepped
from symgrad.verify.mistakes.code.quantities import Applied, evaluated
from symgrad.verify.mistakes.code.slopes import STEP


def applied_in(case: Case, values: Sequence[tuple[ast.expr, Any]]) -> Iterator[Applied]:
    """The functions among the values of a forward pass."""
    by_print = {fingerprint(value): (node, value) for node, value in values}
    for z, value in values:
        yield from _functions_of(case, z, value, by_print)
    yield from _calls(case, values)


def _calls(case: Case, values: Sequence[tuple[ast.expr, Any]]) -> Iterator[Applied]:
    """Elementwise functions of one name that are in no table, such as a clipping or a choice."""
    known = {fingerprint(value): node for node, value in values}
    constants = {name for name, array in case.arrays.items() if not array.shape} | {"np"}
    calls = [site.node for site in case.forward.sites if isinstance(site.node, ast.Call) and not site.loops]
    for call in (node for node in calls if ast.unparse(node.func) not in NAMED):
        arguments, value = loaded(call) - constants, evaluated(call, case.first.names)
        if len(arguments) == 1 and is_numeric(value):
            (name,) = arguments
            apply = _called(case, call, name)
            a = known.get(fingerprint(value), call)
            z = case.first.names[name]
            if _is_elementwise(apply, z, value) and not _is_linear(apply, z):
                yield Applied(ast.Name(name, ast.Load()), a, ast.unparse(call.func), own=apply)


def _is_linear(apply: Any, z: Any) -> bool:
    """Whether its derivative is the same everywhere, as that of a mask is."""
    here = slope_of(apply, z)
    return all(np.array_equal(here, slope_of(apply, scale * z)) for scale in (-1, 3))


def _called(case: Case, a: ast.expr, name: str) -> Any:
    return lambda z: evaluated(a, {**case.first.names, **STEPPED, name: z})


def _is_elementwise(apply: Any, z: Any, value: Any) -> bool:
    """Whether each entry of a value comes from that entry of z alone."""
    single = np.zeros(np.shape(z))
    single.flat[0] = 1.0
    if np.shape(value) != single.shape:
        return False
    everywhere, first = apply(stepped(z + 1j * STEP)), apply(stepped(z + 1j * STEP * single))
    if everywhere is None or first is None or not np.any(np.imag(everywhere)):
        return False
    return np.array_equal(np.imag(first), np.imag(everywhere) * single)


def _functions_of(
    case: Case, z: ast.expr, value: Any, known: Mapping[Any, tuple[ast.expr, Any]]
) -> Iterator[Applied]:
    for name, function in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            a = np.asarray(function.apply(stepped(value)))
        node, _ = known.get(fingerprint(a), (None, None)) if np.all(np.isfinite(a)) else (None, None)
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


def fingerprint(value: Any) -> Any:
    """What two equal arrays have in common, and hardly two others."""
    flat = np.asarray(value, float)
    return flat.shape, tuple(np.round(flat.ravel()[:6], 10)), round(float(flat.sum()), 9)


def is_numeric(value: Any) -> bool:
    """Whether it is made of finite numbers, and not of too many."""
    if not isinstance(value, np.ndarray | np.generic | float):
        return False
    kept = np.asarray(value).dtype.kind in "fiu" and np.size(value) <= 400
    return kept and bool(np.all(np.isfinite(value)))
