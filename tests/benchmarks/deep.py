"""Deep networks as plain definitions: residual blocks, transformer blocks, an LSTM written out."""

from collections.abc import Iterator

import sympy as sp

from symgrad.model.activations import ELEMENTWISE
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import function_of
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import dense, leaf, pointwise, softmax

ROWS = Axis("n", size("N"))
SMALL = sp.Rational(1, 100_000)


def axis(letter: str, extent: str | int) -> Axis:
    """Return an axis."""
    return Axis(letter, size(extent))


def applied(name: str, function: str, argument: Node) -> Node:
    """Return a node that applies a function of the table to another."""
    made = pointwise(name, argument.axes, function_of(ELEMENTWISE[function])(argument.ref))
    return Node(name, made.axes, terms=made.terms, function=function)


def product(name: str, axes: tuple[Axis, ...], summed: tuple[Axis, ...], body: sp.Expr) -> Node:
    """Return ``name[axes] = Σ_summed body``."""
    return Node(name, axes, terms=(Term(tuple(a.symbol for a in axes), (*axes, *summed), body),))


def squared_error(output: Node) -> tuple[Node, ...]:
    """Return a target and the mean squared error of a prediction."""
    target = leaf("t", Kind.TARGET, *output.axes, targets="free")
    error = (output.ref - target.ref) ** 2 / (2 * ROWS.size)
    return target, Node("J", terms=(Term((), output.axes, error),))


def residual(blocks: int, width: str | int = "H") -> Graph:
    """``h ← h + relu(W h + b)``, again and again: 2^blocks paths to the input."""
    i, j = axis("i", width), axis("j", width)
    nodes = [leaf("x", Kind.INPUT, ROWS, i)]
    for k in range(1, blocks + 1):
        below = nodes[-1]
        weight, bias = leaf(f"W{k}", Kind.PARAMETER, i, j), leaf(f"b{k}", Kind.PARAMETER, i)
        pre = dense(f"z{k}", below, weight, bias)
        value = applied(f"a{k}", "relu", pre)
        nodes += [weight, bias, pre, value, pointwise(f"h{k}", below.axes, below.ref + value.ref)]
    return Graph((*nodes, *squared_error(nodes[-1])), "J")


def convolutional(blocks: int) -> Graph:
    """Residual blocks of one-dimensional convolutions: pad, convolve, normalise by batch, relu, add."""
    o, c, k, i = axis("o", "C"), axis("c", "C"), axis("k", 3), axis("i", "L")
    wide = Axis("i", size("L") + 2)
    nodes = [leaf("x", Kind.INPUT, ROWS, c, i)]
    for b in range(1, blocks + 1):
        nodes += _convolved(b, nodes[-1], o, c, k, i, wide)
    pooled = product("y", (ROWS, c), (i,), nodes[-1].ref / i.size)
    return Graph((*nodes, pooled, *squared_error(pooled)), "J")


def _convolved(b: int, below: Node, o: Axis, c: Axis, k: Axis, i: Axis, wide: Axis) -> list[Node]:
    n = ROWS.symbol
    scatter = Term((n, c.symbol, i.symbol + 1), (ROWS, c, i), below.ref)
    padded = Node(f"p{b}", (ROWS, c, wide), terms=(scatter,), auxiliary=True)
    weight = leaf(f"W{b}", Kind.PARAMETER, o, c, k)
    gain, shift = leaf(f"g{b}", Kind.PARAMETER, o), leaf(f"s{b}", Kind.PARAMETER, o)
    window = Ref(padded.name, (n, c.symbol, i.symbol + k.symbol))
    z = product(f"z{b}", (ROWS, o, i), (c, k), weight.ref * window)
    count = ROWS.size * i.size
    mean = product(f"m{b}", (o,), (ROWS, i), z.ref / count)
    spread = product(f"v{b}", (o,), (ROWS, i), (z.ref - mean.ref) ** 2 / count)
    root = pointwise(f"d{b}", (o,), sp.sqrt(spread.ref + SMALL))
    normal = pointwise(f"q{b}", z.axes, gain.ref * (z.ref - mean.ref) / root.ref + shift.ref)
    value = applied(f"a{b}", "relu", normal)
    lifted = Ref(value.name, (n, c.symbol, i.symbol))
    return [
        padded,
        weight,
        gain,
        shift,
        z,
        mean,
        spread,
        root,
        normal,
        value,
        pointwise(f"h{b}", below.axes, below.ref + lifted),
    ]


def transformer(blocks: int) -> Graph:
    """Blocks of multi-head attention and a feed-forward layer, each behind a layer norm and a skip."""
    s, d = axis("s", "S"), axis("d", "D")
    nodes = [leaf("x", Kind.INPUT, ROWS, s, d)]
    for b in range(1, blocks + 1):
        nodes += _attended(b, nodes[-1])
        nodes += _fed_forward(b, nodes[-1])
    pooled = product("y", (ROWS, d), (s,), nodes[-1].ref / s.size)
    return Graph((*nodes, pooled, *squared_error(pooled)), "J")


