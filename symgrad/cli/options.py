"""What several verbs take: the network, nodes, values, limits, and how a claim is judged."""

import argparse
from typing import NoReturn, Protocol

from symgrad.asserted import HINTS
from symgrad.errors import UsageError
from symgrad.verify.verdict import LEVELS as EVIDENCE

LEVELS = ("neuron", "layer")
LIMIT = 10_000


class Parser(argparse.ArgumentParser):
    """An argument parser that raises where argparse exits, so that errors can be JSON."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(f"{message}; see {self.prog} --help")


class Verbs(Protocol):
    """What argparse returns for subcommands, as far as it is needed here."""

    def add_parser(self, name: str, **about: str) -> Parser:
        """Add a verb."""
        ...


def add_verb(verbs: Verbs, name: str, what: str) -> Parser:
    """Add a verb with what all of them take."""
    verb = verbs.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    verb.add_argument("--json", action="store_true", help="one JSON object on stdout")
    verb.add_argument("-o", "--output", metavar="FILE", help="write here instead of to stdout")
    verb.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
    return verb


def add_network(verb: Parser) -> Parser:
    """Add NET, and how its names are read."""
    verb.add_argument("network", metavar="NET", help="a zoo name or a TOML file")
    add_names(verb)
    return verb


def add_names(verb: Parser) -> None:
    """Add what says which names and sizes are meant."""
    verb.add_argument(
        "--level", choices=LEVELS, help="names of neurons or of layers; the network's own by default"
    )
    verb.add_argument(
        "--size", action="append", default=[], metavar="NAME=NUMBER", help="a number for a size"
    )


def add_wrt(verb: Parser, *, several: bool = False) -> None:
    """Add the node to derive by, or several."""
    count = "*" if several else "?"
    verb.add_argument(
        "names", nargs=count, metavar="W", help="the node to derive by" + (", all by default" * several)
    )
    verb.add_argument("--wrt", action="append", default=[], metavar="W", help="the same as an option")


def add_at(verb: Parser) -> None:
    """Add values for the leaves."""
    verb.add_argument(
        "--at",
        nargs="*",
        metavar="NAME=NUMBER",
        help="values, of an array as in 'W1=0.1, 0.2; 0.3, 0.4'; the example's where none are given",
    )


def add_drawn(verb: Parser) -> None:
    """Add a seed from which all values are drawn."""
    verb.add_argument(
        "--seed", help="draw all values from a name or a number, those of symgrad exercise --seed"
    )


def add_limit(verb: Parser) -> None:
    """Add how many paths are listed at most."""
    verb.add_argument("--limit", type=int, default=LIMIT, help=f"list at most so many paths ({LIMIT:,})")


def add_judging(verb: Parser) -> None:
    """Add what is asked of a judgement."""
    # None is what was not given: `symgrad.cli.checking` says which option goes with what.
    verb.add_argument("--evidence", choices=EVIDENCE, help="the least that is asked for (held)")
    verb.add_argument("--hints", choices=HINTS, help="how much is said of a mistake (full)")
    verb.add_argument("--seed", type=int, help="of the points of evaluation (0)")
    verb.add_argument("--timeout", type=float, metavar="SECONDS", help="for each claim (20)")
    verb.add_argument("--memory", type=float, metavar="GIB", help="for each case of code (2)")


def add_roster(verb: Parser) -> None:
    """Add a class list."""
    verb.add_argument("--class", dest="roster", metavar="FILE", help="a class list, a name on each line")


def add_table(verb: Parser) -> None:
    """Add how a table of data is read."""
    verb.add_argument(
        "--target", nargs="+", default=[], metavar="NAME", help="target columns, the last by default"
    )
    verb.add_argument("--no-header", action="store_true", help="the CSV begins with data at once")
    verb.add_argument(
        "--scale", choices=("standard", "minmax", "none"), default="none", help="scaling of the inputs"
    )
    verb.add_argument(
        "--holdout", type=float, default=0.2, metavar="SHARE", help="share of rows held out (0.2)"
    )
    verb.add_argument("--seed", type=int, default=0, help="of split, initial values and order (0)")


def add_schedule(verb: Parser) -> None:
    """Add how long and in which steps is trained."""
    verb.add_argument("--epochs", type=int, default=100, help="how often the rows are run through (100)")
    verb.add_argument("--batch", type=int, default=32, help="rows in a batch (32); 0 takes all")
    verb.add_argument("--no-shuffle", action="store_true", help="keep the order of the rows")
    verb.add_argument("--drop-last", action="store_true", help="leave out the last, smaller batch")
    verb.add_argument("--learning-rate", type=float, help="the step size")
    verb.add_argument("--target-loss", type=float, help="stop when the loss is this small")
    verb.add_argument("--float32", action="store_true", help="compute in single precision")
