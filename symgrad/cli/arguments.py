"""The arguments of every verb."""

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn, Protocol, cast

from symgrad.asserted import HINTS
from symgrad.cli.epilogs import CHECK, SYMGRAD
from symgrad.cli.rules import add_rule
from symgrad.errors import UsageError
from symgrad.verify.verdict import LEVELS as EVIDENCE

LEVELS = ("neuron", "layer")
FORMATS = ("unicode", "latex", "mathml", "sympy", "json")
STYLES = ("chain", "local", "closed", "delta", "matrix")
OPTION = re.compile(r"-[hoq]|-|--[a-z-]*(=.*)?", re.DOTALL)
SECOND = ("hessian", "hessian_vector", "gauss_newton_vector", "jacobian")
LIMIT = 10_000
MOST = 1_000_000


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


def parser() -> Parser:
    """Return the parser of the whole command line."""
    top = Parser(
        prog="symgrad",
        description="Derive, prove and compile the gradients of neural networks.",
        epilog=SYMGRAD,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"symgrad {own_version()}")
    made = top.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=Parser)
    verbs = cast("Verbs", made)
    _formulas(verbs)
    _proofs(verbs)
    _checking(verbs)
    _classroom(verbs)
    _kernels(verbs)
    _training(verbs)
    return top


