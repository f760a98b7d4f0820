"""Second derivatives as further functions of a kernel's module, each over a graph of its own."""

from collections.abc import Callable, Iterable, Mapping

from symgrad.derive.deltas import Backward
from symgrad.derive.second import (
    Derived,
    gauss_newton_vector,
    hessian_blocks,
    hessian_vector,
    jacobians,
    matching,
    pair,
)
from symgrad.derive.stability import stabilise
from symgrad.errors import unknown
from symgrad.kernels.extra import Extra
from symgrad.model.graph import Graph, Node
from symgrad.model.model import Model

Describe = Callable[[Graph], Callable[[Node], str]]
Prepare = Callable[[Graph], Graph]


def _hessian(model: Model, names: tuple[str, ...]) -> Derived:
    return hessian_blocks(model.graph, names, model.loss)


def _hessian_vector(model: Model, names: tuple[str, ...]) -> Derived:
    return hessian_vector(model.graph, names, model.loss)


def _gauss_newton_vector(model: Model, names: tuple[str, ...]) -> Derived:
    ends = [matching(model.graph, output, model.loss) for output in model.outputs]
    return gauss_newton_vector(model.graph, names, ends, model.loss)


def _jacobian(model: Model, names: tuple[str, ...]) -> Derived:
    return jacobians(model.graph, [(output, name) for output in model.outputs for name in names])


SECOND: Mapping[str, Callable[[Model, tuple[str, ...]], Derived]] = {
    "hessian": _hessian,
    "hessian_vector": _hessian_vector,
    "gauss_newton_vector": _gauss_newton_vector,
    "jacobian": _jacobian,
}
"""What a module may compute beside loss and gradients, by the name of the function."""


def extras(model: Model, also: Iterable[str], describe: Describe, prepare: Prepare) -> tuple[Extra, ...]:
    """Return the functions asked for.

    Parameters
    ----------
    describe
        Gives what writes the formulas of a graph.
    prepare
        Makes a graph ready for emission.

    Raises
    ------
    UnknownNameError
        If there is no such function.
    """
    return tuple(_extra(model, name, describe, prepare) for name in dict.fromkeys(also))


def _extra(model: Model, name: str, describe: Describe, prepare: Prepare) -> Extra:
    if name not in SECOND:
        raise unknown("function", name, SECOND)
    parameters = tuple(node.name for node in model.graph.parameters)
    derived = SECOND[name](model, parameters)
    own = [node.name for node in derived.graph.nodes if node.name not in model.graph and not node.is_leaf]
    stable = stabilise(Backward(derived.graph, model.loss, {made: made for made in own})).graph
    data = model.inputs if name == "jacobian" else (*model.inputs, *model.targets)
    directions = tuple(derived.directions.values())
    results = tuple(derived.results.values())
    shown = ", ".join(_shown(key, model) for key in derived.results)
    return Extra(
        name=name,
        arguments=(*data, *parameters, *directions),
        results=results,
        graph=prepare(stable),
        directions=directions,
        summary=f"{_TITLES[name]}:\n{shown}.",
        describe=describe(stable),
    )


_TITLES = {
    "hessian": "Return the blocks of the Hessian on and above its diagonal",
    "hessian_vector": "Multiply the Hessian by a direction, without forming it",
    "gauss_newton_vector": "Multiply the Gauss–Newton matrix by a direction, without forming it",
    "jacobian": "Return the derivatives of the outputs by the parameters, the axes of the output in front",
}


def _shown(key: str, model: Model) -> str:
    """Return how a result is called in a summary."""
    one, _, other = key.partition(" ")
    if other and pair(one, other) == key:
        return f"∂{one}/∂{other}" if one in model.outputs else f"∂²{model.loss}/∂{one}∂{other}"
    return f"the part of {one}"
