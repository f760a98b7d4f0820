"""The pytest plugin: light, set from the ini file, one line in the summary where something was asserted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ASSERTS = """
from symgrad.asserted import ASSERTED

def test_right():
    ASSERTED.found += [("right", "proved"), ("right", "bounded")]

def test_wrong():
    ASSERTED.found.append(("wrong", "counterexample"))
    raise AssertionError("∂J/∂w1 is wrong")

def test_settings():
    print(ASSERTED.wanted)
"""


def run(folder: Path, *words: str, test: str = ASSERTS, ini: str = "") -> tuple[int, str]:
    """Run pytest in a folder with the plugin and nothing else of the environment."""
    (folder / "test_it.py").write_text(test)
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("PYTEST_ADDOPTS", None)
    options = ["-q", "--tb=line", "--strict-config", "-W", "error", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "-p", "symgrad.pytest_plugin", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two processes"])
def test_the_summary_counts_what_was_asserted(tmp_path: Path, words: tuple[str, ...]) -> None:
    status, said = run(tmp_path, *words)
    assert status == 1
    assert said.count("symgrad: 2 derivations right (1 proved, 1 bounded), 1 wrong\n") == 1


def test_without_assertions_there_is_no_line(tmp_path: Path) -> None:
    status, said = run(tmp_path, test="def test_it():\n    pass\n")
    assert status == 0
    assert "symgrad" not in said


def test_a_folder_with_a_conftest_of_its_own_is_run(tmp_path: Path) -> None:
    """Where pytest leaves plugins out of a folder, it keeps them in a set."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "conftest.py").write_text("def pytest_runtest_setup(item):\n    pass\n")
        (tmp_path / folder / f"test_{folder}.py").write_text("def test_it():\n    pass\n")
    status, said = run(tmp_path, test="def test_it():\n    pass\n")
    assert (status, said.count("3 passed")) == (0, 1), said


def test_the_ini_file_sets_what_is_wanted(tmp_path: Path) -> None:
    ini = "symgrad_evidence = proved\nsymgrad_timeout = 2.5\nsymgrad_seed = 7\nsymgrad_hints = category"
    _, said = run(tmp_path, "-s", "-k", "settings", ini=ini)
    assert "Wanted(evidence='proved', seconds=2.5, seed=7, hints='category')" in said


@pytest.mark.parametrize(
    ("ini", "says"),
    [
        ("symgrad_evidence = sworn", "one of proved, bounded, held"),
        ("symgrad_timeout = soon", "seconds > 0"),
        ("symgrad_timeout = inf", "seconds > 0"),
        ("symgrad_seed = -1", "a whole number"),
        ("symgrad_hints = all", "one of full, category, none"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, ini: str, says: str) -> None:
    status, said = run(tmp_path, ini=ini)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert f"{ini}: " in said
    assert says in said


def test_the_plugin_imports_nothing_heavy() -> None:
    heavy = "{name.partition('.')[0] for name in sys.modules} & {'sympy', 'numba', 'numpy', 'scipy', 'flint'}"
    code = f"import sys, symgrad.pytest_plugin\nprint(sorted({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
