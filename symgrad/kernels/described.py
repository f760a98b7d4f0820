"""What a kernel's text says of itself, read without running it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from symgrad.arrays import Shape, extent, names_in
from symgrad.errors import CheckError, DataError
from symgrad.kernels.files import BOUNDS, FORMAT, FUNCTIONS, MEMBERS, TAIL

LEAST, MOST = 2, 32
"""Sizes without a number are the least that fit together, within these bounds."""


@dataclass(frozen=True)
class Described:
    """The text of a kernel and the tables in it.

    Attributes
    ----------
    tables
        The literals of the module, by name.
    functions
        Its functions, as Python reads them.
    """

    text: str
    tables: Mapping[str, Any]
    functions: Mapping[str, ast.FunctionDef]

    def __getitem__(self, name: str) -> Any:
        return self.tables[name]

    def arguments(self, function: str) -> tuple[str, ...]:
        """Return the names of the arguments of a function."""
        return tuple(a.arg for a in self.functions[function].args.args)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The inputs and targets, in the order in which `gradients` takes them.

        Names in the text may differ from those of the network; what `train` is not given is drawn.
        """
        given, drawn = iter(self["INPUTS"]), iter(self["DRAWN"])
        known = self.arguments("train")[: len(self["INPUTS"])]
        places = self.arguments("gradients")[: len(self["INPUTS"]) + len(self["DRAWN"])]
        return (*(next(given if name in known else drawn) for name in places), *self["TARGETS"])

    @property
    def rows(self) -> str:
        """The name of the number of samples."""
        return self["SAMPLES"]

    def has_samples(self, name: str) -> bool:
        """Whether the first axis of an array are the samples."""
        return self.shapes[name][:1] == (self.rows,)

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The shapes of all arrays that `train` works with."""
        tables = ("INPUTS", "DRAWN", "TARGETS", "PARAMETERS", "STATES")
        return {name: shape for table in tables for name, shape in self[table].items()}

    @property
    def branches(self) -> bool:
        """Whether values decide which statements are carried out."""
        calls = (n for f in self.functions.values() for n in ast.walk(f) if isinstance(n, ast.Call))
        return any(isinstance(call.func, ast.Name) and call.func.id == "greater" for call in calls)

    @property
    def together(self) -> int:
        """How many samples loops over them take in a turn, at most."""
        calls = (n for name, f in self.functions.items() if "train" not in name for n in ast.walk(f))
        return max((step for call in calls for step in _steps(call) if step <= MOST), default=1)

    def sizes(self, samples: int) -> dict[str, int]:
        """Return numbers for all sizes, different ones where these fit together.

        Raises
        ------
        CheckError
            If none fit together.
        """
        extents = [*(s for shape in self.shapes.values() for s in shape), *self["LABELS"].values()]
        found = (n for size in (*extents, *self["NEEDS"]) for n in names_in(size))
        names = [name for name in dict.fromkeys(found) if name != self.rows]
        choices = [{name: number for number, name in enumerate(names, samples + 1)}]
        choices += [dict.fromkeys(names, number) for number in range(LEAST, MOST)]
        for choice in ({**numbers, self.rows: samples} for numbers in choices):
            positive = all(_known(size, choice) > 0 for size in extents)
            if positive and all(_known(need, choice) >= 0 for need in self["NEEDS"]):
                return choice
        raise CheckError(f"no sizes from {LEAST} to {MOST - 1} fit this kernel")

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape of an array at some sizes."""
        return at_sizes(self.shapes[name], sizes)

    def entries(self, sizes: Mapping[str, int]) -> int:
        """Return how many entries all parameters have together."""
        return sum(prod(self.shape(name, sizes)) for name in self["PARAMETERS"])


def _steps(node: ast.AST) -> Iterator[int]:
    """Yield the step of a range, where it is a number above 1."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[_, _, ast.Constant(value=int(step))]) if step > 1:
            yield step
        case _:
            return


def at_sizes(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return a shape in numbers."""
    return tuple(_known(size, sizes) for size in shape)


def _known(size: int | str, sizes: Mapping[str, int]) -> int:
    found = extent(size, sizes)
    assert found is not None
    return found


def described(text: str, name: str = "the text") -> Described:
    """Read the tables and functions of a kernel.

    Parameters
    ----------
    name
        What the text is called in messages.

    Raises
    ------
    DataError
        If it is not a kernel of this format.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise DataError(f"{name} is not a Python module: {problem}") from None
    tables = dict(_literals(tree))
    found = tables.get("FORMAT", FORMAT)
    if found != FORMAT:
        raise DataError(f"{name} has format {found}, not {FORMAT}: make it again (symgrad generate)")
    functions = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
    missing = [n for n in MEMBERS if n not in (functions if n in FUNCTIONS else tables)]
    if missing:
        raise DataError(f"{name} is not a kernel: it has no {missing[0]}")
    made = Described(text, {**dict.fromkeys(BOUNDS, ()), "ALSO": (), **tables}, functions)
    _check(made, name)
    return made


def _literals(tree: ast.Module) -> list[tuple[str, Any]]:
    """Return the names that a module sets to literals."""
    found: list[tuple[str, Any]] = []
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Call() | ast.Attribute()):
                continue
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                found.append((target, _literal(target, value)))
            case _:
                continue
    return found


def _literal(name: str, value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        raise DataError(f"{name} is no literal (line {value.lineno}): this is no kernel") from None


def _check(made: Described, name: str) -> None:
    """Refuse tables of another kind than kernels have, and functions that take something else."""
    for table in (
        "INPUTS",
        "DRAWN",
        "TARGETS",
        "OUTPUTS",
        "PARAMETERS",
        "KINDS",
        "LABELS",
        "STATES",
        "OPTIONS",
    ):
        if not isinstance(made[table], dict):
            raise DataError(f"{name}: {table} is no table; make it again (symgrad generate)")
    data = len(made["INPUTS"]) + len(made["TARGETS"])
    settings = len(made["STATES"]) + len(made["OPTIONS"]) + len(TAIL)
    weights = len(made["PARAMETERS"])
    wanted = {
        "train": data + weights + settings,
        "gradients": data + len(made["DRAWN"]) + weights,
        "loss": data + len(made["DRAWN"]) + weights,
    }
    for function, count in wanted.items():
        found = len(made.arguments(function))
        if found != count:
            raise DataError(f"{name}: {function} takes {found} arguments, and the tables name {count}")
    if made.arguments("train")[-len(TAIL) :] != TAIL:
        raise DataError(f"{name}: the last arguments of train must be {', '.join(TAIL)}")
