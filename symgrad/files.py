"""Files written whole or not at all: a crash leaves either the old one or the new one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from symgrad.errors import DataError


def reason(error: OSError) -> str:
    """Return what the system says of a failure, without numbers and paths."""
    return error.strerror or str(error) or type(error).__name__


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves either the old one or the new one.

    The bytes go to a temporary file in the same folder, which replaces the old file once it is on disk.
    """
    target = path.resolve()
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
