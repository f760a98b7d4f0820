"""The face of symgrad: networks, and what one asks of them."""

from symgrad.network.build import Draft, define, load, mlp, sequential, trace, zoo
from symgrad.network.gradient import ParameterGradient
from symgrad.network.network import Network

__all__ = ["Draft", "Network", "ParameterGradient", "define", "load", "mlp", "sequential", "trace", "zoo"]
