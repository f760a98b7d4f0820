"""Gradients as people write them: read in every way they can be read, and given values."""

from symgrad.model.vocabulary import Vocabulary
from symgrad.verify.formulas.elementary import Elementary
from symgrad.verify.formulas.evaluation import evaluate
from symgrad.verify.formulas.reading import Reading, read

__all__ = ["Elementary", "Reading", "Vocabulary", "evaluate", "read"]