def read(words: Sequence[str]) -> argparse.Namespace:
    """Return what a command line says.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    top = parser()
    options, left = top.parse_known_args(_formulas_kept(words))
    # argparse takes places that may stay empty for empty as soon as an option stands between them.
    for place in ("network", "node", "formula") if options.verb == "check" else ():
        if getattr(options, place) is None and left and not left[0].startswith("-"):
            setattr(options, place, left.pop(0))
    if left:
        top.error(f"unrecognized arguments: {' '.join(left)}")
    return options


def _formulas_kept(words: Sequence[str]) -> list[str]:
    """Return the words with a blank before every formula that begins with a minus: it is no option."""
    if list(words[:1]) != ["check"]:
        return list(words)
    return [f" {word}" if word.startswith("-") and not OPTION.fullmatch(word) else word for word in words]


def own_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("symgrad")
    except PackageNotFoundError:
        return "unknown (not installed)"


def _formulas(verbs: Verbs) -> None:
    _verb(verbs, "zoo", "list the named networks")
    derive = _network(_verb(verbs, "derive", "print gradients as formulas"))
    _wrt(derive, several=True)
    derive.add_argument("--style", action="append", choices=STYLES, help="chain, local and delta by default")
    derive.add_argument("--format", choices=FORMATS, default="unicode", help="notation of the formulas")
    _limit(derive)
    _second(derive)
    paths = _network(_verb(verbs, "paths", "list the paths from the loss to a node"))
    _wrt(paths)
    _at(paths)
    _limit(paths)
    paths.add_argument("--first", type=int, metavar="K", help="list only the first K paths")
    paths.add_argument("--largest", type=int, metavar="K", help="list the K largest products at these values")
    explain = _network(_verb(verbs, "explain", "show every figure of a gradient beside its formula"))
    _wrt(explain)
    _at(explain)
    explain.add_argument("--rate", help="the step size of the update, as a decimal number or a fraction")


def _second(derive: Parser) -> None:
    derive.add_argument("--hessian", nargs=2, metavar=("W", "V"), help="∂²J/∂W∂V instead of gradients")
    derive.add_argument("--jacobian", nargs=2, metavar=("Y", "X"), help="∂Y/∂X instead of gradients")
    derive.add_argument("--hvp", action="store_true", help="products of the Hessian with a direction")
    derive.add_argument("--ggn", action="store_true", help="products of the Gauss–Newton matrix")


def _proofs(verbs: Verbs) -> None:
    prove = _network(_verb(verbs, "prove", "prove that paths, deltas, gradient and kernel agree"))
    _wrt(prove, several=True)
    prove.add_argument("--no-kernel", action="store_true", help="leave the kernel out")
    info = _verb(verbs, "info", "print versions and the tables of layers, activations, losses, optimizers")
    info.add_argument("--markdown", action="store_true", help="the tables of the README, with formulas")


def _checking(verbs: Verbs) -> None:
    check = _verb(verbs, "check", "judge gradients that were derived by hand")
    check.epilog, check.formatter_class = CHECK, argparse.RawDescriptionHelpFormatter
    check.add_argument("network", nargs="?", metavar="NET", help="a zoo name or a TOML file")
    check.add_argument("node", nargs="?", metavar="W", help="the node that was derived by")
    check.add_argument("formula", nargs="?", metavar="FORMULA", help="the claim, as text or LaTeX")
    check.add_argument("--file", metavar="FILE", help="a TOML file of derivations for the network")
    check.add_argument("--cases", metavar="FILE", help="a TOML file of cases: NumPy code and claims for it")
    check.add_argument(
        "--numpy", nargs=2, metavar=("FORWARD", "CLAIMED"), help="two Python files: a loss, its gradient"
    )
    check.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=KIND,LENGTHS",
        help="an array of --numpy, as in x=4,3 or y=onehot,4,3",
    )
    check.add_argument("--wrt", action="append", default=[], metavar="NAME", help="what --numpy derives by")
    _names(check)
    _judging(check)
    _figures(check)


def _figures(verb: Parser) -> None:
    verb.add_argument("--figure", action="append", default=[], metavar="NAME=NUMBER", help="a printed figure")
    verb.add_argument("--steps", type=int, help="after how many steps of descent it stands (0)")
    verb.add_argument("--rate", help="the step size, as a decimal number or a fraction")
    _at(verb)


def _judging(verb: Parser) -> None:
    # None is what was not given: `symgrad.cli.checking` says which option goes with what.
    verb.add_argument("--evidence", choices=EVIDENCE, help="the least that is asked for (held)")
    verb.add_argument("--hints", choices=HINTS, help="how much is said of a mistake (full)")
    verb.add_argument("--seed", type=int, help="of the points of evaluation (0)")
    verb.add_argument("--timeout", type=float, metavar="SECONDS", help="for each claim (20)")
    verb.add_argument("--memory", type=float, metavar="GIB", help="for each case of code (2)")


def _classroom(verbs: Verbs) -> None:
    grade = _verb(verbs, "grade", "grade answers: a row for each file of a folder")
    grade.add_argument("files", nargs="+", metavar="FOLDER|FILE", help="answers: .toml .csv .txt .tex")
    grade.add_argument(
        "--net", dest="network", required=True, metavar="NET", help="the network they are about"
    )
    _names(grade)
    grade.add_argument("--hints", choices=HINTS, default="category", help="how much is said (category)")
    grade.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS", help="for each formula (5)")
    _roster(grade)
    grade.epilog = "-o report.csv writes a table, with a column for each question"
    exercise = _network(_verb(verbs, "exercise", "draw a training step to be computed by hand"))
    exercise.add_argument(
        "--seed", default="0", help="a name or a number: the same gives the same numbers (0)"
    )
    exercise.add_argument("--digits", type=int, default=4, help="significant digits of each figure (4)")
    exercise.add_argument("--key", metavar="FILE", help="write the right figures here")
    _roster(exercise)
    vectors = _network(
        _verb(verbs, "vectors", "make test vectors that tell a gradient from the usual mistakes")
    )
    vectors.add_argument("--seed", type=int, default=0, help="of the points that are tried (0)")


def _roster(verb: Parser) -> None:
    verb.add_argument("--class", dest="roster", metavar="FILE", help="a class list, a name on each line")


def _kernels(verbs: Verbs) -> None:
    generate = _verb(verbs, "generate", "write a network as a standalone kernel module")
    generate.add_argument("network", nargs="?", metavar="NET", help="a zoo name or a TOML file")
    generate.add_argument(
        "--all", action="store_true", help="every network of the zoo, into the folder of -o"
    )
    generate.add_argument(
        "--size", action="append", default=[], metavar="NAME=NUMBER", help="a number for a size"
    )
    generate.add_argument(
        "--also", nargs="+", default=[], metavar="FUNCTION", help=f"also {', '.join(SECOND)}"
    )
    add_rule(generate)


def _training(verbs: Verbs) -> None:
    train = _network(_verb(verbs, "train", "train a network on data"))
    train.add_argument("data", metavar="DATA", help="a CSV or NPZ file")
    _table(train)
    add_rule(train)
    _schedule(train)
    predict = _network(_verb(verbs, "predict", "predict with trained parameters"))
    predict.add_argument("parameters", metavar="PARAMETERS", help="the file that train saved")
    predict.add_argument("data", metavar="DATA", help="a CSV or NPZ file with the inputs")
    predict.add_argument("--no-header", action="store_true", help="the CSV begins with data at once")


def _table(verb: Parser) -> None:
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


def _schedule(verb: Parser) -> None:
    verb.add_argument("--epochs", type=int, default=100, help="how often the rows are run through (100)")
    verb.add_argument("--batch", type=int, default=32, help="rows in a batch (32); 0 takes all")
    verb.add_argument("--no-shuffle", action="store_true", help="keep the order of the rows")
    verb.add_argument("--drop-last", action="store_true", help="leave out the last, smaller batch")
    verb.add_argument("--learning-rate", type=float, help="the step size")
    verb.add_argument("--target-loss", type=float, help="stop when the loss is this small")
    verb.add_argument("--float32", action="store_true", help="compute in single precision")


def _verb(verbs: Verbs, name: str, what: str) -> Parser:
    verb = verbs.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    verb.add_argument("--json", action="store_true", help="one JSON object on stdout")
    verb.add_argument("-o", "--output", metavar="FILE", help="write here instead of to stdout")
    verb.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
    return verb


def _network(verb: Parser) -> Parser:
    verb.add_argument("network", metavar="NET", help="a zoo name or a TOML file")
    _names(verb)
    return verb


def _names(verb: Parser) -> None:
    verb.add_argument(
        "--level", choices=LEVELS, help="names of neurons or of layers; the network's own by default"
    )
    verb.add_argument(
        "--size", action="append", default=[], metavar="NAME=NUMBER", help="a number for a size"
    )


def _wrt(verb: Parser, *, several: bool = False) -> None:
    count = "*" if several else "?"
    verb.add_argument(
        "names", nargs=count, metavar="W", help="the node to derive by" + (", all by default" * several)
    )
    verb.add_argument("--wrt", action="append", default=[], metavar="W", help="the same as an option")


def _at(verb: Parser) -> None:
    verb.add_argument(
        "--at", nargs="*", metavar="NAME=NUMBER", help="values; the example's where none are given"
    )


def _limit(verb: Parser) -> None:
    verb.add_argument("--limit", type=int, default=LIMIT, help=f"list at most so many paths ({LIMIT:,})")
