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
    """

    text: str
    needs: tuple[str, ...] = ()
    numbers: str = ""
