"""A question may be cut where both sides apply functions; a cut proof is a proof, an open cut is none."""

from time import perf_counter

from symgrad.exact.normalforms import NormalForms
from symgrad.exact.tapes import Tape, run
from symgrad.verify.evidence.budget import Budget, Deadline
from symgrad.verify.evidence.cuts import cut, without_factor
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.evidence.identities import premises, proved
from symgrad.verify.evidence.judge import judge
from symgrad.verify.evidence.question import Question


def asked(one, other):
    tape = Tape()
    x, y, z = (tape.leaf(key) for key in "xyz")
    return Question(tape, (one(x, y, z),), (other(x, y, z),), ("",), Domain(tuple(map(Array, "xyz"))))


def is_proved(question):
    (premise, *_) = premises(question)
    return proved(question, premise, Budget(Deadline(perf_counter() + 60), 1_000_000))


def sigmoid(z):
    return 1 / (1 + (-z).exp())


def test_shared_arguments_become_leaves():
    def one(x, y, z):
        return sigmoid(x * y + z) * (1 - sigmoid(x * y + z))

    part = cut(asked(one, lambda x, y, z: sigmoid(x * y + z) - sigmoid(x * y + z) ** 2))
    assert part is not None
    assert {key[0] for key in part.question.leaves} == {"given"}
    assert is_proved(part.question)


def test_arguments_computed_in_two_ways_are_a_part_of_the_question():
    question = asked(
        lambda x, y, z: ((x + y) ** 2).exp() * z,
        lambda x, y, z: (x * x + 2 * x * y + y * y).exp() * z,
    )
    part = cut(question)
    assert part is not None
    assert len(part.question.pairs) == 1
    assert part.question.pairs[0][0] == ""
    assert part.question.leaves == {"x", "y"}
    assert is_proved(question)


def test_what_is_only_equal_for_what_was_cut_is_proved_by_the_whole():
    """exp(x y) and exp(2 x y) are related by their arguments, of which one is cut to a leaf of its own."""

    def one(x, y, z):
        return (x * y + z).exp() ** 2 + (x * y + z).sin() - (x * y + z).sin()

    question = asked(one, lambda x, y, z: (2 * x * y + 2 * z).exp())
    assert judge(question).evidence == "proved"


def test_what_is_wrong_is_not_proved_by_a_cut():
    question = asked(
        lambda x, y, z: sigmoid(x * y) * x,
        lambda x, y, z: sigmoid(x * y) * x + (x * y - y * x + z) * 0 + z - y,
    )
    assert not is_proved(question)
    assert judge(question).verdict == "wrong"


def test_the_argument_of_a_multiple_is_what_is_multiplied():
    tape = Tape()
    z = tape.leaf("x") * tape.leaf("y")
    assert without_factor(tape, (-z).place) == z.place
    assert without_factor(tape, z.place) == z.place
    assert without_factor(tape, (z * tape.leaf("x")).place) == (z * tape.leaf("x")).place


def test_what_is_a_sigmoid_of_a_leaf_becomes_a_polynomial():
    def one(x, y, z):
        return sigmoid(x * y) * (1 - sigmoid(x * y)) + (2 * y * z).tanh()

    part = cut(asked(one, lambda x, y, z: one(x, y, z) * (x + 1) / (1 + x)))
    assert sorted(part.logits.values()) == [1, 2]
    forms = NormalForms()
    part.define(forms)
    (value,) = run(part.question.tape, forms, part.question.truth[0])
    assert all(isinstance(factor, int) or power > 0 for factor, power in value.powers.items())


def test_a_leaf_of_which_several_exponentials_are_taken_stays_a_leaf():
    part = cut(asked(lambda x, y, z: (x * y).exp() + (3 * (x * y)).exp(), lambda x, y, z: (y * x).exp()))
    assert part.logits == {}


def test_exponentials_that_are_added_to_each_other_stay_as_they_are():
    def softmax(x, y, z):
        return (x * y).exp() / ((x * y).exp() + (y * z).exp())

    part = cut(asked(softmax, lambda x, y, z: softmax(x, y, z) * (x + 1) / (1 + x)))
    assert part.logits == {}
