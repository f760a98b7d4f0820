"""Kernel files: written whole or not at all, and imported even where nothing can be written."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from symgrad.arrays import Shape
from symgrad.errors import DataError
from symgrad.files import reason, write_atomically
from symgrad.kernels.blas_threads import alone
from symgrad.kernels.guard import Wanted, guarded

FORMAT = 2
"""The version of the layout of kernels: what a module says of itself, and how it is called."""

CACHE_VARIABLE = "SYMGRAD_CACHE_DIR"
UNFIT = (SyntaxError, ImportError, ValueError, NameError, TypeError, AttributeError)


@dataclass(frozen=True)
class Kernel:
    """A loaded kernel: where it lies, the compiled functions, and what the module says of itself.

    Attributes
    ----------
    also
        Further functions that were asked for, such as ``hessian``, by name.
    team
        Trains by several threads, where the module can: as `train`, with their number last.
    POSITIVE, NOT_NEGATIVE
        Options of the optimizer that must be above 0, or at least 0.
    """

    path: Path
    module: ModuleType
    forward: Callable[..., Any]
    loss: Callable[..., Any]
    gradients: Callable[..., tuple[Any, ...]]
    train: Callable[..., int]
    FORMAT: int
    NETWORK: str
    SAMPLES: str
    INPUTS: dict[str, Shape]
    DRAWN: dict[str, Shape]
    TARGETS: dict[str, Shape]
    OUTPUTS: dict[str, Shape]
    PARAMETERS: dict[str, Shape]
    KINDS: dict[str, str]
    LABELS: dict[str, int | str]
    NEEDS: tuple[str, ...]
    STARTS: dict[str, tuple[str, Shape]]
    TRAINED: tuple[str, ...]
    STATES: dict[str, Shape]
    OPTIONS: dict[str, float]
    OPTIMIZER: str
    TASK: str
    also: Mapping[str, Callable[..., Any]]
    team: Callable[..., int] | None = None
    POSITIVE: tuple[str, ...] = ()
    NOT_NEGATIVE: tuple[str, ...] = ()


FUNCTIONS = ("forward", "loss", "gradients", "train")
TAIL = ("batch", "shuffle", "drop_last", "random_state", "stop", "losses")
"""The arguments of `train` behind data, parameters, states and options."""
CHANGED = ("random_state", "losses")
"""Those of them that it writes to."""
BOUNDS = ("POSITIVE", "NOT_NEGATIVE")
OWN = ("path", "module", "also", "team")
MEMBERS = tuple(name for name in Kernel.__dataclass_fields__ if name not in (*OWN, *BOUNDS))


def write(text: str, path: Path | None = None) -> Path:
    """Write a module and return its place; without a path into the user's cache, named by its content.

    The text appears under its name complete or not at all.

    Raises
    ------
    DataError
        If the place cannot be written.
    """
    place = cached(text) if path is None else path
    if path is None and _holds(place, text):
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DataError(f"cannot write the kernel to {place}: {reason(problem)}") from problem
    write_atomically(place, text.encode())
    return place


def _holds(place: Path, text: str) -> bool:
    """Whether a file is there that can be read, and it is this text."""
    try:
        return place.read_bytes() == text.encode()
    except OSError:
        return False


def cached(text: str) -> Path:
    """Return the place of a module in the user's cache."""
    return cache_folder() / f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:24]}.py"


