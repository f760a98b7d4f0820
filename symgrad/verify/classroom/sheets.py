"""The file of an exercise: a worksheet with empty cells, and its key."""

import json
from typing import Any

from symgrad.verify.classroom.exercise import Exercise


def written(exercise: Exercise, *, filled: bool, name: str | None = None) -> str:
    """Return the file of an exercise, its cells empty or filled with the right figures.

    Parameters
    ----------
    name
        Whose it is, where that is to stand in it.
    """
    head = "the key" if filled else f"fill in every cell, {exercise.digits} significant digits each"
    said = {"name": name, "network": exercise.network, "seed": exercise.seed}
    lines = [
        f"# {exercise.network}: one training step by hand; {head}.",
        "# ∂J/∂w5 may be written dJ/dw5, and w5⁺, the updated w5, w5+.",
        *(f"{key} = {_quoted(value)}" for key, value in said.items() if value is not None),
        f"digits = {exercise.digits}",
        f"rate = {_quoted(str(exercise.sheet.rate))}",
        "\n[given]",
        *(f"{_key(name)} = {_rows(rows)}" for name, rows in exercise.given.items()),
        "\n[answers]",
        *(f"{_key(name)} = {_quoted(exercise.figure(name) if filled else '')}" for name in exercise.asked),
    ]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else _quoted(name)


def _rows(rows: Any) -> str:
    return f"[{', '.join(map(_rows, rows))}]" if isinstance(rows, list) else _quoted(rows)


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
