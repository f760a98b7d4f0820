"""What was derived of something, kept with it: whoever asks again gets the same, as long as it lives."""

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


def kept(owner: object, question: Hashable, answer: Callable[[], T]) -> T:
    """Return the answer to a question about an object that does not change, found once.

    The answer is held by the object itself, as a cached property is: equal objects share nothing, copies
    begin anew, and nothing outlives the object.
    """
    answers: dict[Hashable, T] = vars(owner).setdefault("_kept", {})
    if question not in answers:
        answers[question] = answer()
    return answers[question]
