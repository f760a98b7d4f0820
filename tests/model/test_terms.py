"""The index algebra, case by case."""

from itertools import islice

import pytest
import sympy as sp

from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Edge, Node, Term
from symgrad.model.terms import (
    apart,
    fresh,
    gather,
    merged,
    onto,
    rename,
    same,
    solvable,
    substitute,
    summed,
    through,
)

D, E = size("D"), size("E")
SIZES = {"i": D, "j": E, "k": D, "l": E, "m": size(3), "n": D, "p": D, "q": E}


def axes(letters):
    return tuple(Axis(letter, SIZES[letter]) for letter in letters)


def at(name, *letters):
    return Ref(name, [index(k) if isinstance(k, str) else k for k in letters])


def term(write, bound, body):
    return Term(
        tuple(index(w) if isinstance(w, str) else sp.sympify(w, strict=True) for w in write),
        axes(bound),
        body,
    )


def edge(read, write, bound, partial):
    made = term(write, bound, partial)
    shape = tuple(made.sizes.get(w, D) for w in made.write)
    return Edge("x", "z", 0, 0, term(read, "", partial).write, made.write, made.bound, partial, shape)


def test_fresh_letters_are_not_taken():
    assert list(islice(fresh("jk"), 10)) == ["i", "l", "p", "q", "r", "s", "u", "v", "i1", "j1"]
    assert next(fresh({*"ijklpqrsuv", "i1"})) == "j1"


def test_renaming_happens_all_at_once():
    one = term("i", "ik", at("a", "i", "k") * index("k"))
    swapped = rename(one, {"i": "k", "k": "i"})
    assert swapped == term("k", "ki", at("a", "k", "i") * index("i"))
    assert rename(swapped, {"i": "k", "k": "i"}) == one
    assert rename(one, {}) == one


def test_only_taken_letters_are_renamed():
    moved = apart(term("i", "ik", at("a", "i", "k")), "kj")
    assert [axis.letter for axis in moved.bound] == ["i", "l"]
    assert moved.body == at("a", "i", "l")


def letters(found):
    return "".join(axis.letter for axis in found.bound)


@pytest.mark.parametrize(
    ("given", "own", "bound", "body"),
    [
        (term("k", "kj", at("a", "k", "j")), "i", "ij", at("a", "i", "j")),
        # The summed letter is in the way of the node's own.
        (term("k", "ki", at("a", "k") * at("b", "i")), "i", "ij", at("a", "i") * at("b", "j")),
        (term("ki", "ik", at("a", "k", "i")), "ik", "ik", at("a", "i", "k")),
        (term("", "i", at("a", "i")), "", "i", at("a", "i")),
    ],
)
def test_gather(given, own, bound, body):
    solved = gather(given, axes(own))
    assert (solved.write, letters(solved), solved.body) == (tuple(map(index, own)), bound, body)


@pytest.mark.parametrize(
    ("given", "own"),
    [
        (term([0], "j", at("a", "j")), "i"),
        (term("kk", "kj", at("a", "k", "j")), "in"),
        (term([index("k") + 1], "kj", at("a", "k", "j")), "i"),
    ],
)
def test_what_gather_cannot_solve(given, own):
    assert gather(given, axes(own)) is None


def test_gather_keeps_off_taken_names():
    (_, inner) = gather(term("i", "ik", at("a", "i", "k")), axes("i"), {"k", "j"}).bound
    assert inner.letter == "l"


@pytest.mark.parametrize(
    ("given", "own", "indicators"),
    [
        (term("k", "kj", at("a", "k", "j")), "i", []),
        (term([0], "j", at("a", "j")), "i", [Equal(index("i"), 0)]),
        (term("kk", "kj", at("a", "k", "j")), "in", [Equal(index("n"), index("i"))]),
        (term([index("k") + 1], "kj", at("a", "k", "j")), "i", [Equal(index("i"), index("k") + 1)]),
        # A letter of the term that bears the node's name gives way.
        (term([2 * index("i")], "ij", at("a", "i", "j")), "i", [Equal(index("i"), 2 * index("k"))]),
    ],
)
def test_what_cannot_be_solved_becomes_an_indicator(given, own, indicators):
    solved = onto(given, axes(own))
    assert solved.write == tuple(map(index, own))
    assert [f for f in sp.Mul.make_args(solved.body) if isinstance(f, Equal)] == indicators


def test_an_indicator_joins_a_tuple_as_its_last_member():
    solved = onto(term([0], "j", sp.Tuple(at("a", "j"), at("b"))), axes("i"))
    assert solved.body == sp.Tuple(at("a", "j"), at("b"), Equal(index("i"), 0))


def test_substitution_renames_what_would_be_captured():
    inner = Node("z", axes("i"), terms=(term("i", "ik", at("W", "i", "k") * at("x", "k")),))
    outer = term("", "ki", at("v", "k", "i") * at("z", "k"))
    (result,) = substitute(outer, "z", inner)
    new = result.bound[-1].letter
    assert new not in "ki"
    assert result.body == at("v", "k", "i") * at("W", "k", new) * at("x", new)


def test_substitution_into_a_sum():
    two = Node("z", axes("i"), terms=(term("i", "ij", at("W", "i", "j")), term("i", "i", at("b", "i"))))
    found = substitute(term("", "k", 3 * at("z", "k") + at("c", "k")), "z", two)
    assert [t.body.subs(0, 0) for t in found][1:] == [3 * at("b", "k"), at("c", "k")]
    assert len(found) == 3
    assert len(found[0].bound) == 2


