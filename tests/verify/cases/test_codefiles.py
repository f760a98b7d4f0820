"""Two Python files become cases: by a block of comments, by annotations, by what the caller says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symgrad.errors import DataError
from symgrad.verify.cases.codefiles import cases_of_code
from symgrad.verify.cases.files import Case

BLOCK = '# /// symgrad\n# wrt = "w"\n# vars = { x = ["normal", 4, 3], w = ["normal", 3] }\n# ///\n'
FORWARD = "import numpy as np\n\ndef forward(x, w):\n    return np.sum((x @ w)**2)\n"
STATEMENTS = "z = x @ w\nL = np.sum(z**2)\n"


def read(folder: Path, forward: str, claimed: str, **options: Any) -> tuple[Case, ...]:
    (folder / "forward.py").write_text(forward)
    (folder / "claimed.py").write_text(claimed)
    return cases_of_code(folder / "forward.py", folder / "claimed.py", **options)


def gradient(case: Case) -> Any:
    """Run a case as it is and return what it claims."""
    names: dict[str, Any] = {"np": np, "x": np.ones((4, 3)), "w": np.arange(3.0), "b": np.ones(())}
    exec(case.forward, names)
    assert np.ndim(names["L"]) == 0
    exec(case.claimed, names)
    return names["G"]


CLAIMS = {
    "statements": "G = 2*x.T @ (x @ w)",
    "a function": "def backward(x, w):\n    return 2*x.T @ (x @ w)",
    "the last function": "def f(z):\n    return 2*z\ndef backward(w, x):\n    return x.T @ f(x @ w)",
    "a dict": "def backward(*, w, x):\n    return {'w': 2*x.T @ (x @ w), 'x': 0}",
}


@pytest.mark.parametrize("claimed", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("forward", [BLOCK + FORWARD, BLOCK + STATEMENTS])
def test_statements_and_functions(tmp_path: Path, forward: str, claimed: str) -> None:
    (case,) = read(tmp_path, forward, claimed)
    assert (case.id, case.wrt) == ("w", "w")
    assert case.vars == {"x": ["normal", 4, 3], "w": ["normal", 3]}
    np.testing.assert_allclose(gradient(case), 2 * 4 * 3 * np.ones(3))


@pytest.mark.parametrize("result", ["x, w + 1", "{'w': w + 1, 'x': x}"])
def test_several_gradients(tmp_path: Path, result: str) -> None:
    claimed = f"def backward(x, w):\n    return {result}"
    first, second = read(tmp_path, BLOCK + FORWARD, claimed, wrt=("x", "w"))
    assert (first.wrt, second.wrt) == ("x", "w")
    np.testing.assert_allclose(gradient(first), np.ones((4, 3)))
    np.testing.assert_allclose(gradient(second), np.arange(3.0) + 1)


def test_annotations_and_what_the_caller_says(tmp_path: Path) -> None:
    forward = FORWARD.replace("x, w", 'x: "4 3", w: "scaled 0.5 3"')
    (case,) = read(tmp_path, forward, CLAIMS["statements"], wrt=("w",))
    assert case.vars == {"x": ["normal", 4, 3], "w": ["scaled", 0.5, 3]}
    (case,) = read(tmp_path, forward, CLAIMS["statements"], wrt=("w",), given={"x": ["pos", 4, 3]})
    assert case.vars["x"] == ["pos", 4, 3]


@pytest.mark.parametrize(
    ("forward", "claimed", "says"),
    [
        (FORWARD, "G = w", "the array x is not described; say what it is by --var x=normal,4,3"),
        (STATEMENTS, "G = w", "not described|--var x="),
        (BLOCK.replace('# wrt = "w"\n', "") + FORWARD, "G = w", "--wrt W"),
        (BLOCK.replace('wrt = "w"', 'wrt = "v"') + FORWARD, "G = w", "wrt = 'v' is not in vars"),
        (BLOCK.replace("wrt", "by") + FORWARD, "G = w", "has the key 'by'"),
        (BLOCK.replace("normal", "norm") + FORWARD, "G = w", "vars.x: unknown kind of array 'norm'"),
        (BLOCK.replace("{", "[") + FORWARD, "G = w", "no TOML"),
        (BLOCK + "def forward(:", "G = w", "no Python: .* in line 5"),
        (BLOCK + FORWARD, "G = = w", "claimed.py is no Python"),
        (BLOCK + FORWARD, "def backward(x, y):\n    return x", "the array y is not described"),
        (BLOCK + FORWARD, "\0", "claimed.py is no Python"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, forward: str, claimed: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read(tmp_path, forward, claimed)


LONG = """# a comment

def half(z):
    return z / 2

def backward(x, w):
    \"\"\"What it is.\"\"\"

    d = half(4*(x
        @ w))   # a comment
    if d.ndim:

        g = x.T @ d
    return g
"""


def test_statements_stand_in_the_lines_of_their_file(tmp_path: Path) -> None:
    (case,) = read(tmp_path, BLOCK + FORWARD, LONG)
    np.testing.assert_allclose(gradient(case), 2 * 4 * 3 * np.ones(3))
    lines = case.claimed.split("\n")
    assert [lines[k] for k in (3, 8, 12, 13)] == [
        "    return z / 2", "d = half(4*(x", "    g = x.T @ d", "G = g"
    ]  # fmt: skip
    assert case.titles == (str(tmp_path / "forward.py"), str(tmp_path / "claimed.py"))


def test_helpers_of_statements_are_not_called(tmp_path: Path) -> None:
    helper = "def twice(z):\n    return 2*z\n"
    (case,) = read(tmp_path, BLOCK + helper + "z = x @ w\nL = np.sum(z**2)", f"{helper}G = twice(x.T @ z)")
    np.testing.assert_allclose(gradient(case), 2 * 4 * 3 * np.ones(3))
    (case,) = read(tmp_path, BLOCK + FORWARD, f"{helper}dw = twice(x.T @ (x @ w))")
    assert "G" not in case.claimed


@pytest.mark.parametrize(
    ("forward", "claimed", "says"),
    [
        (BLOCK + FORWARD, "", r"claimed\.py holds no code"),
        (BLOCK + FORWARD, "# nothing\n", r"claimed\.py holds no code"),
        ("", "G = w", r"forward\.py holds no code"),
        (BLOCK + FORWARD, "\ndef backward(x, y):\n    return x", r"claimed\.py, line 2: the array y is not"),
        (BLOCK + FORWARD, "delta = x", r"claimed\.py sets none of G, dw, grad_w, grad"),
    ],
)
def test_the_file_at_fault_is_named(tmp_path: Path, forward: str, claimed: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read(tmp_path, forward, claimed)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*nothing\.py"):
        cases_of_code(tmp_path / "nothing.py", tmp_path / "nothing.py")
