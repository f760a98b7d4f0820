import signal
import threading
from time import sleep

import numba
import numpy as np
import pytest

from symgrad.errors import DataError, SymgradError, UnknownNameError
from symgrad.train import Stopping, Table, fit, initial_state
from symgrad.train.interrupt import stop_flag


def bits(state):
    arrays = [*state.parameters.values(), *state.states.values(), state.random_state]
    return b"".join(array.tobytes() for array in arrays)


def start(kernel, samples, **kwargs):
    return initial_state(kernel, samples, **kwargs)


@pytest.fixture
def begun():
    """Is set once a slow kernel is at work."""
    return threading.Event()


@pytest.fixture
def slow(kernel, variant, begun):
    """A kernel whose epoch takes two minutes, in batches of 20 ms."""

    def train(x, t, W, b, mW, mb, rate, momentum, batch, shuffle, drop_last, random_state, stop, losses):
        begun.set()
        for epoch in range(len(losses)):
            for _ in range(6_000):
                if stop[0]:
                    return epoch
                sleep(0.02)
                W += 1
            losses[epoch] = 1
        return len(losses)

    return variant(kernel, train=train)


def once(event, act):
    """Act in a thread of its own once something happened."""
    threading.Thread(target=lambda: event.wait(120) and act()).start()


def test_it_learns(kernel, line):
    state = start(kernel, line)
    history = fit(kernel, line, state, {"learning_rate": 0.05}, epochs=150, batch=10)
    assert np.allclose(state.parameters["W"], [[2, -1]], atol=1e-6)
    assert np.allclose(state.parameters["b"], 1, atol=1e-6)
    assert (history.epochs, len(history.losses), history.interrupted) == (150, 150, False)
    assert history.losses.dtype == np.float64
    assert history.seconds > 0


def test_resumed_training_has_the_same_bits(kernel, line):
    whole, parts = start(kernel, line), start(kernel, line)
    losses = fit(kernel, line, whole, epochs=100, batch=16).losses
    first = fit(kernel, line, parts, epochs=37, batch=16).losses
    second = fit(kernel, line, parts, epochs=63, batch=16).losses
    assert bits(whole) == bits(parts)
    assert (losses == np.concatenate([first, second])).all()


@pytest.mark.parametrize(
    "options", [{"shuffle": False}, {"drop_last": True}, {"batch": None}, {"batch": 999}]
)
def test_orders(kernel, line, options):
    state = start(kernel, line)
    assert fit(kernel, line, state, epochs=60, **options).loss < 0.01


def test_float32_stays(kernel, line):
    state = start(kernel, line, dtype=np.float32)
    fit(kernel, line, state, epochs=50, batch=10)
    assert {a.dtype for a in [*state.parameters.values(), *state.states.values()]} == {np.dtype(np.float32)}
    assert np.allclose(state.parameters["W"], [[2, -1]], atol=1e-3)


def test_labels(classifier):
    x = np.repeat(np.array([[3.0, 0], [0, 3], [-3, -3]]), 5, axis=0)
    samples = Table({"x": x}, {"t": np.repeat([0, 1, 2], 5)})
    assert fit(classifier, samples, start(classifier, samples), epochs=50).loss < 0.1
    wrong = Table({"x": x}, {"t": np.repeat([0, 1, 3], 5)})
    with pytest.raises(DataError, match="t, row 11: 3 is not one of the labels 0 to 2"):
        fit(classifier, wrong, start(classifier, wrong), epochs=1)


def test_early_stopping_does_not_depend_on_chunks(kernel, line, monkeypatch):
    reached, counted = start(kernel, line), start(kernel, line)
    rules = Stopping(target_loss=1e-4)
    history = fit(kernel, line, reached, epochs=10_000, stopping=rules)
    assert history.loss <= 1e-4 < history.losses[-2]
    assert history.epochs < 1000
    assert not history.interrupted
    fit(kernel, line, counted, epochs=history.epochs)
    assert bits(reached) == bits(counted)
    again = start(kernel, line)
    monkeypatch.setattr("symgrad.train.run.CHUNK_SECONDS", 0.001)
    assert fit(kernel, line, again, epochs=10_000, stopping=rules).epochs == history.epochs
    assert bits(again) == bits(reached)


