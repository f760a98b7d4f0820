"""Accesses as SymPy sees them."""

import copy
import pickle

import pytest
import sympy as sp

from symgrad.model.expressions import Ref, index, map_refs, refs, reindex, size

I, J, K = index("i"), index("j"), index("k")


def test_equal_names_are_the_same_symbol():
    assert sp.diff(Ref("w") ** 2, Ref("w")) == 2 * Ref("w")
    assert index("i") == I
    assert index("N") != size("N")
    assert size(3) == 3
    # What the one table is for:
    assert sp.diff(sp.Symbol("w", real=True) ** 2, sp.Symbol("w")) == 0


@pytest.mark.parametrize("ref", [Ref("w"), Ref("W", [I, 0]), Ref("x", [2 * I + K, size("N") - 1 - J])])
def test_accesses_are_values(ref):
    twins = [
        pickle.loads(pickle.dumps(ref)),
        copy.deepcopy(ref),
        Ref(ref.name, ref.index),
        ref.func(*ref.__getnewargs__()),
    ]
    for twin in twins:
        assert twin == ref
        assert hash(twin) == hash(ref)
        assert (twin.name, twin.index) == (ref.name, ref.index)
    assert pickle.loads(pickle.dumps(sp.exp(ref) + 1)) == sp.exp(ref) + 1


def test_different_accesses_differ():
    different = [
        Ref("w"),
        Ref("v"),
        Ref("w", [I]),
        Ref("w", [J]),
        Ref("w", [I, J]),
        Ref("w", [0]),
        Ref("w", [1]),
    ]
    assert len(set(different)) == len(different)
    assert len(sp.Add(*different).args) == len(different)


def test_a_subscript_is_no_variable():
    assert sp.diff(Ref("x", [I]) ** 2, I) == 0
    assert Ref("x", [I]).free_symbols == set()
    assert Ref("x", [I]).subs(I, 0) == Ref("x", [I])
    assert str(Ref("W", [I, J + 1])) == "W[i, j + 1]"


def test_refs_come_once_and_in_a_fixed_order():
    body = Ref("b", [J]) * Ref("a", [K]) + Ref("b", [I]) ** 2 + Ref("a", [K])
    assert refs(body) == (Ref("a", [K]), Ref("b", [I]), Ref("b", [J]))


def test_replacing_happens_all_at_once():
    body = Ref("a", [I]) * Ref("b", [J]) + I * J
    assert (
        map_refs(body, lambda r: Ref("b" if r.name == "a" else "a", r.index))
        == Ref("b", [I]) * Ref("a", [J]) + I * J
    )
    assert reindex(body, {I: J, J: I}) == Ref("a", [J]) * Ref("b", [I]) + I * J
    assert reindex(body, {I: J + 1}) == Ref("a", [J + 1]) * Ref("b", [J]) + (J + 1) * J
    assert reindex(body, {}) is body
