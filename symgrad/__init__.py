"""symgrad: the gradients of neural networks as formulas, proved, and turned into fast code.

>>> import symgrad as sg
>>> net = sg.mlp([3, 3, 3], naming=sg.Naming("source", letters={"output_pre": "q", "output": "o"}))
>>> print(net.gradient("w10").chain)
∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symgrad.errors import SymgradError
    from symgrad.model.activations import Activation
    from symgrad.model.free import Definitions
    from symgrad.model.layers.catalogue import (
        add,
        attention,
        avg_pool,
        batch_norm,
        concat,
        conv1d,
        conv2d,
        conv_transpose1d,
        conv_transpose2d,
        dense,
        dropout,
        embedding,
        flatten,
        global_avg_pool,
        gru,
        layer,
        layer_norm,
        lstm,
        max_pool,
        multi_head_attention,
        multiply,
        positions,
        repeat,
        residual,
        rms_norm,
        rnn,
        stack,
        transposed,
    )
    from symgrad.model.losses import Loss
    from symgrad.model.naming import Naming
    from symgrad.model.optimizers import optimizer
    from symgrad.model.rates import Rate
    from symgrad.model.rules import Optimizer
    from symgrad.network import Draft, Network, define, load, mlp, sequential, trace, zoo

__version__ = "0.1.0"

_LAYERS = (
    "add",
    "attention",
    "avg_pool",
    "batch_norm",
    "concat",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "dense",
    "dropout",
    "embedding",
    "flatten",
    "global_avg_pool",
    "gru",
    "layer_norm",
    "lstm",
    "max_pool",
    "multi_head_attention",
    "multiply",
    "positions",
    "repeat",
    "residual",
    "rms_norm",
    "rnn",
    "stack",
    "transposed",
)

_HOME = {
    "Activation": "symgrad.model.activations",
    "Definitions": "symgrad.model.free",
    "Draft": "symgrad.network",
    "Loss": "symgrad.model.losses",
    "Naming": "symgrad.model.naming",
    "Network": "symgrad.network",
    "Optimizer": "symgrad.model.rules",
    "Rate": "symgrad.model.rates",
    "SymgradError": "symgrad.errors",
    "define": "symgrad.network",
    "layer": "symgrad.model.layers.catalogue",
    "load": "symgrad.network",
    "mlp": "symgrad.network",
    "optimizer": "symgrad.model.optimizers",
    "sequential": "symgrad.network",
    "trace": "symgrad.network",
    "zoo": "symgrad.network",
    **dict.fromkeys(_LAYERS, "symgrad.model.layers.catalogue"),
}

__all__ = [
    "Activation",
    "Definitions",
    "Draft",
    "Loss",
    "Naming",
    "Network",
    "Optimizer",
    "Rate",
    "SymgradError",
    "add",
    "attention",
    "avg_pool",
    "batch_norm",
    "concat",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "define",
    "dense",
    "dropout",
    "embedding",
    "flatten",
    "global_avg_pool",
    "gru",
    "layer",
    "layer_norm",
    "load",
    "lstm",
    "max_pool",
    "mlp",
    "multi_head_attention",
    "multiply",
    "optimizer",
    "positions",
    "repeat",
    "residual",
    "rms_norm",
    "rnn",
    "sequential",
    "stack",
    "trace",
    "transposed",
    "zoo",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562): `--help` needs neither SymPy nor Numba."""
    if name not in _HOME:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
