"""The steps by which a random graph grows; each adds one definition, or one with its auxiliaries."""

from collections.abc import Callable, Mapping
from itertools import product
from math import exp, prod

import sympy as sp

from symgrad.model.activations import ELEMENTWISE
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import VOCABULARY, Equal, function_of
from symgrad.model.graph import Axis, Kind, Node, Term
from symgrad.model.layers import softmax
from tests.random_graphs.growing import LARGE, SAMPLES, Growing, landing, moved

Bound = Callable[[float], float]

# Functions of one argument that are defined everywhere: how large the value is for an argument that large.
FUNCTIONS: Mapping[str, tuple[Callable[[sp.Expr], sp.Expr], Bound]] = {
    "identity": (lambda u: u, lambda b: b),
    "tanh": (VOCABULARY["tanh"], lambda b: min(b, 1)),
    "relu": (VOCABULARY["relu"], lambda b: b),
    "sigmoid": (VOCABULARY["sigmoid"], lambda b: 1),
    "square": (lambda u: u**2, lambda b: b * b),
    "cube": (lambda u: u**3, lambda b: b**3),
    "softplus": (VOCABULARY["softplus"], lambda b: b + 1),
    "leaky_relu": (VOCABULARY["leaky_relu"], lambda b: b),
    "exp": (sp.exp, lambda b: exp(min(b, 100))),
    "log": (lambda u: sp.log(1 + u**2), lambda b: b + 1),
    "root": (lambda u: sp.sqrt(1 + u**2), lambda b: b + 1),
    "inverse root": (lambda u: 1 / sp.sqrt(1 + u**2), lambda b: 1),
    "division": (lambda u: 1 / (1 + u**2), lambda b: 1),
    "quotient": (lambda u: u / (1 + u**2), lambda b: 1),
    "sin": (sp.sin, lambda b: 1),
    "cos": (sp.cos, lambda b: 1),
    "erf": (sp.erf, lambda b: 1),
    "abs": (sp.Abs, lambda b: b),
    "clip": (lambda u: sp.Min(1, sp.Max(-1, u)), lambda b: 1),
}
OF_POSITIVE = (sp.log, sp.sqrt, lambda u: 1 / u, lambda u: u ** sp.Rational(-3, 2))
COEFFICIENTS = (sp.Integer(1), sp.Rational(1, 2), sp.Rational(-2, 3), sp.Integer(-1))


def applied(g: Growing, body: sp.Expr, bound: float, times: int) -> tuple[sp.Expr, float]:
    """Draw a function of a body that is summed so many times; what grows too large is squashed."""
    names = [name for name, (_, above) in FUNCTIONS.items() if above(bound) * times <= LARGE]
    function, above = FUNCTIONS[g.one_of(names or ["tanh"])]
    return function(body), above(bound) * times


def joined(g: Growing, reads: list[Ref]) -> tuple[sp.Expr, float]:
    """Draw how accesses are put together: a product, a sum, a maximum."""
    bounds = [g.bounds[read.name] for read in reads]
    how = g.one_of(["product", "sum", "max", "min"]) if len(reads) > 1 else "product"
    body = {"product": sp.Mul, "sum": sp.Add, "max": sp.Max, "min": sp.Min}[how](*reads)
    return body, prod(bounds) if how == "product" else sum(bounds)


def weight(g: Growing, bound: list[Axis]) -> sp.Expr:
    """Draw a constant factor: a number, one over a size, a position, an indicator."""
    if not g.seldom():
        return g.one_of(COEFFICIENTS)
    choices = [1 / axis.size for axis in bound] + [axis.symbol + 1 for axis in bound]
    choices += [Equal(a.symbol, b.symbol) for a in bound for b in bound if a != b]
    return g.one_of([*choices, sp.Integer(2)])


def summand(g: Growing, own: tuple[Axis, ...] | None, write: tuple[sp.Expr, ...]) -> tuple[Term, float]:
    """Draw a term over its own letters; without any given, some of those of its accesses become own."""
    bound = list(own or ())
    reads = [g.read(g.quantity(), bound) for _ in range(g.one_of([1, 2, 3]))]
    if own is None:
        write = tuple(axis.symbol for axis in bound if g.yes())[:3]
    times = g.entries([axis for axis in bound if axis.symbol not in write])
    body, above = joined(g, reads)
    body, above = applied(g, body, above, times)
    factor = weight(g, bound)
    return Term(write, tuple(bound), factor * body), 4 * above


def free(g: Growing) -> None:
    """One to three terms of any shape: contraction, broadcasting, diagonal, flip, skip."""
    first, above = summand(g, None, ())
    axes = tuple(first.sizes[w] for w in first.write)
    own = g.axes(axes)
    terms = [(first, above)]
    for _ in range(g.one_of([0, 0, 1, 2])):
        letters = tuple(axis.symbol for axis in own)
        terms.append(summand(g, own, letters))
    g.define(own, *terms)


