"""Files: archives read without pickles, and written whole or not at all."""

import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np

from symgrad.errors import DataError
from symgrad.files import reason
from symgrad.train.layout import Array, Arrays

# All that zipfile and numpy.load raise on archives that are cut off, altered or hostile.
DAMAGE = (ValueError, EOFError, KeyError, TypeError, MemoryError, OverflowError, NotImplementedError)
HEADER_DAMAGE = (SyntaxError, tokenize.TokenError)
ARCHIVE_DAMAGE = (*DAMAGE, *HEADER_DAMAGE, RuntimeError, zipfile.BadZipFile, zlib.error)


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the error for a file that cannot be opened or read."""
    return DataError(f"cannot read {path}: {reason(error)}")


def read_npz(path: Path) -> dict[str, Array]:
    """Read every array of an ``.npz`` archive; never unpickle."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not data.startswith(b"PK"):
        raise DataError(f"{path} is not an .npz archive")
    return _arrays(path, data)


def _arrays(path: Path, data: bytes) -> dict[str, Array]:
    try:
        with np.load(BytesIO(data), allow_pickle=False) as archive:
            return {name: np.asarray(archive[name]) for name in archive.files}
    except ARCHIVE_DAMAGE as error:
        raise DataError(f"{path} is damaged, or holds something other than plain arrays") from error


def packed(arrays: Arrays) -> bytes:
    """Return an ``.npz`` archive of plain arrays, the same bytes for the same arrays."""
    buffer = BytesIO()
    members: Mapping[str, Array] = {name: _plain(array) for name, array in arrays.items()}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in members.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def _plain(array: Array) -> Array:
    return np.asarray(array, order="C")
