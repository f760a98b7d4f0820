"""The repository's own promises: one test command, checks that agree, a package that says what it is."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CI = REPOSITORY / ".ci" / "run"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))


def ci(*arguments: str, at: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(at / ".ci/run"), *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder that holds the CI script and no README yet."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text(CI.read_text("utf-8"), "utf-8")
    return tmp_path


def test_the_readme_has_one_test_command() -> None:
    done = ci("--command")
    assert done.returncode == 0, done.stderr
    assert "pytest" in done.stdout
    assert done.stdout in (REPOSITORY / "README.md").read_text("utf-8")


def test_the_marked_line_is_the_command(copy: Path) -> None:
    readme = "# x\n```sh\nother\n```\n<!-- test command -->\n\n```sh\nmake && pytest\n```\n```sh\nlast\n```\n"
    (copy / "README.md").write_text(readme, "utf-8")
    assert ci("--command", at=copy).stdout == "make && pytest\n"


@pytest.mark.parametrize(
    ("readme", "message"),
    [
        (None, "README.md is missing"),
        ("```sh\npytest\n```\n", "no ```sh fence"),
        ("<!-- test command -->\n```sh\n```\n", "no ```sh fence"),
        ("<!-- test command -->\n```sh\nmake\npytest\n```\n", "must be one line"),
    ],
)
def test_without_a_command_ci_fails_with_the_reason(copy: Path, readme: str | None, message: str) -> None:
    if readme is not None:
        (copy / "README.md").write_text(readme, "utf-8")
    done = ci(at=copy)
    assert done.returncode == 1
    assert message in done.stderr


def test_every_hook_is_a_step_of_ci() -> None:
    hooks = re.findall(r"entry: (.+)", (REPOSITORY / ".pre-commit-config.yaml").read_text("utf-8"))
    assert hooks == ["ruff check", "ruff format --check", "pyright", "pytest -q"]
    steps = CI.read_text("utf-8")
    for hook in hooks[:-1]:
        assert re.search(rf'^run "[^"]+" {hook}$', steps, re.MULTILINE), hook


def test_ci_can_be_executed() -> None:
    assert CI.stat().st_mode & 0o111


def test_ci_tries_the_ends_of_the_supported_sympy() -> None:
    (oldest,) = re.findall(r"sympy==([\d.]+)", CI.read_text("utf-8"))
    assert f"sympy>={oldest},<1.15" in PROJECT["project"]["dependencies"]


def test_tools_are_pinned() -> None:
    tools = {"hypothesis", "pyright", "pytest", "pytest-xdist", "ruff"}
    pinned = {
        re.split(r"[\[=]", line)[0]
        for line in PROJECT["project"]["optional-dependencies"]["dev"]
        if "==" in line
    }
    assert pinned == tools


def test_the_package_says_that_it_is_typed() -> None:
    assert (REPOSITORY / "symgrad" / "py.typed").read_bytes() == b""
