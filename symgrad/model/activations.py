"""The activations: a table, one row each, the primal formula and what may be claimed about it.

Formulas are written in the formula grammar, ``z`` the argument and ``a`` the value.  Only the primal
defines; a `derivative`, `log`, `log_complement` or `log_slope` is a claim, and `symgrad.model.functions`
proves it before it is used.
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
    log_slope
        A form of a′/a, the slope of log(a), that is right where a is 0 for want of smaller numbers.
    symbol
        How the function is written in print, when not by its name.
    """

    name: str
    primal: str
    derivative: str | None = None
    log: str | None = None
    log_complement: str | None = None
    log_slope: str | None = None
    symbol: str | None = None


SIGMOID = Activation("sigmoid", "1/(1 + exp(-z))", "a*(1 - a)", "-softplus(-z)", "-softplus(z)", symbol="σ")

ELEMENTWISE: Mapping[str, Activation] = {
    row.name: row
    for row in (
        SIGMOID,
        Activation(
            "tanh",
            "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
            "1 - a^2",
            log_complement="log(2) - softplus(2*z)",
        ),
        Activation("relu", "max(z, 0)", "step(z)"),
        Activation("leaky_relu", "max(z, 0) + min(z, 0)/100", "step(z) + (1 - step(z))/100"),
        Activation(
            "softplus",
            "log(1 + exp(z))",
            "sigmoid(z)",
            log="log(softplus_ratio(z)) - softplus(-z)",
            log_slope="1/softplus_ratio(z)",
        ),
        Activation("elu", "max(z, 0) + exp(min(z, 0)) - 1", "exp(min(z, 0))"),
        Activation(
            "selu",
            "1.0507009873554805*(max(z, 0) + 1.6732632423543772*(exp(min(z, 0)) - 1))",
            "selu_slope(z)",
        ),
        Activation("gelu", "z*normal_cdf(z)", "normal_cdf(z) + z*normal_pdf(z)"),
        Activation("gelu_tanh", "z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z^3)))/2"),
        Activation("silu", "z*sigmoid(z)", "sigmoid(z)*(1 + z - a)"),
        Activation("mish", "z*tanh(softplus(z))"),
        Activation("hard_sigmoid", "min(max(z + 3, 0), 6)/6", "(step(z + 3) - step(z - 3))/6"),
        Activation("hard_tanh", "min(max(z, -1), 1)", "step(z + 1) - step(z - 1)"),
        Activation("softsign", "z/(1 + abs(z))", "1/(1 + abs(z))^2"),
    )
}

SPECIAL: Mapping[str, Activation] = {
    row.name: row
    for row in (
        Activation("normal_pdf", "exp(-z^2/2)/sqrt(2*pi)", "-z*a", symbol="φ"),
        Activation("normal_cdf", "(1 + erf(z/sqrt(2)))/2", "normal_pdf(z)", symbol="Φ"),
        Activation(
            "selu_slope",
            "1.0507009873554805*(step(z) + 1.6732632423543772*(1 - step(z))*exp(min(z, 0)))",
            symbol="selu′",
        ),
        Activation("softplus_ratio", "softplus(z)/sigmoid(z)"),
        Activation("log_cosh", "log((exp(z) + exp(-z))/2)", "tanh(z)"),
        Activation("huber", "min(abs(z), 1)*(abs(z) - min(abs(z), 1)/2)", "hard_tanh(z)"),
        Activation("xlogx", "z*log(z + 1 - step(z))"),
    )
}
"""Functions beside the activations, which their rows and those of the losses use; ``xlogx`` is 0 at 0."""

ROWS: Mapping[str, Activation] = {**ELEMENTWISE, **SPECIAL}

IDENTITY = "identity"
SOFTMAX = "softmax"
LOG_SOFTMAX = "log_softmax"
OUTPUTS = (SOFTMAX, LOG_SOFTMAX)
"""The activations that are not elementwise: they join the entries of a row."""

NAMES: tuple[str, ...] = (IDENTITY, *ELEMENTWISE, *OUTPUTS)


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
