import io
import sys

import numpy as np
import pytest

from symgrad.errors import SymgradError
from symgrad.train import History, Report, Stopping, progress_line, silent
from symgrad.train.stopping import stopping_epoch


class Terminal(io.StringIO):
    def isatty(self):
        return True


def reports(stream, **kwargs):
    tell = progress_line(stream, **kwargs)
    for tenth in range(1, 36):
        tell(Report(tenth, 35, 1 / tenth, tenth / 10, False))
    tell(Report(35, 35, None, 3.5, True))
    return stream.getvalue()


def test_at_most_one_line_a_second_and_a_last_one():
    lines = reports(io.StringIO()).splitlines()
    assert lines == [
        "epoch 10/35  loss 0.1  1.0 s",
        "epoch 20/35  loss 0.05  2.0 s",
        "epoch 30/35  loss 0.0333333  3.0 s",
        "epoch 35/35  3.5 s",
    ]


def test_a_terminal_line_is_rewritten():
    text = reports(Terminal())
    assert text.count("\r") == 36
    assert text.count("\n") == 1
    assert text.endswith("\repoch 35/35  3.5 s                \n")


def test_quiet_and_no_stream():
    assert reports(io.StringIO(), quiet=True) == ""
    assert progress_line(None) is silent


def test_a_closed_stream_does_not_end_training():
    stream = io.StringIO()
    tell = progress_line(stream)
    stream.close()
    tell(Report(1, 1, 1.0, 9.0, True))


def test_history_without_epochs():
    assert History(np.empty(0), 0, 0.0, True).loss is None
    assert History(np.array([2.0, 1.0]), 2, 0.0, False).loss == 1


def test_plot_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(SymgradError, match=r"needs matplotlib: pip install 'symgrad\[plot\]'"):
        History(np.array([1.0]), 1, 0.0, False).plot()


def test_plot_draws_one_point_for_each_epoch(monkeypatch):
    class Axes:
        def plot(self, x, y):
            self.points = list(zip(x, y, strict=True))

        def set(self, **labels):
            self.labels = labels

    class Pyplot:
        @staticmethod
        def subplots():
            return None, Axes()

    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", Pyplot)
    axes = History(np.array([2.0, 1.0]), 2, 0.0, False).plot()
    assert axes.points == [(1, 2.0), (2, 1.0)]
    assert axes.labels == {"xlabel": "epoch", "ylabel": "mean loss"}


def test_stopping_rules():
    losses = np.array([5.0, 4, 3, 2.99, 2.98, 2.97, 0.5])
    assert stopping_epoch(Stopping(), losses) is None
    assert stopping_epoch(Stopping(target_loss=3), losses) == 3
    assert stopping_epoch(Stopping(target_loss=0.1), losses) is None
    assert stopping_epoch(Stopping(tolerance=0.05, patience=2), losses) == 5
    assert stopping_epoch(Stopping(tolerance=0.05, patience=3), losses) == 6
    assert stopping_epoch(Stopping(tolerance=0.05, patience=4), losses) is None
    assert stopping_epoch(Stopping(tolerance=0.05), losses) is None
    assert stopping_epoch(Stopping(target_loss=4, tolerance=0.05, patience=2), losses) == 2
    with pytest.raises(SymgradError, match="patience is 0"):
        Stopping(patience=0)
