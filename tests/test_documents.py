"""The README's code runs and prints what it says; every example runs."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symgrad.cli import main
from symgrad.cli.main import PLACES
from symgrad.model.layers.catalogue import LAYERS
from symgrad.show.registry import tables
from tests.benchmarks import accuracy

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
COMPILE_LONG = ("digits_convolution", "lstm_sequence", "tiny_attention")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language, in order."""
    return [body for kind, body in FENCE.findall(README) if kind == language]


@pytest.fixture
def layers_of_its_own() -> Iterator[None]:
    """Forget the layers that the sessions add to the table."""
    before = dict(LAYERS)
    yield
    LAYERS.clear()
    LAYERS.update(before)


@pytest.mark.usefixtures("layers_of_its_own")
def test_the_python_sessions_print_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sessions = "\n".join(blocks("pycon"))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "README", "README.md", 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append)
    assert test.examples, "the README shows no session"
    assert runner.failures == 0, "".join(report)


def console() -> list[tuple[str, str]]:
    """Return each ``$ symgrad …`` line of the README with what stands below it."""
    found: list[tuple[str, str]] = []
    for body in blocks("console"):
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown.strip("\n")))
    return found


@pytest.mark.parametrize(("command", "shown"), console())
def test_the_commands_print_what_they_show(
    command: str,
    shown: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(command)
    assert program == "symgrad"
    wrong = words[0] == "check" and " is wrong" in shown
    assert main(words) == int(wrong)
    printed = capsys.readouterr().out.strip("\n")
    assert doctest.OutputChecker().check_output(shown + "\n", printed + "\n", doctest.ELLIPSIS), printed


def test_every_command_that_is_named_is_one() -> None:
    named = set(re.findall(r"\bsymgrad ([a-z]+) (?:[A-Z]|-)", README))
    assert named <= set(PLACES)
    assert {"check", "derive", "explain", "generate", "grade", "show"} <= named


def test_the_generated_code_that_the_readme_shows_is_in_the_file() -> None:
    for body in blocks("python"):
        *_, name = body.splitlines()[0].split()
        generated = (ROOT / "generated" / name).read_text(encoding="utf-8")
        shown = "\n".join(body.splitlines()[1:])
        assert all(part.strip("\n") in generated for part in shown.split("    …\n")), name


def shown(name: str) -> str:
    """Return the table of the README between its markers."""
    found = re.search(rf"^<!-- {name} -->\n(.*?)\n<!-- /{name} -->$", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"the README has no table between <!-- {name} --> and <!-- /{name} -->"
    return found[1]


@pytest.mark.parametrize("name", ["layers", "activations", "losses", "optimizers", "schedules"])
def test_the_tables_are_those_of_the_registry(name: str) -> None:
    assert shown(name) == tables()[name], "take over what symgrad info --markdown prints"


@pytest.mark.parametrize("name", ["accuracy of functions", "accuracy of gradients"])
def test_the_tables_of_accuracy_are_the_measured_ones(name: str) -> None:
    assert shown(name) == accuracy.tables()[name], "python -m tests.benchmarks.accuracy writes them"
    assert accuracy.filled(README) == README


def test_info_prints_the_tables_between_their_markers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--markdown"]) == 0
    printed = capsys.readouterr().out
    assert all(f"<!-- {name} -->\n{table}\n<!-- /{name} -->" in printed for name, table in tables().items())


def example(path: Path) -> object:
    return pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in COMPILE_LONG))


@pytest.mark.parametrize("path", [example(path) for path in EXAMPLES])
def test_every_example_runs(path: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        # Threads that wait for one another cost more than they bring where other tests run beside.
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONWARNINGS": "error::DeprecationWarning:__main__",
    }
    run = subprocess.run(
        [sys.executable, str(path)],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
