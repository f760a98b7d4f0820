"""What several verbs need: the network that was named, its nodes, and values from the command line."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from symgrad.errors import UsageError, unknown
from symgrad.network import Network, load
from symgrad.verify.classroom.exercise import exercise


def network_of(options: Namespace, *, sized: bool = True) -> Network:
    """Return the network of NET at the level asked for, with the sizes of `--size` put in if `sized`."""
    network = load(options.network)
    sizes = sizes_of(options.size, network)
    if not sized:
        return network
    if sizes:
        network = replace(network, model=replace(network.model, sizes={**network.model.sizes, **sizes}))
    level = getattr(options, "level", None)
    return network.at_level(level) if level else network


def sizes_of(words: Iterable[str], network: Network) -> dict[str, int]:
    """Read ``NAME=NUMBER`` words as sizes of a network."""
    sizes: dict[str, int] = {}
    for name, text in pairs(words, "--size"):
        if name not in network.model.size_names:
            raise unknown("size", name, network.model.size_names)
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(f"--size {name}={text}: sizes are integers ≥ 1")
        sizes[name] = int(text)
    return sizes


def pairs(words: Iterable[str], option: str, form: str = "NAME=NUMBER") -> list[tuple[str, str]]:
    """Split ``NAME=VALUE`` words; ``form`` is what is asked for where one is no pair."""
    found: list[tuple[str, str]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise UsageError(f"{option} {word}: write {form}")
        found.append((name, value))
    return found


def settings_of(words: Iterable[str]) -> dict[str, float]:
    """Read ``NAME=NUMBER`` words as options of an optimizer."""
    return {name: _number(name, text) for name, text in pairs(words, "--option")}


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"--option {name}={text}: not a number") from None
    if not isfinite(number):
        raise UsageError(f"--option {name}={text}: not a finite number")
    return number


def names_of(options: Namespace) -> list[str]:
    """Return the nodes named as words and by `--wrt`."""
    words = options.names if isinstance(options.names, list) else [options.names] if options.names else []
    return [*words, *getattr(options, "wrt", [])]


def one_name(options: Namespace) -> str:
    """Return the one node that a verb needs."""
    names = names_of(options)
    if len(names) != 1:
        raise UsageError(f"{options.verb} needs one node, as in: symgrad {options.verb} {options.network} w1")
    return names[0]


def values_of(options: Namespace) -> dict[str, str] | None:
    """Return the values of `--at` as text, None where there is no such option."""
    return None if options.at is None else dict(pairs(options.at, "--at"))


def values_or_drawn(options: Namespace, network: Network) -> Mapping[str, Any] | None:
    """Return the values of `--at`, or those that `--seed` draws."""
    if options.seed is None:
        return values_of(options)
    if options.at:
        raise UsageError("--at and --seed both give values; take one of them")
    return exercise(network.model, options.seed).given
