"""Convolutions, transposed ones, and pooling, over the last one or two axes.

The axis before these has the channels.  A convolution is a correlation, as everywhere in this field: the
kernel is not flipped.
"""

from typing import TypeAlias

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.draft import Draft, Value
from symgrad.model.graph import Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Size

Pair: TypeAlias = int | tuple[int, ...]
Kernel: TypeAlias = Size | tuple[Size, ...]
Padding: TypeAlias = Pair | str


@layer("conv1d", "convolution along one axis, with stride, padding and dilation")
def conv1d(
    draft: Draft,
    x: Node,
    filters: Size,
    kernel: Kernel,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    bias: bool = True,
) -> Node:
    """Add ``z[…,o,i] = Σ_{c,k} W[o,c,k] x[…,c,s·i+d·k] + b[o]``."""
    (k,), (s,), (d,) = each(draft, kernel, 1), whole(stride, 1), whole(dilation, 1)
    o = draft.size("C", filters)
    W, b = draft.parameter("W", o=o, c=channels(draft, x, 1), k=k), draft.bias(bias, o=o)
    x = pad(draft, x, borders(padding, (k,), (d,)))
    return draft.define(
        "z", "[...,o,i] sum(c, k, W[o,c,k]*x[...,c,s*i + d*k]) + b[o]", W=W, x=x, b=b, s=s, d=d
    )


@layer("conv2d", "convolution along two axes, with stride, padding and dilation")
def conv2d(
    draft: Draft,
    x: Node,
    filters: Size,
    kernel: Kernel,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    bias: bool = True,
) -> Node:
    """Add ``z[…,o,i,j] = Σ_{c,k,l} W[o,c,k,l] x[…,c,s·i+d·k,r·j+e·l] + b[o]``."""
    (k, m), (s, r), (d, e) = each(draft, kernel, 2), whole(stride, 2), whole(dilation, 2)
    o = draft.size("C", filters)
    W, b = draft.parameter("W", o=o, c=channels(draft, x, 2), k=k, l=m), draft.bias(bias, o=o)
    x = pad(draft, x, borders(padding, (k, m), (d, e)))
    text = "[...,o,i,j] sum(c, k, l, W[o,c,k,l]*x[...,c,s*i + d*k,r*j + e*l]) + b[o]"
    return draft.define("z", text, W=W, x=x, b=b, s=s, d=d, r=r, e=e)


@layer("conv_transpose1d", "transposed convolution along one axis: every entry spreads a kernel")
def conv_transpose1d(
    draft: Draft,
    x: Node,
    filters: Size,
    kernel: Kernel,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    bias: bool = True,
) -> Node:
    """Add ``z[…,o,s·i+d·k] += Σ_c W[c,o,k] x[…,c,i]``, cut by the padding at both ends, and ``b[o]``."""
    (k,), (s,), (d,), (p,) = (
        each(draft, kernel, 1),
        whole(stride, 1),
        whole(dilation, 1),
        whole(padding, 1, 0),
    )
    c, o = channels(draft, x, 1), draft.size("C", filters)
    W, b = draft.parameter("W", c=c, o=o, k=k), draft.bias(bias, o=o)
    i = s * (x.shape[-1] - 1) + d * (k - 1) + 1
    v = draft.define(
        "v", "[...,o,s*i + d*k] sum(c, W[c,o,k]*x[...,c,i])", axes={"o": o, "i": i}, W=W, x=x, s=s, d=d
    )
    return draft.define("z", "[...,o,i] v[...,o,i + p] + b[o]", sizes={"i": i - 2 * p}, v=v, b=b, p=p)


@layer("conv_transpose2d", "transposed convolution along two axes: every entry spreads a kernel")
def conv_transpose2d(
    draft: Draft,
    x: Node,
    filters: Size,
    kernel: Kernel,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    bias: bool = True,
) -> Node:
    """Add ``z[…,o,s·i+d·k,r·j+e·l] += Σ_c W[c,o,k,l] x[…,c,i,j]``, cut by the padding, and ``b[o]``."""
    (k, m), (s, r), (d, e) = each(draft, kernel, 2), whole(stride, 2), whole(dilation, 2)
    (p, q), c, o = whole(padding, 2, 0), channels(draft, x, 2), draft.size("C", filters)
    W, b = draft.parameter("W", c=c, o=o, k=k, l=m), draft.bias(bias, o=o)
    i, j = s * (x.shape[-2] - 1) + d * (k - 1) + 1, r * (x.shape[-1] - 1) + e * (m - 1) + 1
    text = "[...,o,s*i + d*k,r*j + e*l] sum(c, W[c,o,k,l]*x[...,c,i,j])"
    v = draft.define("v", text, axes={"o": o, "i": i, "j": j}, W=W, x=x, s=s, d=d, r=r, e=e)
    sizes = {"i": i - 2 * p, "j": j - 2 * q}
    return draft.define("z", "[...,o,i,j] v[...,o,i + p,j + q] + b[o]", sizes=sizes, v=v, b=b, p=p, q=q)


