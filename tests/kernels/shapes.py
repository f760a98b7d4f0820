"""Layers written as definitions, for the tests of kernels: computed subscripts, indicators, many axes."""

import sympy as sp

from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import VOCABULARY, Equal
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.model import Model

N = Axis("n", size("N"))


def axis(letter: str, extent: int | str | sp.Expr) -> Axis:
    return Axis(letter, extent if isinstance(extent, sp.Expr) else size(extent))


def given(name: str, *axes: Axis, kind: Kind = Kind.INPUT, targets: str | None = None) -> Node:
    return Node(name, axes, kind, targets=targets)


def weight(name: str, *axes: Axis) -> Node:
    return Node(name, axes, Kind.PARAMETER)


def node(name: str, axes: tuple[Axis, ...], *terms: Term, reduce: str = "sum", aux: bool = False) -> Node:
    return Node(name, axes, terms=terms, reduce=reduce, auxiliary=aux)


def at(array: Node, *subscripts: sp.Expr) -> Ref:
    return Ref(array.name, subscripts)


def pointwise(name: str, array: Node, function: str = "tanh") -> Node:
    return node(name, array.axes, Term(array.index, array.axes, VOCABULARY[function](array.ref)))


def padded(name: str, x: Node, by: int) -> Node:
    """Zeros around the axes behind the first two."""
    axes = (*x.axes[:2], *(Axis(a.letter, a.size + 2 * by) for a in x.axes[2:]))
    write = (*x.index[:2], *(i + by for i in x.index[2:]))
    return node(name, axes, Term(write, x.axes, x.ref), aux=True)


