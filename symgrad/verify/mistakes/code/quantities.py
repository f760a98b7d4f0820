"""What a derivation could have used: the quantities of the forward pass, and what is known of each."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from symgrad.verify.code.snippets import carry_out, compiled
from symgrad.verify.mistakes.code.functions import FUNCTIONS
from symgrad.verify.mistakes.code.slopes import FAULTS

Role = Literal["given", "value", "derivative", "gradient", "size", "sum", "sign", "label"]


@dataclass(frozen=True)
class Quantity:
    """A quantity of the forward pass.

    Attributes
    ----------
    node
        How it is written; where code has no words for it, a name such as ``∂L/∂h`` that points hold a value
        for.
    role
        An array as given, another value, the derivative of a function, the gradient with respect to a value,
        a size, a sum over a value, a pattern of signs, or labels in another code.
    of
        For a derivative the function, for a gradient and a sum what it is of.
    names
        The names that it is made of.
    """

    node: ast.expr
    role: Role
    shape: tuple[int, ...]
    of: str = ""
    function: str = ""
    names: frozenset[str] = frozenset()

    @cached_property
    def form(self) -> str:
        """The tree of how it is written, to be compared with others."""
        return ast.dump(self.node)

    @cached_property
    def text(self) -> str:
        """How it is written."""
        return ast.unparse(self.node)


@dataclass(frozen=True)
class Applied:
    """A function applied in the forward pass: a = f(z).

    Attributes
    ----------
    z, a
        Argument and value as code; the value has no name of its own where `named` is false.
    function
        The function's name; ``softmax`` has an axis.
    own
        The function, where it is none of those that have names here.
    """

    z: ast.expr
    a: ast.expr
    function: str
    axis: int | None = None
    own: Any = None

    @property
    def apply(self) -> Any:
        """The function itself; None where it is not elementwise."""
        return FUNCTIONS[self.function].apply if self.function in FUNCTIONS else self.own

    @property
    def activation(self) -> bool:
        """Whether people call it an activation."""
        return self.function not in FUNCTIONS or FUNCTIONS[self.function].activation

    @property
    def text(self) -> str:
        """The value, and how it comes from its argument."""
        z, a = ast.unparse(self.z), ast.unparse(self.a)
        return f"{a} = {self.function}({z})" if isinstance(self.a, ast.Name) else a


@dataclass(frozen=True, eq=False)
class Stock:
    """All quantities of a case."""

    quantities: tuple[Quantity, ...]
    applied: tuple[Applied, ...]

    def role(self, role: Role) -> tuple[Quantity, ...]:
        """The quantities of a role."""
        return tuple(q for q in self.quantities if q.role == role)


def evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression; None where it has none."""
    statement = ast.fix_missing_locations(ast.Assign([ast.Name("_value", ast.Store())], node))
    try:
        return carry_out([compiled(statement)], dict(names))["_value"]
    except FAULTS:
        return None
