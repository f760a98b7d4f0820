"""The face of symgrad: networks, and what one asks of them."""

from symgrad.network.build import define, load, mlp, trace, zoo
from symgrad.network.gradient import ParameterGradient
from symgrad.network.network import Network

__all__ = ["Network", "ParameterGradient", "define", "load", "mlp", "trace", "zoo"]
