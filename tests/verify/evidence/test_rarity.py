"""Claims that are right at ordinary points: what is said is where they are not."""

from fractions import Fraction

import pytest

from symgrad.exact.balls import Balls
from symgrad.exact.tapes import Tape, run
from symgrad.verify.evidence.conditions import relation
from symgrad.verify.evidence.judge import judge
from tests.verify.evidence.claims import W, X, Y, neuron, question, relu, sigmoid, slope

CLAIMS = {
    "far": (lambda w, x, y: slope(w, x, y) + relu(x - 100), "x > 100"),
    "below": (lambda w, x, y: slope(w, x, y) + relu(-100 - x), "x < -100"),
    "tie": (lambda w, x, y: slope(w, x, y) + x.algebra.step(x - y) + x.algebra.step(y - x) - 1, "x = y"),
    "half": (lambda w, x, y: slope(w, x, y) + relu(x), ""),
    "everywhere": (lambda w, x, y: 2 * slope(w, x, y), ""),
}


@pytest.mark.parametrize(("claim", "where"), CLAIMS.values(), ids=CLAIMS)
def test_a_claim_that_is_wrong_where_something_rare_holds(claim, where):
    found = judge(question(neuron, claim, W, X, Y), seconds=60)
    assert (found.verdict, found.where) == ("wrong", where)


def test_a_value_that_is_too_long_to_be_written_is_one_on_the_way():
    tape = Tape()
    long = tape.total(
        sigmoid(tape.leaf(f"a_long_name_{k}") * tape.leaf("another_long_name")) for k in range(9)
    )
    inside = tape.leaf("x").algebra.total([tape.leaf("x"), tape.number(Fraction(-1, 10**12))])
    assert relation(tape, inside.place, -1) == "x < 1e-12"
    cut = (long.exp() - Fraction(1, 10**12)).place
    assert relation(tape, cut, -1) == ""
    assert relation(tape, cut, -1, "a value") == "a value < 1e-12"
    assert relation(tape, (Fraction(1, 2) - long.exp()).place, 1, "a value") == "a value < 1/2"


@pytest.mark.parametrize("number", [Fraction(1, 10**12), Fraction(1, 10**6)])
def test_a_strip_between_two_conditions_is_visited(number):
    """Sides that contradict each other, w > ε and w < 0, are no reason to search for long, or to doubt."""

    def claim(w, x, y):
        step = w.algebra.step
        return step(w - number) + (1 - step(w - number)) * (1 - step(-w)) / 2

    found = judge(question(lambda w, x, y: relu(w), claim, W, X, Y), seconds=60)
    assert found.verdict == "wrong"
    assert 0 < Fraction(found.counterexample.at["w"]) < number


def test_a_search_passes_over_numbers_beyond_all_bounds():
    """|a| of a sigmoid is a: the search for its zero meets numbers that have no middle."""
    found = judge(
        question(
            neuron, lambda w, x, y: slope(w, x, y) / sigmoid(w * x) * x.algebra.abs(sigmoid(w * x)), W, X, Y
        ),
        seconds=60,
    )
    assert found.verdict == "right"


def test_a_ball_beyond_all_bounds_has_no_middle():
    tape = Tape()
    balls = Balls(192, kinks=True)
    balls.define("x", balls.number(-(2**29)))
    (value,) = run(tape, balls, tape.leaf("x").exp())
    assert value.signum == 1
