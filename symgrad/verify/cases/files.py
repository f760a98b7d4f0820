"""Case files: derivations as NumPy code, one table each, with the arrays that the code speaks of.

A table ``[[case]]`` holds ``id``, ``vars`` (name = ``[kind, lengths…]``), ``forward`` (statements that set
the loss ``L``), ``claimed`` (statements that set the gradient ``G``, or
what `symgrad.verify.code.gradients` reads instead) and ``wrt`` (the array that is derived
by).  Whatever else stands there is not read: what somebody ruled on a case cannot reach the judge.  Where
the file has a table ``[vocabulary]``, mistakes are named in its words alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import TypeGuard, cast

from symgrad.errors import DataError, SymgradError
from symgrad.files import read_text, tables_in
from symgrad.verify.code.following import TITLES
from symgrad.verify.evidence.domain import array_of

LARGEST = 16 << 20
# What these names mean in a case, which no array may be called by.
TAKEN = {
    "L": "the loss",
    "G": "the gradient",
    "np": "NumPy",
    "numpy": "NumPy",
    "math": "Python's math",
    "scipy": "SciPy",
    "cache": "what a forward pass keeps",
}


@dataclass(frozen=True)
class Case:
    """A gradient claimed for code.

    Attributes
    ----------
    id
        What the file calls it.
    vars
        For every array its kind and lengths, as `symgrad.verify.evidence.domain.array_of` reads them.
    forward
        NumPy statements over the arrays; they set the loss ``L``.
    claimed
        Statements that follow them and set the gradient: ``G``, or a name of
        `symgrad.verify.code.gradients.names_of`.
    wrt
        The array that ``L`` is derived by.
    titles
        What the two pieces of code are called in messages.
    """

    id: str
    vars: Mapping[str, Sequence[object]]
    forward: str
    claimed: str
    wrt: str
    titles: Sequence[str] = TITLES


@dataclass(frozen=True)
class CaseFile:
    """The cases of a file, and the words for mistakes that it knows; None where it knows no vocabulary."""

    cases: tuple[Case, ...]
    vocabulary: frozenset[str] | None = None


def read_cases(path: Path) -> CaseFile:
    """Read a case file.

    Raises
    ------
    DataError
        If the file cannot be read or is no case file; the message names the file, the case and the key.
    """
    table = tables_in(path, read_text(path, largest=LARGEST))
    found = table.get("case")
    if not _tables(found) or not found:
        raise DataError(f"{path}: there are no cases; write each as a table [[case]]")
    cases: dict[str, Case] = {}
    for number, case in enumerate(found, 1):
        made = _case(f"{path}, case {number}", f"{path}, case", case)
        if made.id in cases:
            raise DataError(f"{path}, case {made.id!r}: there are two cases with this id")
        cases[made.id] = made
    return CaseFile(tuple(cases.values()), _vocabulary(path, table))


def case_of(place: str, name: str, table: Mapping[str, object]) -> Case:
    """Read a case whose id is known from its other keys; ``place`` is what messages begin with."""
    variables = _arrays(place, table.get("vars"))
    wrt = _text(place, table, "wrt")
    if wrt not in variables:
        raise DataError(f"{place}: wrt = {wrt!r} is not in vars, which has {', '.join(variables)}")
    return Case(name, variables, _text(place, table, "forward"), _text(place, table, "claimed"), wrt)


def _case(by_number: str, by_id: str, table: Mapping[str, object]) -> Case:
    name = _text(by_number, table, "id")
    return case_of(f"{by_id} {name!r}", name, table)


def _text(place: str, table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    if value is None:
        raise DataError(f"{place}: the key {key!r} is missing")
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{place}: {key} is text, not {'empty' if value == '' else repr(value)}")
    return value


def _arrays(place: str, found: object) -> Mapping[str, Sequence[object]]:
    if not _mapping(found) or not found:
        raise DataError(f'{place}: vars is a table of arrays, as in {{ x = ["normal", 4, 3] }}')
    return {name: array_in(place, name, spec) for name, spec in found.items()}


def array_in(place: str, name: str, spec: object) -> Sequence[object]:
    """Read what a table of arrays says of one; ``place`` is what messages begin with."""
    if not name.isidentifier() or iskeyword(name):
        raise DataError(f"{place}: vars.{name}: this is no name of an array")
    if name in TAKEN:
        raise DataError(f"{place}: vars.{name}: {name} is {TAKEN[name]} here; call the array otherwise")
    if not _list(spec) or not spec or not isinstance(spec[0], str):
        raise DataError(f'{place}: vars.{name} is a kind and lengths, as in ["normal", 4, 3], not {spec!r}')
    try:
        array_of(name, spec)
    except SymgradError as error:
        raise DataError(f"{place}: vars.{name}: {error}") from None
    return spec


def _vocabulary(path: Path, table: Mapping[str, object]) -> frozenset[str] | None:
    words = table.get("vocabulary")
    if words is None:
        return None
    if not _mapping(words):
        raise DataError(f"{path}: vocabulary is a table of words and their meanings")
    return frozenset(words)


def _mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _tables(value: object) -> TypeGuard[list[Mapping[str, object]]]:
    return isinstance(value, list) and all(map(_mapping, cast("list[object]", value)))
