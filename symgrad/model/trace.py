"""Ordinary Python and NumPy arithmetic becomes a graph: the function is called once, with tracers.

A node is made of the result and of each value that is used more than once; all others stay inside the
bodies of these, so ``lambda x: x**2`` is the single node f = x².  A body that would grow too deep to
be derived is cut, and the cut becomes a node too.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from itertools import chain, count

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.model.expressions import Ref
from symgrad.model.formula import INFINITE, Functions
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.names import RESERVED, check_name
from symgrad.model.tracers import Operation, Tracer, operation_of

DEEPEST = 16
LARGEST = 400


@dataclass(frozen=True)
class Value:
    """The value of an operation, and how large it has grown inside the present body."""

    expression: sp.Expr
    depth: int = 0
    size: int = 1


def trace(
    function: Callable[..., object],
    parameters: Collection[str] = (),
    functions: Functions = VOCABULARY,
) -> Graph:
    """Return the graph of a Python function of numbers.

    Parameters
    ----------
    function
        A function of scalars, in Python arithmetic and NumPy functions.  Each argument becomes an
        input; one with a default value keeps that value, unless it is named in `parameters`.
    parameters
        The arguments that are parameters.
    functions
        The function table.

    Returns
    -------
    Graph
        The loss is the result, named after the function (``f`` for a lambda).

    Raises
    ------
    DefinitionError
        If the function needs to know a value (``if x > 0``, ``float(x)``, ``math.exp(x)``) or uses
        what has no formula; the message has the remedy.
    """
    leaves = _leaves(function, parameters)
    arguments = {leaf.name: Tracer(_leaf(leaf), functions) for leaf in leaves}
    returned = function(**arguments)
    if isinstance(returned, tuple | list | dict | set) or returned is None:
        raise DefinitionError(f"the function returns {type(returned).__name__}; return one number")
    result = _name_of(function, {leaf.name for leaf in leaves})
    nodes = _nodes(operation_of(returned), result, {*arguments, result})
    return Graph((*leaves, *nodes), loss=result)


def _leaf(leaf: Node) -> Operation:
    return Operation(lambda: leaf.ref)


def _leaves(function: Callable[..., object], parameters: Collection[str]) -> tuple[Node, ...]:
    arguments = arguments_of(function)
    for name in parameters:
        if name not in arguments:
            raise unknown("argument", name, arguments)
    return tuple(
        Node(check_name(name, "argument"), kind=Kind.PARAMETER if name in parameters else Kind.INPUT)
        for name, argument in arguments.items()
        if _is_traced(argument, parameters)
    )


def arguments_of(function: Callable[..., object]) -> Mapping[str, Parameter]:
    """Return the arguments of a function by name; DefinitionError for what has none to ask for."""
    try:
        return signature(function).parameters
    except (TypeError, ValueError):
        found = getattr(function, "__name__", repr(function))
        raise DefinitionError(
            f"found {found:.40}; give a Python function whose arguments have names, as in lambda x: x**2"
        ) from None


def _is_traced(argument: Parameter, parameters: Collection[str]) -> bool:
    if argument.kind not in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY):
        raise DefinitionError(
            f"the argument {argument.name!r} is starred or positional only; name each argument"
        )
    return argument.default is Parameter.empty or argument.name in parameters


def _name_of(function: Callable[..., object], taken: Collection[str]) -> str:
    name = getattr(function, "__name__", "f")
    usable = name.isascii() and name.isidentifier() and name[0] != "_" and name not in RESERVED
    wanted = name if usable else "f"
    return next(n for n in chain([wanted], (f"{wanted}{k}" for k in count(1))) if n not in taken)


def _nodes(result: Operation, name: str, taken: set[str]) -> Iterator[Node]:
    """Yield a node for each value that is used more than once or too large, and for the result."""
    order = _order(result)
    uses = Counter(used for operation in order for used in operation.inputs)
    supply = (v for k in count(1) if (v := f"v{k}") not in taken)
    values: dict[Operation, Value] = {}
    for operation in order:
        value = _value(operation, [values[used] for used in operation.inputs])
        if operation is result:
            yield _node(name, value.expression)
        elif _stands_alone(value, uses[operation]):
            node = _node(next(supply), value.expression)
            yield node
            value = Value(node.ref)
        values[operation] = value


def _order(result: Operation) -> list[Operation]:
    """Return the operations that a result needs, each after its inputs, in the order of the function."""
    done: dict[Operation, None] = {}
    waiting = [(result, False)]
    while waiting:
        operation, ready = waiting.pop()
        if ready:
            done[operation] = None
        elif operation not in done:
            waiting.append((operation, True))
            waiting += [(used, False) for used in reversed(operation.inputs)]
    return list(done)


def _value(operation: Operation, inputs: list[Value]) -> Value:
    expression = operation.build(*(value.expression for value in inputs))
    flat = isinstance(expression, sp.Add | sp.Mul)
    depths = (v.depth + (not flat or v.expression.func is not expression.func) for v in inputs)
    return Value(expression, max(depths, default=0), 1 + sum(value.size for value in inputs))


def _stands_alone(value: Value, uses: int) -> bool:
    compound = not isinstance(value.expression, Ref | sp.Rational)
    return compound and (uses > 1 or value.depth > DEEPEST or value.size > LARGEST)


def _node(name: str, body: sp.Expr) -> Node:
    if body.has(*INFINITE):
        raise DefinitionError("the function divides by zero, or takes a function where it is infinite")
    return Node(name, terms=(Term((), (), body),))
