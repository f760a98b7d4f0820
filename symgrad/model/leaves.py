"""The leaves of a draft: inputs, targets, parameters, and the sizes of layers."""

from dataclasses import dataclass, replace

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Kind, Node
from symgrad.model.layers import leaf, pointwise
from symgrad.model.ledger import Ledger, Size
from symgrad.model.losses import check_kind
from symgrad.model.shapes import shape_in_words, twins

HOT = "_hot"


@dataclass
class Leaves(Ledger):
    """A ledger that knows how leaves are declared."""

    def input(
        self,
        name: str,
        *sizes: Size,
        ids: Size | None = None,
        letters: str | None = None,
        samples: bool = True,
    ) -> Node:
        """Add an input.

        Parameters
        ----------
        sizes
            Of its axes behind the samples: numbers, names (``"T"``), named numbers (``"T=5"``) or
            expressions (``"2*H"``).
        ids
            Makes it an input of integer ids below this size, which `embedding` reads.
        letters
            The index letters of these axes, one character each.
        samples
            Whether it has the sample axis.
        """
        axes = (*(self.front if samples else ()), *self.axes(sizes, letters))
        if ids is None:
            return self.enter(leaf(self.free(name), Kind.INPUT, *axes))
        node = self.enter(leaf(self.free(name), Kind.INPUT, *axes, targets="labels"))
        self.enter(one_hot(node, Axis("v", self.extent(ids, "V"))))
        return node

    def target(self, name: str = "t", *sizes: Size, kind: str = "free", like: Node | None = None) -> Node:
        """Add a target, of sizes of its own or for the prediction `like`; labels lack its last axis."""
        axes = (*self.front, *self.axes(sizes, None)) if like is None else like.axes
        axes = axes[:-1] if like is not None and check_kind(kind) == "labels" else axes
        return self.enter(leaf(self.free(name), Kind.TARGET, *axes, targets=check_kind(kind)))

    def parameter(
        self, role: str, given: Node | None = None, *, start: str | None = None, **axes: Size
    ) -> Node:
        """Add a parameter, its axes as ``letter=size``; one that is `given` is shared instead.

        Raises
        ------
        DefinitionError
            If the given one has another shape.
        """
        shape = tuple(Axis(letter, self.extent(size)) for letter, size in axes.items())
        if given is None:
            return self.enter(
                replace(leaf(self.named(role, counts=True), Kind.PARAMETER, *shape), start=start)
            )
        self.check_shape(given, shape)
        return given

    def bias(self, wanted: bool = True, role: str = "b", start: str = "zeros", **axes: Size) -> Node | None:
        """Return a parameter that starts at zero, or None where none is wanted."""
        return self.parameter(role, None, start=start, **axes) if wanted else None

    def state(self, role: str, **axes: Size) -> Node:
        """Add an input without samples that a layer brings with it, as running statistics are."""
        shape = (Axis(letter, self.extent(size)) for letter, size in axes.items())
        return self.enter(leaf(self.named(role), Kind.INPUT, *shape))

    def drawn(self, role: str, like: Node, keep: sp.Rational) -> Node:
        """Add an input of zeros and ones with the axes of a node, each a one with the probability `keep`."""
        return self.enter(replace(leaf(self.named(role), Kind.INPUT, *like.axes), drawn=keep))

    def size(self, letter: str, extent: Size) -> sp.Expr:
        """Return a size of this layer: a number is named after the letter and the layer, ``D2``.

        A number that a size of this letter has already is that size, so that layers of equal width fit.
        """
        name = f"{letter}{self.suffix(counts=True)}"
        equal = (known for known, number in self.sizes.items() if number == extent and known[0] == letter)
        return self.extent(extent if isinstance(extent, bool) else next(equal, extent), name)

    def hot(self, ids: Node) -> Node:
        """Return the one-hot form of an input of ids."""
        if ids.name + HOT not in self.nodes:
            raise DefinitionError(
                f"{ids.name} holds no ids; declare them, as in draft.input({ids.name!r}, …, ids=100), "
                "in a network file ids = 100"
            )
        return self.nodes[ids.name + HOT]

    def check_ids(self, *nodes: Node) -> None:
        """Refuse to read integer ids as if they were numbers."""
        for body in (term.body for node in nodes for term in node.terms):
            asked: dict[sp.Expr, sp.Expr] = dict.fromkeys(body.atoms(Equal), sp.S.Zero)
            for ref in body.xreplace(asked).atoms(Ref):
                if ref.name + HOT in self.nodes:
                    raise DefinitionError(
                        f"{ref.name} holds ids, which are no numbers; put an embedding behind it"
                    )

    def check_shape(self, node: Node, wanted: tuple[Axis, ...]) -> None:
        """Refuse a node of another shape."""
        shape = tuple(axis.size for axis in wanted)
        if node.shape != shape:
            raise DefinitionError(
                f"{self.shown(node)} should have the shape {shape_in_words(shape, self.sizes)}"
                f"{twins(shape, node.shape, self.sizes)}"
            )


def one_hot(ids: Node, classes: Axis) -> Node:
    """Return ``hot[n,v] = [ids[n] = v]``, the one-hot form of integers."""
    hot = pointwise(ids.name + HOT, (*ids.axes, classes), Equal(ids.ref, classes.symbol), auxiliary=True)
    return replace(hot, targets="labels")