def test_a_rule_that_holds_before_the_loss_diverges(kernel, variant, line):
    def train(*arguments):
        random_state, losses = arguments[-3], arguments[-1]
        for epoch in range(len(losses)):
            random_state[0] += 1
            losses[epoch] = [4, 3, 2, 1, np.nan][min(int(random_state[0]) - 1, 4)]
        return len(losses)

    state = start(kernel, line)
    state.random_state[0] = 0
    history = fit(variant(kernel, train=train), line, state, epochs=9, stopping=Stopping(target_loss=2.5))
    assert history.losses.tolist() == [4, 3, 2]
    assert state.random_state[0] == 3
    state.random_state[0] = 0
    with pytest.raises(DataError, match="in epoch 5"):
        fit(variant(kernel, train=train), line, state, epochs=9, stopping=Stopping(target_loss=0.5))


def test_divergence_is_named_and_undone(kernel, line):
    state, saved = start(kernel, line), []
    with pytest.raises(DataError, match=r"loss became infinite or NaN in epoch \d+; use a smaller") as caught:
        fit(kernel, line, state, {"learning_rate": 500}, epochs=500, save=saved.append)
    assert "learning_rate (now 500) or scale the data" in str(caught.value)
    assert not saved
    assert all(np.isfinite(array).all() for array in state.parameters.values())


def test_parameters_that_overflow_last_are_noticed(kernel, variant, line):
    def train(x, t, W, *rest):
        W[:] = np.inf
        rest[-1][:] = 1
        return len(rest[-1])

    state = start(kernel, line)
    with pytest.raises(DataError, match="parameters became infinite or NaN in epoch 1"):
        fit(variant(kernel, train=train), line, state, epochs=1)
    assert np.isfinite(state.parameters["W"]).all()


def test_an_option_has_its_bounds(kernel, line, variant):
    bounded = variant(kernel, POSITIVE=("learning_rate",), NOT_NEGATIVE=("momentum",))
    state = start(kernel, line)
    with pytest.raises(SymgradError, match="learning_rate is 0; it must be above 0"):
        fit(bounded, line, state, {"learning_rate": 0}, epochs=1)
    with pytest.raises(SymgradError, match=r"momentum is -0\.1; it must be at least 0"):
        fit(bounded, line, state, {"momentum": -0.1}, epochs=1)
    fit(bounded, line, state, {"momentum": 0}, epochs=1)


def test_what_does_not_fit_is_refused(kernel, line):
    state = start(kernel, line)
    with pytest.raises(UnknownNameError, match="option of the optimizer momentum 'rate'"):
        fit(kernel, line, state, {"rate": 1}, epochs=1)
    with pytest.raises(SymgradError, match="learning_rate is nan"):
        fit(kernel, line, state, {"learning_rate": float("nan")}, epochs=1)
    for name in ("epochs", "batch"):
        with pytest.raises(SymgradError, match=f"{name} is 0; it must be at least 1"):
            fit(kernel, line, state, **{"epochs": 1, name: 0})
    with pytest.raises(DataError, match=r"W has the shape \(1, 2\), but the network wants \(1, 1\)"):
        fit(kernel, Table({"x": line.x[:, :1]}, line.targets), state, epochs=1)
    with pytest.raises(DataError, match="float32: scale them"):
        fit(
            kernel,
            Table({"x": line.x * 1e300}, line.targets),
            start(kernel, line, dtype=np.float32),
            epochs=1,
        )
    state.parameters["W"] = np.asfortranarray(np.ones((2, 2)))[:1]
    with pytest.raises(DataError, match="W must be contiguous"):
        fit(kernel, line, state, epochs=1)
    state.parameters["W"] = np.ones((1, 2), np.float32)
    with pytest.raises(DataError, match="one type"):
        fit(kernel, line, state, epochs=1)


