"""The loop: a kernel runs chunks of epochs in a worker thread, so that the main thread hears Ctrl-C.

Each chunk is about a tenth of a second long.  Early stopping must not depend on where chunks end, and
so on the speed of the machine: a chunk that ran past the epoch at which a rule holds is undone and run
again up to it, which gives the same bits.
"""

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from symgrad.errors import DataError
from symgrad.train.arguments import Order, check_at_least_one, kernel_arguments, option_values
from symgrad.train.data import Table
from symgrad.train.history import History
from symgrad.train.initial import State
from symgrad.train.interrupt import stop_flag, stopping_on_interrupt
from symgrad.train.layout import Array, Kernel
from symgrad.train.progress import Progress, Report, silent
from symgrad.train.stopping import Stopping, stopping_epoch

CHUNK_SECONDS = 0.1
GROWTH = 8
POLL_SECONDS = 0.2
NEVER = Stopping()


@dataclass(frozen=True)
class _Job:
    kernel: Kernel
    arguments: tuple[Any, ...]
    state: State
    epochs: int
    rules: Stopping
    remedy: str
    stop: Array
    started: float


def fit(
    kernel: Kernel,
    samples: Table,
    state: State,
    options: Mapping[str, float] | None = None,
    *,
    epochs: int,
    batch: int | None = 32,
    shuffle: bool = True,
    drop_last: bool = False,
    stopping: Stopping = NEVER,
    progress: Progress = silent,
    stop: Array | None = None,
    save: Callable[[State], None] | None = None,
    save_seconds: float = 60.0,
) -> History:
    """Train a network; the state's arrays are updated in place.

    Parameters
    ----------
    kernel
        A loaded kernel module.
    samples
        The training rows, already scaled.
    state
        Where to begin; with the state that an earlier call left, training goes on bit for bit.
    options
        Options of the optimizer that differ from the kernel's own.
    epochs
        How often to pass over the rows, at most.
    batch
        How many rows one step uses; None for all of them.
    shuffle, drop_last
        Whether each epoch has its own order, and whether a last, smaller batch is left out.
    stopping
        Rules of early stopping; they look at the losses of this call only.
    progress
        Is told how far training is.
    stop
        A uint8 array of shape (1,); set to 1, from any thread, it ends training after the current batch.
    save
        Is given the state every ``save_seconds`` and at the end, interrupted or not, but never a state
        that diverged.

    Returns
    -------
    History
        The losses; interrupted if Ctrl-C or ``stop`` ended it.

    Raises
    ------
    DataError
        If the data do not fit the network, or the loss is no longer finite; the state is then a finite
        one from shortly before.
    KeyboardInterrupt
        On a second Ctrl-C.
    """
    check_at_least_one(epochs=epochs, batch=batch)
    flag = stop_flag() if stop is None else stop
    values = option_values(kernel, {} if options is None else options)
    arguments = kernel_arguments(kernel, samples, state, values, Order(batch, shuffle, drop_last))
    job = _Job(kernel, arguments, state, epochs, stopping, _remedy(values), flag, perf_counter())
    with _worker() as worker, stopping_on_interrupt(flag):
        history = _history(job, _losses(job, worker, progress, _every(save_seconds, save)))
        if save is not None:
            save(state)
    return history


def _remedy(options: Mapping[str, float]) -> str:
    rate = options.get("learning_rate")
    now = "" if rate is None else f" (now {rate:g})"
    return f"use a smaller learning_rate{now} or scale the data"


@contextmanager
def _worker() -> Generator[Executor, None, None]:
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        yield executor
    finally:
        # A second Ctrl-C does not wait for the batch that is running.
        executor.shutdown(wait=False, cancel_futures=True)


def _history(job: _Job, losses: Array) -> History:
    return History(losses, len(losses), perf_counter() - job.started, bool(job.stop[0]))


def _every(seconds: float, save: Callable[[State], None] | None) -> Callable[[State], None]:
    last = perf_counter()

    def save_if_due(state: State) -> None:
        nonlocal last
        if save is not None and perf_counter() - last >= seconds:
            save(state)
            last = perf_counter()

    return save_if_due


def _losses(job: _Job, worker: Executor, progress: Progress, save: Callable[[State], None]) -> Array:
    losses, count, ended = np.empty(0), 1, False
    try:
        while len(losses) < job.epochs and not (ended or job.stop[0]):
            start, count = perf_counter(), min(count, job.epochs - len(losses))
            losses, ended = _chunk(job, worker, losses, count)
            count = _next_count(count, perf_counter() - start)
            progress(_report(job, losses, final=False))
            save(job.state)
    finally:
        progress(_report(job, losses, final=True))
    return losses


def _next_count(count: int, seconds: float) -> int:
    return max(1, min(int(count * CHUNK_SECONDS / max(seconds, 1e-9)), GROWTH * count))


def _report(job: _Job, losses: Array, final: bool) -> Report:
    last = float(losses[-1]) if len(losses) else None
    return Report(len(losses), job.epochs, last, perf_counter() - job.started, final)


def _chunk(job: _Job, worker: Executor, losses: Array, count: int) -> tuple[Array, bool]:
    """Run a chunk; return all losses so far, and whether a rule ends training here."""
    before, done = _copies(job.state), len(losses)
    losses = np.concatenate([losses, _call(job, worker, count, job.stop)])
    # A rule may hold before the loss diverges, later in the same chunk.
    ending = stopping_epoch(job.rules, losses[: _finite_count(losses)])
    if ending is not None and ending < done + count:
        _restore(job.state, before)
        _call(job, worker, ending - done, stop_flag())
    _refuse_divergence(job, losses[:ending], before)
    return losses[:ending], ending is not None


def _call(job: _Job, worker: Executor, epochs: int, stop: Array) -> Array:
    losses = np.empty(epochs)
    future = worker.submit(job.kernel.train, *job.arguments, stop, losses)
    while not future.done():
        # On some systems a wait without a limit keeps signals from being handled.
        wait((future,), timeout=POLL_SECONDS)
    return losses[: int(future.result())]


def _arrays(state: State) -> list[Array]:
    return [*state.parameters.values(), *state.states.values(), state.random_state]


def _copies(state: State) -> list[Array]:
    return [array.copy() for array in _arrays(state)]


def _restore(state: State, copies: list[Array]) -> None:
    for array, copy in zip(_arrays(state), copies, strict=True):
        np.copyto(array, copy)


def _finite_count(losses: Array) -> int:
    finite = np.isfinite(losses)
    return len(losses) if finite.all() else int(finite.argmin())


def _refuse_divergence(job: _Job, losses: Array, before: list[Array]) -> None:
    count = _finite_count(losses)
    if count == len(losses) and all(np.isfinite(array).all() for array in _arrays(job.state)):
        return
    _restore(job.state, before)
    epoch, what = (count + 1, "loss") if count < len(losses) else (count, "parameters")
    raise DataError(f"training diverged: the {what} became infinite or NaN in epoch {epoch}; {job.remedy}")
