"""The judge: right claims in other forms, wrong ones that are hard to see, and the limits that it keeps."""

from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from random import Random

import pytest

from symgrad.exact.adjoint import adjoint
from symgrad.exact.enclosures import Intervals
from symgrad.exact.tapes import Tape
from symgrad.verify.evidence.domain import Array, Domain, leaf_key
from symgrad.verify.evidence.judge import judge
from symgrad.verify.evidence.question import Question
from tests.verify.evidence.claims import W, X, Y, neuron, of_neuron, question, relu, sigmoid, slope
from tests.work import clocked, counted

PRIME = 2**61 - 1


def test_the_same_computation_is_a_proof():
    tape = Tape()
    x = tape.leaf("x")
    found = judge(Question(tape, (x * 2,), (x + x - 0 * x,), ("",), Domain((X,))))
    assert (found.verdict, found.evidence) == ("right", "proved")
    same = judge(Question(tape, (x * 2,), (2 * x,), ("",), Domain((X,))))
    assert same.method == "the same computation"


@pytest.mark.parametrize(
    "claim",
    [
        slope,
        lambda w, x, y: x * ((w * x).exp() / (1 + (w * x).exp()) - y) / (2 + (w * x).exp() + (-w * x).exp()),
        lambda w, x, y: x * (((w * x / 2).tanh() + 1) / 2 - y) * (1 - (w * x / 2).tanh() ** 2) / 4,
    ],
    ids=["a (1 - a)", "exp", "half angle"],
)
def test_a_right_claim_is_proved_in_whatever_form(claim):
    found = of_neuron(claim)
    assert (found.verdict, found.evidence, found.assumptions) == ("right", "proved", ())


@pytest.mark.parametrize(
    "claim",
    [
        lambda **v: slope(**v) + PRIME * v["x"],
        lambda **v: slope(**v) * (1 + Fraction(1, 10**60)),
        lambda **v: slope(**v) * (1 + Fraction(1, 10**320)),
        lambda **v: slope(**v) * Fraction(1_000_001, 1_000_000),
        lambda **v: slope(**v) + (v["w"] ** 2).sqrt() - v["w"],
        lambda **v: slope(**v) * v["x"] ** (10**9),
        lambda **v: slope(**v) + v["w"] ** -(10**9),
        lambda **v: -slope(**v),
    ],
    ids=["prime", "1e-60", "1e-320", "1e-6", "half space", "huge", "huge inverse", "sign"],
)
def test_a_wrong_claim_is_wrong_at_a_point(claim):
    found = of_neuron(claim)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")
    example = found.counterexample
    assert set(example.at) == {"w", "x", "y"}
    assert example.claimed.split(" ± ")[0] != example.correct.split(" ± ")[0]


@pytest.mark.parametrize(
    "claim",
    [
        lambda **v: slope(**v) / (v["x"] - v["x"]),
        lambda **v: slope(**v) * (v["x"] - v["x"]) / (v["x"] - v["x"]),
        lambda **v: slope(**v) + (-1 - v["x"] ** 2).log(),
        lambda **v: slope(**v) + (-1 - v["x"] ** 2).sqrt(),
        lambda **v: slope(**v) * (v["w"].exp() - v["w"].exp()) ** -1,
    ],
    ids=["1/0", "0/0", "log", "root", "1/(e - e)"],
)
def test_a_claim_without_a_value_is_wrong(claim):
    found = of_neuron(claim)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")
    assert found.counterexample.claimed == "no value"


@pytest.mark.parametrize(
    "factor",
    [
        lambda w: w.sqrt() ** 2 / w,
        lambda w: w.log().exp() / w,
        lambda w: w.algebra.power(w, Fraction(1, 3)) ** 3 / w,
    ],
    ids=["root", "log", "third root"],
)
def test_a_claim_with_values_on_half_the_domain_is_wrong(factor):
    def claim(w, x, y):
        return slope(w, x, y) * factor(w)

    free = [judge(question(neuron, claim, W, X, Y), seed=seed) for seed in range(8)]
    assert {found.verdict for found in free} == {"wrong"}
    assert {found.counterexample.claimed for found in free} == {"no value"}
    positive = judge(question(neuron, claim, Array("w", (), "pos"), X, Y))
    assert (positive.evidence, positive.assumptions) == ("proved", ("w: positive",))


