"""Numbers and algebra without networks: prime fields, polynomials, normal forms, residues."""

from symgrad.exact.algebra import Algebra, BudgetError, ExactError, Value
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.primefield import MERSENNE61, error_bound, is_prime, random_prime
from symgrad.exact.proofs import Comparison, prove_equal
from symgrad.exact.residues import Residues
from symgrad.exact.translate import translate

__all__ = [
    "MERSENNE61",
    "Algebra",
    "BudgetError",
    "Comparison",
    "ExactError",
    "NormalForms",
    "Residues",
    "Value",
    "error_bound",
    "is_prime",
    "prove_equal",
    "random_prime",
    "translate",
]
