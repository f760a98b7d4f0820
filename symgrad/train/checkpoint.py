"""Checkpoints: what training has learnt, in an ``.npz`` without pickles, for one network only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symgrad.errors import DataError
from symgrad.files import write_atomically
from symgrad.train.files import packed, read_npz
from symgrad.train.initial import State
from symgrad.train.layout import Array, Arrays, Kernel, bind_all, parameter_sizes
from symgrad.train.scaling import SCALINGS, Scaling

CHECKPOINT_FORMAT = 2
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that is needed to predict, and to go on training.

    Attributes
    ----------
    network, optimizer
        The hash of the network and the name of the optimizer.
    state
        Parameters, the optimizer's states and the order of the samples.
    options
        The optimizer's options, by name.
    scalings
        The scaling of every input that has one, by name.
    columns
        The names of the input columns; empty where the data had none.
    """

    network: str
    optimizer: str
    state: State
    options: Mapping[str, float]
    scalings: Mapping[str, Scaling]
    columns: tuple[str, ...] = ()


def save_checkpoint(path: str | Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all; an earlier file stays until the new one is on disk."""
    write_atomically(Path(path), packed(_members(checkpoint)))


def _members(checkpoint: Checkpoint) -> dict[str, Array]:
    state, scalings = checkpoint.state, checkpoint.scalings
    options = {name: np.array(value, np.float64) for name, value in checkpoint.options.items()}
    return {
        "format": np.array(CHECKPOINT_FORMAT),
        "network": np.array(checkpoint.network),
        "optimizer": np.array(checkpoint.optimizer),
        "columns": np.array(checkpoint.columns, np.str_),
        "random_state": state.random_state,
        **_prefixed("scaling.", {name: np.array(scaling.kind) for name, scaling in scalings.items()}),
        **_prefixed("shift.", {name: scaling.shift for name, scaling in scalings.items()}),
        **_prefixed("scale.", {name: scaling.scale for name, scaling in scalings.items()}),
        **_prefixed("parameter.", state.parameters),
        **_prefixed("state.", state.states),
        **_prefixed("option.", options),
    }


def _prefixed(prefix: str, arrays: Arrays) -> dict[str, Array]:
    return {prefix + name: array for name, array in arrays.items()}


def load_checkpoint(path: str | Path, kernel: Kernel, *, resume: bool = False) -> Checkpoint:
    """Read a checkpoint for a kernel.

    Parameters
    ----------
    path
        A file that `save_checkpoint` wrote.
    kernel
        The kernel module of the same network.
    resume
        Whether training shall go on, so that the optimizer must be the same, too.

    Raises
    ------
    DataError
        If the file is missing, damaged, or made for another network.
    """
    source = Path(path)
    arrays = read_npz(source)
    if _number(source, arrays, "format") != CHECKPOINT_FORMAT:
        raise DataError(f"{source} was saved by another version of symgrad: train again")
    checkpoint = _checkpoint(source, arrays)
    _check_network(source, checkpoint, kernel)
    if resume:
        _check_optimizer(source, checkpoint, kernel)
    return checkpoint


def _checkpoint(path: Path, arrays: Arrays) -> Checkpoint:
    parameters, states = _group(arrays, "parameter."), _group(arrays, "state.")
    order = _member(path, arrays, "random_state")
    if order.dtype != np.uint64 or order.shape != (1,):
        raise _damaged(path, "random_state")
    return Checkpoint(
        _text(path, arrays, "network"),
        _text(path, arrays, "optimizer"),
        State(parameters, states, order),
        {name: _number(path, arrays, f"option.{name}") for name in _group(arrays, "option.")},
        {name: _scaling(path, arrays, name) for name in _group(arrays, "scaling.")},
        _columns(path, arrays),
    )


def _group(arrays: Arrays, prefix: str) -> dict[str, Array]:
    # Kernels are compiled for C order; an archive from elsewhere may hold another.
    chosen = {key: np.asarray(array, order="C") for key, array in arrays.items() if key.startswith(prefix)}
    return {key.removeprefix(prefix): array for key, array in chosen.items()}


def _damaged(path: Path, key: str) -> DataError:
    return DataError(f"{path} is no checkpoint of symgrad, or damaged: look at its entry {key!r}")


def _member(path: Path, arrays: Arrays, key: str) -> Array:
    if key not in arrays:
        raise _damaged(path, key)
    return arrays[key]


def _text(path: Path, arrays: Arrays, key: str) -> str:
    member = _member(path, arrays, key)
    if member.dtype.kind != "U" or member.ndim:
        raise _damaged(path, key)
    return str(member)


def _number(path: Path, arrays: Arrays, key: str) -> float:
    member = _member(path, arrays, key)
    if member.dtype.kind not in "iuf" or member.ndim or not np.isfinite(member):
        raise _damaged(path, key)
    return float(member)


def _columns(path: Path, arrays: Arrays) -> tuple[str, ...]:
    member = _member(path, arrays, "columns")
    if member.dtype.kind != "U" or member.ndim != 1:
        raise _damaged(path, "columns")
    return tuple(map(str, member))


def _scaling(path: Path, arrays: Arrays, name: str) -> Scaling:
    kind = _text(path, arrays, f"scaling.{name}")
    shift, scale = (_finite(path, arrays, f"{key}.{name}") for key in ("shift", "scale"))
    if kind not in SCALINGS or shift.shape != scale.shape or (scale <= 0).any():
        raise _damaged(path, f"scale.{name}")
    return Scaling(kind, shift, scale)


def _finite(path: Path, arrays: Arrays, key: str) -> Array:
    member = _member(path, arrays, key)
    if member.dtype not in FLOATS or not np.isfinite(member).all():
        raise _damaged(path, key)
    return member


def _check_network(path: Path, checkpoint: Checkpoint, kernel: Kernel) -> None:
    if checkpoint.network != kernel.NETWORK:
        raise DataError(f"{path} was made for another network: train this one, or name the network it is for")
    _check_floats(path, checkpoint.state.parameters)
    try:
        parameter_sizes(kernel, checkpoint.state.parameters)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _check_floats(path: Path, arrays: Arrays) -> None:
    dtypes = {_finite(path, arrays, name).dtype for name in arrays}
    if len(dtypes) > 1:
        raise DataError(f"{path} mixes float32 and float64: it is damaged, train again")


def _check_optimizer(path: Path, checkpoint: Checkpoint, kernel: Kernel) -> None:
    if checkpoint.optimizer != kernel.OPTIMIZER or set(checkpoint.options) != set(kernel.OPTIONS):
        raise DataError(
            f"{path} was trained with {checkpoint.optimizer}, not {kernel.OPTIMIZER}: "
            "go on with the same optimizer, or start anew"
        )
    state = checkpoint.state
    _check_floats(path, {**state.parameters, **state.states})
    bind_all(kernel.STATES, state.states, parameter_sizes(kernel, state.parameters))