def test_a_quotient_that_is_undefined_on_a_line_only_is_right():
    def claim(w, x, y):
        return slope(w, x, y) * (w**2 - x**2) / (w - x) / (w + x)

    assert of_neuron(claim).evidence == "proved"


def cross_entropy(w, y):
    e = [v.exp() for v in w]
    total = e[0].algebra.total(e)
    return -e[0].algebra.total(t * (v / total).log() for t, v in zip(y, e, strict=True))


def shares(w):
    e = [v.exp() for v in w]
    total = e[0].algebra.total(e)
    return [v / total for v in e]


def difference(w, y):
    return [p - t for p, t in zip(shares(w), y, strict=True)]


def of_softmax(claim, kind, **options):
    return judge(question(cross_entropy, claim, Array("w", (3,)), Array("y", (3,), kind)), **options)


@pytest.mark.parametrize("kind", ["one_hot", "distribution", "prob", "rowprob"])
def test_a_sum_that_is_declared_is_used_and_said(kind):
    found = of_softmax(difference, kind)
    assert (found.verdict, found.evidence) == ("right", "proved")
    (assumption,) = found.assumptions
    assert assumption.startswith("y: ")
    assert assumption.endswith("adds up to 1")


@pytest.mark.parametrize("kind", ["free", "pos", "label01"])
def test_without_it_the_same_claim_is_wrong(kind):
    found = of_softmax(difference, kind)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")


def squared(w, y):
    return [p - t**2 for p, t in zip(shares(w), y, strict=True)]


def test_equal_only_at_one_hot_points():
    found = of_softmax(squared, "one_hot")
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert found.assumptions == ("y: each row is one-hot",)
    for kind in ("free", "distribution", "prob"):
        assert of_softmax(squared, kind).verdict == "wrong"


def test_where_not_all_labels_can_be_tried_that_is_said():
    def forward(w, y):
        return w[0].algebra.total((a * t) ** 2 / 2 for a, t in zip(w, y, strict=True))

    def claim(w, y):
        return [a * t**3 for a, t in zip(w, y, strict=True)]

    few = judge(question(forward, claim, Array("w", (3,)), Array("y", (3,), "label01")))
    many = judge(question(forward, claim, Array("w", (9,)), Array("y", (9,), "label01")))
    assert (few.evidence, many.verdict, many.evidence) == ("proved", "right", "held")
    assert "not a proof" in many.method


def test_right_only_because_a_matrix_is_symmetric():
    def forward(w, a):
        return w[0].algebra.total(w[i] * a[3 * i + j] * w[j] for i in range(3) for j in range(3))

    def claim(w, a):
        return [2 * a[0].algebra.total(a[3 * i + j] * w[j] for j in range(3)) for i in range(3)]

    for kind, verdict in (("sym", "right"), ("spd", "right"), ("normal", "wrong")):
        found = judge(question(forward, claim, Array("w", (3,)), Array("a", (3, 3), kind)))
        assert found.verdict == verdict
        assert (found.evidence == "proved") == (verdict == "right")


def test_right_only_because_columns_are_orthonormal():
    def forward(w, q):
        total = w[0].algebra.total
        rows = [total(q[2 * i + j] * w[j] for j in range(2)) for i in range(4)]
        return total(r**2 for r in rows) / 2

    def claim(w, q):
        return w

    found = judge(question(forward, claim, Array("w", (2,)), Array("q", (4, 2), "orth")))
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert found.assumptions == ("q: orthonormal columns",)
    found = judge(question(forward, claim, Array("w", (2,)), Array("q", (4, 2))))
    assert found.verdict == "wrong"


