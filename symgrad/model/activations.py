"""The activations: a table, one row each, the primal formula and what may be claimed about it.

Formulas are written in the formula grammar, ``z`` the argument and ``a`` the value.  Only the primal
defines; a `derivative`, `log` or `log_complement` is a claim, and `symgrad.model.functions` proves it
before it is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from symgrad.errors import unknown


@dataclass(frozen=True)
class Activation:
    """One elementwise activation.

    Attributes
    ----------
    name
        An identifier, the word of the command line and of network files.
    primal
        The value, a formula in ``z``.
    derivative
        A short form of da/dz in ``z`` and ``a``; without it the derivative stands as SymPy gives it.
    log, log_complement
        Forms of log(a) and log(1 − a) that neither overflow nor cancel.
    symbol
        How the function is written in print, when not by its name.
    """

    name: str
    primal: str
    derivative: str | None = None
    log: str | None = None
    log_complement: str | None = None
    symbol: str | None = None


SIGMOID = Activation("sigmoid", "1/(1 + exp(-z))", "a*(1 - a)", "-softplus(-z)", "-softplus(z)", symbol="σ")

ELEMENTWISE: Mapping[str, Activation] = {
    row.name: row
    for row in (
        SIGMOID,
        Activation("tanh", "(exp(z) - exp(-z))/(exp(z) + exp(-z))", "1 - a^2"),
        Activation("relu", "max(z, 0)", "step(z)"),
        Activation("leaky_relu", "max(z, 0) + min(z, 0)/100", "step(z) + (1 - step(z))/100"),
        Activation("softplus", "log(1 + exp(z))", "sigmoid(z)"),
    )
}

IDENTITY = "identity"
SOFTMAX = "softmax"
NAMES: tuple[str, ...] = (IDENTITY, *ELEMENTWISE, SOFTMAX)


def check_activation(name: str) -> str:
    """Return the name if the table has it.

    Raises
    ------
    UnknownNameError
        If there is no such activation; the message names the nearest ones.
    """
    if name not in NAMES:
        raise unknown("activation", name, NAMES)
    return name
