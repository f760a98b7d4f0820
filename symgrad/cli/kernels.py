"""`generate`: kernels as files."""

from argparse import Namespace
from pathlib import Path

from symgrad.cli.networks import network_of, settings_of
from symgrad.cli.output import Result
from symgrad.cli.rules import numbers
from symgrad.cli.rules import words as rule_words
from symgrad.errors import DataError, UsageError
from symgrad.files import write_atomically
from symgrad.model.optimizers import optimizer
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
    text = _text(network, options, options.network)
    if options.output is None:
        return Result({"files": [], "text": text}, text.rstrip("\n"))
    path = Path(options.output)
    write_atomically(path, text.encode())
    return Result({"files": [str(path)]}, str(path), written=True)


def _all(options: Namespace) -> Result:
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
    trained = tuple(options.train_only) if options.train_only else None
    command = _command(options, named)
    settings = {**numbers(options), **settings_of(options.option)}
    rule = optimizer(options.optimizer, rate=options.rate, **settings)
    return network.kernel_text(rule, trained=trained, command=command, also=options.also)


def _command(options: Namespace, named: str) -> str:
    """Return how the kernel is made again."""
    words = ["symgrad generate", named, *rule_words(options)]
    words += [f"--size {size}" for size in options.size]
    words += ["--train-only", *options.train_only] if options.train_only else []
    words += ["--also", *options.also] if options.also else []
    return " ".join(words)
