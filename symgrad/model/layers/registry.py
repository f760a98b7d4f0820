"""The registry of layers: a name, one line about it, and the function that adds its definitions."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

from symgrad.errors import DefinitionError, unknown
from symgrad.model.graph import Node
from symgrad.model.names import check_name

Build = Callable[..., Node]


@dataclass(frozen=True)
class Layer:
    """One kind of layer.

    Attributes
    ----------
    name
        The word of network files, and the method of a draft.
    summary
        What it computes, in one line.
    build
        The function ``(draft, x, …) → Node`` that adds the definitions.
    """

    name: str
    summary: str
    build: Build

    def __call__(self, *args: Any, **options: Any) -> "Step":
        """Return the layer with its sizes and options, to stand in a list of layers."""
        return Step(self, args, tuple(options.items()))

    @property
    def usage(self) -> str:
        """How it is called: ``conv1d(x, filters, kernel, *, stride=1, …)``."""
        parameters = [str(p) for p in signature(self.build).parameters.values()]
        plain = [p.partition(":")[0] + _default(p) for p in parameters[1:]]
        return f"{self.name}({', '.join(plain)})"


@dataclass(frozen=True)
class Step:
    """A layer with its sizes and options, before it has an input."""

    layer: Layer
    args: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()


LAYERS: dict[str, Layer] = {}
METHODS: set[str] = set()


def layer(name: str, summary: str = "") -> Callable[[Build], Layer]:
    """Make a function that adds definitions a layer, and enter it into the table.

    Parameters
    ----------
    name
        An identifier; the layer is then a method of every draft, and a word of network files.
    summary
        What it computes, in one line.

    Raises
    ------
    DefinitionError
        If the name cannot be used, or another layer has it.

    Examples
    --------
    ::

        @layer("scale", "a factor of its own for every feature")
        def scale(draft, x):
            g = draft.parameter("g", start="ones", i=x.shape[-1])
            return draft.define("s", "[...,i] g[i]*x[...,i]", g=g, x=x)
    """
    check_name(name, "layer")

    def register(build: Build) -> Layer:
        known = LAYERS.get(name)
        again = known is not None and known.build.__qualname__ == build.__qualname__
        if name in METHODS or (known is not None and not again):
            raise DefinitionError(
                f"there is a layer or a method {name!r} already; give this one another name"
            )
        LAYERS[name] = Layer(name, summary, build)
        return LAYERS[name]

    return register


def layer_of(name: str) -> Layer:
    """Return a layer of the table, or raise the error that names the nearest ones."""
    if name not in LAYERS:
        raise unknown("layer", name, LAYERS)
    return LAYERS[name]


def check_call(row: Layer, *args: Any, **options: Any) -> tuple[Node, ...]:
    """Return the nodes among the arguments of a layer, or refuse what it does not take.

    Raises
    ------
    DefinitionError
        With what is wrong, and how the layer is called.
    """
    try:
        given = signature(row.build).bind(*args, **options)
    except TypeError as error:
        raise DefinitionError(f"{row.name}: {error}; it is called as {row.usage}") from None
    for name, value in given.arguments.items():
        if problem := _misfit(given.signature.parameters[name].annotation, value):
            raise DefinitionError(f"{row.name}: {name} is {problem}; it is called as {row.usage}")
    return tuple(value for value in given.arguments.values() if isinstance(value, Node))


def _misfit(annotation: object, value: object) -> str | None:
    """Say what an argument should be, where it is a node or a flag and another thing was given."""
    if annotation is bool and not isinstance(value, bool):
        return f"true or false, not {value!r}"
    wanted = annotation is Node or (annotation == Node | None and value is not None)
    if wanted and not isinstance(value, Node):
        return f"a node, given by draft.input, a layer or draft.nodes, not {value!r}"
    return None


def _default(parameter: str) -> str:
    _, equals, default = parameter.partition("=")
    return f"={default.strip()}" if equals else ""


def words(text: object) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Read ``conv2d 8 3 padding=1``: the name, the sizes and the options.

    Values are integers, ``true`` and ``false``, several integers with commas (``3,5``), or words.

    Raises
    ------
    DefinitionError
        If it is no text, an empty one, or gives an option twice.
    """
    if not isinstance(text, str) or not text.strip():
        raise DefinitionError(
            f"a layer is a text such as 'dense 10' or 'conv2d 8 3 padding=1', or a call such as "
            f"sg.dense(10); found {text!r}"
        )
    name, *rest = text.split()
    pairs = [word.split("=", 1) for word in rest if "=" in word]
    options = dict(pairs)
    if len(options) < len(pairs):
        raise DefinitionError(f"{text!r} gives an option twice; give it once")
    args = tuple(_value(word) for word in rest if "=" not in word)
    return name, args, {key: _value(value) for key, value in options.items()}


def _value(word: str) -> Any:
    if word in ("true", "false"):
        return word == "true"
    if "," in word:
        return tuple(_value(part) for part in word.split(","))
    return int(word) if word.removeprefix("-").isdecimal() else word
