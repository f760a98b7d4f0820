import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgrad.train import load_checkpoint

ROOT = Path(__file__).parents[2]
SCRIPT = """
import importlib.util, sys, time
import numpy as np
from symgrad import train

spec = importlib.util.spec_from_file_location("stand_in", sys.argv[1])
kernel = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kernel)
last_batch = sys.argv[3]

def slow(x, t, W, *rest):
    stop, losses = rest[-2:]
    W += 5
    print("ready", flush=True)
    while not stop[0]:
        time.sleep(0.01)
    print("told", flush=True)
    if last_batch == "long":
        sys.stdin.readline()
    return 0

kernel.train = slow
samples = train.Table({"x": np.ones((4, 2))}, {"t": np.ones((4, 1))})
state = train.initial_state(kernel, samples)
scalings = train.fit_scalings(samples)
save = lambda state: train.save_checkpoint(
    sys.argv[2], train.Checkpoint(kernel.NETWORK, kernel.OPTIMIZER, state, kernel.OPTIONS, scalings)
)
history = train.fit(kernel, samples, state, epochs=3, save=save)
sys.exit(130 if history.interrupted else 0)
"""


@pytest.fixture
def run(tmp_path):
    """Start a training in a process of its own, whose epochs never end by themselves.

    A long last batch goes on, once training is to end, until the process is sent a line.
    """
    processes = []

    def begin(last_batch):
        arguments = [Path(__file__).with_name("stand_in.py"), tmp_path / "net.npz", last_batch]
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        processes.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def test_first_interrupt_saves_and_ends(run, kernel, tmp_path):
    process = run("short")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=300) == 130
    assert process.stderr.read() == b""
    weights = load_checkpoint(tmp_path / "net.npz", kernel, resume=True).state.parameters["W"]
    assert np.all(weights > 2)


def test_second_interrupt_ends_at_once(run, tmp_path):
    process = run("long")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == b"told\n"
    process.send_signal(signal.SIGINT)
    assert any(b"KeyboardInterrupt" in line for line in process.stderr)
    # Python itself ends only with the thread in which the batch is.
    process.communicate(b"\n", timeout=300)
    assert process.returncode in (-signal.SIGINT, 130, 1)
    assert not (tmp_path / "net.npz").exists()