def _normalised(name: str, below: Node) -> list[Node]:
    *front, d = below.axes
    mean = product(f"{name}_mean", tuple(front), (d,), below.ref / d.size)
    spread = product(f"{name}_var", tuple(front), (d,), (below.ref - mean.ref) ** 2 / d.size)
    gain, shift = (leaf(f"{name}_{word}", Kind.PARAMETER, d) for word in ("gain", "shift"))
    root = pointwise(f"{name}_root", tuple(front), sp.sqrt(spread.ref + SMALL))
    scaled = gain.ref * (below.ref - mean.ref) / root.ref
    return [mean, spread, root, gain, shift, pointwise(name, below.axes, scaled + shift.ref)]


def _attended(b: int, below: Node) -> list[Node]:
    n, (s, d) = ROWS, below.axes[1:]
    h, e, u = axis("h", "A"), axis("e", "E"), axis("u", "S")
    norm = _normalised(f"l{b}", below)
    weights = [leaf(f"W{kind}{b}", Kind.PARAMETER, h, e, d) for kind in "qkv"]
    heads = [
        product(f"{kind}{b}", (n, h, s, e), (d,), w.ref * norm[-1].ref)
        for kind, w in zip("qkv", weights, strict=True)
    ]
    at_u = [Ref(node.name, (n.symbol, h.symbol, u.symbol, e.symbol)) for node in heads]
    score = product(f"r{b}", (n, h, s, u), (e,), heads[0].ref * at_u[1] / sp.sqrt(e.size))
    share = softmax(f"p{b}", score)
    mixed = product(f"c{b}", (n, h, s, e), (u,), share[-1].ref * at_u[2])
    back = leaf(f"Wo{b}", Kind.PARAMETER, d, h, e)
    joined = product(f"o{b}", below.axes, (h, e), back.ref * mixed.ref)
    skip = pointwise(f"u{b}", below.axes, below.ref + joined.ref)
    return [*norm, *weights, *heads, score, *share, mixed, back, joined, skip]


def _fed_forward(b: int, below: Node) -> list[Node]:
    n, (s, d) = ROWS, below.axes[1:]
    f = axis("f", "F")
    norm = _normalised(f"w{b}", below)
    up, down = leaf(f"Wf{b}", Kind.PARAMETER, f, d), leaf(f"Wd{b}", Kind.PARAMETER, d, f)
    wide = product(f"f{b}", (n, s, f), (d,), up.ref * norm[-1].ref)
    value = applied(f"a{b}", "tanh", wide)
    narrow = product(f"y{b}", below.axes, (f,), down.ref * value.ref)
    return [*norm, up, down, wide, value, narrow, pointwise(f"h{b}", below.axes, below.ref + narrow.ref)]


def lstm(steps: int) -> Graph:
    """An LSTM with shared weights, written out step by step, its last state the prediction."""
    i, j, d = axis("i", "H"), axis("j", "H"), axis("d", "D")
    weights = {
        gate: (
            leaf(f"W{gate}", Kind.PARAMETER, i, d),
            leaf(f"U{gate}", Kind.PARAMETER, i, j),
            leaf(f"B{gate}", Kind.PARAMETER, i),
        )
        for gate in "figo"
    }
    nodes = [w for group in weights.values() for w in group] + [
        leaf("x", Kind.INPUT, ROWS, axis("s", steps), d)
    ]
    for t in range(steps):
        nodes += _step(t, weights)
    return Graph((*nodes, *squared_error(nodes[-1])), "J")


def _step(t: int, weights: dict[str, tuple[Node, Node, Node]]) -> Iterator[Node]:
    n, gates = ROWS, dict[str, Node]()
    for gate, (given, carried, bias) in weights.items():
        i, j = carried.axes
        write = (n.symbol, i.symbol)
        x = Ref("x", (n.symbol, sp.Integer(t), given.axes[1].symbol))
        terms = [Term(write, (n, i, given.axes[1]), given.ref * x), Term(write, (n, i), bias.ref)]
        if t:
            terms.append(Term(write, (n, i, j), carried.ref * Ref(f"h_{t - 1}", (n.symbol, j.symbol))))
        pre = Node(f"z{gate}_{t}", (n, i), terms=tuple(terms))
        gates[gate] = applied(f"{gate}_{t}", "tanh" if gate == "g" else "sigmoid", pre)
        yield from (pre, gates[gate])
    kept = gates["i"].ref * gates["g"].ref
    axes = gates["i"].axes
    if t:
        kept += gates["f"].ref * Ref(f"c_{t - 1}", gates["f"].index)
    cell = pointwise(f"c_{t}", axes, kept)
    squashed = applied(f"q_{t}", "tanh", cell)
    yield from (cell, squashed, pointwise(f"h_{t}", axes, gates["o"].ref * squashed.ref))
