"""The arguments of every verb."""

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from symgrad.asserted import HINTS
from symgrad.cli.epilogs import CHECK, COST, EXPLAIN, GRADE, PROVE, SYMGRAD
from symgrad.cli.options import (
    Parser,
    Verbs,
    add_at,
    add_drawn,
    add_judging,
    add_limit,
    add_names,
    add_network,
    add_roster,
    add_schedule,
    add_table,
    add_verb,
    add_wrt,
)
from symgrad.cli.rules import add_rule

FORMATS = ("unicode", "latex", "mathml", "sympy", "json")
STYLES = ("chain", "local", "closed", "delta", "matrix")
OPTION = re.compile(r"-[hoq]|-|--[a-z-]*(=.*)?", re.DOTALL)
REWRITES = ("moments",)
SECOND = ("hessian", "hessian_vector", "gauss_newton_vector", "jacobian")
MOST = 1_000_000


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
    if getattr(options, "names", None) == [] and not any(word.startswith("-") for word in left):
        options.names, left = left, []
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
    add_verb(verbs, "zoo", "list the named networks")
    show = add_network(add_verb(verbs, "show", "print the definitions of a network, or its picture"))
    show.add_argument(
        "names", nargs="*", metavar="NODE", help="only these nodes; with --picture, their paths"
    )
    show.add_argument("--format", choices=FORMATS[:3], default="unicode", help="notation of the formulas")
    show.add_argument(
        "--picture", action="store_true", help="an SVG, the paths of at most two nodes in colour"
    )
    derive = add_network(add_verb(verbs, "derive", "print gradients as formulas"))
    add_wrt(derive, several=True)
    derive.add_argument("--style", action="append", choices=STYLES, help="chain, local and delta by default")
    derive.add_argument("--format", choices=FORMATS, default="unicode", help="notation of the formulas")
    add_limit(derive)
    _second(derive)
    paths = add_network(add_verb(verbs, "paths", "list the paths from the loss to a node"))
    add_wrt(paths)
    add_at(paths)
    add_drawn(paths)
    add_limit(paths)
    paths.add_argument("--first", type=int, metavar="K", help="list only the first K paths")
    paths.add_argument("--largest", type=int, metavar="K", help="list the K largest products at these values")
    cost = add_network(add_verb(verbs, "cost", "count the operations of a loss and its gradients"))
    cost.epilog, cost.formatter_class = COST, argparse.RawDescriptionHelpFormatter
    explain = add_network(add_verb(verbs, "explain", "show every figure of a gradient beside its formula"))
    add_wrt(explain)
    add_at(explain)
    add_drawn(explain)
    explain.epilog, explain.formatter_class = EXPLAIN, argparse.RawDescriptionHelpFormatter
    explain.add_argument("--rate", help="the step size of the update, as a decimal number or a fraction")


def _second(derive: Parser) -> None:
    derive.add_argument("--hessian", nargs=2, metavar=("W", "V"), help="∂²J/∂W∂V instead of gradients")
    derive.add_argument("--jacobian", nargs=2, metavar=("Y", "X"), help="∂Y/∂X instead of gradients")
    derive.add_argument("--hvp", action="store_true", help="products of the Hessian with a direction")
    derive.add_argument("--ggn", action="store_true", help="products of the Gauss–Newton matrix")


def _proofs(verbs: Verbs) -> None:
    prove = add_network(add_verb(verbs, "prove", "prove that paths, deltas, gradient and kernel agree"))
    prove.epilog, prove.formatter_class = PROVE, argparse.RawDescriptionHelpFormatter
    add_wrt(prove, several=True)
    prove.add_argument("--no-kernel", action="store_true", help="leave the kernel out")
    info = add_verb(verbs, "info", "print versions and the tables of layers, activations, losses, optimizers")
    info.add_argument("--markdown", action="store_true", help="the tables of the README, with formulas")


def _checking(verbs: Verbs) -> None:
    check = add_verb(verbs, "check", "judge gradients that were derived by hand")
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
    add_names(check)
    add_judging(check)
    _figures(check)


def _figures(verb: Parser) -> None:
    verb.add_argument("--figure", action="append", default=[], metavar="NAME=NUMBER", help="a printed figure")
    verb.add_argument("--steps", type=int, help="after how many steps of descent it stands (0)")
    verb.add_argument("--rate", help="the step size, as a decimal number or a fraction")
    add_at(verb)


def _classroom(verbs: Verbs) -> None:
    grade = add_verb(verbs, "grade", "grade answers: a row for each file of a folder")
    grade.add_argument("files", nargs="+", metavar="FOLDER|FILE", help="answers: .toml .csv .txt .tex")
    grade.add_argument(
        "--net", dest="network", required=True, metavar="NET", help="the network they are about"
    )
    add_names(grade)
    grade.add_argument("--hints", choices=HINTS, default="category", help="how much is said (category)")
    grade.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS", help="for each formula (5)")
    add_roster(grade)
    grade.epilog, grade.formatter_class = GRADE, argparse.RawDescriptionHelpFormatter
    exercise = add_network(add_verb(verbs, "exercise", "draw a training step to be computed by hand"))
    exercise.add_argument(
        "--seed", default="0", help="a name or a number: the same gives the same numbers (0)"
    )
    exercise.add_argument("--digits", type=int, default=4, help="significant digits of each figure (4)")
    exercise.add_argument("--key", metavar="FILE", help="write the right figures here")
    add_roster(exercise)
    vectors = add_network(
        add_verb(verbs, "vectors", "make test vectors that tell a gradient from the usual mistakes")
    )
    vectors.add_argument("--seed", type=int, default=0, help="of the points that are tried (0)")


def _kernels(verbs: Verbs) -> None:
    generate = add_verb(verbs, "generate", "write a network as a standalone kernel module")
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
    generate.add_argument(
        "--fast", action="store_true", help="BLAS changes the weights in place, and they are kept turned"
    )
    generate.add_argument(
        "--threads", action="store_true", help="also train_in_blocks, by any number of threads bit for bit"
    )
    generate.add_argument(
        "--rewrite",
        choices=REWRITES,
        help="moments: full batches of a quadratic loss are trained by sums over the data, read once",
    )
    generate.add_argument(
        "--batch", type=int, metavar="N", help="the batch for which loops and BLAS are weighed (32)"
    )
    generate.add_argument(
        "--schedule",
        action="append",
        default=[],
        metavar="NODE=WAY",
        help="loops, blas, tiles (--fast) for a sum; apart: its loops are not joined with others; *=scalars "
        "asks for a variable for every entry, *=arrays forbids them, *=batches a step of single samples",
    )
    generate.add_argument(
        "--explain",
        action="store_true",
        help="print why every sum is written as it is, and what is one pass, not the kernel",
    )
    add_rule(generate)


def _training(verbs: Verbs) -> None:
    train = add_network(add_verb(verbs, "train", "train a network on data"))
    train.add_argument("data", metavar="DATA", help="a CSV or NPZ file")
    add_table(train)
    add_rule(train)
    add_schedule(train)
    predict = add_network(add_verb(verbs, "predict", "predict with trained parameters"))
    predict.add_argument("parameters", metavar="PARAMETERS", help="the file that train saved")
    predict.add_argument("data", metavar="DATA", help="a CSV or NPZ file with the inputs")
    predict.add_argument("--no-header", action="store_true", help="the CSV begins with data at once")
