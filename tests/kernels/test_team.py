"""Training in blocks: the same bits for any number of threads, a step along the gradient, no deadlock."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import DataError
from symgrad.exact.residues import Residues
from symgrad.kernels import team
from symgrad.kernels.build import spec_of
from symgrad.kernels.checker import check_text
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.files import load, write
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.separable import separable
from symgrad.kernels.spec import KernelSpec
from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model
from tests.benchmarks.deep import convolutional
from tests.kernels.exactly import leaf
from tests.kernels.networks import spec_of as small_spec
from tests.kernels.test_buffers import MODELS, deep

ROWS, BATCH = 21, 19
"""Blocks of 8, 8 and 3 rows, then a batch of 2."""


@pytest.fixture(autouse=True)
def any_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small networks be shared, too."""
    monkeypatch.setattr(team, "LEAST", 0)


def spec(name: str, rule: str = "sgd", **options: Any) -> KernelSpec:
    asked: dict[str, Any] = {"batch": 8, **options}
    return spec_of(MODELS[name](), rule, team=True, schedule={"*": "arrays"}, **asked)


def in_phases(made: KernelSpec) -> bool:
    return "_loss_of_batch" in generate(made)


def arrays(made: KernelSpec, rows: int) -> list[Any]:
    rng = np.random.default_rng(3)
    shapes = {n: [rows if s == made.row else int(s) for s in made.extents(n)] for n in made.leaves}
    leaves = [
        rng.integers(0, int(made.classes[n]), shape) if made.is_integer(n) else rng.standard_normal(shape)
        for n, shape in shapes.items()
    ]
    return leaves + [rng.standard_normal(tuple(map(int, made.extents(p.name)))) / 3 for p in made.parameters]


def states(module: Any) -> list[Any]:
    return [np.zeros(shape) for shape in module.STATES.values()]


def trained(
    module: Any, given: list[Any], *, stop: Any = None, epochs: int = 3, **threads: int
) -> list[bytes]:
    """Return the bits of everything that training changes, and what it returns."""
    now, kept = [a.copy() for a in given], states(module)
    random, losses = np.array([7], np.uint64), np.zeros(epochs)
    flag = np.zeros(1, np.uint8) if stop is None else stop
    train = module.train_in_blocks if threads else module.train
    done = train(*now, *kept, *module.OPTIONS.values(), BATCH, True, False, random, flag, losses, **threads)
    return [a.tobytes() for a in (*now, *kept, random, losses, np.array(done))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rule", "options"),
    [
        ("digits", "sgd", {}),
        ("deep", "adam", {"clip_norm": 1.0}),
        ("digits", "adam", {}),
        ("digits", "sgd", {"batch": 2, "fast": True}),
    ],
)
def test_any_number_of_threads_gives_the_same_bits(name: str, rule: str, options: dict[str, Any]) -> None:
    made = spec(name, rule, **options)
    assert in_phases(made) == ("clip_norm" not in options)
    module, given = load(write(generate(made))), arrays(made, ROWS)
    wanted = trained(module, given, threads=1)
    assert [number for number in (2, 3, 5) if trained(module, given, threads=number) != wanted] == []
    plain = trained(module, given)
    apart = [np.abs(np.frombuffer(a) - np.frombuffer(b)).max() for a, b in zip(plain, wanted, strict=True)]
    assert max(apart[: len(given)]) < 1e-13
    assert plain[-1] == wanted[-1]
    assert plain[-3] == wanted[-3]


@pytest.mark.parametrize(
    ("name", "options"),
    [("deep", {}), ("lstm", {}), ("deep", {"batch": 1}), ("deep", {"batch": 2, "fast": True})],
)
def test_a_step_in_blocks_is_descent(name: str, options: dict[str, Any]) -> None:
    """The text itself, tickets and all, executed modulo a random prime: blocks of 8 and 1 rows."""
    made, field, rows = spec(name, **options), Residues(7), 9
    assert in_phases(made) == bool(options)
    text, rate = generate(made), field.leaf("rate")
    leaves = {n: leaf(made, n, field, rows) for n in (*made.leaves, *(p.name for p in made.parameters))}
    loss, *gradients = run_exact(text, field, "gradients", list(leaves.values()))
    before = {p.name: leaves[p.name].copy() for p in made.parameters}
    losses = objects([field.number(0)])
    tail = (rows, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses, 1)
    assert run_exact(text, field, "train_in_blocks", [*leaves.values(), rate, *tail]) == 1
    assert field.equal(losses[0], loss)
    for parameter, gradient in zip(made.parameters, gradients, strict=True):
        wanted = before[parameter.name] - rate * gradient
        pairs = zip(leaves[parameter.name].ravel(), wanted.ravel(), strict=True)
        assert all(field.equal(a, b) for a, b in pairs), parameter.name


