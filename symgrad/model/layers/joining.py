"""Layers without parameters: skips, things side by side, other shapes, dropout."""

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.draft import Draft, Item, Value
from symgrad.model.graph import Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Weight, exact
from symgrad.model.shapes import twins


@layer("add", "sum of two nodes of one shape, as in a skip connection")
def add(draft: Draft, x: Node, y: Node) -> Node:
    """Add ``s[…] = x[…] + y[…]``."""
    _check_axes(draft, x, y)
    return draft.define("s", "[...] x[...] + y[...]", x=x, y=y)


@layer("multiply", "product of two nodes of one shape, entry by entry, as in a gate")
def multiply(draft: Draft, x: Node, y: Node) -> Node:
    """Add ``s[…] = x[…] y[…]``."""
    _check_axes(draft, x, y)
    return draft.define("s", "[...] x[...]*y[...]", x=x, y=y)


def _check_axes(draft: Draft, x: Node, y: Node) -> None:
    if len(x.axes) != len(y.axes):
        raise DefinitionError(f"the shapes of {draft.shown(x, y)} do not fit; they have not as many axes")


@layer("residual", "the input added to what some layers make of it")
def residual(draft: Draft, x: Node, *layers: Item) -> Node:
    """Add ``s[…] = x[…] + F(x)[…]``."""
    return add.build(draft, x, draft.chain(x, layers))


@layer("concat", "two nodes side by side along one axis")
def concat(draft: Draft, x: Node, y: Node, *, axis: int | None = None) -> Node:
    """Add ``c[…,i] = x[…,i]`` and ``c[…,I+i] = y[…,i]`` for the axis i."""
    k = _axis(draft, x, y, axis)
    own = [axis.letter for axis in x.axes]
    before, behind = own[:k], own[k + 1 :]
    first, second = (",".join([*before, at, *behind]) for at in (own[k], f"I + {own[k]}"))
    sizes = dict(zip(own, x.shape, strict=True)) | {own[k]: x.shape[k] + y.shape[k]}
    at = ",".join(own)
    return draft.define("c", f"[{first}] x[{at}]", f"[{second}] y[{at}]", axes=sizes, x=x, y=y, I=x.shape[k])


def _axis(draft: Draft, x: Node, y: Node, axis: int | None) -> int:
    count = len(x.axes)
    if axis is None and count > len(draft.front_of(x)) + 1:
        raise DefinitionError("say along which axis, as in axis=1 for channels or axis=-1 for features")
    front = len(draft.front_of(x))
    if axis is not None and axis not in (*range(front - count, 0), *range(front, count)):
        raise DefinitionError(
            f"{draft.shown(x)} has no axis {axis!r} to join along; take one from {front} to {count - 1}"
        )
    k = count - 1 if axis is None else axis % count
    others = [[size for j, size in enumerate(node.shape) if j != k] for node in (x, y)]
    if len(y.axes) != count or others[0] != others[1]:
        raise DefinitionError(
            f"the shapes of {draft.shown(x, y)} do not fit along the axis {k if axis is None else axis}"
            f"{twins(others[0], others[1], draft.sizes)}"
        )
    return k


@layer("flatten", "all axes behind the samples as one")
def flatten(draft: Draft, x: Node) -> Node:
    """Add ``f[n, (c·I + i)·J + j] = x[n,c,i,j]``."""
    front = [axis.letter for axis in draft.front_of(x)]
    own = [axis.letter for axis in x.axes[len(front) :]]
    if len(own) < 2:
        return x
    place = own[0]
    for letter in own[1:]:
        place = f"({place})*{letter.upper()} + {letter}"
    shape = x.shape[len(front) :]
    axes = {**{axis.letter: axis.size for axis in draft.front_of(x)}, "i": sp.Mul(*shape)}
    sizes: dict[str, Value] = {letter.upper(): size for letter, size in zip(own, shape, strict=True)}
    text = f"[{', '.join([*front, place])}] x[{', '.join([*front, *own])}]"
    return draft.define("f", text, axes=axes, x=x, values=sizes)


@layer("dropout", "entries set to zero at random in training, the others scaled up")
def dropout(draft: Draft, x: Node, rate: Weight) -> Node:
    """Add ``d[…] = m[…] x[…] / keep``, the mask m an input drawn with the probability keep = 1 − rate."""
    keep = 1 - exact(rate)
    if not 0 < keep <= 1:
        raise DefinitionError(f"the rate {rate} is not possible; it is at least 0 and below 1")
    m = draft.drawn("m", x, keep)
    return draft.define("d", "[...] m[...]*x[...]/keep", m=m, x=x, keep=keep)