def cache_folder() -> Path:
    """Return the folder of cached kernels; a private temporary one where the home cannot be written."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "symgrad"
    return home if _writable(home) else _private_folder()


def load(path: Path) -> ModuleType:
    """Import a module by its path.

    Raises
    ------
    DataError
        If there is no such file or it is not a Python module.
    """
    place = path.resolve()
    if not place.is_file():
        raise DataError(f"there is no kernel at {path}")
    try:
        text = place.read_bytes()
    except OSError as problem:
        raise DataError(f"cannot read the kernel {path}: {reason(problem)}") from problem
    name = f"symgrad_kernel_{hashlib.sha256(str(place).encode() + text).hexdigest()[:24]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise DataError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    config = numba_config()
    own, config.CACHE_DIR = config.CACHE_DIR, str(compiled_folder())
    try:
        spec.loader.exec_module(module)
    except UNFIT as problem:
        raise DataError(f"the kernel {path} cannot be imported: {problem}") from problem
    finally:
        config.CACHE_DIR = own
        if not hasattr(module, "train"):
            del sys.modules[name]
    return module


def load_kernel(path: Path) -> Kernel:
    """Import a kernel with its metadata.

    Raises
    ------
    DataError
        If the file is missing, cannot be imported, or is not a kernel.
    """
    module = load(path)
    found = getattr(module, "FORMAT", FORMAT)
    if found != FORMAT:
        raise DataError(
            f"the kernel {path} has format {found}, not {FORMAT}: make it again (symgrad generate)"
        )
    missing = [name for name in MEMBERS if not hasattr(module, name)]
    if missing:
        raise DataError(f"{path} is not a kernel: it has no {missing[0]}")
    wanted, called = _wanted(module), _called(module)
    also = {name: _also(module, name, wanted) for name in getattr(module, "ALSO", ())}
    members = {name: getattr(module, name) for name in MEMBERS}
    members |= {name: getattr(module, name, ()) for name in BOUNDS}
    members |= {name: guarded(getattr(module, name), wanted) for name in FUNCTIONS}
    changed = (*(called[name] for name in (*module.PARAMETERS, *module.STATES)), *CHANGED)
    trains = partial(guarded, wanted=wanted, changed=changed)
    members["train"] = trains(module.train)
    team = getattr(module, "train_in_blocks", None)
    return Kernel(path, module, **members, also=also, team=team and trains(team))


def _wanted(module: ModuleType) -> Wanted:
    """Return what a kernel wants of its arguments, by the names that these have in its text."""
    called = _called(module)
    tables = (module.INPUTS, module.DRAWN, module.TARGETS, module.PARAMETERS, module.STATES)
    shapes = {called[name]: shape for table in tables for name, shape in table.items()}
    labels = {called[name]: limit for name, limit in module.LABELS.items()}
    return Wanted(shapes, labels, module.NEEDS, module.SAMPLES)


def _also(module: ModuleType, name: str, wanted: Wanted) -> Callable[..., Any]:
    """Return a further function; its last arguments are the parameters, or a direction for each of them."""
    made, shapes = getattr(module, name), module.PARAMETERS.values()
    last = tuple(signature(made).parameters)[-len(shapes) :]
    directions = dict(zip(last, shapes, strict=True))
    return guarded(made, replace(wanted, shapes={**wanted.shapes, **directions}))


def _called(module: ModuleType) -> dict[str, str]:
    """Return for the names of a kernel's tables those of its arguments: some had to make way.

    What `gradients` takes and `train` does not is drawn.
    """
    trained, computed = (signature(f).parameters for f in (module.train, module.gradients))
    drawn = (argument for argument in computed if argument not in trained)
    names = [n for table in (module.INPUTS, module.TARGETS, module.PARAMETERS, module.STATES) for n in table]
    same = {name: name for name in (*names, *module.DRAWN)}
    return same | dict(zip(names, trained, strict=False)) | dict(zip(module.DRAWN, drawn, strict=False))


def with_threads(kernel: Kernel, threads: int) -> Kernel:
    """Return a kernel whose `train` uses so many threads, and for any number of them gives the same bits.

    Where its head says that one thread trains this network, `train` stays as it is.

    Raises
    ------
    DataError
        If there is not at least one thread, or BLAS cannot be kept to one.
    """
    if threads < 1:
        raise DataError(f"threads={threads}: there must be at least one")
    if kernel.team is None:
        return kernel
    return replace(kernel, train=alone(partial(kernel.team, threads=threads)))


def compiled_folder() -> Path:
    """Return where Numba keeps what it compiles for `load`.

    It remembers a kernel by the name of its module, and that name is ours: beside the file, the
    leftovers would stop a person who imports the same file by its own name.
    """
    chosen = numba_config().CACHE_DIR
    folder = Path(chosen) / "symgrad" if chosen else cache_folder() / "compiled"
    return folder if _writable(folder) else _private_folder()


def numba_config() -> Any:
    """Return Numba's configuration; importing Numba takes longer than deriving a network."""
    return import_module("numba").config


def _writable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and takes a file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):
        return False


def _private_folder() -> Path:
    """Return a folder of temporary files that only this user can write."""
    folder = Path(tempfile.gettempdir()) / f"symgrad-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        owned = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        owned = False
    return folder if owned and _writable(folder) else Path(tempfile.mkdtemp(prefix="symgrad-"))
