"""A verdict shows itself: the message as text, HTML in a notebook."""

from typing import Any

import pytest

import symgrad as sg
from symgrad.errors import UsageError

NET = sg.zoo("worked_2_2_2")


def shown(found: object) -> str:
    """Return what a notebook shows."""
    name = "_repr_html_"
    return getattr(found, name)()


def test_a_right_claim_is_one_line() -> None:
    found = NET.check("w5", "(o1 - t1) o1 (1 - o1) a1", seconds=60)
    assert repr(found).startswith("∂J/∂w5 is right (proved")
    assert "\n" not in repr(found)
    assert "<pre" not in shown(found)


def test_in_a_notebook_the_difference_is_underlined() -> None:
    found = NET.check("w5", "(o1 - t1) a1", seconds=60)
    assert (found.verdict, found.kinds[0]) == ("wrong", "missing_activation_derivative")
    html = shown(found)
    assert "✗" in html
    assert ">*o1*(1 - o1)<" in html or ">o1*(1 - o1)<" in html
    assert "^" not in html
    assert "q1 -&gt; o1" in html


@pytest.mark.parametrize(
    ("wrt", "options", "says"),
    [
        (5, {}, "wrt = 5: a name"),
        ("w5", {"seconds": None}, "seconds = None: a number"),
        ("w5", {"seconds": float("inf")}, "seconds = inf: a number"),
        ("w5", {"seed": -1}, "seed = -1: a whole number"),
    ],
)
def test_what_cannot_be_asked_is_named(wrt: Any, options: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        NET.check(wrt, "a1", **options)
