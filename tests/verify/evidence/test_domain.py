"""Arrays of every kind have the property that their kind promises, at points and by their parameters."""

from fractions import Fraction
from random import Random

import pytest

from symgrad.errors import DataError, UnknownNameError
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.verify.evidence.domain import Array, Domain, array_of, leaf_key
from symgrad.verify.evidence.families import FAMILIES

SPECS = {
    "const": ["const", 0.1],
    "normal": ["normal", 3, 2],
    "free": ["free", 3],
    "scaled": ["scaled", 0.5, 3, 2],
    "pos": ["pos", 4],
    "positive": ["positive", 4],
    "unit": ["unit", 2, 3],
    "prob": ["prob", 2, 3],
    "rowprob": ["rowprob", 2, 3],
    "colprob": ["colprob", 2, 3],
    "distribution": ["distribution", 2, 3],
    "columns_to_one": ["columns_to_one", 2, 3],
    "sym": ["sym", 3],
    "spd": ["spd", 3],
    "orth": ["orth", 4, 2],
    "unitrows": ["unitrows", 2, 3],
    "onehot": ["onehot", 4, 3],
    "one_hot": ["one_hot", 3],
    "onehot0": ["onehot0", 3, 4],
    "label01": ["label01", 5],
    "sign": ["sign", 5],
    "count": ["count", 5],
    "ids": ["ids", 3, 4],
    "keep": ["keep", 0.8, 5],
}


def total(values):
    first, *rest = values
    for value in rest:
        first = first + value
    return first


def rows(entries, shape):
    return [entries[k : k + shape[-1]] for k in range(0, len(entries), shape[-1])]


def columns(entries, shape):
    return [entries[k :: shape[1]] for k in range(shape[1])]


def products(vectors):
    return {
        (i, j): total(a * b for a, b in zip(u, v, strict=True))
        for i, u in enumerate(vectors)
        for j, v in enumerate(vectors)
    }


IDENTITIES = {
    "prob": lambda e, s: [total(e) - 1],
    "rowprob": lambda e, s: [total(r) - 1 for r in rows(e, s)],
    "colprob": lambda e, s: [total(c) - 1 for c in columns(e, s)],
    "distribution": lambda e, s: [total(r) - 1 for r in rows(e, s)],
    "columns_to_one": lambda e, s: [total(c) - 1 for c in columns(e, s)],
    "sym": lambda e, s: [e[3 * i + j] - e[3 * j + i] for i in range(3) for j in range(i)],
    "spd": lambda e, s: [e[3 * i + j] - e[3 * j + i] for i in range(3) for j in range(i)],
    "orth": lambda e, s: [v - int(i == j) for (i, j), v in products(columns(e, s)).items()],
    "unitrows": lambda e, s: [total(v * v for v in r) - 1 for r in rows(e, s)],
    "onehot": lambda e, s: [total(r) - 1 for r in rows(e, s)] + [v * v - v for v in e],
    "onehot0": lambda e, s: [total(c) - 1 for c in columns(e, s)] + [v * v - v for v in e],
    "label01": lambda e, s: [v * v - v for v in e],
    "keep": lambda e, s: [v * v - v for v in e],
    "sign": lambda e, s: [v * v - 1 for v in e],
    "const": lambda e, s: [e[0] - Fraction(1, 10)],
}


def test_every_kind_is_tried():
    assert SPECS.keys() == FAMILIES.keys()


@pytest.mark.parametrize("kind", FAMILIES)
def test_points_have_the_property(kind):
    array = array_of("a", SPECS[kind])
    for seed in range(5):
        point = Domain((array,)).point(Random(seed))
        assert tuple(point) == array.leaves
        entries = list(point.values())
        assert all(isinstance(value, Fraction) for value in entries)
        assert not any(IDENTITIES.get(kind, lambda e, s: [])(entries, array.shape))
        if "positive" in array.family.words and kind != "spd":
            assert min(entries) > 0


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("make", [NormalForms, lambda: Residues(1)], ids=["forms", "residues"])
def test_what_is_defined_has_the_property_identically(kind, make):
    array, algebra = array_of("a", SPECS[kind]), make()
    domain = Domain((array,))
    domain.define(algebra, domain.chosen(Random(1)))
    entries = [algebra.leaf(key) for key in array.leaves]
    zeros = IDENTITIES.get(kind, lambda e, s: [])(entries, array.shape)
    assert all(value.is_zero() for value in zeros)


@pytest.mark.parametrize("kind", ["normal", "sym", "orth", "prob", "unitrows", "spd", "distribution"])
def test_a_parametrisation_does_not_fix_more_than_the_property(kind):
    """The first entry, and the first two, are free: no polynomial in them that is tried vanishes."""
    array, field = array_of("a", SPECS[kind]), Residues(2)
    Domain((array,)).define(field, {})
    a, b = (field.leaf(key) for key in array.leaves[:2])
    for value in (a, b, a - b, a + b, a - 1, a * a - b * b, a * a + b * b - 1, a * b):
        assert not value.is_zero()


def test_points_are_generic():
    point = Domain((array_of("x", ["normal", 20, 20]),)).point(Random(0))
    sizes = {abs(value) for value in point.values()}
    assert len(sizes) == 400
    assert not sizes & {0, 1}
    assert max(sizes) <= Fraction(5, 2)


def test_leaves_are_named_row_by_row():
    assert Array("x").leaves == ("x",)
    assert Array("W", (2, 2)).leaves == ("W[0,0]", "W[0,1]", "W[1,0]", "W[1,1]")
    assert Array("y", (2,), keys=("y1", "y2")).leaves == ("y1", "y2")
    assert leaf_key("b", (3,)) == "b[3]"


def test_less_is_assumed_first():
    domain = Domain(tuple(array_of(kind, SPECS[kind]) for kind in ("onehot", "sym", "prob", "ids", "const")))
    assert [a.kind for a in domain.wider.arrays] == ["free", "free", "positive", "ids", "const"]
    assert [a.kind for a in domain.relaxed.arrays] == ["distribution", "sym", "prob", "ids", "const"]
    assert domain.among({"sym[0,0]"}).arrays == (domain.by_name["sym"],)


def test_everything_that_is_discrete_is_listed_if_it_is_little():
    domain = Domain((array_of("y", ["onehot", 2, 3]), array_of("s", ["sign", 1])))
    everything = domain.all_chosen(18)
    assert len(everything) == 18
    assert len({(tuple(c["y"]), tuple(c["s"])) for c in everything}) == 18
    assert domain.all_chosen(17) is None


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        (["gaussian", 3], UnknownNameError, "unknown kind of array 'gaussian'"),
        (["onehot1", 3, 2], UnknownNameError, "did you mean onehot"),
        ([], UnknownNameError, "unknown kind"),
        (["normal", 0], DataError, "whole numbers > 0"),
        (["normal", 2.5], DataError, "whole numbers > 0"),
        (["scaled", "x", 3], DataError, "'x' is no number"),
        (["const"], DataError, "numbers before the lengths: 1 expected, 0 given"),
        (["orth", 3], DataError, "2 to 2 lengths"),
        (["sym", 2, 3], DataError, "square, not 2×3"),
    ],
)
def test_what_is_no_array_is_refused(spec, error, message):
    with pytest.raises(error, match=message):
        array_of("a", spec)
