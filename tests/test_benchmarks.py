"""What the benchmarks say follows from what they measured; no time is asserted."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import measure
from tests.benchmarks.__main__ import BLOCK, FIGURE, README, RESULTS, arguments, fill, version
from tests.benchmarks.figure import figure
from tests.benchmarks.floors import chain, floor, operations, read
from tests.benchmarks.kinks import Run, far, step
from tests.benchmarks.measure import Task, deviation, ends_file
from tests.benchmarks.registry import FAMILIES, ORACLE, PEERS, SYMGRAD, System, environment
from tests.benchmarks.report import markdown, milliseconds, text
from tests.benchmarks.results import Results, Row, Start, load, save
from tests.benchmarks.workloads import WORKLOADS, Data, write
from tests.benchmarks.workloads import read as read_data

LIMITS = {"1": {"float32": 2e10, "float64": 1e10, "latency": 1e-9, "bytes": 1e9}}
START = Start(0.25, 0.25, 0.5)
BARS = ".//{http://www.w3.org/2000/svg}rect[@class='fastest']"


def row(workload: str, family: str, variant: str, seconds: list[float], trick: str = "") -> Row:
    name = System(family, variant).name
    return Row(workload, name, family, 1, trick, "none", tuple(seconds), 1e-15, START, START, megabytes=99.0)


def results(*rows: Row) -> Results:
    return Results("2026-01-01", "one core", "", 3, {"JAX": "1"}, {"PyTorch": "set X"}, LIMITS, rows)


REGRESSION = results(
    row("W7", "symgrad", "", [2.0, 1.0, 9.0]),
    row("W7", "symgrad", "Gram", [0.25], "Gram"),
    row("W7", "numpy", "loops", [4.0]),
    row("W7", "numpy", "Gram", [0.5], "Gram"),
    row("W7", "jax", "scan", [8.0]),
)


def test_the_readme_has_the_table_of_the_results() -> None:
    readme = README.read_text(encoding="utf-8")
    assert len(BLOCK.findall(readme)) == 1
    assert fill(readme, load(RESULTS)) == readme, "run python -m tests.benchmarks --readme"
    assert FIGURE.relative_to(README.parent).as_posix() in readme


def test_the_figure_is_that_of_the_results() -> None:
    assert figure(load(RESULTS)) == FIGURE.read_text(encoding="utf-8"), (
        "run python -m tests.benchmarks --readme"
    )


def test_all_workloads_are_in_the_results() -> None:
    found = load(RESULTS)
    assert {r.workload for r in found.rows} == set(WORKLOADS)
    assert all(
        r.deviation is not None and r.deviation <= WORKLOADS[r.workload].tolerance
        for r in found.rows
        if r.seconds
    )
    assert not [r.problem for r in found.rows if r.problem]


def test_a_ratio_is_over_the_fastest_peer_and_for_a_trick_also_over_its_like() -> None:
    plain, gram, *_ = REGRESSION.rows
    assert REGRESSION.ratio(plain) == 2
    assert REGRESSION.ratio(gram) == 16
    assert REGRESSION.ratio(gram, "Gram") == 2
    assert "16 (2.0 like with like)" in text(REGRESSION)
    assert results(plain).ratio(plain) is None


def test_a_row_of_the_readme_is_a_workload_and_a_trick() -> None:
    table = [line.split(" | ") for line in markdown(REGRESSION).splitlines() if line.startswith("| W")]
    assert [line[0] for line in table] == ["| W7", "| W7, Gram"]
    assert [line[2] for line in table] == ["NumPy loops 4,000", "NumPy Gram 500"]
    assert [line[3] for line in table] == ["2,000", "—"]
    assert "Not installed: PyTorch (set X)" in " ".join(markdown(REGRESSION).split())


def test_the_figure_is_relative_to_jax() -> None:
    picture = ET.fromstring(figure(REGRESSION))
    titles = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert "W7, symgrad Gram: 250 ms, 32 times as fast as JAX" in titles
    assert "W7, NumPy loops: 4000 ms, 2 times as fast as JAX" in titles
    widths = [float(bar.attrib["width"]) for bar in picture.findall(BARS)[1:]]
    assert widths[1] == pytest.approx(2.5 * widths[0], abs=0.2)


def test_a_system_that_failed_has_no_time_and_is_named() -> None:
    bad = Row("W1", "JAX scan", "jax", 1, problem="end weights off by 1e-01")
    assert "JAX scan: end weights off by 1e-01" in text(results(row("W1", "symgrad", "", [1.0]), bad))


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    save(REGRESSION, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == REGRESSION


def test_floors_are_counted() -> None:
    work = WORKLOADS
    assert operations(work["W3"]) == 50 * 1792 * (64 * 32 * 2 + 32 * 10 * 3 + 42 * 20)
    assert chain(work["W1"]) == 10_000 * (2 + 10 + 1 + 2 + 10 + 2 + 1 + 2)
    assert read(work["W7"]) == 100 * read(work["W7"], "Gram") == 100 * 8 * 21_000_000
    assert floor(work["W1"], {**LIMITS["1"], "bytes": 2e9}) == (pytest.approx(30e-5), "chain")
    assert floor(work["W7"], LIMITS["1"]) == (pytest.approx(16.8), "reading")
    assert floor(work["W6"], LIMITS["1"])[1] == "products"


def test_the_largest_deviation_counts(tmp_path: Path) -> None:
    task, other = Task("W1", 1, tmp_path), PEERS[0]
    np.savez(ends_file(task, ORACLE), np.array([3.0, 4.0]), np.array([1.0]))
    np.savez(ends_file(task, other), np.array([3.0, 4.5]), np.array([1.0]))
    assert deviation(task, other) == pytest.approx(0.1)


def test_data_are_the_same_for_all(tmp_path: Path) -> None:
    write(tmp_path, "W8")
    drawn, found = WORKLOADS["W8"].draw(WORKLOADS["W8"]), read_data(tmp_path, "W8")
    assert np.array_equal(drawn.x, found.x)
    pairs = zip([*drawn.weights, *drawn.biases], [*found.weights, *found.biases], strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_processes_get_their_threads_and_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    jax = next(system for system in PEERS if system.family == "jax")
    found = environment(jax, WORKLOADS["W3f"], 1, tmp_path)
    assert found["OPENBLAS_NUM_THREADS"] == found["NUMBA_NUM_THREADS"] == "1"
    assert "multi_thread_eigen=false" in found["XLA_FLAGS"]
    assert "multi_thread_eigen" not in environment(jax, WORKLOADS["W3f"], 2, tmp_path)["XLA_FLAGS"]
    assert (found["JAX_ENABLE_X64"], "OPENBLAS_CORETYPE" in found) == ("0", False)


def test_what_cannot_be_imported_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert version("numpy") == np.__version__
    monkeypatch.setitem(FAMILIES, "none", replace(FAMILIES["numpy"], package="no_such_package"))
    assert version("none") is None


def test_unknown_workloads_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["W9"])
    assert "unknown workloads W9; known: W1" in capsys.readouterr().err


@pytest.mark.parametrize(("seconds", "said"), [(0.000448, "0.448"), (0.0142, "14.2"), (1.0634, "1,063")])
def test_milliseconds_have_three_digits(seconds: float, said: str) -> None:
    assert milliseconds(seconds) == said


@pytest.mark.slow
def test_our_kernels_and_numpy_train_the_same() -> None:
    ours = [system for system in SYMGRAD if "W1" in system.only]
    rows = measure.measure("W1", 1, [*ours, PEERS[0]], rounds=2)
    assert [(r.problem, len(r.seconds)) for r in rows] == [("", 2)] * len(rows)
    assert all(r.warm and r.megabytes and r.deviation is not None and r.deviation < 1e-12 for r in rows)


@pytest.mark.slow
def test_wrong_end_weights_have_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "deviation", lambda task, system: float("nan"))
    (found,) = measure.measure("W1", 1, PEERS[:1], rounds=1)
    assert (found.problem, found.seconds) == ("end weights off by nan", ())


@pytest.mark.slow
def test_the_limits_of_the_machine_are_measured() -> None:
    found = measure.machine(1)
    assert found["float32"] > found["float64"] > 1 / found["latency"]


def cross_entropy(run: Run, x: np.ndarray, t: np.ndarray) -> float:
    a = x
    for w, b in zip(run.weights[:-1], run.biases[:-1], strict=True):
        a = np.maximum(a @ w + b, 0)
    z = a @ run.weights[-1] + run.biases[-1]
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(t)), t]))


def test_the_step_of_the_kinks_descends_and_takes_decisions_over() -> None:
    rng = np.random.default_rng(3)
    x, t = rng.standard_normal((6, 3)), np.array([0, 1, 1, 0, 1, 0])
    shapes = ((3, 4), (4, 4), (4, 2))
    data = Data(x, t, [rng.standard_normal(s) for s in shapes], [rng.standard_normal(s[1]) for s in shapes])
    before, after, told, blind = (Run.of(data, np.float64) for _ in range(4))
    above = step(after, x, t, 0.5)
    for name, array in before.named().items():
        for at in np.ndindex(array.shape):
            moved = [Run.of(data, np.float64) for _ in range(2)]
            for run, tiny in zip(moved, (1e-6, -1e-6), strict=True):
                run.named()[name][at] += tiny
            up, down = (cross_entropy(run, x, t) for run in moved)
            assert abs(after.named()[name][at] - (array[at] - 0.5 * (up - down) / 2e-6)) < 1e-8
    step(told, x, t, 0.5, above)
    step(blind, x, t, 0.5, [np.zeros_like(mask) for mask in above])
    assert set(far(told, after).values()) == {0.0}
    assert {name for name, d in far(blind, before).items() if d} == {"b3"}
