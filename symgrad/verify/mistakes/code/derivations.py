"""Mistaken derivations: forward passes whose right gradient is what was claimed.

To add a mistake, add one row to `ELEMENTWISE` or `SOFTMAX`, or a slip to the places where it happens: the
change that a mistaken derivation has there instead of the true one.  A slip scales its part of the gradient
by a constant that is solved for: 0 where a path was left out, 2 where it was counted twice, −1 for a sign.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case, Point
from symgrad.verify.mistakes.code.functions import NAMED, slope_of
from symgrad.verify.mistakes.code.listing import Site
from symgrad.verify.mistakes.code.places import matrix_factors
from symgrad.verify.mistakes.code.quantities import Applied, Stock
from symgrad.verify.mistakes.code.slopes import Slopes, slopes

Change = Callable[[list[Any], list[Any]], Any]  # changes, values -> change of the first value


@dataclass(frozen=True, eq=False)
class Slip:
    """One slip in a derivation.

    Attributes
    ----------
    row
        The row of the catalogue.
    site
        The place in the forward pass.
    parts
        The expressions whose changes it reads, after that of the place itself.
    change
        The change at a point; a function of the point, because a slip may use values of it.
    calls
        At which carryings-out of the place, where a loop does it often; all of them without it.
    """

    row: str
    site: Site
    change: Callable[[Point], Change]
    parts: tuple[ast.expr, ...] = ()
    calls: int | None = None
    applied: Applied | None = None
    about: str = ""


def stopped(_: Point) -> Change:
    """The place is taken for a constant."""
    return lambda changes, values: 0 * changes[0]


def slips(case: Case, stock: Stock) -> Iterator[Slip]:
    """All slips of a forward pass."""
    yield from _of_functions(case, stock)
    for site in case.forward.sites:
        if not isinstance(site.node, ast.Constant | ast.List | ast.Tuple | ast.JoinedStr):
            yield from _stops(case, site)
            yield from _factors(site)
            yield from _maxima(site)


def _stops(case: Case, site: Site) -> Iterator[Slip]:
    if site.field == "value" and isinstance(site.parent, ast.Assign) and not site.loops:
        return
    yield Slip("stopped", site, stopped)
    if site.loops:
        yield from (Slip("stopped", site, stopped, calls=call) for call in range(6))


def _of_functions(case: Case, stock: Stock) -> Iterator[Slip]:
    for site in case.forward.sites:
        for each in _applied_at(case, stock, site):
            rows = SOFTMAX if each.function == "softmax" else ELEMENTWISE
            for row, change in rows.items():
                yield Slip(row, site, _bound(change, each), (each.z,), applied=each)
                if site.loops:
                    yield from (Slip(row, site, _bound(change, each), (each.z,), k, each) for k in range(5))


def _applied_at(case: Case, stock: Stock, site: Site) -> Iterator[Applied]:
    text = ast.unparse(site.node)
    name = ""
    if isinstance(site.parent, ast.Assign) and isinstance(site.parent.targets[0], ast.Name):
        name = site.parent.targets[0].id
    matched = False
    for each in stock.applied:
        if ast.unparse(each.a) in (text, name):
            matched = True
            yield each
    if not matched and isinstance(site.node, ast.Call) and site.node.args:
        function = NAMED.get(ast.unparse(site.node.func))
        argument = site.node.args[-1] if function == "relu" else site.node.args[0]
        if function and not isinstance(argument, ast.Starred):
            yield Applied(argument, site.node, function)


Rule = Callable[[Any, Any, Any, Any, int], Any]  # dz, z, a, f′, axis -> da
ELEMENTWISE: dict[str, Rule] = {
    "derivative missing": lambda dz, z, a, slope, axis: dz,
    "function for its derivative": lambda dz, z, a, slope, axis: a * dz,
    "derivative at the value": lambda dz, z, a, slope, axis: slope(a) * dz,
}
SOFTMAX: dict[str, Rule] = {
    "softmax missing": lambda dz, z, a, slope, axis: dz,
    "softmax diagonal": lambda dz, z, a, slope, axis: a * (1 - a) * dz,
    "softmax normaliser fixed": lambda dz, z, a, slope, axis: a * dz,
    "softmax other sign": lambda dz, z, a, slope, axis: a * (dz + np.sum(a * dz, axis=axis, keepdims=True)),
}


def _bound(rule: Rule, each: Applied) -> Callable[[Point], Change]:
    def slope(z: Any) -> Any:
        return slope_of(each.apply, z) if each.apply else 1.0

    axis = -1 if each.axis is None else each.axis
    return lambda point: lambda changes, values: rule(changes[1], values[1], values[0], slope, axis)


def _factors(site: Site) -> Iterator[Slip]:
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        quotient = isinstance(node.op, ast.Div)
        yield Slip("factor missing", site, _alone(0), (node.left, node.right), about=ast.unparse(node.right))
        if quotient:
            yield Slip(
                "quotient rule", site, _undivided, (node.left, node.right), about=ast.unparse(node.right)
            )
        else:
            yield Slip(
                "factor missing", site, _alone(1), (node.left, node.right), about=ast.unparse(node.left)
            )
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield Slip("power missing", site, _alone(0), (node.left,), about=ast.unparse(node))
    yield from _inverses(site)
    pair = matrix_factors(node)
    if pair is not None:
        yield Slip("other matrix", site, _transposed(0), pair, about=ast.unparse(pair[1]))
        yield Slip("other matrix", site, _transposed(1), pair, about=ast.unparse(pair[0]))


def _inverses(site: Site) -> Iterator[Slip]:
    """An inverse that is not transposed on the way back."""
    name = ast.unparse(site.node.func) if isinstance(site.node, ast.Call) else ""
    if name == "np.linalg.inv":
        yield Slip("other matrix", site, _inverted, (site.node.args[0],), about=ast.unparse(site.node))
    elif name == "np.linalg.solve":
        yield Slip("other matrix", site, _solved, tuple(site.node.args), about=ast.unparse(site.node.args[0]))


def _inverted(_: Point) -> Change:
    return lambda changes, values: -values[0].T @ changes[1] @ values[0].T


def _solved(_: Point) -> Change:
    return lambda changes, values: np.linalg.solve(values[1].T, changes[2] - changes[1] @ values[0])


def _maxima(site: Site) -> Iterator[Slip]:
    """A maximum whose gradient goes where it does not."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in ("max", "min", "amax", "amin"):
        inner = (
            node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else node
        )
        options = [k for k in node.keywords if k.arg in ("axis", "keepdims")]
        for function in ("np.sum", "np.mean", "np.min" if "max" in name else "np.max"):
            other = ast.Call(ast.parse(function, mode="eval").body, [inner, *node.args[1:]], options)
            yield Slip("other entries", site, _elsewhere, (other,), about=ast.unparse(inner))


