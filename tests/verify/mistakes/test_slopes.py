"""The parts that the search stands on: derivatives of code, edits that leave no trace, constants."""

import ast

import numpy as np
import pytest

from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.brackets import brackets
from symgrad.verify.mistakes.code.case import case_of
from symgrad.verify.mistakes.code.deadline import Deadline
from symgrad.verify.mistakes.code.listing import HOOK, Listing, listing
from symgrad.verify.mistakes.code.numbers import NUMPY, Stepped, stepped
from symgrad.verify.mistakes.code.places import Place
from symgrad.verify.mistakes.code.slopes import STEP, Slopes, slopes
from symgrad.verify.mistakes.code.stocking import stock
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
    found = Slopes(drawn(), "W", complex=by).gradient(
        hooked, lambda site, call, changes, values: 0 * values[0]
    )
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
    given = [array_of(name, ["normal", 2]) for name in "abcd"]
    made = case_of("L = np.sum(a*b*c*d)", "G = (a - b)*c + d", given, "a")
    site = next(site for site in made.claimed.sites if site.field == "value")
    texts = {ast.unparse(node) for node, _ in brackets(Place(site, None, made, None))}
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


def test_a_slip_at_one_pass_of_a_loop_is_the_same_for_every_entry():
    given = [array_of("x", ["normal", 3])]
    forward = "h = x\nfor k in range(3):\n    h = h + np.sin(h)\nL = np.sum(h*h)"
    made = case_of(forward, "G = x", given, "x")
    for slopes_ in (made.first.slopes, Slopes(made.first.arrays, "x", complex=False)):
        site = next(site for site in made.forward.sites if ast.unparse(site.node) == "np.sin(h)")
        hooked = ast.Call(ast.Name(HOOK, ast.Load()), [ast.Constant(0), site.node], [])
        codes = made.forward.edited((site, hooked))

        def at_the_first_pass(number, call, changes, values):
            return 0 * changes[0] if call == 0 else changes[0]

        found = slopes_.gradient(codes, at_the_first_pass)
        each = [slopes_.along(codes, row, at_the_first_pass) for row in np.eye(3)]
        assert np.array_equal(found, each)
        assert not np.allclose(found, made.first.truth)


def test_work_is_counted_and_shared_by_no_one():
    whole = Deadline(5, until=np.inf)
    short = whole.within(2)
    short.spend()
    short.spend()
    assert short.passed
    assert not whole.passed
    assert Deadline(5, until=0.0).passed


def test_elementwise_functions_without_a_name_are_recognised_by_their_values():
    given = [array_of("x", ["normal", 9]), array_of("W", ["normal", 9, 9])]
    forward = "a = np.clip(x, -0.5, 0.5)\nm = np.tril(W)\nb = np.cumsum(x)\nL = np.sum(m @ a) + b.sum()"
    found = {
        (each.function, ast.unparse(each.z)) for each in stock(case_of(forward, "G = x", given, "x")).applied
    }
    assert ("np.clip", "x") in found
    assert not {"np.tril", "np.cumsum"} & {function for function, _ in found}
