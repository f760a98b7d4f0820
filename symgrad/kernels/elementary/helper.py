"""What an emitted function is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Helper:
    """An emitted function and the helpers that its text calls.

    Attributes
    ----------
    text
        The function without its decorator; ``{within}`` in it is replaced by its largest error.
    needs
        The names of the helpers that it calls.
    numbers
        The table that it reads, which stands before it.
    float32
        What it is for float32, where that is a text of its own: a function whose name ends in 32.
    compiled
        Whether it is compiled; else it says how others are.
    """

    text: str
    needs: tuple[str, ...] = ()
    numbers: str = ""
    float32: str = ""
    compiled: bool = True
