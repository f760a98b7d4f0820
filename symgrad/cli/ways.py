"""What `check` is given: one way of claiming something, and which options go with it."""

from argparse import Namespace
from collections.abc import Mapping

from symgrad.errors import UsageError

FORMULA = "NET W FORMULA"
SETTINGS = ("evidence", "hints", "seed", "timeout")
NAMES = ("level", "size")
# What goes with each way; whatever else is given would not be read, and is refused.
TAKES: Mapping[str, tuple[str, ...]] = {
    FORMULA: (*NAMES, *SETTINGS),
    "--file": (*NAMES, *SETTINGS),
    "--figure": (*NAMES, "hints", "timeout", "steps", "rate", "at"),
    "--numpy": ("var", "wrt", *SETTINGS, "memory"),
    "--cases": (*SETTINGS, "memory"),
}
DEFAULTS: Mapping[str, object] = {
    "evidence": "held",
    "hints": "full",
    "seed": 0,
    "timeout": 20.0,
    "memory": 2.0,
    "steps": 0,
}


def way_of(options: Namespace) -> str:
    """Return the way that was chosen, with the defaults of options that were not given put in.

    Raises
    ------
    UsageError
        If there is none, more than one, or something that does not go with it.
    """
    way = _way(options)
    words = [word for word in (options.node, options.formula) if word is not None]
    if words and way != FORMULA:
        raise UsageError(
            f"{' '.join(words)!r} is not looked at beside {way}; it goes with check NET W FORMULA"
        )
    for name in dict.fromkeys(name for names in TAKES.values() for name in names):
        if getattr(options, name) not in (None, []) and name not in TAKES[way]:
            others = ", ".join(other for other, names in TAKES.items() if name in names)
            raise UsageError(f"--{name} does not go with {way}; it goes with {others}")
    for name, value in DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return way


def _way(options: Namespace) -> str:
    given = {
        "--file": options.file,
        "--figure": options.figure,
        "--numpy": options.numpy,
        "--cases": options.cases,
    }
    chosen = [way for way, value in given.items() if value not in (None, [])]
    alone = chosen in (["--numpy"], ["--cases"])
    if len(chosen) > 1 or (alone and options.network is not None) or not (chosen or options.network):
        raise UsageError(
            "check takes a network with a formula, --file FILE or --figure NAME=NUMBER; or --numpy FORWARD "
            "CLAIMED; or --cases FILE: one of them"
        )
    if not chosen and (options.node is None or options.formula is None):
        example = f"symgrad check {options.network} w1 'FORMULA'"
        raise UsageError(f"check needs a node and a formula, as in: {example}; or --file FILE")
    return chosen[0] if chosen else FORMULA