def convolution(name: str, x: Node, w: Node, *bias: Node, stride: int = 1, dilation: int = 1) -> Node:
    """z[n,o,i,…] = Σ W[o,c,k,…] x[n,c,s i + d k,…]"""
    outs = tuple(
        axis(letter, (a.size - dilation * (k.size - 1) - 1) // stride + 1)
        for letter, a, k in zip("ij", x.axes[2:], w.axes[2:], strict=False)
    )
    own = (x.axes[0], w.axes[0], *outs)
    reads = [stride * o.symbol + dilation * k.symbol for o, k in zip(outs, w.axes[2:], strict=True)]
    body = w.ref * at(x, N.symbol, w.axes[1].symbol, *reads)
    terms = [Term(tuple(a.symbol for a in own), (*own, *w.axes[1:]), body)]
    terms += [Term(terms[0].write, own, b.ref) for b in bias]
    return node(name, own, *terms)


def transposed_convolution(name: str, x: Node, w: Node, stride: int) -> Node:
    """z[n,o,s i + k,…] += Σ_c W[c,o,k,…] x[n,c,i,…]"""
    pairs = list(zip(x.axes[2:], w.axes[2:], strict=True))
    outs = tuple(axis(f"{a.letter}1", stride * (a.size - 1) + k.size) for a, k in pairs)
    write = (N.symbol, w.axes[1].symbol, *(stride * a.symbol + k.symbol for a, k in pairs))
    term = Term(write, (*x.axes, *w.axes[1:]), w.ref * x.ref)
    return node(name, (N, w.axes[1], *outs), term)


def _windows(x: Node, width: int, stride: int) -> tuple[tuple[Axis, ...], tuple[Axis, ...], Ref]:
    outs = tuple(
        axis(letter, (a.size - width) // stride + 1) for letter, a in zip("ij", x.axes[2:], strict=False)
    )
    inside = tuple(axis(letter, width) for letter, _ in zip("kl", outs, strict=False))
    reads = [stride * o.symbol + k.symbol for o, k in zip(outs, inside, strict=True)]
    return (*x.axes[:2], *outs), inside, at(x, *x.index[:2], *reads)


def average_pool(name: str, x: Node, width: int = 2, stride: int = 2) -> Node:
    own, inside, read = _windows(x, width, stride)
    body = read / sp.prod([a.size for a in inside])
    return node(name, own, Term(tuple(a.symbol for a in own), (*own, *inside), body))


def maximum(name: str, own: tuple[Axis, ...], inside: tuple[Axis, ...], body: sp.Expr) -> tuple[Node, Node]:
    """The position of the largest entry, and the entry."""
    write = tuple(a.symbol for a in own)
    arg = node(f"{name}_arg", own, Term(write, (*own, *inside), body), reduce="argmax", aux=True)
    number: sp.Expr = sp.Integer(0)
    for a in inside:
        number = number * a.size + a.symbol
    return arg, node(name, own, Term(write, (*own, *inside), Equal(number, arg.ref) * body))


def max_pool(name: str, x: Node, width: int = 2, stride: int = 2) -> tuple[Node, Node]:
    own, inside, read = _windows(x, width, stride)
    return maximum(name, own, inside, read)


def flat(name: str, x: Node) -> Node:
    number: sp.Expr = sp.Integer(0)
    for a in x.axes[1:]:
        number = number * a.size + a.symbol
    extent = sp.prod([a.size for a in x.axes[1:]])
    return node(name, (N, axis("f", extent)), Term((N.symbol, number), x.axes, x.ref))


def joined(name: str, x: Node, y: Node) -> Node:
    """Two arrays one behind the other along their second axis."""
    first, second = x.axes[1], y.axes[1]
    own = (x.axes[0], Axis("m", first.size + second.size), *x.axes[2:])
    behind = (y.index[0], first.size + second.symbol, *y.index[2:])
    return node(name, own, Term(x.index, x.axes, x.ref), Term(behind, y.axes, y.ref))


def dense(name: str, x: Node, w: Node, *bias: Node) -> Node:
    """Σ over all axes of the input but the samples."""
    own = (N, w.axes[0])
    body = w.ref * at(x, N.symbol, *w.index[1:])
    terms = [Term((N.symbol, w.axes[0].symbol), (N, *w.axes), body)]
    return node(name, own, *terms, *(Term(terms[0].write, own, b.ref) for b in bias))


def squares(y: Node, target: Node) -> Node:
    return node("J", (), Term((), y.axes, (y.ref - target.ref) ** 2 / (2 * N.size)))


def model(name: str, *nodes: Node, inputs: tuple[str, ...] = ("x",), output: str = "y") -> Model:
    return Model(name, name, Graph(nodes, "J"), {}, inputs=inputs, outputs=(output,))


def against(y: Node, *nodes: Node, name: str, inputs: tuple[str, ...] = ("x",)) -> Model:
    """A network that ends in squared errors of `y`."""
    target = given("t", *y.axes, kind=Kind.TARGET, targets="free")
    return model(name, *nodes, y, target, squares(y, target), inputs=inputs, output=y.name)


def conv1d(stride: int = 2, dilation: int = 1) -> Model:
    x = given("x", N, axis("c", 2), axis("p", 9))
    w, b = weight("W", axis("o", 3), axis("c", 2), axis("k", 3)), weight("b", axis("o", 3))
    s = weight("s")
    h = node("h", x.axes, Term(x.index, x.axes, VOCABULARY["tanh"](x.ref * s.ref)))
    y = convolution("y", h, w, b, stride=stride, dilation=dilation)
    return against(y, x, s, h, w, b, name="conv1d")


def conv2d(stride: int = 1, by: int = 1, dilation: int = 1) -> Model:
    """Two convolutions, so that the delta goes through one of them and through padding."""
    x = given("x", N, axis("c", 2), axis("p", 5), axis("q", 6))
    w1 = weight("W1", axis("o", 3), axis("c", 2), axis("k", 3), axis("l", 3))
    b1, w2 = weight("b1", axis("o", 3)), weight("W2", axis("r", 2), axis("o", 3), axis("k", 2), axis("l", 2))
    xp = padded("xp", x, by)
    z1 = convolution("z1", xp, w1, b1, stride=stride, dilation=dilation)
    a1 = pointwise("a1", z1)
    ap = padded("ap", a1, 1)
    y = convolution("y", ap, w2)
    return against(y, x, w1, b1, w2, xp, z1, a1, ap, name="conv2d")


def transposed() -> Model:
    x = given("x", N, axis("d", 2), axis("i", 3), axis("j", 3))
    w0 = weight("W0", axis("c", 3), axis("d", 2))
    own = (N, axis("c", 3), *x.axes[2:])
    h = node("h", own, Term(tuple(a.symbol for a in own), (*own, x.axes[1]), w0.ref * x.ref))
    w = weight("W", axis("c", 3), axis("o", 2), axis("k", 3), axis("l", 3))
    y = transposed_convolution("y", h, w, 2)
    return against(y, x, w0, h, w, name="transposed")


def pooled(kind: str = "max", width: int = 2, stride: int = 2) -> Model:
    x = given("x", N, axis("c", 2), axis("p", 5), axis("q", 6))
    w = weight("W", axis("o", 2), axis("c", 2), axis("k", 2), axis("l", 2))
    z = convolution("z", x, w)
    pool = max_pool("p1", z, width, stride) if kind == "max" else (average_pool("p1", z, width, stride),)
    f = flat("f1", pool[-1])
    v = weight("V", axis("u", 3), f.axes[1])
    y = dense("y", f, v)
    return against(y, x, w, z, *pool, f, v, name=f"{kind}_pool")


def global_maximum() -> Model:
    """The largest entry of every channel, and a concatenation with the mean."""
    x = given("x", N, axis("c", 3), axis("p", 4), axis("q", 3))
    s = weight("s", axis("c", 3))
    h = node("h", x.axes, Term(x.index, x.axes, s.ref * x.ref))
    own = h.axes[:2]
    m = maximum("m1", own, h.axes[2:], h.ref)
    mean = node("a1", own, Term(h.index[:2], h.axes, h.ref / 12))
    both = joined("b1", m[1], mean)
    w = weight("W", axis("o", 2), axis("m", 6))
    y = dense("y", both, w)
    return against(y, x, s, h, *m, mean, both, w, name="global_maximum")


def embedding() -> Model:
    """Looked up ids, a sum over the words, and labels as targets."""
    ids = given("ids", N, axis("s", 3), targets="labels")
    v, d, c = axis("v", 5), axis("d", 4), axis("c", 3)
    e, w = weight("E", v, d), weight("W", c, axis("s", 3), d)
    n, s, own = N.symbol, index("s"), (N, axis("s", 3))
    one = Term((n, s, v.symbol), (*own, v), Equal(ids.ref, v.symbol))
    hot = Node("ids_hot", (*own, v), terms=(one,), auxiliary=True, targets="labels")
    h = node("h", (*own, d), Term((n, s, d.symbol), (*own, d, v), hot.ref * e.ref))
    y = dense("y", h, w)
    return against(y, ids, e, hot, h, w, name="embedding", inputs=("ids",))


def attention(heads: int = 2, steps: int = 3, width: int = 4) -> Model:
    """Queries, keys and values with heads in the middle; softmax without its shift."""
    q, k, h, d, m = axis("q", steps), axis("k", steps), axis("h", heads), axis("d", width), axis("m", 5)
    x = given("x", N, q, m)
    wq, wk, wv = (weight(f"W{s}", h, d, m) for s in "qkv")

    def projected(name: str, w: Node, along: Axis) -> Node:
        own = (N, along, h, d)
        body = w.ref * at(x, N.symbol, along.symbol, m.symbol)
        return node(name, own, Term(tuple(a.symbol for a in own), (*own, m), body))

    queries, keys, values = projected("Q", wq, q), projected("K", wk, k), projected("V", wv, k)
    own = (N, h, q, k)
    write = tuple(a.symbol for a in own)
    scores = node("S", own, Term(write, (*own, d), queries.ref * keys.ref / 2))
    e = node("e1", own, Term(write, own, VOCABULARY["exp"](scores.ref)))
    total = node("r1", own[:3], Term(write[:3], own, e.ref))
    a = node("A", own, Term(write, own, e.ref / total.ref))
    out = (N, q, h, d)
    y = node("y", out, Term(tuple(b.symbol for b in out), (*out, k), a.ref * values.ref))
    return against(y, x, wq, wk, wv, queries, keys, values, scores, e, total, a, name="attention")


SHAPES = {
    "conv1d": conv1d,
    "conv1d_dilated": lambda: conv1d(1, 2),
    "conv2d": conv2d,
    "conv2d_strided": lambda: conv2d(2, 2, 1),
    "transposed": transposed,
    "max_pool": pooled,
    "max_pool_overlapping": lambda: pooled("max", 3, 1),
    "average_pool": lambda: pooled("average"),
    "average_pool_overlapping": lambda: pooled("average", 3, 2),
    "global_maximum": global_maximum,
    "embedding": embedding,
    "attention": attention,
}
