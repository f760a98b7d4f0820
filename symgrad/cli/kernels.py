"""`generate`: kernels as files, and why they are written as they are."""

import shlex
from argparse import Namespace
from pathlib import Path

from symgrad.cli.networks import network_of, pairs, settings_of
from symgrad.cli.output import Result
from symgrad.cli.rules import numbers
from symgrad.cli.rules import words as rule_words
from symgrad.errors import DataError, UsageError
from symgrad.files import write_atomically
from symgrad.kernels.build import Options, spec_of
from symgrad.kernels.explain import explained
from symgrad.model.optimizers import optimizer
from symgrad.model.rules import Optimizer
from symgrad.model.zoo import ZOO
from symgrad.network import Network, zoo

FOLDER = "generated"


def generate(options: Namespace) -> Result:
    """Write the kernel of one network to a file or to stdout, or all of the zoo into a folder."""
    if options.all == (options.network is not None):
        raise UsageError("generate takes either a network or --all")
    if options.all:
        return _all(options)
    network = network_of(options)
    if options.explain:
        return _explained(network, options)
    text = _text(network, options, options.network)
    if options.output is None:
        return Result({"files": [], "text": text}, text.rstrip("\n"))
    path = Path(options.output)
    write_atomically(path, text.encode())
    return Result({"files": [str(path)]}, str(path), written=True)


def _explained(network: Network, options: Namespace) -> Result:
    """Return a line for every choice, in place of the kernel."""
    found = explained(spec_of(network.model, _rule(options), **_asked(options)))
    return Result({"files": [], "explained": found}, "\n".join(found))


def _all(options: Namespace) -> Result:
    if options.explain or options.schedule:
        raise UsageError("--explain and --schedule are for one network, not for --all")
    folder = Path(options.output or FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot write into {folder}: {error.strerror}; choose another place") from None
    texts = {folder / f"{name}.py": _text(zoo(name), options, name) for name in ZOO}
    for path, text in texts.items():
        write_atomically(path, text.encode())
    return Result({"files": [str(path) for path in texts]}, "\n".join(map(str, texts)), written=True)


def _text(network: Network, options: Namespace, named: str) -> str:
    return network.kernel_text(_rule(options), command=_command(options, named), **_asked(options))


def _rule(options: Namespace) -> Optimizer:
    settings = {**numbers(options), **settings_of(options.option)}
    return optimizer(options.optimizer, rate=options.rate, **settings)


def _asked(options: Namespace) -> Options:
    """Return what is asked of a kernel besides its optimizer."""
    asked: Options = {
        "trained": tuple(options.train_only) if options.train_only else None,
        "also": options.also,
        "fast": options.fast,
        "rewrite": options.rewrite,
        "team": options.threads,
        "schedule": _schedule(options.schedule),
    }
    return asked if options.batch is None else {**asked, "batch": options.batch}


def _schedule(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node, way in pairs(words, "--schedule", "NODE=loops or NODE=blas"):
        if node in found:
            raise UsageError(f"--schedule {node} is given twice")
        found[node] = way
    return found


def _command(options: Namespace, named: str) -> str:
    """Return how the kernel is made again."""
    words = ["symgrad", "generate", named, *rule_words(options)]
    words += [word for size in options.size for word in ("--size", size)]
    words += ["--train-only", *options.train_only] if options.train_only else []
    words += ["--also", *options.also] if options.also else []
    words += ["--fast"] if options.fast else []
    words += ["--rewrite", options.rewrite] if options.rewrite else []
    words += ["--threads"] if options.threads else []
    words += [] if options.batch is None else ["--batch", str(options.batch)]
    words += [word for way in options.schedule for word in ("--schedule", way)]
    return shlex.join(words)