@layer("max_pool", "the largest entry of every window, along one or two axes")
def max_pool(draft: Draft, x: Node, window: Pair, *, stride: Pair | None = None) -> Node:
    """Add ``p[…,i,j] = max_{k,l} x[…,s·i+k,r·j+l]``; the first of equals wins."""
    return _pool(draft, x, "max", window, stride)


@layer("avg_pool", "the mean of every window, along one or two axes")
def avg_pool(draft: Draft, x: Node, window: Pair, *, stride: Pair | None = None) -> Node:
    """Add ``p[…,i,j] = mean_{k,l} x[…,s·i+k,r·j+l]``."""
    return _pool(draft, x, "mean", window, stride)


def _pool(draft: Draft, x: Node, kind: str, window: Pair, stride: Pair | None) -> Node:
    """Pool along all axes behind the channels, or along as many as the window has."""
    dims = len(window) if isinstance(window, tuple) else len(x.axes) - len(draft.front_of(x)) - 1
    if dims not in (1, 2):
        found = f"the window {window}" if isinstance(window, tuple) else draft.shown(x)
        raise DefinitionError(f"{found} has {max(dims, 0)} axes behind the channels; one or two are pooled")
    sizes = whole(window, dims)
    steps = sizes if stride is None else whole(stride, dims)
    if dims == 1:
        text = f"[...,i] {kind}(k, x[...,s*i + k])"
        return draft.define("p", text, sizes={"k": sizes[0]}, x=x, s=steps[0])
    text = f"[...,i,j] {kind}(k, l, x[...,s*i + k,r*j + l])"
    return draft.define("p", text, sizes={"k": sizes[0], "l": sizes[1]}, x=x, s=steps[0], r=steps[1])


@layer("global_avg_pool", "the mean of every channel over all its places")
def global_avg_pool(draft: Draft, x: Node) -> Node:
    """Add ``p[n,c] = mean_{i,j} x[n,c,i,j]``."""
    front = "n," if draft.front_of(x) else ""
    return draft.define("p", f"[{front}c] mean(..., x[{front}c,...])", x=x)


def pad(draft: Draft, x: Node, sides: tuple[sp.Expr, ...]) -> Node:
    """Put zeros at both ends of the last axes: ``u[…,i] = x[…,i−P]``, zero outside."""
    if not any(sides):
        return x
    letters = "ijk"[: len(sides)]
    at = ",".join(f"{letter} - {letter.upper()}" for letter in letters)
    sizes = {c: s + 2 * p for c, s, p in zip(letters, x.shape[-len(sides) :], sides, strict=True)}
    numbers: dict[str, Value] = dict(zip(letters.upper(), sides, strict=True))
    return draft.define(
        "u",
        f"[...,{','.join(letters)}] x[...,{at}]",
        sizes=sizes,
        auxiliary=True,
        initial={"x": "0"},
        x=x,
        values=numbers,
    )


def channels(draft: Draft, x: Node, dims: int) -> sp.Expr:
    """Return the size of the axis of channels, before the last ones."""
    if len(x.axes) <= dims + len(draft.front_of(x)):
        raise DefinitionError(
            f"{draft.shown(x)} has too few axes; behind the samples it needs channels and {dims} more"
        )
    return x.shape[-dims - 1]


def whole(given: Pair, count: int, least: int = 1) -> tuple[int, ...]:
    """Return one integer for each axis."""
    found = given if isinstance(given, tuple) else (given,) * count
    if len(found) != count or any(type(n) is not int or n < least for n in found):
        raise DefinitionError(
            f"{given!r} is not possible here; give an integer ≥ {least}, or {count} of them"
        )
    return found


def each(draft: Draft, given: Kernel, count: int) -> tuple[sp.Expr, ...]:
    """Return one size for each axis: numbers stay numbers, names are sizes."""
    found = given if isinstance(given, tuple) else (given,) * count
    if len(found) != count:
        raise DefinitionError(f"{given!r} has not {count} sizes")
    return tuple(draft.extent(size) for size in found)


def borders(padding: Padding, kernel: tuple[sp.Expr, ...], dilation: tuple[int, ...]) -> tuple[sp.Expr, ...]:
    """Return the zeros at one end of every axis; ``same`` keeps the size at stride 1."""
    if isinstance(padding, str):
        spans = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        if padding != "same" or any(not span.is_Integer or span % 2 for span in spans):
            raise DefinitionError(
                f"the padding {padding!r} is not possible; take numbers, or 'same' with an odd kernel"
            )
        return tuple(span / 2 for span in spans)
    return tuple(map(sp.Integer, whole(padding, len(kernel), 0)))
