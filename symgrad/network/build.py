"""The ways to a network: layers, free definitions, ordinary Python, a name, a file."""

from collections.abc import Callable, Iterable
from inspect import signature
from pathlib import Path
from typing import TypeAlias

from symgrad.model import zoo as named
from symgrad.model.activations import Activation
from symgrad.model.free import Definitions, define_model
from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.naming import Naming
from symgrad.model.netfile import read_network
from symgrad.model.trace import trace as trace_graph
from symgrad.network.network import Network

Bias: TypeAlias = str | tuple[str, ...]
Hidden: TypeAlias = str | Activation | tuple[str | Activation, ...]


def mlp(
    sizes: Iterable[int | str],
    *,
    hidden: Hidden = "sigmoid",
    output: str | Activation = "sigmoid",
    loss: str = "squared_error",
    targets: str | None = None,
    bias: Bias = "neuron",
    naming: Naming | None = None,
    mean: bool = True,
    samples: str | None = "N",
    name: str = "mlp",
    level: str | None = None,
) -> Network:
    """Return a layered network.

    Parameters
    ----------
    sizes
        The number of neurons of every layer from the input to the output, numbers or names.
    hidden, output, loss, targets, bias, naming, mean, samples
        See `symgrad.model.layered.Layered`.
    level
        ``neuron`` or ``layer``; by default neuron when all sizes are numbers and none is above 4.
    """
    given = tuple(sizes)
    spec = Layered(given, hidden, output, loss, targets, bias, naming or Naming(), mean, samples)
    small = all(isinstance(s, int) and s <= 4 for s in given)
    return Network(layered(name, spec), level or ("neuron" if small else "layer"))


def define(spec: Definitions, *, name: str = "network", level: str = "layer") -> Network:
    """Return a network from free definitions."""
    return Network(define_model(name, spec, level=level), level)


def trace(function: Callable[..., object], parameters: Iterable[str] | None = None) -> Network:
    """Return the network of an ordinary Python function of numbers, as in ``trace(lambda x: x**2)``.

    Parameters
    ----------
    parameters
        The arguments to derive by when nothing is said; all that have no default value.
    """
    given = signature(function).parameters.values()
    names = [p.name for p in given if p.default is p.empty] if parameters is None else parameters
    graph = trace_graph(function, tuple(names))
    name = graph.loss or "f"
    model = Model(
        name, f"traced from {function.__name__}", graph, input=None, target=None, output=name, samples=None
    )
    return Network(model, "neuron")


def zoo(name: str) -> Network:
    """Return a named network.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    model = named.zoo(name)
    return Network(model, model.level)


def load(source: str | Path) -> Network:
    """Return a network from a TOML file, or a named one.

    Raises
    ------
    DataError, DefinitionError, FormulaError, UnknownNameError
        If the file cannot be read or describes no network.
    """
    text = str(source)
    if isinstance(source, Path) or text.endswith(".toml") or "/" in text or Path(text).is_file():
        model = read_network(Path(source))
        return Network(model, model.level)
    return zoo(text)
