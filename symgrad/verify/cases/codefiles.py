"""A forward pass and a claimed gradient as two Python files, made into cases; nothing of them is run here.

Each file either holds statements (the first sets the loss ``L``, the second the gradient ``G``, or ``dW``,
``grad_W``, ``grad``), or defines a function: the last one of a file is called with arrays by the names of its
parameters, and what it returns is the loss or the gradient.  Several gradients are returned as a dict by
name, or as a tuple in the order of ``wrt``; what a forward pass returns behind its loss is given to the
second function as ``cache``.

The arrays stand in a block of comments, written as TOML::

    # /// symgrad
    # wrt = "W"
    # vars = { x = ["normal", 4, 3], W = ["normal", 2, 3] }
    # ///

or in the annotations of the function, ``def forward(x: "4 3", W: "2 3"):``, with another kind of array in
front of the lengths, as in ``x: "onehot 4 3"``; what the caller gives goes before both.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from symgrad.errors import DataError
from symgrad.files import read_text, tables_in
from symgrad.verify.arrays.programs import GRADIENT, LOSS
from symgrad.verify.cases.files import Case, array_in, case_of
from symgrad.verify.code.gradients import keys_of, name_set, names_of, said_names
from symgrad.verify.code.inlining import CACHE, in_their_lines, inlined

BLOCK = re.compile(r"^# /// symgrad$\n((?:^#(?:| .*)$\n)*?)^# ///$", re.MULTILINE)
KEYS = ("vars", "wrt")
WORDS = re.compile(r"[\w.+-]+")


@dataclass(frozen=True)
class CodeFile:
    """A Python file: its place, its text, its last function if it defines one, the table of its block."""

    path: Path
    text: str
    function: ast.FunctionDef | None
    table: Mapping[str, object]

    @property
    def parameters(self) -> tuple[ast.arg, ...]:
        """The parameters of the function; none where there is no function."""
        if self.function is None:
            return ()
        found = self.function.args
        return (*found.posonlyargs, *found.args, *found.kwonlyargs)


def cases_of_code(
    forward: Path, claimed: Path, given: Mapping[str, Sequence[object]] | None = None, wrt: Sequence[str] = ()
) -> tuple[Case, ...]:
    """Return a case for each gradient that is claimed.

    Parameters
    ----------
    forward, claimed
        The two files.
    given
        Arrays that the caller describes, as in the ``vars`` of a case file.
    wrt
        The arrays to derive by, in the order of a tuple that is returned.

    Raises
    ------
    DataError
        If a file cannot be read or is no Python, if an array is not described or ``wrt`` is missing.
    """
    first, second = _read(forward), _read(claimed)
    names = tuple(wrt) or _wrt(first, second)
    first = _called_or_not(first, (LOSS,))
    second = _called_or_not(second, [name for one in names for name in names_of(one)])
    arrays = {**_annotated(first), **_annotated(second), **_vars(first), **_vars(second), **(given or {})}
    for file in (first, second):
        _check(file, arrays)
    if not arrays:
        raise DataError(f"{forward}: {_how_to_describe('x')}")
    if not names:
        how = 'say --wrt W, or wrt = "W" in the block of comments'
        raise DataError(f"{forward}: the array that is derived by is missing; {how}")
    table = {"vars": arrays, "forward": _statements(first, LOSS)}
    claims = [{**table, "wrt": name, "claimed": _claim(second, names, name)} for name in names]
    cases = (case_of(str(forward), name, claim) for name, claim in zip(names, claims, strict=True))
    return tuple(replace(case, titles=(str(forward), str(claimed))) for case in cases)


def spec_of(text: str) -> list[object]:
    """Read ``onehot,4,3`` or ``4 3``: a kind, numbers (a kind of free ones where there is none), lengths.

    Examples
    --------
    >>> spec_of("4 3"), spec_of("ids,5,4"), spec_of("scaled 0.5 2")
    (['normal', 4, 3], ['ids', 5, 4], ['scaled', 0.5, 2])
    """
    words = WORDS.findall(text)
    parts = [_number_or_word(word) for word in words]
    return [*(() if parts and isinstance(parts[0], str) else ("normal",)), *parts]


def _number_or_word(word: str) -> object:
    try:
        return int(word) if word.isdecimal() else float(word)
    except ValueError:
        return word


def _read(path: Path) -> CodeFile:
    text = read_text(path)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise DataError(f"{path} is no Python: {error.msg} in line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        why = str(error) or "it is nested too deeply"
        raise DataError(f"{path} is no Python: {why}") from None
    if not tree.body:
        raise DataError(f"{path} holds no code")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return CodeFile(path, text, functions[-1] if functions else None, _block(path, text))


def _called_or_not(file: CodeFile, results: Sequence[str]) -> CodeFile:
    """Return a file as one without a function to call where its statements set the result themselves."""
    return replace(file, function=None) if any(_sets(file.text, name) for name in results) else file


def _check(file: CodeFile, arrays: Mapping[str, object]) -> None:
    """Refuse a function that takes what nobody described."""
    for arg in file.parameters:
        if arg.arg not in arrays and arg.arg != CACHE:
            raise DataError(f"{file.path}, line {arg.lineno}: {_undescribed(arg.arg)}")


def _block(path: Path, text: str) -> Mapping[str, object]:
    found = BLOCK.search(text)
    if found is None:
        return {}
    lines = [line[2:] for line in found[1].splitlines()]
    table = tables_in(f"{path}: the block of comments", "\n".join(lines))
    for key in table:
        if key not in KEYS:
            raise DataError(f"{path}: the block of comments has the key {key!r}; it takes {', '.join(KEYS)}")
    return table


def _vars(file: CodeFile) -> Mapping[str, Sequence[object]]:
    found = file.table.get("vars", {})
    if not isinstance(found, dict):
        raise DataError(f'{file.path}: vars is a table of arrays, as in {{ x = ["normal", 4, 3] }}')
    described = cast("Mapping[str, object]", found)
    return {name: array_in(str(file.path), name, spec) for name, spec in described.items()}


def _annotated(file: CodeFile) -> Mapping[str, Sequence[object]]:
    notes = {arg.arg: arg.annotation for arg in file.parameters}
    texts = {name: note.value for name, note in notes.items() if isinstance(note, ast.Constant)}
    specs = {name: spec_of(text) for name, text in texts.items() if isinstance(text, str)}
    return {name: array_in(str(file.path), name, spec) for name, spec in specs.items()}


def _wrt(*files: CodeFile) -> tuple[str, ...]:
    for found in (file.table.get("wrt") for file in files):
        if isinstance(found, str):
            return (found,)
        if isinstance(found, list) and found:
            return tuple(map(str, found))
    return ()


def _statements(file: CodeFile, result: str, names: Sequence[str] = (), name: str = "") -> str:
    """Return the statements of a file that set a result, with those of its function where it defines one.

    They stand in the lines in which they stood, so that messages can name them.
    """
    if file.function is None:
        return file.text
    made = inlined(file.function, result, names, name)
    if not made:
        return f"{file.text}\n{_call(file, result)}{_picked(result, names, name)}"
    others = [node for node in ast.parse(file.text).body if ast.dump(node) != ast.dump(file.function)]
    return in_their_lines(file.text, others, made) or "\n".join(map(ast.unparse, [*others, *made]))


def _claim(file: CodeFile, names: Sequence[str], name: str) -> str:
    """Return the statements that claim a gradient."""
    if file.function is not None:
        return _statements(file, GRADIENT, names, name)
    if name_set(file.text, name) is None:
        raise DataError(f"{file.path} sets none of {said_names(name)}")
    several = len(names) > 1 and name_set(file.text, name) == GRADIENT
    return f"{file.text}\n{GRADIENT} = {GRADIENT}[{name!r}]\n" if several else file.text


def _call(file: CodeFile, result: str) -> str:
    """Return the statement that calls a function with arrays by the names of its parameters."""
    assert file.function is not None
    first = [arg.arg for arg in file.function.args.posonlyargs]
    named = [f"{arg.arg}={arg.arg}" for arg in file.parameters[len(first) :]]
    return f"{result} = {file.function.name}({', '.join([*first, *named])})\n"


def _picked(result: str, names: Sequence[str], name: str) -> str:
    """Return the statement that picks one gradient of those that a function returned, or the loss."""
    if not names:
        pair = f"{result}, cache = {result}[0], {result}[1] if len({result}) == 2 else {result}[1:]"
        return f"if isinstance({result}, tuple):\n    {pair}\n"
    place = f"{result}[{list(names).index(name)}] if isinstance({result}, tuple) else "
    either = place if len(names) > 1 else ""
    keys = f"[{result}[k] for k in {keys_of(name)} if k in {result}][0]"
    return f"{result} = {either}{keys} if isinstance({result}, dict) else {result}\n"


def _sets(text: str, name: str) -> bool:
    """Whether statements outside functions set a name."""
    outside = (node for node in ast.parse(text).body if not isinstance(node, ast.FunctionDef))
    names = (n for node in outside for n in ast.walk(node) if isinstance(n, ast.Name))
    return any(n.id == name and isinstance(n.ctx, ast.Store) for n in names)


def _undescribed(name: str) -> str:
    return f"the array {name} is not described; {_how_to_describe(name)}"


def _how_to_describe(name: str) -> str:
    ways = f'--var {name}=normal,4,3, an annotation {name}: "4 3", or a block of comments'
    return f"say what it is by {ways}"
