"""Recurrences for the tests of kernels: the usual ones, and how they may begin, end and look back."""

from collections.abc import Mapping
from functools import cache

from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model

AXES = {"l": "L", "n": "N", "t": "T", "i": "H", "j": "H", "k": "D"}
PARAMETERS = {"U": "i j", "V": "i k", "b": "i"}
STATE = "sum(k, V[i,k]*x[n,t,k]) + b[i]"
CARRIED = f"[n,t,i] {STATE} + sum(j, U[i,j]*h[n,t-1,j])"
TANH = "[n,t,i] tanh(z[n,t,i])"
LAST = "[n,i] h[n,T-1,i]"
ERROR = "mean(n, sum(i, (o[n,i] - y[n,i])^2))"
SEQUENCE_ERROR = "mean(n, sum(t, i, (o[n,t,i] - y[n,t,i])^2))"


def lstm() -> Definitions:
    """Return an LSTM: four gates, two states, eight weights of which each is used at every step."""
    gates = {"f": "sigmoid", "u": "sigmoid", "q": "sigmoid", "g": "tanh"}
    nodes: dict[str, str] = {}
    weights: dict[str, str] = {}
    for gate, function in gates.items():
        weights |= {f"V{gate}": "i k", f"U{gate}": "i j", f"b{gate}": "i"}
        sums = f"sum(k, V{gate}[i,k]*x[n,t,k]) + sum(j, U{gate}[i,j]*h[n,t-1,j])"
        nodes |= {f"z{gate}": f"[n,t,i] {sums} + b{gate}[i]", gate: f"[n,t,i] {function}(z{gate}[n,t,i])"}
    nodes |= {
        "c": "[n,t,i] f[n,t,i]*c[n,t-1,i] + u[n,t,i]*g[n,t,i]",
        "h": "[n,t,i] q[n,t,i]*tanh(c[n,t,i])",
    }
    return defined({**nodes, "o": LAST, "J": ERROR}, weights, initial={"h": "0", "c": "0"})


def defined(
    nodes: Mapping[str, str],
    parameters: Mapping[str, str] = PARAMETERS,
    *,
    initial: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    targets: str = "n i",
) -> Definitions:
    """Return a recurrence whose state begins with zeros if nothing else is said."""
    start = {"h": "0"} if initial is None else initial
    leaves = inputs or {"x": "n t k"}
    return Definitions(AXES, leaves, {"y": targets}, parameters, nodes, initial=start, output="o")


DEFINITIONS: Mapping[str, Definitions] = {
    "many_to_one": defined({"z": CARRIED, "h": TANH, "o": LAST, "J": ERROR}),
    "many_to_many": defined(
        {"z": CARRIED, "h": TANH, "o": "[n,t,i] sum(j, W[i,j]*h[n,t,j])", "J": SEQUENCE_ERROR},
        {**PARAMETERS, "W": "i j"},
        targets="n t i",
    ),
    "the_states": defined(
        {"z": CARRIED.replace("h[", "o["), "o": TANH, "J": SEQUENCE_ERROR},
        initial={"o": "0"},
        targets="n t i",
    ),
    "initial_parameter": defined(
        {"z": CARRIED, "h": TANH, "o": LAST, "J": ERROR},
        {**PARAMETERS, "h0": "i"},
        initial={"h": "[n,i] h0[i]"},
    ),
    "initial_input": defined(
        {"z": CARRIED, "h": TANH, "o": LAST, "J": ERROR},
        initial={"h": "[n,i] h0[n,i]"},
        inputs={"x": "n t k", "h0": "n i"},
    ),
    "reversed": defined({"z": CARRIED.replace("t-1", "t+1"), "h": TANH, "o": "[n,i] h[n,0,i]", "J": ERROR}),
    "two_steps_back": defined(
        {
            "h": f"[n,t,i] tanh({STATE}) + b[i]*h[n,t-1,i] + sum(j, U[i,j]*h[n,t-2,j])",
            "o": LAST,
            "J": ERROR,
        }
    ),
    "of_itself": defined(
        {"h": "[n,t,i] tanh(h[n,t-1,i])*b[i]", "o": LAST, "J": ERROR}, {"b": "i"}, initial={"h": "1/2"}
    ),
    "one_number": defined(
        {"s": "[t] w*s[t-1] + sum(n, x[n,t,0])", "o": "[n,i] s[T-1]*b[i]", "J": ERROR},
        {"w": "", "b": "i"},
        initial={"s": "1"},
    ),
    "stack": defined(
        {
            "a": "[l,n,i] tanh(z[l,n,i])",
            "z": "[l,n,i] sum(j, W[l,i,j]*a[l-1,n,j])",
            "o": "[n,i] a[L-1,n,i]",
            "J": ERROR,
        },
        {"W": "l i j"},
        initial={"a": "[n,i] x[n,i]"},
        inputs={"x": "n i"},
    ),
    "largest": defined(
        {
            "p": "[n,t] max(j, h[n,t,j])",
            "h": f"[n,t,i] {STATE} + sum(j, U[i,j]*p[n,t-1])",
            "o": LAST,
            "J": ERROR,
        },
        initial={"h": "0", "p": "0"},
    ),
    "embedded": Definitions(
        {**AXES, "v": "C"},
        {"x": "n t"},
        {"y": "n i"},
        {"E": "v i", "U": "i j"},
        {"h": "[n,t,i] tanh(E[x[n,t],i] + sum(j, U[i,j]*h[n,t-1,j]))", "o": LAST, "J": ERROR},
        ids={"x": "C"},
        initial={"h": "0"},
        output="o",
    ),
    "lstm": lstm(),
}


@cache
def recurrence(name: str) -> Model:
    """Return a model of the table, its sizes open."""
    return define_model(name, DEFINITIONS[name])


def along(name: str) -> tuple[str, str]:
    """Return the letter along which it runs, and the size of that axis."""
    return ("l", "L") if name == "stack" else ("t", "T")
