"""How a name is cut into a letter, the number of its layer, and subscripts."""

import re
from dataclasses import dataclass

SHAPE = re.compile(r"([^\W\d_]+)(\d*)((?:_\w*)?)")


@dataclass(frozen=True)
class Parts:
    """``w10`` is w and 10; ``w1_2_3`` is w, layer 1, subscripts 2 and 3.

    Attributes
    ----------
    above
        The number behind the letter: of a layer where there are axes or further numbers.
    primes
        The number of underscores at the end, by which names are told apart.
    """

    letter: str
    above: str
    below: tuple[str, ...]
    primes: int = 0

    @property
    def layered(self) -> bool:
        """Whether subscripts follow the number of the layer."""
        return bool(self.above and self.below)


def split(name: str) -> Parts:
    """Cut a name; one that has another shape is a letter by itself."""
    bare = name.rstrip("_")
    primes = len(name) - len(bare)
    match = SHAPE.fullmatch(bare)
    if match is None:
        return Parts(re.sub(r"[\W_]", "", name) or "x", "", (), primes)
    letter, above, rest = match.groups()
    return Parts(letter, above, tuple(part for part in rest.split("_") if part), primes)
