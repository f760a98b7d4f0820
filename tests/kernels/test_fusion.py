"""Joined loops compute what they computed apart: programs with a trap each, run before and after."""

from random import Random
from typing import Any

import numpy as np
import pytest
import sympy as sp

from symgrad.kernels.emit import block
from symgrad.kernels.fusion import contract, fuse
from symgrad.kernels.statements import (
    Accumulate,
    Assign,
    Fill,
    Loop,
    Operand,
    Position,
    Product,
    Statement,
    Statements,
    walk,
)
from symgrad.model.expressions import Ref, index, size

pytestmark = pytest.mark.uncompiled

I, J, K, V = map(index, "ijkv")
FOUR = sp.Integer(4)


def entry(name: str, *subscripts: sp.Expr | int) -> Ref:
    return Ref(name, subscripts)


def loop(letter: str, *body: Statement, stop: sp.Expr = FOUR) -> Loop:
    return Loop(letter, stop, body)


TRAPS: dict[str, tuple[Statements, int]] = {
    "what lands ahead is read behind": (
        (
            loop("i", Accumulate(entry("a", I + 1), entry("b", I))),
            loop("i", Assign(entry("c", I), entry("a", I))),
        ),
        2,
    ),
    "what is read ahead is overwritten": (
        (
            loop("i", Assign(entry("c", I), entry("a", I + 1))),
            loop("i", Assign(entry("a", I), entry("b", I))),
        ),
        2,
    ),
    "what is read behind is overwritten": (
        (
            loop("i", Assign(entry("c", I + 1), entry("a", I))),
            loop("i", Assign(entry("a", I + 1), entry("b", I))),
        ),
        2,
    ),
    "a stride meets all rows": (
        (
            loop("i", loop("j", Accumulate(entry("m", 2 * J, I), entry("b", I)), stop=sp.Integer(2))),
            loop("i", loop("j", Assign(entry("c", I), entry("m", I, J)))),
        ),
        2,
    ),
    "zeros between": (
        (
            loop("i", Assign(entry("c", I), entry("a", I))),
            Fill("a"),
            loop("i", Accumulate(entry("a", 3 - I), entry("b", I))),
        ),
        2,
    ),
    "zeros that nobody minds": (
        (
            loop("i", Assign(entry("c", I), entry("a", I))),
            Fill("b"),
            loop("i", Accumulate(entry("b", I), entry("c", I))),
        ),
        1,
    ),
    "ids meet": (
        (
            loop("i", Position("v", entry("ids", I)), Accumulate(entry("a", V), entry("b", I))),
            loop("i", Assign(entry("c", I), entry("a", I))),
        ),
        2,
    ),
    "a letter from outside is bound within": (
        (
            loop(
                "i",
                Position("v", entry("ids", I)),
                loop("j", Assign(entry("m", I, J), entry("a", V))),
                loop("j", loop("v", Accumulate(entry("w", I, J), entry("b", V)))),
            ),
        ),
        1,
    ),
    "a product of the same turn": (
        (
            loop("i", Product(Operand("c3", index=(I,)), Operand("m"), Operand("m"), FOUR)),
            loop("i", loop("j", Assign(entry("m3", I, J), entry("c3", I, J, 0)))),
        ),
        1,
    ),
    "a product of all turns": (
        (
            loop("i", Product(Operand("m"), Operand("w"), Operand("c3", index=(I,)), FOUR)),
            loop("i", loop("j", Assign(entry("m3", I, J), entry("m", I, J)))),
        ),
        2,
    ),
    "a packed matrix is used again": (
        (
            loop(
                "i",
                loop("j", loop("k", Assign(entry("m", J, K), entry("c3", I, J, K)))),
                Product(Operand("w"), Operand("m"), Operand("m"), FOUR),
            ),
            loop("i", loop("j", loop("k", Assign(entry("m", J, K), entry("a", I))))),
        ),
        2,
    ),
}


def arrays() -> dict[str, Any]:
    source = Random(4)
    shapes = {"a": 8, "b": 8, "c": 8, "m": (4, 4), "w": (4, 4), "m3": (4, 4), "c3": (4, 4, 4)}
    made: dict[str, Any] = {}
    for name, shape in shapes.items():
        count = int(np.prod(shape))
        made[name] = np.array([source.randint(-9, 9) for _ in range(count)], float).reshape(shape)
    return made | {"ids": np.array([2, 0, 2, 3]), "N": 4}


def executed(statements: Statements) -> dict[str, Any]:
    space = {"np": np, "zero": 0.0, **arrays()}
    exec("\n".join(block(statements, "a")), space)
    return {name: space[name] for name in arrays()}


def loops(statements: Statements) -> int:
    return sum(isinstance(s, Loop) for s in statements)


@pytest.mark.parametrize("name", TRAPS)
def test_joined_loops_compute_the_same(name: str) -> None:
    statements, left = TRAPS[name]
    joined = fuse(statements)
    assert loops(joined) == left
    for key, value in executed(joined).items():
        np.testing.assert_array_equal(value, executed(statements)[key], err_msg=key)


def test_letters_of_inner_loops_stay_apart() -> None:
    (outer,) = fuse(TRAPS["a letter from outside is bound within"][0])
    assert isinstance(outer, Loop)
    assert loops(outer.body) == 2


def test_an_array_read_elsewhere_is_no_scalar() -> None:
    made = entry("s", I, J)
    read = loop("i", loop("j", Assign(made, entry("b", J)), Assign(entry("m", I, J), made)))
    ahead = loop("i", loop("j", Assign(made, entry("b", J)), Assign(entry("m", I, J), entry("s", I, 3 - J))))
    kept = frozenset({"m"})
    assert not any(isinstance(s, Assign) and s.target == made for s in walk(contract((read,), kept)))
    assert contract((ahead,), kept) == (ahead,)
    whole = (read, Product(Operand("m"), Operand("s"), Operand("s"), FOUR))
    assert contract(whole, kept) == whole


def test_open_sizes_are_no_letters() -> None:
    n = size("N")
    one = loop("i", Assign(entry("c", I), entry("b", I) * n), stop=n)
    other = loop("i", Assign(entry("a", I), entry("c", I)), stop=n)
    assert loops(fuse((one, other))) == 1