def test_wrong_in_one_entry_of_many():
    def forward(w, x):
        return w[0].algebra.total((a * b).exp() for a, b in zip(w, x, strict=True))

    def claim(w, x):
        right = [(a * b).exp() * b for a, b in zip(w, x, strict=True)]
        return [*right[:77], right[77] + Fraction(1, 10**6), *right[78:]]

    found = judge(question(forward, claim, Array("w", (100,)), Array("x", (100,))))
    assert found.verdict == "wrong"
    assert found.counterexample.entry == leaf_key("w", (77,))


def test_equal_off_a_kink_is_right_and_the_kink_is_said():
    def claim(w, x, y):
        z = w * x
        return (relu(z) - y) * (1 - z.algebra.step(-z)) * x

    found = judge(question(lambda w, x, y: (relu(w * x) - y) ** 2 / 2, claim, W, X, Y))
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert found.assumptions == ("off the kinks (w*x = 0)",)


def test_a_claim_for_one_side_of_a_kink_is_wrong():
    found = judge(
        question(lambda w, x, y: (relu(w * x) - y) ** 2 / 2, lambda w, x, y: (relu(w * x) - y) * x, W, X, Y)
    )
    assert found.verdict == "wrong"
    example = found.counterexample
    assert Fraction(example.at["w"]) * Fraction(example.at["x"]) < 0
    assert example.correct == "0"


def test_a_condition_that_is_always_zero_takes_the_side_of_zero():
    def forward(w, x, y):
        return w * relu(x - x + y - y) + w * x

    found = judge(question(forward, lambda w, x, y: x, W, X, Y))
    assert found.verdict == "right"


def test_numerical_constants_are_compared_with_a_tolerance():
    def near(size):
        return lambda **v: slope(**v) * (1 + Fraction(1, size))

    right = judge(question(neuron, near(3 * 10**12), W, X, Y, numerical=True))
    wrong = judge(question(neuron, near(10**10), W, X, Y, numerical=True))
    assert (right.verdict, right.evidence) == ("right", "held")
    assert (wrong.verdict, wrong.evidence) == ("wrong", "mismatch")


def test_what_lies_beyond_all_bounds_is_unknown_and_never_a_pass():
    found = of_neuron(lambda **v: slope(**v) * (v["x"] ** (10**5)).exp())
    assert (found.verdict, found.evidence) == ("unknown", "none")
    assert "exp of a number beyond all bounds" in found.method


def test_an_identity_that_primes_do_not_know_is_held_or_proved():
    """Nested roots: √(3 + 2√2) = 1 + √2."""

    def claim(w, x, y):
        two = w.algebra.sqrt(w.algebra.number(2))
        return (w.algebra.sqrt(3 + 2 * two) - two) * slope(w, x, y)

    found = of_neuron(claim)
    assert found.verdict == "right"
    assert found.evidence in ("held", "proved")
    if found.evidence == "held":
        assert found.points >= 10
        assert "not a proof" in found.method


def test_the_verdict_is_reproduced_by_its_seed():
    wrong = [of_neuron(lambda **v: 2 * slope(**v), seed=seed) for seed in (3, 3, 4)]
    assert wrong[0].counterexample == wrong[1].counterexample != wrong[2].counterexample
    assert wrong[0].seed == 3


def network(widths, kind="one_hot"):
    """A sigmoid network with softmax and cross-entropy, and backpropagation by hand."""
    tape, arrays = Tape(), [Array("x", (widths[0],))]
    a = [tape.leaf(key) for key in arrays[0].leaves]
    layers = []
    for k, (m, n) in enumerate(pairwise(widths), 1):
        arrays.append(Array(f"W{k}", (n, m)))
        W = [[tape.leaf(leaf_key(f"W{k}", (i, j))) for j in range(m)] for i in range(n)]
        z = [tape.total(w * v for w, v in zip(row, a, strict=True)) for row in W]
        layers.append((W, a))
        a = [sigmoid(u) for u in z]
    arrays.append(Array("y", (widths[-1],), kind))
    y = [tape.leaf(key) for key in arrays[-1].leaves]
    loss, delta = cross_entropy(z, y), difference(z, y)
    for W, inner in layers[:0:-1]:
        back = [tape.total(d * row[i] for d, row in zip(delta, W, strict=True)) for i in range(len(inner))]
        delta = [d * v * (1 - v) for d, v in zip(back, inner, strict=True)]
    claim = tuple(d * v for d in delta for v in layers[0][1])
    by = arrays[1].leaves
    return Question(tape, adjoint(tape, loss, [tape.leaf(k) for k in by]), claim, by, Domain(tuple(arrays)))


