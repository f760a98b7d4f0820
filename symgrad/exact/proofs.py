"""Two SymPy expressions compared by their normal forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from symgrad.exact.normalforms import NormalForms
from symgrad.exact.translate import translate


@dataclass(frozen=True)
class Comparison:
    """The outcome of a comparison; true in a condition if equal.

    Attributes
    ----------
    equal
        True is a proof (off the kink set, wherever both sides are defined); False says that the normal
        forms differ, which is only a candidate refutation.
    method
        How it was decided.
    seconds
        How long it took.
    """

    equal: bool
    method: str
    seconds: float

    def __bool__(self) -> bool:
        return self.equal


def prove_equal(
    a: Any,
    b: Any,
    *,
    define: Mapping[Any, Any] | None = None,
    limit: int = 2_000_000,
) -> Comparison:
    """Compare two SymPy expressions by normal forms.

    Parameters
    ----------
    a, b
        Expressions as in `translate`.
    define
        Constraints: symbol -> expression that it stands for, e.g. {y3: 1 - y1 - y2}; in this order.
    limit
        As in `NormalForms`.

    Raises
    ------
    ExactError
        See `translate`; `BudgetError` leaves the question open.
    """
    start = perf_counter()
    algebra = NormalForms(limit=limit)
    for key, value in (define or {}).items():
        algebra.define(key, translate(value, algebra))
    memo: dict[Any, Any] = {}
    equal = algebra.equal(translate(a, algebra, memo), translate(b, algebra, memo))
    return Comparison(equal, "normal forms", perf_counter() - start)
