"""The ways to a network: layers, free definitions, ordinary Python, a name, a file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from symgrad.errors import DefinitionError
from symgrad.model import zoo as named
from symgrad.model.activations import Activation
from symgrad.model.draft import Draft as ModelDraft
from symgrad.model.finish import finished
from symgrad.model.free import Definitions, define_model
from symgrad.model.graph import Node
from symgrad.model.layered import Layered, layered
from symgrad.model.layers.catalogue import Layer, Step
from symgrad.model.ledger import Size
from symgrad.model.losses import Loss
from symgrad.model.model import Model
from symgrad.model.naming import Naming
from symgrad.model.netfile import read_network
from symgrad.model.sequential import Sequential
from symgrad.model.sequential import sequential as sequential_model
from symgrad.model.trace import arguments_of
from symgrad.model.trace import trace as trace_graph
from symgrad.network.network import Network

Bias: TypeAlias = str | tuple[str, ...]
Hidden: TypeAlias = str | Activation | tuple[str | Activation, ...]


def mlp(
    sizes: Iterable[int | str],
    *,
    hidden: Hidden = "sigmoid",
    output: str | Activation = "sigmoid",
    loss: str | Loss = "squared_error",
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


class Draft(ModelDraft):
    """A network while it is put together, layer by layer; see `symgrad.model.draft`."""

    def network(self, output: Node | Iterable[Node] = (), *, level: str = "layer") -> Network:
        """Return the network, its layers and losses as they are now.

        Parameters
        ----------
        output
            What the network predicts: one node or several.

        Raises
        ------
        DefinitionError
            If an output is none of this draft, or something was promised and never defined.
        """
        outputs = (output,) if isinstance(output, Node) else tuple(output)
        return Network(finished(self, *outputs, level=level), level)


def sequential(
    inputs: Iterable[Size] | int | str,
    layers: Iterable[str | Activation | Step | Layer],
    *,
    loss: str | Loss = "squared_error",
    targets: str | None = None,
    ids: Size | None = None,
    mean: bool = True,
    samples: str | None = "N",
    name: str = "sequential",
    level: str = "layer",
) -> Network:
    """Return a network of layers one behind the other.

    Parameters
    ----------
    inputs, layers, loss, targets, ids, mean, samples
        See `symgrad.model.sequential.Sequential`.

    Examples
    --------
    >>> layers = ["conv2d 4 3", "relu", "flatten", "dense 10", "softmax"]
    >>> net = sequential((1, 8, 8), layers, loss="cross_entropy")
    >>> net.parameters
    ('W1', 'b1', 'W2', 'b2')
    """
    sizes = tuple(inputs) if isinstance(inputs, Iterable) and not isinstance(inputs, str) else (inputs,)
    if isinstance(layers, str):
        raise DefinitionError(f"layers is a list, as in [{layers!r}]; found {layers!r}")
    spec = Sequential(sizes, tuple(layers), loss, targets, ids, mean, samples)
    return Network(sequential_model(name, spec, level=level), level)


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
    given = arguments_of(function).values()
    names = [p.name for p in given if p.default is p.empty] if parameters is None else parameters
    graph = trace_graph(function, tuple(names))
    name = graph.loss or "f"
    title = f"traced from {getattr(function, '__name__', 'a function')}"
    model = Model(name, title, graph, inputs=(), targets=(), outputs=(name,), samples=None)
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