@pytest.mark.parametrize("widths", [(3, 3, 3), (3, 3, 3, 3), (8, 8, 8)], ids=str)
def test_backpropagation_by_hand_is_proved(widths):
    found = judge(network(widths))
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert found.assumptions == ("y: each row adds up to 1",)


def test_backpropagation_by_hand_times_two_is_wrong():
    asked = network((3, 3, 3))
    assert judge(replace(asked, claim=tuple(2 * c for c in asked.claim))).verdict == "wrong"


@pytest.mark.parametrize("seconds", [0.1, 0.7])
def test_the_time_limit_is_kept(seconds):
    """A sum of many different quotients: normal forms would take minutes."""

    def claim(w, x):
        return w.algebra.total((c * (b * a) + 1) ** -1 for a in x for b in x for c in x) + (w - w)

    def forward(w, x):
        return w * w.algebra.total((a * b * c + 1) ** -1 for a in x for b in x for c in x)

    asked = question(forward, claim, W, Array("x", (16,)))
    with clocked() as work:
        found = judge(asked, seconds=seconds)
    assert work.seconds < seconds + 3
    assert found.verdict in ("right", "unknown")


@pytest.mark.parametrize(
    "grown",
    [
        lambda w, x: ((w + 2) ** 64) ** 64 * ((x + 3) ** 64) ** 64,
        lambda w, x: ((w.algebra.number(9) ** 64) ** 64) ** 64 * w,
        lambda w, x: ((((w * x).exp() + 1).exp() + 1).exp() + 1).exp(),
        lambda w, x: (w**2 + x**2 + 1) ** (10**18),
        lambda w, x: (w**2 + x**2 + 1) ** Fraction(10**9 + 7, 10**9 + 9),
        lambda w, x: w ** (10**1000) + x,
        lambda w, x: squarings(w + x, 200),
        lambda w, x: squarings(w.algebra.number(3), 200) * w,
    ],
    ids=["64", "number", "tower", "power", "root", "exponent", "squares", "number squared"],
)
def test_what_grows_is_bounded_work(grown):
    """Whatever is multiplied by 1 − 1/2 is wrong where it has a value; what has none in reach is unknown."""

    def same(w, x, y):
        return slope(w, x, y) + grown(w, x) - grown(x, w) * 0 - grown(w, x)

    with counted() as work:
        right = of_neuron(same, seconds=60)
        wrong = of_neuron(lambda w, x, y: slope(w, x, y) + grown(w, x), seconds=60)
    assert work.calls < 10_000_000
    assert right.verdict != "wrong"
    assert wrong.verdict != "right"


def squarings(value, count):
    for _ in range(count):
        value = value * value
    return value


@pytest.mark.skipif(find_spec("flint") is None, reason="needs python-flint")
def test_without_python_flint_the_verdicts_are_the_same(monkeypatch):
    claims = (slope, lambda **v: slope(**v) * (1 + Fraction(1, 10**60)))
    fast = [of_neuron(claim).verdict for claim in claims]
    monkeypatch.setattr("symgrad.exact.balls.enclosures", Intervals)
    assert [of_neuron(claim).verdict for claim in claims] == fast == ["right", "wrong"]


def test_points_of_a_question_do_not_depend_on_the_order_of_calls():
    domain = Domain((W, Array("x", (2, 2)), Array("y", (3,), "one_hot")))
    assert domain.point(Random(1)) == domain.point(Random(1)) != domain.point(Random(2))


def test_the_seed_of_the_primes_is_made_of_the_claim_and_too_long_to_be_met_by_trying():
    seeds = {question(neuron, lambda w, x, y, k=k: x + k, W, X, Y).seed(0) for k in range(20)}
    assert len(seeds) == 20
    assert max(seeds).bit_length() > 100
