"""`cost`: how many operations a loss and its gradients take."""

from argparse import Namespace

from symgrad.cli.networks import network_of
from symgrad.cli.output import Result


def cost(options: Namespace) -> Result:
    """Print the operations of the loss and of the gradients, and how they grow."""
    found = network_of(options).cost()
    return Result(found.data, found.text)