SHARED = pytest.mark.parametrize("options", [{"clip_norm": 1.0}, {}], ids=["blocks", "phases"])


@pytest.mark.slow
@SHARED
def test_a_set_flag_ends_training_for_all_at_the_same_batch(options: dict[str, Any]) -> None:
    made = spec("digits", **options)
    module, given = load(write(generate(made))), arrays(made, ROWS)
    assert trained(module, given, stop=np.ones(1, np.uint8), threads=2)[: len(given)] == [
        a.tobytes() for a in given
    ]
    now, flag, losses = [a.copy() for a in given], np.zeros(1, np.uint8), np.zeros(10_000_000)

    def stop_after_an_epoch() -> None:
        while losses[1] == 0:
            sleep(0.001)
        flag[0] = 1

    watch = threading.Thread(target=stop_after_an_epoch)
    watch.start()
    tail = BATCH, True, False, np.array([7], np.uint64), flag, losses
    done = module.train_in_blocks(*now, *module.OPTIONS.values(), *tail, threads=2)
    watch.join()
    assert 1 <= done < len(losses)
    wanted = trained(module, given, epochs=done, threads=1)
    if not losses[done]:  # it ended between two epochs
        assert [a.tobytes() for a in now] == wanted[: len(given)]


INTERRUPTED = """
import sys
import numpy as np
import symgrad as sg
from symgrad import train
from symgrad.kernels import team

team.LEAST = 0
net = sg.mlp([4, 8, 3], hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")
kernel = net.compile(threads=2, batch=1, schedule={"*": "arrays"})
assert kernel.team is not None
samples = train.Table({"x": np.ones((64, 4))}, {"t": np.zeros(64, np.int64)})
state = train.initial_state(kernel, samples)
told = iter([True])
ready = lambda report: next(told, False) and print("ready", flush=True)
history = train.fit(kernel, samples, state, epochs=10**9, batch=32, progress=ready)
assert np.isfinite(state.parameters["W1"]).all()
sys.exit(130 if history.interrupted else 0)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt_ends_a_team() -> None:
    root = Path(__file__).parents[2]
    variables = {**os.environ, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, cwd=root, env=variables, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=300) == 130
        finally:
            process.kill()


def test_helpers_rest_while_they_have_no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited long goes on alone, for longer the next time, and for shorter where all goes well again."""
    module = load(write(generate(spec("digits"))))
    monkeypatch.setattr(module, "LONG", 5)
    finished, take = module.finished, module.take
    board = np.zeros(module.BOARD, np.int64)
    board[module.PAUSE] = first = module.FIRST_PAUSE
    late = threading.Timer(0.05, lambda: module.add(board, module.FINISHED))
    late.start()
    assert finished(board, False, 1)
    assert (board[module.REST], board[module.PAUSE]) == (1 + first, 2 * first)
    assert take(board, True, 2) == -1
    assert take(board, False, 2) == 0
    for end, pause in ((1, 2 * first), (2 + first, 2 * first - 1)):
        board[module.FINISHED] = end
        assert finished(board, False, end)
        assert board[module.PAUSE] == pause


def test_the_longest_wait_grows_with_the_work() -> None:
    waits = [team.longest_wait(program_of(spec("digits", batch=batch))) for batch in (8, 100_000)]
    assert waits[0] == team.TRIES < waits[1]


@pytest.mark.slow
def test_a_thread_that_fails_ends_all_and_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    module, given = load(write(generate(spec("digits")))), arrays(spec("digits"), ROWS)
    member = vars(module)["_member"]

    def failing(*arguments: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no room")
        member(*arguments)

    monkeypatch.setattr(module, "_member", failing)
    with pytest.raises(MemoryError, match="no room"):
        trained(module, given, epochs=10**6, threads=2)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: spec_of(deep(convolutional(2)), team=True), "not the mean or the sum"),
        (lambda: spec_of(MODELS["tied"](), team=True), "written without arrays"),
        (lambda: replace(spec("digits"), fast=True, rows=640), "fast training changes weights"),
    ],
)
def test_what_cannot_be_cut_says_why(made: Callable[[], KernelSpec], reason: str) -> None:
    text = generate(made())
    assert reason in text[: text.index("import numpy")]
    assert "train_in_blocks(" not in text