def _elsewhere(_: Point) -> Change:
    return lambda changes, values: changes[1] + 0 * values[0]


def _alone(side: int) -> Callable[[Point], Change]:
    def change(changes: list[Any], values: list[Any]) -> Any:
        kept = changes[1 + side] + 0 * values[0]
        if len(values) < 3:
            return kept
        other = 2 - side
        rest = changes[0] - (changes[1 + side] * _partial(values, side))
        return kept + rest if other else kept

    return lambda point: change


def _partial(values: list[Any], side: int) -> Any:
    whole, left, right = values
    if side == 1:
        return left
    return whole / left if np.all(left) else right


def _undivided(point: Point) -> Change:
    def change(changes: list[Any], values: list[Any]) -> Any:
        _, left, right = values
        return changes[1] / right - left / right * changes[2]

    return change


def _transposed(side: int) -> Callable[[Point], Change]:
    def change(changes: list[Any], values: list[Any]) -> Any:
        _, left, right = values
        if side == 0:
            return changes[1] @ np.swapaxes(right, -1, -2) + left @ changes[2]
        return changes[1] @ right + np.swapaxes(left, -1, -2) @ changes[2]

    return lambda point: change


def gradient_of(case: Case, point: Point, name: str) -> Any:
    """The gradient with respect to another array."""
    key = f"∂L/∂{name}"
    if key not in point.known:
        slope: Slopes = slopes(point.arrays, name, case.forward.codes)
        point.known[key] = slope.gradient(case.forward.codes)
    return point.known[key]
