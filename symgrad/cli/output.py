"""What a verb returns, and how it reaches the reader: text or one JSON object, to stdout or to a file."""

import json
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import cast

from symgrad.errors import DataError
from symgrad.files import write_atomically

SCHEMA = "symgrad/1"
INTERRUPTED = 130


@dataclass(frozen=True)
class Result:
    """What a verb found.

    Attributes
    ----------
    data
        The keys of the JSON object.
    text
        The same for a reader.
    status
        The exit status: 0, 1 where a check failed, 130 where the user stopped it.
    written
        Whether the verb wrote its own files, so that `-o` is done.
    """

    data: Mapping[str, object]
    text: str
    status: int = 0
    written: bool = False


def deliver(result: Result, options: Namespace) -> None:
    """Print a result, or write it to the file of `-o`.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    text = to_json(result.data) if options.json else result.text
    if options.output is None and sys.stdout is None:
        raise DataError("cannot write to standard output: it is closed; take -o FILE")
    if options.output is None or result.written:
        print(text)
        sys.stdout.flush()
    else:
        write_atomically(Path(options.output), f"{text}\n".encode(errors="backslashreplace"))


def to_json(data: Mapping[str, object]) -> str:
    """Return one object with its schema; numbers that JSON lacks become null."""
    return json.dumps(
        {"schema": SCHEMA, **cast("dict[str, object]", _plain(data))}, ensure_ascii=False, allow_nan=False
    )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