def of_targets() -> Model:
    """Return a network in which only targets have some of its columns."""
    axes: dict[str, int | str] = {"n": "N", "i": 8, "j": "H", "k": "K", "l": "K"}
    nodes = {
        "z": "[n,j] sum(i, W[j,i]*x[n,i])",
        "y": "[n] sum(j, v[j]*tanh(z[n,j]))",
        "e": "[n,k] tanh(y[n] - t[n,k])",
        "s": "[n] sum(l, e[n,l])",
        "J": "sum(n, sum(k, e[n,k]^2*exp(s[n])))/N",
    }
    leaves = {"x": "n i"}, {"t": "n k"}, {"W": "j i", "v": "j"}
    return define_model("of_targets", Definitions(axes, *leaves, nodes, output="y"))


@pytest.mark.parametrize("model", [of_targets(), sg.mlp((8, "H", 2), hidden="relu", output="identity").model])
def test_members_read_open_sizes_from_what_they_are_given(model: Model) -> None:
    """A parameter that is kept turned is not among it as it was."""
    text = generate(spec_of(model, team=True, fast=True, batch=2))
    assert "_loss_of_batch" in text
    assert "H = W1_turned.shape[1]" in text or "K = t.shape[1]" in text
    assert check_text(text).verdict == "right"


def test_too_little_work_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for fast in (False, True):
        text = generate(spec("digits", fast=fast))
        assert "Threads: one; a batch takes too little time to share it." in text
        assert "_samples" not in text
    assert "GEMM" not in generate(spec("digits"))


def test_what_is_not_asked_for_is_not_there() -> None:
    text = generate(replace(spec("digits"), threads=False))
    assert "Threads" not in text
    assert "atomic" not in text


CUT = {"sigmoid": "sum", "softmax": "mean", "tied": "sum", "skip": "mean"}


@pytest.mark.parametrize("name", CUT)
def test_what_a_loss_is_of_the_losses_of_its_samples(name: str) -> None:
    assert separable(small_spec(name)) == CUT[name]


def defined(loss: str, **nodes: str) -> Model:
    axes = {"n": "N", "m": "N", "i": "D"}
    made = sg.Definitions(
        axes,
        {"x": "n i"},
        {"t": "n"},
        {"w": "i"},
        {"y": "[n] sum(i, w[i]*x[n,i])", **nodes, "J": loss},
        output="y",
    )
    return sg.define(made).model


@pytest.mark.parametrize(
    ("loss", "nodes", "kind"),
    [
        ("mean(n, (y[n] - t[n])^2) + sum(i, w[i]^2)", {}, "mean"),
        ("sum(n, (y[n] - t[n])^2)", {}, "sum"),
        ("sum(n, (y[n] - t[n])^2) + sum(i, w[i]^2)", {}, None),
        ("mean(n, (y[n] - m1)^2)", {"m1": "mean(n, y[n])"}, None),
        ("s^2", {"s": "mean(n, (y[n] - t[n])^2)"}, None),
        ("mean(n, sum(m, y[n]*y[m]))", {}, None),
    ],
)
def test_a_batch_is_cut_only_where_that_is_right(loss: str, nodes: dict[str, str], kind: str | None) -> None:
    assert separable(spec_of(defined(loss, **nodes))) == kind


@pytest.mark.slow
def test_a_network_is_compiled_for_threads() -> None:
    net = sg.Network(MODELS["digits"](), "layer")
    with pytest.raises(DataError, match="at least one"):
        net.compile(threads=0, schedule={"*": "arrays"})
    ends = set[bytes]()
    for threads in (1, 2):
        kernel = net.compile(threads=threads, batch=8, schedule={"*": "arrays"})
        given = arrays(spec("digits"), ROWS)
        losses = np.zeros(2)
        state = np.ones(1, np.uint64), np.zeros(1, np.uint8), losses
        assert kernel.train(*given, 0.1, BATCH, True, False, *state) == len(losses)
        ends.add(b"".join(a.tobytes() for a in (*given, losses)))
    assert len(ends) == 1


def test_one_thread_takes_what_cannot_be_shared() -> None:
    kernel = sg.Network(MODELS["tied"](), "layer").compile(threads=2)
    assert kernel.team is None