def diagonal(g: Growing) -> None:
    """A vector on the diagonal of a matrix, or turned round: landing subscripts that repeat or flip."""
    node = g.quantity(lambda n: 1 <= len(n.axes) <= 2)
    place = g.one_of(range(len(node.axes)))
    axis = node.axes[place]
    body, above = applied(g, node.ref, g.bounds[node.name], 1)
    if g.yes():
        axes = (*node.axes, *g.axes((axis.size, axis.size))[-1:])
        axes = moved(axes, len(node.axes), axes[-1])
        g.define(axes, (Term((*node.index, axis.symbol), node.axes, body), above))
    else:
        write = landing(node.axes, place, axis.size - 1 - axis.symbol)
        g.define(node.axes, (Term(write, node.axes, body), above))


def activated(g: Growing) -> None:
    """A row of the table of activations, as a layer applies it."""
    pre = g.quantity()
    row = ELEMENTWISE[g.one_of(list(ELEMENTWISE))]
    above = g.bounds[pre.name] + 1
    term = Term(pre.index, pre.axes, function_of(row)(pre.ref))
    node = g.define(pre.axes, (term, above), function=row.name)
    if row.name in ("sigmoid", "softplus"):
        g.positive.add(node.name)


def of_positive(g: Growing) -> None:
    """A logarithm, a root or a negative power of something positive."""
    own = [name for name in g.positive if g.bounds[name] <= LARGE]
    if not own:
        pre = g.quantity()
        term = Term(pre.index, pre.axes, VOCABULARY["sigmoid"](pre.ref))
        node = g.define(pre.axes, (term, 1.0), function="sigmoid")
    else:
        node = g.nodes[g.one_of(sorted(own))]
    function = g.one_of(OF_POSITIVE)
    g.define(node.axes, (Term(node.index, node.axes, sp.tanh(function(node.ref) / 8) * 2), 2.0))


def windows(length: int) -> list[tuple[int, int, int]]:
    """Return the kernels, strides and dilations that fit a length."""
    return [(k, s, d) for k, s, d in product((2, 1, 3), (1, 2), (1, 2)) if d * (k - 1) < length]


def along(g: Growing) -> tuple[Node, int]:
    """Draw a node, and an axis of it that is not the samples."""
    node = g.quantity(lambda n: len(n.axes) <= 3 and any(a.size != SAMPLES for a in n.axes))
    places = [k for k, axis in enumerate(node.axes) if axis.size != SAMPLES]
    return (node, g.one_of(places)) if places else along(g)


def convolved(g: Growing) -> None:
    """``h[…,o] = Σ_k w[k] x[…, s*o + d*k]``."""
    node, place = along(g)
    length = node.axes[place].size
    k, s, d = g.one_of(windows(g.extent(length)))
    rest = length - d * (k - 1) - 1
    out = Axis(node.axes[place].letter, rest + 1 if s == 1 else sp.floor(rest / s) + 1)
    axes = moved(node.axes, place, out)
    tap = Axis("q", size(k))
    kernel = g.leaf((size(k),), Kind.PARAMETER)
    read = landing(axes, place, s * axes[place].symbol + d * tap.symbol)
    body = Ref(kernel.name, (tap.symbol,)) * Ref(node.name, read)
    write = tuple(axis.symbol for axis in axes)
    g.define(axes, (Term(write, (*axes, tap), body), 2 * k * g.bounds[node.name]))


def spread(g: Growing) -> None:
    """``h[…, s*i + d*k + p] += w[k] x[…,i]``: transposed convolution, or padding alone."""
    node, place = along(g)
    axis = node.axes[place]
    k, s, d, p = g.one_of([(1, 1, 1, 1), (2, 1, 1, 0), (2, 2, 1, 0), (2, 1, 2, 1), (1, 2, 1, 0)])
    length = s * (axis.size - 1) + d * (k - 1) + 1 + 2 * p
    axes = moved(node.axes, place, Axis(axis.letter, sp.expand(length)))
    tap = Axis("q", size(k))
    taps, factor = ((tap,), Ref(g.leaf((size(k),), Kind.PARAMETER).name, (tap.symbol,))) if k > 1 else ((), 1)
    write = landing(node.axes, place, s * axis.symbol + (d * tap.symbol if taps else 0) + p)
    g.define(axes, (Term(write, (*node.axes, *taps), factor * node.ref), 2 * k * g.bounds[node.name]))


def concatenated(g: Growing) -> None:
    """Two nodes one behind the other along an axis."""
    first, place = along(g)
    shape = list(first.shape)
    shape[place] = g.one_of([s for s in (size("D"), size("E"), size(1), size(2)) if s != SAMPLES])
    second = g.like(shape)
    whole = Axis(first.axes[place].letter, first.axes[place].size + second.axes[place].size)
    shifted = landing(second.axes, place, first.axes[place].size + second.axes[place].symbol)
    g.define(
        moved(first.axes, place, whole),
        (Term(first.index, first.axes, first.ref), g.bounds[first.name]),
        (Term(shifted, second.axes, second.ref), g.bounds[second.name]),
    )


def flattened(g: Growing) -> None:
    """``h[…, i*J + j] += x[…,i,j]``."""
    node = g.quantity(lambda n: len(n.axes) >= 2, rank=2)
    *front, i, j = node.axes
    write = (*(a.symbol for a in front), i.symbol * j.size + j.symbol)
    axes = (*front, Axis(i.letter, i.size * j.size))
    g.define(axes, (Term(write, node.axes, node.ref), g.bounds[node.name]))


