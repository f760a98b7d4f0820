import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

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
batch_seconds = float(sys.argv[3])

def slow(x, t, W, *rest):
    stop, losses = rest[-2:]
    for epoch in range(len(losses)):
        for _ in range(10_000):
            if stop[0]:
                return epoch
            time.sleep(batch_seconds)
            W += 1
        losses[epoch] = 1
    return len(losses)

kernel.train = slow
samples = train.Table({"x": np.ones((4, 2))}, {"t": np.ones((4, 1))})
state = train.initial_state(kernel, samples)
scalings = train.fit_scalings(samples)
save = lambda state: train.save_checkpoint(
    sys.argv[2], train.Checkpoint(kernel.NETWORK, kernel.OPTIMIZER, state, kernel.OPTIONS, scalings)
)
print("ready", flush=True)
history = train.fit(kernel, samples, state, epochs=3, save=save)
sys.exit(130 if history.interrupted else 0)
"""


@pytest.fixture
def run(tmp_path):
    """Start a training in a process of its own; its epochs never end by themselves."""
    processes = []

    def begin(batch_seconds):
        arguments = [Path(__file__).with_name("stand_in.py"), tmp_path / "net.npz", str(batch_seconds)]
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        processes.append(process)
        assert process.stdout.readline() == b"ready\n"
        sleep(0.2)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def test_first_interrupt_saves_and_ends(run, kernel, tmp_path):
    process = run(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert process.stderr.read() == b""
    weights = load_checkpoint(tmp_path / "net.npz", kernel, resume=True).state.parameters["W"]
    assert np.all(weights > 2)


def test_second_interrupt_ends_at_once(run, tmp_path):
    process = run(1.0)
    process.send_signal(signal.SIGINT)
    sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) in (-signal.SIGINT, 130, 1)
    assert b"KeyboardInterrupt" in process.stderr.read()
    assert not (tmp_path / "net.npz").exists()
