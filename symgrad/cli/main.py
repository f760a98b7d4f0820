"""From an argument list to an exit status; every failure is one clear line."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from typing import TextIO

from symgrad.cli.arguments import read
from symgrad.cli.output import INTERRUPTED, Result, deliver, to_json
from symgrad.errors import SymgradError

BROKEN_PIPE = 141

PLACES = {
    "zoo": "tables", "info": "tables",
    "show": "formulas", "derive": "formulas", "paths": "formulas", "explain": "formulas",
    "cost": "costs",
    "prove": "proofs",
    "check": "checking",
    "grade": "classroom", "exercise": "classroom", "vectors": "classroom",
    "generate": "kernels",
    "train": "training", "predict": "training",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    0 fine, 1 a check failed, 2 usage, 3 data and files, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _speak_utf8(sys.stdout, sys.stderr)
    try:
        return _run(words)
    except SymgradError as error:
        return _complain(error, as_json=_wants_json(words))
    except KeyboardInterrupt:
        return _interrupted(as_json=_wants_json(words))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _run(words: Sequence[str]) -> int:
    options = read(words)
    if getattr(options, "format", None) == "json":
        options.json = True
    verb: Callable[[Namespace], Result] = getattr(
        import_module(f"symgrad.cli.{PLACES[options.verb]}"), options.verb
    )
    result = verb(options)
    deliver(result, options)
    return result.status


def _wants_json(words: Sequence[str]) -> bool:
    """Whether errors are to be JSON too, known before the words could be parsed."""
    return "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)


def _complain(error: SymgradError, *, as_json: bool) -> int:
    message = " ".join(str(error).split())
    if as_json:
        print(to_json({"error": {"code": error.code, "message": message}}))
    else:
        print(f"symgrad: {message}", file=sys.stderr)
    return error.exit_code


def _interrupted(*, as_json: bool) -> int:
    print("symgrad: interrupted", file=sys.stderr)
    if as_json:
        print(to_json({"error": {"code": "interrupted", "message": "interrupted; nothing was finished"}}))
    return INTERRUPTED


def _speak_utf8(*streams: TextIO | None) -> None:
    """Formulas need more than ASCII, whatever the locale says; names of files may be no text at all."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
