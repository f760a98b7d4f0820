"""Work is counted, the same on every machine; time ends everything, and is said to have."""

from time import perf_counter

import pytest

from symgrad.verify.evidence.budget import Budget, Deadline, OutOfTimeError, SpentError
from tests.verify.evidence.claims import of_neuron, slope


def test_work_is_counted_and_a_part_takes_it_from_the_whole():
    whole = Budget(Deadline(perf_counter() + 60), 10)
    part = whole.part(4)
    part.spend(3)
    assert (part.left, whole.left) == (1, 7)
    with pytest.raises(SpentError):
        part.spend(2)
    whole.spend(1)
    with pytest.raises(SpentError):
        whole.each(5)()


def test_no_work_is_done_after_the_deadline():
    with pytest.raises(OutOfTimeError):
        Budget(Deadline(perf_counter() - 1), 10**9).spend(1)


def slow_clock(monkeypatch, factor):
    """Let every look at the clock take so many microseconds, as on a busy machine."""
    seen = [perf_counter()]

    def clock():
        seen[0] += factor * 1e-6
        return seen[0]

    monkeypatch.setattr("symgrad.verify.evidence.budget.perf_counter", clock)
    monkeypatch.setattr("symgrad.verify.evidence.judge.perf_counter", clock)


def claim(w, x, y):
    return slope(w, x, y) + (2 * x).sin() - 2 * x.sin() * x.cos()


@pytest.mark.parametrize("factor", [0.01, 1, 100])
def test_what_is_found_does_not_depend_on_the_clock(monkeypatch, factor):
    usual = of_neuron(claim, seconds=60)
    slow_clock(monkeypatch, factor)
    found = of_neuron(claim, seconds=60)
    assert (found.evidence, found.method, found.points) == (usual.evidence, usual.method, usual.points)


def test_that_the_time_ended_the_search_is_said(monkeypatch):
    slow_clock(monkeypatch, 1000)
    found = of_neuron(claim, seconds=1)
    assert found.verdict == "unknown"
    assert found.method.endswith("the time limit ended the search")
