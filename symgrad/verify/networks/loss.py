"""A network's loss as a program over arrays: somebody's backward pass for it is judged as code is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import sympy as sp

from symgrad.derive.scalars import evaluate
from symgrad.derive.sizes import different_sizes
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.floats import Floats, Sample
from symgrad.exact.tapes import Tape
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.instances import entries, instantiate, numbered
from symgrad.model.model import Model
from symgrad.verify.arrays.trace import UnsupportedError
from symgrad.verify.arrays.traced import Traced
from symgrad.verify.networks.posing import shape_at

V = TypeVar("V", bound=Value)

LARGEST_KEPT = 8
TARGETS = {"one_hot": "onehot", "distribution": "distribution", "free": "normal"}


def sizes_with(model: Model, batch: int) -> dict[str, int]:
    """Return numbers for all sizes: the model's own where they are small, else different ones."""
    own = {name: number for name, number in model.sizes.items() if number <= LARGEST_KEPT}
    samples = {model.samples: batch} if model.samples else {}
    return {**different_sizes(model), **own, **samples}


def arrays_of(model: Model, sizes: Mapping[str, int]) -> dict[str, list[object]]:
    """Return the kind and the lengths of every leaf of a model."""
    return {node.name: [*_kind(model.graph, node, sizes), *shape_at(node, sizes)] for node in _leaves(model)}


def loss_of(model: Model, sizes: Mapping[str, int]) -> Callable[..., Any]:
    """Return a function from the leaves of a model, arrays by name, to its loss: exact, or in floats."""
    forward = instantiate(model.graph, sizes)
    decisions = [one for node in forward.nodes for term in node.terms for one in term.body.atoms(Equal)]

    def loss(**arrays: Any) -> Any:
        given = {name: arrays[name] for name in (node.name for node in _leaves(model))}
        if all(isinstance(array, Traced) for array in given.values()):
            tape: Tape = next(iter(given.values())).tracing.tape
            return _value(model, forward, tape, {name: a.values for name, a in given.items()}, decisions)
        floats = Floats()
        values = {name: np.vectorize(floats.of, otypes=[object])(array) for name, array in given.items()}
        return float(_value(model, forward, floats, values, decisions).array)

    return loss


def parameters_of(model: Model) -> tuple[str, ...]:
    """Return the parameters of a model in the order in which its kernel takes them."""
    return tuple(node.name for node in _leaves(model) if node.kind is Kind.PARAMETER)


def _leaves(model: Model) -> Iterator[Node]:
    return (node for node in model.graph.nodes if node.is_leaf)


def _value(
    model: Model, forward: Graph, algebra: Algebra[V], arrays: Mapping[str, Any], decisions: Sequence[sp.Expr]
) -> V:
    given = {
        numbered(node, at): arrays[node.name][at]
        for node in _leaves(model)
        for at in entries(arrays[node.name].shape)
    }
    known = {one: algebra.number(int(_is_equal(one, given))) for one in decisions if _is_given(one, given)}
    return evaluate(forward, algebra, given, known)[model.loss]


def _is_given(one: sp.Expr, given: Mapping[str, Any]) -> bool:
    return all(ref.name in given for ref in one.atoms(Ref))


def _is_equal(one: sp.Expr, given: Mapping[str, Any]) -> bool:
    """Whether two ids are equal; they are numbers that are known exactly."""
    numbers = {ref: sp.Integer(_integer(given[ref.name])) for ref in one.atoms(Ref)}
    left, right = (side.xreplace(numbers) for side in one.args)
    return bool(left == right)


def _integer(value: Any) -> int:
    if isinstance(value, Sample):
        return int(value.array)
    if value.exact is None:
        raise UnsupportedError("ids have to be numbers")
    return int(value.exact)


def _kind(graph: Graph, node: Node, sizes: Mapping[str, int]) -> list[object]:
    """Return the word for what is known of a leaf, and what it takes."""
    if node.drawn is not None:
        return ["keep", float(node.drawn)]
    if node.targets == "labels":
        return ["ids", _classes(graph, node, sizes)]
    return [TARGETS.get(node.targets or "free", "normal")]


def _classes(graph: Graph, node: Node, sizes: Mapping[str, int]) -> int:
    """Return how many classes labels tell apart: the size of the axis that they are compared with."""
    table = {sp.Symbol(name, integer=True, positive=True): number for name, number in sizes.items()}
    for other in graph.nodes:
        for term in other.terms:
            extents = {axis.symbol: axis.size for axis in (*other.axes, *term.bound)}
            for one in term.body.atoms(Equal):
                if any(ref.name == node.name for ref in one.atoms(Ref)):
                    letters = (side for side in one.args if side in extents)
                    return next(int(extents[letter].xreplace(table)) for letter in letters)
    return 1
