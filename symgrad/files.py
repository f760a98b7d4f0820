"""Files: texts and tables read with one message for each fault, files written whole or not at all."""

import os
import secrets
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from symgrad.errors import DataError, SymgradError

LARGEST = 1_000_000


def reason(error: OSError) -> str:
    """Return what the system says of a failure, without numbers and paths."""
    return error.strerror or str(error) or type(error).__name__


def read_text(path: Path, *, largest: int = LARGEST, error: type[SymgradError] = DataError) -> str:
    """Read a text, a byte order mark left out.

    Parameters
    ----------
    largest
        How many bytes it may have.
    error
        What is raised where the file can be read, but is too large or no text.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > largest:
            raise error(f"{path} has {size:,} bytes; at most {largest:,} are read")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as failure:
        raise DataError(f"cannot read {path}: {reason(failure)}") from None
    except UnicodeDecodeError as failure:
        raise error(f"{path} is no text in UTF-8: byte {failure.start}; save it as UTF-8") from None


def tables_in(
    place: object,
    text: str,
    *,
    error: type[SymgradError] = DataError,
    read_number: Callable[[str], object] = float,
) -> dict[str, Any]:
    """Return the tables of a text in TOML, numbers with a point as `read_number` has them.

    Raises
    ------
    SymgradError
        The `error` given, with the place, if it is no TOML.
    """
    try:
        return tomllib.loads(text, parse_float=read_number)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as failure:
        raise error(f"{place} is no TOML: {failure}") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves either the old one or the new one.

    The bytes go to a temporary file in the same folder, which replaces the old file once it is on disk.
    What is no ordinary file (a device, a pipe) is written to and never replaced.

    Raises
    ------
    DataError
        If it cannot be written; what was there before stays.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        _write_into(path, data)
        return
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _write_through(temporary, data)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except OSError as error:
        raise DataError(
            f"cannot write {path}: {reason(error)}; nothing was changed, choose another place or make room"
        ) from error


def check_writable(path: Path) -> None:
    """Refuse a place where no file can be written, before hours of work are to be saved there.

    Raises
    ------
    DataError
        If its folder is missing or cannot be written to, or the place is a folder.
    """
    target = path.resolve()
    if target.is_dir() or not target.parent.is_dir():
        what = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
        raise DataError(f"cannot write {path}: {what}; choose another place")
    if not os.access(target.parent, os.W_OK):
        raise DataError(f"cannot write {path}: the folder cannot be written to; choose another place")


def make_folder(path: Path) -> None:
    """Make a folder if it is not there.

    Raises
    ------
    DataError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot make the folder {path}: {reason(error)}; choose another place") from None


def _write_into(path: Path, data: bytes) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            file.write(data)
    except OSError as error:
        raise DataError(f"cannot write {path}: {reason(error)}; choose another place") from error


def _write_through(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Some file systems refuse to sync a folder; the file itself is on disk by now.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
