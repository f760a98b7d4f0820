"""Files: whole or not at all, cached across processes, importable where nothing can be written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgrad.errors import DataError
from symgrad.kernels.files import cached, load_kernel, write
from symgrad.kernels.module import generate
from tests.kernels.networks import arrays, spec_of

RUN = """
import sys
from pathlib import Path
import numpy as np
from symgrad.kernels.files import load_kernel
made = load_kernel(Path(sys.argv[1]))
rng = np.random.default_rng(0)
values = [rng.normal(size=s) for s in ((3, 2), (3, 2), (2, 2), (1,), (2, 2), (1,))]
found = made.gradients(*values)
hits = sum(made.module.gradients.stats.cache_hits.values()) if hasattr(made.module.gradients, "stats") else -1
losses = np.empty(3)
made.train(*values, 0.1, 2, True, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
print(hits, repr(float(found[0])), repr(float(losses[-1])))
"""


def run(path: Path, **environment: str) -> list[str]:
    root = Path(__file__).parents[2]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "SYMGRAD_"))}
    env = {**clean, "PYTHONPATH": str(root), **environment}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


@pytest.fixture(scope="module")
def text() -> str:
    return generate(spec_of("sigmoid"))


def test_a_second_process_finds_it_compiled_and_modes_agree(text: str, tmp_path: Path) -> None:
    path, cache = write(text, tmp_path / "net.py"), str(tmp_path / "cache")
    first = run(path, SYMGRAD_CACHE_DIR=cache)
    second = run(path, SYMGRAD_CACHE_DIR=cache)
    assert (first[0], second[0]) == ("0", "1")
    assert first[1:] == second[1:]
    plain = run(path, NUMBA_DISABLE_JIT="1")
    checked = run(path, NUMBA_BOUNDSCHECK="1", SYMGRAD_CACHE_DIR=str(tmp_path / "checked"))
    for other in (plain, checked):
        np.testing.assert_allclose([float(v) for v in other[1:]], [float(v) for v in first[1:]], rtol=1e-13)


def test_its_own_name_still_imports_after_load(text: str, tmp_path: Path) -> None:
    """Numba remembers a module by name; what `load` compiled must not stop a plain import."""
    path = write(text, tmp_path / "plainly_named.py")
    made, values = load_kernel(path), arrays("sigmoid", 3)
    made.loss(values["x"], values["t"], *(values[p] for p in made.PARAMETERS))
    code = (
        "import numpy as np, plainly_named as k\n"
        "print(k.loss(*(np.ones(s) for s in ((3, 2), (3, 2), (2, 2), 1, (2, 2), 1))))"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_kernel_of_another_format_is_to_be_made_again(text: str, tmp_path: Path) -> None:
    old = tmp_path / "old.py"
    old.write_text(re.sub("^FORMAT = .*", "FORMAT = 1", text, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(DataError, match=r"old\.py has format 1, not 2: make it again \(symgrad generate\)"):
        load_kernel(old)


def test_a_read_only_place_does_not_matter(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    path = write(text, folder / "net.py")
    folder.chmod(0o555)
    (tmp_path / "file").write_text("", encoding="utf-8")
    nowhere = str(tmp_path / "file" / "home")
    try:
        assert run(path, HOME=nowhere, XDG_CACHE_HOME=nowhere, TMPDIR=str(tmp_path))
    finally:
        folder.chmod(0o755)
    assert not list(folder.rglob("*.nb?")), "compiled code belongs elsewhere; to root nothing is read-only"


def test_the_cache_is_named_by_the_content(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYMGRAD_CACHE_DIR", str(tmp_path))
    assert write(text) == cached(text) == write(text)
    assert cached(text) != cached(text + "\n")
    assert [p.suffix for p in tmp_path.iterdir()] == [".py"]


@pytest.mark.parametrize("damage", ["other bytes", "a folder"])
def test_what_lies_in_the_place_of_a_cached_kernel_is_looked_at(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("SYMGRAD_CACHE_DIR", str(tmp_path))
    place = cached(text)
    if damage == "a folder":
        place.mkdir()
        with pytest.raises(DataError, match="cannot write"):
            write(text)
    else:
        place.write_bytes(b"\xff\xfe")
        assert write(text).read_text("utf-8") == text


def test_a_kernel_that_cannot_be_read_is_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = write(text, tmp_path / "closed.py")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"cannot read the kernel .*closed\.py: Permission denied"):
        load_kernel(path)


def test_errors_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    broken, other = tmp_path / "broken.py", tmp_path / "other.py"
    broken.write_text("def (", encoding="utf-8")
    other.write_text("FORMAT = 1\n", encoding="utf-8")
    for act in (
        lambda: write("", tmp_path / "file" / "net.py"),
        lambda: load_kernel(tmp_path / "absent.py"),
        lambda: load_kernel(broken),
        lambda: load_kernel(other),
    ):
        with pytest.raises(DataError) as found:
            act()
        assert "\n" not in str(found.value)