def test_substitution_into_a_function_takes_a_single_term():
    single = Node("z", axes("i"), terms=(term("i", "i", at("a", "i") + at("b", "i")),))
    (result,) = substitute(term("", "k", sp.exp(at("z", "k")) * at("z", "k")), "z", single)
    assert result.body == sp.exp(at("a", "k") + at("b", "k")) * (at("a", "k") + at("b", "k"))
    many = Node("z", axes("i"), terms=(term("i", "ij", at("W", "i", "j")),))
    with pytest.raises(ValueError, match="does not stand linearly"):
        substitute(term("", "k", sp.exp(at("z", "k"))), "z", many)


def test_substitution_of_a_product_of_two_accesses():
    summed_node = Node("z", axes("i"), terms=(term("i", "ij", at("W", "i", "j")),))
    (result,) = substitute(term("", "kn", at("z", "k") * at("z", "n")), "z", summed_node)
    assert len({axis.letter for axis in result.bound}) == 4


@pytest.mark.parametrize("write", [[0], [index("i") + 1]])
def test_what_covers_only_part_of_a_node_is_not_substituted(write):
    part = Node("z", axes("i"), terms=(term(write, "i", at("b", "i")),))
    assert not solvable(part)
    with pytest.raises(ValueError, match="the landing subscripts of z cannot be solved"):
        substitute(term("", "k", at("z", "k")), "z", part)
    assert substitute(term("", "k", at("x", "k")), "z", part) == (term("", "k", at("x", "k")),)


def test_a_maximum_is_not_substituted():
    best = Node("z", axes("i"), terms=(term("i", "ij", at("W", "i", "j")),), reduce="max")
    assert not solvable(best)


def test_a_product_goes_through_an_edge():
    product = term("i", "i", sp.Tuple(at("d", "i")))
    carried = through(product, edge("j", "i", "ij", at("W", "i", "j")))
    assert same(carried, term("j", "ij", sp.Tuple(at("d", "i"), at("W", "i", "j"))))


def test_subscripts_that_cannot_be_solved_meet_in_an_indicator():
    carried = through(term([0], "", sp.Tuple(at("d"))), edge("k", [2 * index("k")], "k", at("W", "k")))
    assert carried.body == sp.Tuple(at("d"), at("W", "k"), Equal(2 * index("k"), 0))
    two = term([index("i") + index("k")], "ik", sp.Tuple(at("d", "i", "k")))
    carried = through(two, edge("n", [2 * index("n")], "n", at("W", "n")))
    assert carried.body[-1] == Equal(2 * index("n"), index("i") + index("k"))


@pytest.mark.parametrize(
    "given",
    [
        edge("i", [index("i") + index("m"), index("i")], "im", at("W", "i", "m")),
        edge("i", [index("i"), index("i")], "i", at("W", "i")),
        edge("i", [index("i"), 2 * index("m")], "im", at("W", "i", "m")),
    ],
)
@pytest.mark.parametrize("write", ["np", "nn", [index("n"), 1], [index("n"), index("n") + index("m")]])
def test_no_letter_is_left_behind(given, write):
    carried = through(term(write, "npm", sp.Tuple(at("d", "n", "p"))), given)
    bound = {axis.symbol for axis in carried.bound}
    used = {i for part in carried.body for r in part.atoms(Ref) for s in r.index for i in s.free_symbols}
    assert used | carried.body.free_symbols | {i for w in carried.write for i in w.free_symbols} <= bound


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (term("i", "ij", at("a", "i", "j")), term("k", "kl", at("a", "k", "l")), True),
        (term("i", "ij", at("a", "i", "j")), term("k", "lk", at("a", "k", "l")), True),
        (term("", "ij", at("a", "i", "j")), term("", "jin"[:2], at("a", "i", "j")), True),
        (term("", "ik", at("a", "i", "k")), term("", "ik", at("a", "k", "i")), True),
        (term("i", "ik", at("a", "i", "k")), term("i", "ik", at("a", "k", "i")), False),
        (term("i", "ij", at("a", "i", "j")), term("i", "ik", at("a", "i", "k")), False),
        (term("i", "i", at("a", "i")), term("i", "i", 2 * at("a", "i")), False),
        (term("i", "i", at("a", "i")), term("i", "ij", at("a", "i")), False),
        (term("ii", "ik", at("a", "i", "k")), term("ik", "ik", at("a", "i", "k")), False),
        (term([0], "i", at("a", "i")), term([1], "i", at("a", "i")), False),
    ],
)
def test_equality_up_to_names(one, other, equal):
    assert same(one, other) is equal
    assert same(other, one) is equal


def many(order):
    letters = [f"i{k}" for k in range(len(order))]
    body = sp.Mul(*(Ref("a", [index(letters[k]), index(letters[order[k]])]) for k in range(len(order))))
    return Term((), tuple(Axis(letter, D) for letter in letters), body)


def test_too_many_letters_are_not_tried():
    ring, two_rings = many([1, 2, 3, 4, 5, 6, 7, 0]), many([1, 2, 3, 0, 5, 6, 7, 4])
    assert same(ring, ring) is True
    assert same(ring, two_rings) is None
    assert same(many([1, 2, 0]), many([1, 0, 2])) is False


def test_terms_that_bind_and_write_alike_are_added_up():
    a, b = at("a", "i"), at("b", "i")
    found = merged([term("i", "i", a), term("", "i", b), term("i", "i", b), term("", "i", -b)])
    assert found == (term("i", "i", a + b),)


def test_summed_letters_are_those_that_do_not_land():
    assert summed(term("i", "ij", at("a", "i", "j"))) == axes("j")
    assert summed(term([index("i") + 1], "ij", at("a", "i", "j"))) == axes("ij")
