"""``y = σ(W2 σ(W1 x + b1) + b2)``, and ``δ^l = ((W^(l+1))ᵀ δ^(l+1)) ⊙ σ′(z^l)`` for every layer at once."""

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.model.activations import SOFTMAX
from symgrad.model.graph import Graph, Group
from symgrad.notation.compose import product, total
from symgrad.notation.labelled import matrix_block
from symgrad.notation.layout import (
    Block,
    Call,
    Equation,
    Glyph,
    Layered,
    Layout,
    Minus,
    Name,
    Number,
    Partial,
    Relation,
    Total,
    Transposed,
)
from symgrad.notation.letters import split
from symgrad.notation.stack import Layer, Refusal, Stack, stack

HERE, LAST = Name("l"), Name("L")
NEXT = Total((HERE, Number("1")))
BELOW_LAST = Relation(HERE, "<", LAST)
BEFORE = Total((HERE, Minus(Number("1"))))


def nested(graph: Graph) -> Equation | Refusal:
    """Return a layered network as one nested formula, of one sample, its vectors as columns."""
    walked = _walked(graph)
    if walked:
        group = walked[0]
        return Refusal(
            f"{' and '.join(group.names)} form a recurrence along {group.along}, as deep as that is long; "
            f'write it out before with unroll("{group.along}", 3), or print the recursion'
        )
    found = stack(graph)
    if isinstance(found, Refusal):
        return found
    body: Layout = Name(found.layers[0].below, whole=True)
    for layer in found.layers:
        body = _applied(layer, body)
    return Equation(Name(found.layers[-1].value, whole=True), body)


def _applied(layer: Layer, below: Layout) -> Layout:
    weighted = product((Name(layer.weight, whole=True), below))
    whole = total((weighted, *_bias(layer)))
    return whole if layer.function is None else Call(layer.function, (whole,))


def _bias(layer: Layer) -> tuple[Layout, ...]:
    if layer.bias is None:
        return ()
    return (product((Name(layer.bias), Glyph("1"))),) if layer.shared else (Name(layer.bias, whole=True),)


def generic_recursion(graph: Graph) -> Block | Refusal:
    """Return the δ recursion for layer l of L, after checking that all hidden layers are alike.

    Lines: δ^L; δ^l for l < L; the gradients of the weights and biases.  With softmax at the output δ^L
    needs the full Jacobian, and the line says so.  Of a recurrence, along steps or along layers, they are
    its own: its deltas, δz[l] from δz[l+1], and the gradients of the parameters that it reads.
    """
    if _walked(graph):
        return _recurrences(graph)
    found = stack(graph)
    if isinstance(found, Refusal):
        return found
    reason = _unlike(found) or ("there is no loss" if found.loss is None else None)
    return Refusal(reason) if reason else Block(_lines(found), _notes(found), "where")


def _walked(graph: Graph) -> tuple[Group, ...]:
    return tuple(group for group in graph.groups if group.along is not None)


def _recurrences(graph: Graph) -> Block | Refusal:
    inside = {name for group in _walked(graph) for name in group.names}
    if graph.loss is None or not inside & graph.ancestors(graph.loss):
        return Refusal("there is no loss behind the recurrence" if graph.loss else "there is no loss")
    read = {ref.name for name in inside for term in graph[name].terms for ref in term.accesses}
    wrt = [node.name for node in graph.parameters if node.name in read]
    derived = simplify(deltas(graph, wrt or sorted(inside)), wrt or sorted(inside)).backward
    order = {node.name: k for k, node in enumerate(derived.graph.nodes)}
    wanted = {derived.delta[name] for name in derived.delta if name in inside or name in wrt}
    return matrix_block(derived.graph, sorted(wanted, key=order.__getitem__))


def _unlike(found: Stack) -> str | None:
    hidden = found.layers[:-1]
    for layer in hidden[1:]:
        if layer.template != hidden[0].template:
            return f"the hidden layers {hidden[0].value} and {layer.value} are not alike"
    return None


def _lines(found: Stack) -> tuple[Equation, ...]:
    *hidden, output = found.layers
    delta, weight = Layered("δ", HERE), split(output.weight).letter
    loss = Name(found.loss or "")
    recursion = [_hidden_delta(layer, weight) for layer in hidden[:1]]
    below = Layered(split(hidden[0].value).letter, BEFORE) if hidden else Name(output.below, whole=True)
    slope = Equation(Partial(loss, Layered(weight, HERE)), product((delta, Transposed(below))))
    return (_output_delta(output, loss), *recursion, slope, *_bias_lines(found, loss))


def _output_delta(output: Layer, loss: Name) -> Equation:
    gradient = Call(f"∇{loss.name}", (Name(output.value, whole=True),))
    left, pre = Layered("δ", LAST), Name(output.pre, whole=True)
    if output.function is None:
        return Equation(left, gradient)
    if output.function == SOFTMAX:
        return Equation(left, product((Transposed(Partial(Name(output.value, whole=True), pre)), gradient)))
    return Equation(left, product((Call(f"{output.function}′", (pre,)), gradient), "⊙"))


def _hidden_delta(layer: Layer, weight: str) -> Equation:
    pulled = product((Transposed(Layered(weight, NEXT)), Layered("δ", NEXT)))
    if layer.function is None:
        return Equation(Layered("δ", HERE), pulled, condition=BELOW_LAST)
    slope = Call(f"{layer.function}′", (Layered(split(layer.pre).letter, HERE),))
    return Equation(Layered("δ", HERE), product((pulled, slope), "⊙"), condition=BELOW_LAST)


def _bias_lines(found: Stack, loss: Name) -> tuple[Equation, ...]:
    """Return one line where the biases of all layers are of one kind, else one for the last layer too."""
    *hidden, output = found.layers
    alike = not hidden or (hidden[0].bias is None, hidden[0].shared) == (output.bias is None, output.shared)
    cases = [(output, HERE, None)] if alike else [(hidden[0], HERE, BELOW_LAST), (output, LAST, None)]
    return tuple(_bias_line(layer, at, loss, when) for layer, at, when in cases if layer.bias is not None)


def _bias_line(layer: Layer, at: Layout, loss: Name, condition: Relation | None) -> Equation:
    delta = Layered("δ", at)
    right = product((Transposed(Glyph("1")), delta)) if layer.shared else delta
    return Equation(Partial(loss, Layered(split(layer.bias or "b").letter, at)), right, condition=condition)


def _notes(found: Stack) -> tuple[Equation | str, ...]:
    depth, first = len(found.layers), found.layers[0]
    letter = split(first.value).letter if depth > 1 else first.below
    bottom = Equation(Layered(letter, Number("0")), Name(first.below, whole=True))
    softmax = found.layers[-1].function == SOFTMAX
    words = ("softmax has a full Jacobian, not an entrywise slope",) if softmax else ()
    return (Equation(LAST, Number(str(depth))), *((bottom,) if depth > 1 else ()), *words)
