"""Network files: TOML tables that describe a layered network, a list of layers or free definitions.

::

    [network]
    name = "digits"
    input = [1, 8, 8]
    layers = ["conv2d 8 3 padding=1", "relu", "max_pool 2", "flatten", "dense 10", "softmax"]
    loss = "cross_entropy"
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

from symgrad.errors import DefinitionError, SymgradError, unknown
from symgrad.files import read_text, tables_in
from symgrad.model.free import Definitions, define_model
from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.naming import Naming
from symgrad.model.sequential import Sequential, sequential

Table = Mapping[str, object]
T = TypeVar("T")

COMMON_KEYS = ("name", "title", "level", "targets", "maximise")
NAMING_KEYS = ("numbering", "letters", "templates")
LAYERED_KEYS = (*COMMON_KEYS, *NAMING_KEYS, "sizes", "hidden", "output", "loss", "bias", "mean", "samples")
SEQUENTIAL_KEYS = (*COMMON_KEYS, "input", "layers", "ids", "loss", "mean", "samples")
FREE_KEYS = (*COMMON_KEYS, "task")
DEFINE_KEYS = ("axes", "inputs", "targets", "parameters", "ids", "masks", "initial", "loss", "output")


def read_network(path: Path) -> Model:
    """Read a network file.

    Raises
    ------
    DataError
        If the file cannot be read or is no TOML.
    DefinitionError, UnknownNameError, FormulaError
        If it describes no network; the message names the file and the key.
    """
    text = read_text(path, error=DefinitionError)
    tables = tables_in(path, text, error=DefinitionError)
    try:
        return model_of(tables)
    except SymgradError as error:
        raise type(error)(f"{path}: {error}") from None


def model_of(tables: Table) -> Model:
    """Build the model that the tables of a network file describe."""
    _known("table", tables, ("network", "define"))
    network = _table(tables, "network")
    if not network and "define" not in tables:
        raise DefinitionError("the table [network] is missing; it needs at least name and sizes")
    name = _text(network, "name", "network")
    if "define" in tables:
        if "sizes" in network:
            raise DefinitionError("give either sizes in [network] or definitions in [define], not both")
        _known("key of [network] beside [define]", network, FREE_KEYS)
        model = _free(name, network, _table(tables, "define"))
    elif "layers" in network:
        _known("key of [network] beside layers", network, SEQUENTIAL_KEYS)
        model = _sequential(name, network)
    else:
        _known("key of [network]", network, LAYERED_KEYS)
        model = _layered(name, network)
    return replace(model, maximise=_flag(network, "maximise", False))


def _layered(name: str, network: Table) -> Model:
    if "sizes" not in network:
        raise DefinitionError(
            "[network] needs sizes, as in sizes = [3, 3, 3], or layers, or a table [define]"
        )
    spec = Layered(
        sizes=tuple(_list(network, "sizes", _size)),
        hidden=_one_or_more(network, "hidden", "sigmoid"),
        output=_text(network, "output", "sigmoid"),
        loss=_text(network, "loss", "squared_error"),
        targets=_text(network, "targets", "") or None,
        bias=_one_or_more(network, "bias", "neuron"),
        naming=Naming(
            _text(network, "numbering", "layered"), _texts(network, "letters"), _texts(network, "templates")
        ),
        mean=_flag(network, "mean", True),
        samples=_text(network, "samples", "N"),
    )
    return layered(name, spec, title=_text(network, "title", ""), level=_text(network, "level", "layer"))


def _sequential(name: str, network: Table) -> Model:
    if "input" not in network:
        raise DefinitionError("[network] with layers needs input, as in input = [1, 8, 8]")
    spec = Sequential(
        input=tuple(_list(network, "input", _size)),
        layers=tuple(_list(network, "layers", _is_text, '["dense 10", "relu"]')),
        loss=_text(network, "loss", "squared_error"),
        targets=_text(network, "targets", "") or None,
        ids=_size("ids", network["ids"]) if "ids" in network else None,
        mean=_flag(network, "mean", True),
        samples=_text(network, "samples", "N"),
    )
    return sequential(name, spec, title=_text(network, "title", ""), level=_text(network, "level", "layer"))


def _free(name: str, network: Table, define: Table) -> Model:
    axes = {letter: _size("axes", size) for letter, size in _table(define, "axes").items()}
    nodes = {key: value for key, value in define.items() if key not in DEFINE_KEYS}
    spec = Definitions(
        axes=axes,
        inputs=_texts(define, "inputs"),
        targets=_texts(define, "targets"),
        parameters=_texts(define, "parameters"),
        nodes={key: _is_text(key, value) for key, value in nodes.items()},
        ids={key: _size(f"ids.{key}", value) for key, value in _table(define, "ids").items()},
        masks={key: _number(f"masks.{key}", value) for key, value in _table(define, "masks").items()},
        initial=_texts(define, "initial"),
        loss=_text(define, "loss", "") or None,
        output=_one_or_more(define, "output", "") or None,
        target_kind=_text(network, "targets", "free"),
    )
    task = _text(network, "task", "regression")
    return define_model(
        name, spec, title=_text(network, "title", ""), level=_text(network, "level", "layer"), task=task
    )


def _known(what: str, table: Table, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise unknown(what, key, known)


def _table(table: Table, key: str) -> Table:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise DefinitionError(f"{key} is a table, as in [{key}] or {key} = {{ … }}")
    return cast("Table", value)


def _is_text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise DefinitionError(f"{key} is a text in quotation marks, not {value!r}")
    return value


def _text(table: Table, key: str, default: str) -> str:
    return _is_text(key, table.get(key, default))


def _texts(table: Table, key: str) -> dict[str, str]:
    return {name: _is_text(f"{key}.{name}", value) for name, value in _table(table, key).items()}


def _flag(table: Table, key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise DefinitionError(f"{key} is true or false, not {value!r}")
    return value


def _size(key: str, value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise DefinitionError(
            f"{key}: {value!r} is no size; sizes are integers ≥ 1 or names in quotation marks"
        )
    return value


def _number(key: str, value: object) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise DefinitionError(f"{key} is a number, as in 0.8, not {value!r}")
    return value


def _list(table: Table, key: str, read: Callable[[str, object], T], such_as: str = "[3, 3, 3]") -> list[T]:
    value = table[key]
    if not isinstance(value, list):
        raise DefinitionError(f"{key} is a list, as in {key} = {such_as}")
    return [read(key, item) for item in cast("list[object]", value)]


def _one_or_more(table: Table, key: str, default: str) -> str | tuple[str, ...]:
    value = table.get(key, default)
    if isinstance(value, list):
        return tuple(_is_text(key, item) for item in cast("list[object]", value))
    return _is_text(key, value)