def looked_up(g: Growing) -> None:
    """``h[n,d] = Σ_v [ids[n] = v] E[v,d]``: an embedding, by way of the one-hot form of the ids."""
    which = g.leaf((g.one_of([SAMPLES, size("D")]),), Kind.INPUT)
    ids = g.keep(Node(which.name, which.axes, which.kind, targets="labels"), 2.0)
    table = g.leaf((g.one_of([size("E"), size("D")]), *g.shape(g.one_of([1, 0]))), Kind.PARAMETER)
    v, *rest = (Axis(c, a.size) for c, a in zip("vde", table.axes, strict=False))
    hot = Node(
        f"{ids.name}_hot",
        (*ids.axes, v),
        terms=(Term((*ids.index, v.symbol), (*ids.axes, v), Equal(ids.ref, v.symbol)),),
        auxiliary=True,
        targets="labels",
    )
    g.keep(hot, 1.0)
    body = hot.ref * Ref(table.name, (v.symbol, *(a.symbol for a in rest)))
    axes = (*ids.axes, *rest)
    g.define(axes, (Term(tuple(a.symbol for a in axes), (*axes, v), body), g.bounds[table.name]))


def softmaxed(g: Growing) -> None:
    """Softmax over the last axis, its exp and normaliser auxiliaries, as the layer makes it."""
    pre = g.quantity(lambda n: len(n.axes) >= 1 and g.bounds[n.name] <= 6)
    for node in softmax(g.name("h"), pre):
        g.keep(node, 1.0)


def powered(g: Growing) -> None:
    """A node times itself at other places: one node read twice in one term."""
    node = g.quantity(lambda n: 1 <= len(n.axes) <= 2 and g.bounds[n.name] <= 6)
    bound: list[Axis] = []
    one, other = g.read(node, bound), g.read(node, bound)
    write = tuple(axis.symbol for axis in bound if g.yes())[:3]
    times = g.entries([axis for axis in bound if axis.symbol not in write])
    axes = tuple(axis for axis in bound if axis.symbol in write)
    above = g.bounds[node.name] ** 2 * times
    g.define(axes, (Term(tuple(a.symbol for a in axes), tuple(bound), one * other), above))


def largest(g: Growing) -> None:
    """The maximum over some letters, with the position of the largest beside it."""
    bound: list[Axis] = []
    reads = [g.read(g.quantity(lambda n: len(n.axes) >= 1), bound) for _ in range(g.one_of([1, 2]))]
    body, above = joined(g, reads)
    body, above = applied(g, body, above, 1)
    own = tuple(axis for axis in bound[1:] if g.yes())[:3]
    summed = [axis for axis in bound if axis not in own]
    write = tuple(axis.symbol for axis in own)
    place = sp.Integer(0)
    for axis in summed:
        place = place * axis.size + axis.symbol
    name = g.name("h")
    terms = (Term(write, tuple(bound), body),)
    position = g.keep(Node(f"{name}_arg", own, terms=terms, auxiliary=True, reduce="argmax"), 0.0)
    chosen = Equal(sp.expand(place), position.ref) * body
    g.keep(Node(name, own, terms=(Term(write, tuple(bound), chosen),)), above)


def recurrent(g: Growing) -> None:
    """``h[t] = tanh(v x[t] + u h[t−1])`` along an axis, either way, with or without a first value."""
    x = g.quantity(lambda n: 1 <= len(n.axes) <= 2 and n.axes[0].size != SAMPLES)
    if x.axes[0].size == SAMPLES:
        x = g.leaf((size("D"),), Kind.INPUT)
    v, u = (g.leaf((), Kind.PARAMETER) for _ in range(2))
    name, back = g.name("h"), g.yes()
    t, *rest = axes = moved(x.axes, 0, Axis(g.one_more("abcfgyz"), x.axes[0].size))
    pre = f"{name}_pre"
    short = Axis(t.letter, t.size - 1)
    at = (t.symbol, *(a.symbol for a in rest))
    late = (t.symbol + 1, *at[1:])
    write, read = (at, late) if back else (late, at)
    terms = [
        Term(at, axes, v.ref * Ref(x.name, at)),
        Term(write, (short, *rest), u.ref * Ref(name, read)),
    ]
    if g.yes():
        first = g.like([axis.size for axis in rest])
        start = (t.size - 1 if back else sp.Integer(0), *at[1:])
        terms.append(Term(start, tuple(rest), u.ref * Ref(first.name, at[1:])))
    g.keep(Node(pre, axes, terms=tuple(terms)), LARGE + 1)
    g.keep(Node(name, axes, terms=(Term(at, axes, VOCABULARY["tanh"](Ref(pre, at))),)), 1.0)


STEPS = (
    free,
    activated,
    convolved,
    spread,
    concatenated,
    flattened,
    diagonal,
    powered,
    looked_up,
    softmaxed,
    of_positive,
    largest,
    recurrent,
)
