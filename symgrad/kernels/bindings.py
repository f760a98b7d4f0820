"""What the functions of a text bind, read off the text once: every word means one thing in each."""

import ast
import symtable
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from symgrad.errors import DefinitionError

TRAINING = ("train", "_train_online", "_train_batches", "_member")
"""The functions that set the words of an update rule, unless they only choose another one."""
APART = "\n\n\n"
"""What stands between the functions of a text."""


@dataclass(frozen=True)
class _Bindings:
    """What a function of a text takes, how often it sets each name, what it calls, and whether it trains."""

    function: str
    arguments: tuple[str, ...]
    stores: Mapping[str, int]
    calls: frozenset[str]
    trains: bool

    @classmethod
    def of(cls, function: ast.FunctionDef) -> "_Bindings":
        stores: Counter[str] = Counter()
        calls: set[str] = set()
        loops = False
        for node in ast.walk(function):
            loops |= isinstance(node, ast.While)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                stores[node.id] += 1
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                calls.add(node.func.id)
        trains = loops and function.name in TRAINING
        return cls(function.name, _arguments(function), stores, frozenset(calls), trains)


def _arguments(function: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(a.arg for a in function.args.args)


def check_rule(text: str, words: Mapping[str, int]) -> None:
    """Refuse a word of an update rule that a function of the text uses for something else, too.

    Parameters
    ----------
    words
        How often `train` sets each of them; any other function only reads what it is given.

    Raises
    ------
    DefinitionError
        With the function and the name.
    """
    for function in _mentioning(text, words):
        own = words if function.trains else dict.fromkeys((a for a in function.arguments if a in words), 0)
        for word, count in own.items():
            if function.stores.get(word, 0) != count or word in function.calls:
                reason = f"{word} would mean two things in {function.function}"
                raise DefinitionError(f"{reason}; give the optimizer's {word} another name")


def _mentioning(text: str, words: Iterable[str]) -> Iterator[_Bindings]:
    """Read those functions of a text that may train or have one of some words; the others need not be."""
    telling = ("while ", *words)
    for part in text.split(APART):
        if any(word in part for word in telling):
            yield from (_Bindings.of(s) for s in ast.parse(part).body if isinstance(s, ast.FunctionDef))


def check_bindings(text: str, scalars: Iterable[str]) -> None:
    """Refuse a text in which a function has an argument twice, or binds one anew that is no number.

    Parameters
    ----------
    scalars
        The arguments that are numbers: a function may convert them.

    Raises
    ------
    DefinitionError
        With the function and the name.
    """
    for function in _scopes(text):
        wrong = sorted(set(_bound_anew(function, function.get_parameters())) - set(scalars))
        if wrong:
            raise _two_things(wrong[0], function.get_name())


def _scopes(text: str) -> list[symtable.Function]:
    """Return what Python knows of the names of the functions of a text."""
    try:
        made = symtable.symtable(text, "kernel", "exec").get_children()
    except SyntaxError:
        functions = (s for s in ast.parse(text).body if isinstance(s, ast.FunctionDef))
        twice = ((a, f.name) for f in functions for a, n in Counter(_arguments(f)).items() if n > 1)
        raise _two_things(*next(twice)) from None
    return [scope for scope in made if isinstance(scope, symtable.Function)]


def _bound_anew(scope: symtable.SymbolTable, names: Iterable[str]) -> Iterator[str]:
    """Yield those of some names that a function, or one inside of it, assigns to."""
    known = set(scope.get_identifiers()).intersection(names)
    yield from (name for name in known if scope.lookup(name).is_assigned())
    for inside in scope.get_children():
        yield from _bound_anew(inside, names)


def _two_things(name: str, function: str) -> DefinitionError:
    return DefinitionError(f"{name} would mean two things in {function}; rename the node {name}")
