"""Whether two values are equal, modulo random primes: enough to confirm what explains a claim."""

from itertools import product

from symgrad.exact.algebra import ExactError
from symgrad.verify.evidence.budget import Budget, Deadline
from symgrad.verify.evidence.identities import Premise, modulo_primes, premises
from symgrad.verify.evidence.question import Question

WORK = 1_000_000


def agrees(question: Question, seed: int, deadline: Deadline) -> bool:
    """Whether a claim and what it is held against are equal on their domain, with a convincing bound."""
    if not question.pairs:
        return True
    budget = Budget(deadline, WORK)
    tried = product((False, True), premises(question))
    return any(_convinces(question, premise, seed, budget, regions=regions) for regions, premise in tried)


def _convinces(question: Question, premise: Premise, seed: int, budget: Budget, *, regions: bool) -> bool:
    try:
        found = modulo_primes(question, premise, question.seed(seed), budget, regions=regions)
    except ExactError:
        return False
    return found is not None and found.convinces
