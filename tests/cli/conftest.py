"""The command line as a function: arguments in, exit status and both streams out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from symgrad.cli import main


@dataclass(frozen=True)
class Answer:
    """What one run left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def symgrad(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Answer:
        status = main([str(word) for word in words])
        streams = capsys.readouterr()
        return Answer(status, streams.out, streams.err)

    return run
