"""`train` and `predict`: data in, parameters out."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

from symgrad.cli.networks import network_of, settings_of, sizes_of
from symgrad.cli.output import INTERRUPTED, Result
from symgrad.cli.rules import numbers
from symgrad.files import check_writable
from symgrad.kernels.files import Kernel
from symgrad.model.optimizers import optimizer
from symgrad.network import Network
from symgrad.train import (
    Checkpoint,
    History,
    Scaling,
    State,
    Stopping,
    Table,
    can_score,
    fields,
    fit,
    fit_scalings,
    initial_state,
    load_checkpoint,
    outputs,
    parameter_sizes,
    predictions,
    progress_line,
    read_inputs,
    read_table,
    save_checkpoint,
    scaled_inputs,
    score,
    split,
)

Scalings: TypeAlias = Mapping[str, Scaling]


def train(options: Namespace) -> Result:
    """Train on a file and save parameters, scaling and the network's hash."""
    network = network_of(options, sized=False)
    place = Path(options.output or f"{network.model.name}.npz")
    check_writable(place)
    kernel = _kernel(network, options)
    dtype = np.float32 if options.float32 else np.float64
    sizes = sizes_of(options.size, network)
    expected = fields(kernel, sizes)
    rows = read_table(Path(options.data), expected, targets=options.target, header=not options.no_header)
    chosen, held = split(rows, options.holdout, options.seed)
    scalings = fit_scalings(chosen, options.scale)
    chosen = scaled_inputs(chosen, scalings)
    state = initial_state(kernel, chosen, seed=options.seed, dtype=dtype, sizes=sizes)
    history = _fit(kernel, chosen, state, scalings, place, options)
    found = _score(kernel, held, state, scalings)
    return _report(network, history, found, place)


def _fit(
    kernel: Kernel, rows: Table, state: State, scalings: Scalings, place: Path, options: Namespace
) -> History:
    settings = _settings(kernel, options)

    def save(now: State) -> None:
        save_checkpoint(
            place, Checkpoint(kernel.NETWORK, kernel.OPTIMIZER, now, settings, scalings, rows.columns)
        )

    return fit(
        kernel,
        rows,
        state,
        settings,
        epochs=options.epochs,
        batch=options.batch or None,
        shuffle=not options.no_shuffle,
        drop_last=options.drop_last,
        stopping=Stopping(target_loss=options.target_loss),
        progress=progress_line(sys.stderr, quiet=options.quiet),
        save=save,
    )


def _settings(kernel: Kernel, options: Namespace) -> dict[str, float]:
    """Return the values of all options; a course of the learning rate takes as long as the training."""
    whole = {"epochs": float(options.epochs)} if "epochs" in kernel.OPTIONS else {}
    given = {**whole, **numbers(options), **settings_of(options.option)}
    if options.learning_rate is not None:
        given["learning_rate"] = options.learning_rate
    return {**kernel.OPTIONS, **given}


def _kernel(network: Network, options: Namespace) -> Kernel:
    """Return the kernel; numbers are arguments of it, so that one serves for all."""
    trained = tuple(options.train_only) if options.train_only else None
    rule = optimizer(options.optimizer, rate=options.rate, **dict.fromkeys(numbers(options), 1.0))
    return network.compile(rule, trained=trained)


def _score(kernel: Kernel, held: Table | None, state: State, scalings: Scalings) -> float | None:
    if held is None or not can_score(kernel):
        return None
    found = outputs(kernel, scaled_inputs(held, scalings).inputs, state.parameters)
    return score(kernel, found, held.targets)


def _report(network: Network, history: History, found: float | None, place: Path) -> Result:
    data = {"epochs": history.epochs, "loss": history.loss, "score": found, "saved": str(place)}
    word = "accuracy" if network.model.task == "classification" else "R²"
    score_text = "" if found is None else f", {word} {found:.4f} on held-out rows"
    loss_text = "" if history.loss is None else f", loss {history.loss:.6g}"
    stopped = " (stopped)" if history.interrupted else ""
    text = (
        f"{history.epochs} epochs in {history.seconds:.2f} s{stopped}{loss_text}{score_text}; saved {place}"
    )
    return Result(data, text, INTERRUPTED if history.interrupted else 0, written=True)


def predict(options: Namespace) -> Result:
    """Predict with saved parameters; those of another network are refused."""
    network = network_of(options, sized=False)
    kernel = network.compile()
    saved = load_checkpoint(Path(options.parameters), kernel)
    expected = fields(kernel, parameter_sizes(kernel, saved.state.parameters))
    given = read_inputs(Path(options.data), expected, columns=saved.columns, header=not options.no_header)
    found = outputs(kernel, scaled_inputs(given, saved.scalings).inputs, saved.state.parameters)
    lists = {name: predictions(kernel, values) for name, values in found.items()}
    only = next(iter(lists.values())) if len(lists) == 1 else lists
    return Result({"predictions": only}, "\n".join(_lines(lists)))


def _lines(lists: Mapping[str, list[object]]) -> Iterator[str]:
    """Write one line for each row, or, where an output has no rows, one for each output."""
    if len({len(rows) for rows in lists.values()}) == 1:
        yield from map(_row, zip(*lists.values(), strict=True))
    else:
        yield from (f"{name}: {_row(values)}" for name, values in lists.items())


def _row(values: object) -> str:
    """Write the numbers of a row, all outputs one after the other."""
    if isinstance(values, list | tuple):
        return ",".join(map(_row, cast("Sequence[object]", values)))
    return str(values)
