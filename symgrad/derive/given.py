"""Values that a person gives for the leaves of a network, read exactly and checked.

They are given at one of the two views: ``{"W1": [["0.15", "0.2"], …], "b1": "0.35"}`` at the layer
view, ``{"w1": "0.15", "w2": "0.2"}`` at the neuron view.  What is not given is taken from the example.
An array may be written as text too, ``{"W1": "0.15, 0.2; 0.25, 0.3"}``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import inf, prod
from typing import Any

import numpy as np
import sympy as sp

from symgrad.derive.views import View
from symgrad.derive.written import entry, exact_number, is_nested, read_rows, shape_of
from symgrad.errors import DataError, unknown
from symgrad.model.expressions import size
from symgrad.model.graph import Kind, Node
from symgrad.model.instances import entries
from symgrad.model.labels import class_count
from symgrad.model.model import Model, Numbers

Given = Mapping[str, Any]

LISTED = 12


def situated(model: Model, at: Given | None = None, level: str = "neuron") -> Model:
    """Return the model with an exact value for every leaf, and with the sizes that these have.

    Parameters
    ----------
    at
        Values at one view; what it leaves out is taken from the model's example.
    level
        The view that is meant where a name exists in both.

    Raises
    ------
    DataError
        If a value is missing, is no finite number, has the wrong shape or does not fit the targets.
    UnknownNameError
        If a name is no leaf.
    """
    given = at or {}
    if given and _level_of(model, given, level) == "neuron":
        return _checked(_by_entries(model, given))
    for name in given:
        _leaf_only(name, model.graph.by_name)
    rows = {name: read_rows(value, name) for name, value in given.items()}
    return _checked(_sized(replace(model, example={**model.example, **rows})))


def _level_of(model: Model, given: Given, level: str) -> str:
    """Return the one view at which all names are known; the usual one where both are possible."""
    known = {"neuron": set(View(model, "neuron").graph.by_name), "layer": set(model.graph.by_name)}
    possible = [view for view in known if set(given) <= known[view]]
    if any(is_nested(value) for value in given.values()) or "neuron" not in possible:
        possible = [view for view in possible if view == "layer"]
    if possible:
        return level if level in possible else possible[0]
    return _refused(model, given, known)


def _refused(model: Model, given: Given, known: Mapping[str, set[str]]) -> str:
    for name in given:
        if not any(name in names for names in known.values()):
            raise unknown("leaf", name, _leaf_names(model, "neuron") + _leaf_names(model, "layer"))
    name = next(name for name in given if is_nested(given[name]) or name not in known["layer"])
    other = next((n for n in given if n not in known["neuron"]), name)
    if name in known["layer"] or other == name:
        raise DataError(f"{name} is a single number of the neuron view, but an array was given for it")
    raise DataError(
        f"{name} is a name of the neuron view and {other} one of the layer view; give all values at one view"
    )


def _leaf_names(model: Model, level: str) -> list[str]:
    return [node.name for node in View(model, level).graph.nodes if node.is_leaf]


def _leaf_only(name: str, nodes: Mapping[str, Node]) -> None:
    if not nodes[name].is_leaf:
        raise DataError(
            f"{name} is computed from others; values are given for inputs, targets and parameters"
        )


def _sized(model: Model) -> Model:
    """Read the sizes off the shapes of the values; refuse those that disagree."""
    sizes: dict[str, int] = {k: v for k, v in model.sizes.items() if k in model.size_names}
    source = dict.fromkeys(sizes, model.name)
    for node in (n for n in model.graph.nodes if n.name in model.example):
        shape = shape_of(model.example[node.name], node.name)
        if len(shape) != len(node.shape):
            raise DataError(f"{node.name} has {_shown(node.shape)}; the values given have {_shown(shape)}")
        for wanted, found in zip(node.shape, shape, strict=True):
            _settle(node, wanted, found, sizes, source)
    return replace(model, sizes=sizes)


def _settle(node: Node, wanted: sp.Expr, found: int, sizes: dict[str, int], source: dict[str, str]) -> None:
    name = str(wanted)
    if wanted.is_Symbol:
        sizes.setdefault(name, found)
        source.setdefault(name, node.name)
    number = wanted.xreplace(_numbers(sizes))
    if number.is_Integer and number != found:
        by = f" by {source[name]}" if name in source else ""
        raise DataError(f"{node.name} has {found} entries where {name} is {number}{by}; make the two agree")


def _shown(shape: tuple[Any, ...]) -> str:
    return f"the shape ({', '.join(map(str, shape))})" if shape else "no axes"


def _by_entries(model: Model, given: Given) -> Model:
    """Put values of the neuron view into the arrays of the layer view."""
    model = _sized(model)
    view = View(model, "neuron")
    found = dict(_example_entries(model, view))
    for name, value in given.items():
        _leaf_only(name, view.graph.by_name)
        found[name] = exact_number(value.item() if isinstance(value, np.ndarray) else value, name)
    _refuse_missing(model, [node for node in view.graph.nodes if node.is_leaf and node.name not in found])
    names = {place: name for name, place in view.places.items()}
    shapes = model.neuron_names(view.sizes).shapes
    leaves = (node for node in model.graph.nodes if node.is_leaf)
    whole = {n.name: _array(n.name, shapes[n.name], (), names, found) for n in leaves}
    return replace(model, sizes=dict(view.sizes), example=whole)


def _array(
    node: str,
    shape: tuple[int, ...],
    at: tuple[int, ...],
    names: Mapping[tuple[str, tuple[int, ...]], str],
    found: Mapping[str, Fraction],
) -> Numbers:
    if not shape:
        return found[names[node, at]]
    return tuple(_array(node, shape[1:], (*at, k), names, found) for k in range(shape[0]))


def _example_entries(model: Model, view: View) -> Iterator[tuple[str, Fraction]]:
    for name, (owner, at) in view.places.items():
        if owner in model.example:
            yield name, entry(model.example[owner], at)


def _checked(model: Model) -> Model:
    leaves = [node for node in model.graph.nodes if node.is_leaf]
    _refuse_missing(model, [node for node in leaves if node.name not in model.example])
    for node in leaves:
        if node.kind is Kind.TARGET:
            _check_targets(model, node, model.example[node.name])
    return model


def _refuse_missing(model: Model, missing: list[Node]) -> None:
    if missing:
        shown = ", ".join(node.name for node in missing[:LISTED])
        more = f", … ({len(missing)} in all)" if len(missing) > LISTED else ""
        raise DataError(
            f"{model.name} has no value for {shown}{more}; give them, as in {_sample(model, missing[0])}; "
            "explain and paths draw them with --seed 0"
        )


def _sample(model: Model, node: Node) -> str:
    """Return how a value of a leaf is given, as text where it is no large array."""
    numbers = model.numbers(samples=2)
    shape = tuple(int(length.xreplace(_numbers(numbers))) for length in node.shape)
    if len(shape) > 2 or prod(shape) > LISTED:
        return f"at={{{node.name!r}: rows of the shape ({', '.join(map(str, node.shape))})}} in Python"
    if not shape:
        return f"--at {node.name}=0.5"
    rows = [", ".join(["0.5"] * shape[-1])] * (shape[0] if len(shape) > 1 else 1)
    return f"--at {node.name}='{'; '.join(rows)}{_closed(shape)}'"


def _closed(shape: tuple[int, ...]) -> str:
    """Return what tells one row from a vector, and one number in a vector from a number."""
    return ";" if shape[:-1] == (1,) else "," if shape == (1,) else ""


def _check_targets(model: Model, node: Node, rows: Numbers) -> None:
    shape = shape_of(rows, node.name)
    numbers = [entry(rows, at) for at in entries(shape)]
    if node.targets == "labels":
        top = _largest_label(model, node)
        wrong = [v for v in numbers if v.denominator != 1 or not 0 <= v <= top]
        if wrong:
            allowed = f"integers from 0 to {top}" if top < inf else "the integers 0, 1, 2, …"
            raise DataError(f"{node.name} has the label {wrong[0]}; labels are {allowed}")
    if node.targets in ("one_hot", "distribution"):
        for at in entries(shape[:-1]):
            _check_row(node, at, [entry(rows, (*at, k)) for k in range(shape[-1])])


def _check_row(node: Node, at: tuple[int, ...], row: list[Fraction]) -> None:
    zero_or_one = node.targets != "one_hot" or set(row) <= {Fraction(0), Fraction(1)}
    if sum(row) != 1 or min(row) < 0 or not zero_or_one:
        shown = ", ".join(map(str, row))
        place = f"{node.name}{[k + 1 for k in at] if at else ''}"
        raise DataError(
            f"{place} is ({shown}), but {node.name} is declared {node.targets}: its sum must be 1"
        )


def _largest_label(model: Model, node: Node) -> float:
    count = class_count(model.graph, node.name)
    return inf if count is None else int(count.xreplace(_numbers(model.numbers()))) - 1


def _numbers(sizes: Mapping[str, int]) -> dict[sp.Expr, sp.Expr]:
    return {size(name): sp.Integer(number) for name, number in sizes.items()}
