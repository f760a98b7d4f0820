"""Python's operators on arrays: each is the function of NumPy's that stands behind it."""

from collections.abc import Callable
from typing import Any


def _operator(name: str, *, swapped: bool = False) -> Callable[..., Any]:
    def operator(self: "Operators", *others: Any) -> Any:
        if any(other is None or isinstance(other, (str, dict)) for other in others):
            return NotImplemented
        operands = (*others, self) if swapped else (self, *others)
        return self.tracing.functions[name](self.tracing, *operands)

    return operator


def _in_place(name: str) -> Callable[..., Any]:
    def operator(self: "Operators", other: Any) -> Any:
        result = self.tracing.functions[name](self.tracing, self, other)
        return self.replaced(result)

    return operator


class Operators:
    """What has a trace, and with it the operators."""

    __slots__ = ()
    tracing: Any

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'numpy.ndarray'")

    def replaced(self, result: Any) -> Any:
        """Return what an operation in place leaves."""
        return result

    __add__ = _operator("add")
    __sub__ = _operator("subtract")
    __mul__ = _operator("multiply")
    __truediv__ = _operator("divide")
    __floordiv__ = _operator("floor_divide")
    __mod__ = _operator("remainder")
    __pow__ = _operator("power")
    __matmul__ = _operator("matmul")
    __and__ = _operator("bitwise_and")
    __or__ = _operator("bitwise_or")
    __xor__ = _operator("bitwise_xor")

    __radd__ = _operator("add", swapped=True)
    __rsub__ = _operator("subtract", swapped=True)
    __rmul__ = _operator("multiply", swapped=True)
    __rtruediv__ = _operator("divide", swapped=True)
    __rfloordiv__ = _operator("floor_divide", swapped=True)
    __rmod__ = _operator("remainder", swapped=True)
    __rpow__ = _operator("power", swapped=True)
    __rmatmul__ = _operator("matmul", swapped=True)
    __rand__ = _operator("bitwise_and", swapped=True)
    __ror__ = _operator("bitwise_or", swapped=True)
    __rxor__ = _operator("bitwise_xor", swapped=True)

    __iadd__ = _in_place("add")
    __isub__ = _in_place("subtract")
    __imul__ = _in_place("multiply")
    __itruediv__ = _in_place("divide")
    __ifloordiv__ = _in_place("floor_divide")
    __imod__ = _in_place("remainder")
    __ipow__ = _in_place("power")
    __imatmul__ = _in_place("matmul")
    __iand__ = _in_place("bitwise_and")
    __ior__ = _in_place("bitwise_or")
    __ixor__ = _in_place("bitwise_xor")

    __neg__ = _operator("negative")
    __pos__ = _operator("positive")
    __abs__ = _operator("absolute")
    __invert__ = _operator("invert")

    __lt__ = _operator("less")
    __le__ = _operator("less_equal")
    __gt__ = _operator("greater")
    __ge__ = _operator("greater_equal")
    __eq__ = _operator("equal")
    __ne__ = _operator("not_equal")