def test_chunks_grow_to_a_tenth_of_a_second(kernel, variant, line, monkeypatch):
    calls = []
    monkeypatch.setattr("symgrad.train.run.perf_counter", lambda: 0.002 * sum(calls))

    def train(*arguments):
        calls.append(len(arguments[-1]))
        arguments[-1][:] = 1
        return len(arguments[-1])

    fit(variant(kernel, train=train), line, start(kernel, line), epochs=200)
    assert calls[:2] == [1, 8]
    assert max(calls) <= 60
    assert sum(calls) == 200


def test_progress_and_saves(kernel, line):
    told, saved = [], []
    state = start(kernel, line)
    fit(kernel, line, state, epochs=20, progress=told.append, save=saved.append, save_seconds=0)
    assert [r.final for r in told] == [False] * (len(told) - 1) + [True]
    assert (told[-1].epoch, told[-1].epochs) == (20, 20)
    assert len(saved) == len(told)
    assert all(s is state for s in saved)


def test_an_error_of_the_kernel_comes_through(kernel, variant, line):
    def train(*arguments):
        raise MemoryError

    told = []
    with pytest.raises(MemoryError):
        fit(variant(kernel, train=train), line, start(kernel, line), epochs=2, progress=told.append)
    assert [r.final for r in told] == [True]


def test_a_stop_flag_ends_a_long_epoch(slow, begun, line):
    flag, saved = stop_flag(), []
    state = start(slow, line)
    once(begun, lambda: flag.fill(1))
    history = fit(slow, line, state, epochs=5, stop=flag, save=saved.append)
    assert (history.epochs, history.loss, history.interrupted) == (0, None, True)
    assert saved == [state]


def test_outside_the_main_thread(kernel, line):
    found = []
    thread = threading.Thread(target=lambda: found.append(fit(kernel, line, start(kernel, line), epochs=3)))
    thread.start()
    thread.join()
    assert found[0].epochs == 3


def test_the_signal_handler_is_put_back(slow, begun, line):
    before = signal.getsignal(signal.SIGINT)
    once(begun, lambda: signal.raise_signal(signal.SIGINT))
    history = fit(slow, line, start(slow, line), epochs=5)
    assert history.interrupted
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def compiled(kernel, variant):
    """The same kernel, compiled without the parts that Numba does not know."""

    @numba.njit(nogil=True)
    def train(x, t, W, b, mW, mb, rate, momentum, batch, shuffle, drop_last, random_state, stop, losses):
        for epoch in range(len(losses)):
            total = 0.0
            for n in range(len(x)):
                if stop[0]:
                    return epoch
                for k in range(len(b)):
                    residual = b[k] - t[n, k]
                    for d in range(x.shape[1]):
                        residual += W[k, d] * x[n, d]
                    total += 0.5 * residual * residual
                    b[k] -= rate * residual
                    for d in range(x.shape[1]):
                        W[k, d] -= rate * residual * x[n, d]
            losses[epoch] = total / len(x)
        return len(losses)

    return variant(kernel, train=train)


def test_a_compiled_kernel_is_stopped_within_a_chunk(compiled, line, monkeypatch):
    state, flag = start(compiled, line), stop_flag()
    assert fit(compiled, line, state, epochs=100).loss < 1e-6
    # A second chunk that would take minutes.
    many = Table({"x": np.tile(line.x, (100, 1))}, {"t": np.tile(line.targets["t"], (100, 1))})
    monkeypatch.setattr("symgrad.train.run.GROWTH", 10**8)
    monkeypatch.setattr("symgrad.train.run.CHUNK_SECONDS", 1e9)
    first = threading.Event()
    once(first, lambda: (sleep(0.1), flag.fill(1)))
    history = fit(compiled, many, state, epochs=10**8, stop=flag, progress=lambda report: first.set())
    assert history.interrupted
    assert 1 <= history.epochs < 10**8
