"""What the functions of a text bind, read off the text once: every word means one thing in each."""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from symgrad.errors import DefinitionError

TRAINING = ("train", "_train_online", "_train_batches", "_member")
"""The functions that set the words of an update rule, unless they only choose another one."""


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
        arguments = tuple(a.arg for a in function.args.args)
        return cls(function.name, arguments, stores, frozenset(calls), trains)


@lru_cache(maxsize=1)
def _functions(text: str) -> tuple[_Bindings, ...]:
    return tuple(_Bindings.of(s) for s in ast.parse(text).body if isinstance(s, ast.FunctionDef))


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
    for function in _functions(text):
        own = words if function.trains else dict.fromkeys((a for a in function.arguments if a in words), 0)
        for word, count in own.items():
            if function.stores.get(word, 0) != count or word in function.calls:
                reason = f"{word} would mean two things in {function.function}"
                raise DefinitionError(f"{reason}; give the optimizer's {word} another name")


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
    for function in _functions(text):
        taken = Counter(function.arguments)
        twice = {argument for argument, count in taken.items() if count > 1}
        wrong = sorted(twice | (function.stores.keys() & taken.keys()) - set(scalars))
        if wrong:
            raise DefinitionError(
                f"{wrong[0]} would mean two things in {function.function}; rename the node {wrong[0]}"
            )
