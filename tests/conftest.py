"""Settings of the whole suite: Hypothesis profiles, and caches of the suite's own.

The profile `default` draws the same examples every time; `--hypothesis-profile=thorough` draws 5,000 new
ones a test.  Tests leave the number of examples to the profile.
"""

import os
import shutil
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow]
A_DAY = 24 * 3600

settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "thorough", max_examples=5_000, deadline=None, derandomize=False, suppress_health_check=SLOW_IS_FINE
)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    """Keep kernels and what Numba makes of them apart from the sources and the home, for the next run too.

    Numba's cache does not know how a kernel was compiled: one compiled without bounds checks would be
    taken for one with them.  So every set of Numba's variables has a folder of its own.
    """
    if "NUMBA_CACHE_DIR" not in os.environ:
        switches = [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith("NUMBA_")]
        folder = config.rootpath / ".numba_cache" / (quote(" ".join(switches), safe="") or "default")
        _forget_passing_kernels(folder)
        os.environ["NUMBA_CACHE_DIR"] = str(folder)
        os.environ.setdefault("SYMGRAD_CACHE_DIR", str(folder / "kernels"))


def _forget_passing_kernels(folder: Path) -> None:
    """Remove a day later what was compiled from files in temporary folders; `generated` stays."""
    for compiled in (*folder.glob("*"), *folder.glob("symgrad/*")):
        if not compiled.name.startswith("generated_") and compiled.stat().st_mtime < time.time() - A_DAY:
            shutil.rmtree(compiled, ignore_errors=True)
