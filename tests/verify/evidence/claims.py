"""Questions about a neuron: its loss, the gradient by its weight, and claims about it."""

from symgrad.exact.adjoint import adjoint
from symgrad.exact.tapes import Tape
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.evidence.judge import judge
from symgrad.verify.evidence.question import Question

W, X, Y = Array("w"), Array("x"), Array("y")


def question(forward, claim, *arrays, wrt="w", **options):
    """The derivative of a scalar by an array, and a claim about it."""
    tape = Tape()
    given = {a.name: [tape.leaf(key) for key in a.leaves] for a in arrays}
    values = {a.name: given[a.name] if a.shape else given[a.name][0] for a in arrays}
    loss, claimed = forward(**values), claim(**values)
    truth = adjoint(tape, loss, given[wrt])
    (by,) = (a for a in arrays if a.name == wrt)
    sides = tuple(tape.number(0) + c for c in (claimed if by.shape else [claimed]))
    return Question(tape, truth, sides, by.leaves, Domain(arrays), **options)


def sigmoid(z):
    return 1 / (1 + (-z).exp())


def relu(u):
    return u.algebra.maximum(u, u.algebra.number(0))


def neuron(w, x, y):
    return (sigmoid(w * x) - y) ** 2 / 2


def slope(w, x, y):
    a = sigmoid(w * x)
    return (a - y) * a * (1 - a) * x


def of_neuron(claim, **options):
    return judge(question(neuron, claim, W, X, Y), **options)
