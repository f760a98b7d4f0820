"""The parts that the search stands on: derivatives of code, edits that leave no trace, constants."""

import ast

import numpy as np
import pytest

from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.brackets import moved
from symgrad.verify.mistakes.code.case import case_of
from symgrad.verify.mistakes.code.listing import Listing, listing
from symgrad.verify.mistakes.code.numbers import NUMPY, Stepped, stepped
from symgrad.verify.mistakes.code.places import Place
from symgrad.verify.mistakes.code.slopes import STEP, Slopes, slopes
from symgrad.verify.mistakes.ranking import Explanation, constant_between, ranked, rounded
from symgrad.verify.verdict import Mistake

PROGRAMS = (
    "L = np.sum(np.abs(W)) + np.linalg.norm(W)",
    "L = np.sum(W.var(0)*np.array([1.0, 2.0, 3.0])) + np.std(W)",
    "L = np.log(np.abs(np.linalg.det(W))) + np.linalg.slogdet(W @ W)[1]",
    "A = np.zeros((3, 3))\nfor i in range(3):\n    A[i] = W[i]**2\nL = np.sum(np.maximum(A, 0.1)*A)",
    "L = np.sum(np.where(W > 0, np.log1p(np.exp(W)), 0.1*W)) + np.logaddexp(W, W.T).sum()",
    "L = -np.log(softmax(W)[np.arange(3), W.argmax(1)]).sum() + np.clip(W, -0.5, 0.5).sum()",
)


def drawn():
    return {"W": np.random.default_rng(5).standard_normal((3, 3))}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_complex_step_agrees_with_differences(program):
    codes = listing(program).codes
    exact = slopes(drawn(), "W", codes)
    assert exact.complex
    rough = Slopes(drawn(), "W", complex=False)
    assert np.allclose(exact.gradient(codes), rough.gradient(codes), rtol=1e-7, atol=1e-8)


def test_code_that_refuses_complex_numbers_is_differenced():
    codes = listing("L = float(np.sum(W)) + np.hypot(W, 1.0).sum()").codes
    assert not slopes(drawn(), "W", codes).complex


@pytest.mark.parametrize("by", [True, False], ids=["complex step", "differences"])
def test_a_stopped_use_counts_as_a_constant(by):
    program = listing("L = np.sum(W*np.sin(W))")
    site = next(site for site in program.sites if ast.unparse(site.node) == "np.sin(W)")
    hooked = program.edited((site, ast.parse("_hook(0, np.sin(W))", mode="eval").body))
    found = Slopes(drawn(), "W", complex=by).gradient(hooked, lambda call, changes, values: 0 * values[1])
    assert np.allclose(found, np.sin(drawn()["W"]), atol=1e-8)


def test_a_variance_keeps_its_derivative():
    x = stepped(np.array([1.0, 2.0, 4.0]) + 1j * STEP * np.array([1.0, 0.0, 0.0]))
    assert isinstance(x, Stepped)
    assert np.isclose(np.imag(x.var(ddof=1)) / STEP, 2 * (1 - 7 / 3) / 2)
    assert np.isclose(np.imag(NUMPY.std(x)) / STEP, (1 - 7 / 3) / 3 / np.std([1, 2, 4]))


def test_an_edit_leaves_the_listing_as_it_was():
    program = listing("a = b + c\nfor i in range(3):\n    a = a*b")
    site = next(site for site in program.sites if ast.unparse(site.node) == "c")
    assert program.mended((site, ast.Name("d", ast.Load()))) == "a = b + d"
    assert program.text(0) == "a = b + c"


def test_places_know_the_loops_around_them():
    program = listing("G = sum(h[t]*k for t in range(3))")
    assert {ast.unparse(s.node): s.loops for s in program.sites}["h[t]"] == ("t",)


def test_the_lengths_of_loops_are_known_where_a_name_says_them():
    given = [array_of("h", ["normal", 3]), array_of("k", ["normal"])]
    case = case_of("n = 3\nL = k*np.sum(h)", "G = sum(h[t] for t in range(n))*2", given, "k")
    assert case.lengths == {"t": 3}


def test_brackets_are_put_in_taken_out_and_moved():
    program = listing("G = (a - b)*c + d")
    site = next(site for site in program.sites if site.field == "value")
    texts = {ast.unparse(node) for node, _ in moved(Place(site, None, None, None))}
    assert {"a - b * c + d", "a - b * (c + d)", "(a - b) * (c + d)"} <= texts
    assert "(a - b) * c + d" not in texts


def test_a_constant_is_found_or_there_is_none():
    part = np.array([1.0, -2.0, 3.0])
    assert constant_between(part, 0.5 * part, 1e-9) == 0.5
    assert constant_between(part, part**2, 1e-9) is None
    assert constant_between(0 * part, part, 1e-9) is None
    assert rounded(1 / 3 + 1e-13) == 1 / 3


def test_one_explanation_of_a_kind_and_none_that_is_far_fetched():
    costs = [(1.0, "wrong_sign"), (1.2, "wrong_sign"), (1.1, "transpose"), (5.0, "other")]
    found = ranked(Explanation(cost, Mistake(kind)) for cost, kind in costs)
    assert [mistake.kind for mistake in found] == ["wrong_sign", "transpose"]


def test_lines_that_the_result_does_not_need_are_not_edited():
    program = Listing(tuple(ast.parse("a = b\nG = c").body), frozenset({1}))
    assert [ast.unparse(site.node) for site in program.sites] == ["c"]
