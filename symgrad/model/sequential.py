"""Networks whose layers stand one behind the other."""

from dataclasses import dataclass

from symgrad.errors import DefinitionError
from symgrad.model.activations import Activation
from symgrad.model.draft import Draft
from symgrad.model.finish import finished
from symgrad.model.layers.catalogue import Layer, Step
from symgrad.model.ledger import Size
from symgrad.model.losses import Loss
from symgrad.model.model import Model


@dataclass(frozen=True)
class Sequential:
    """The description of a network of layers one behind the other.

    Attributes
    ----------
    input
        The sizes of the input behind the samples: numbers, names (``"T"``) or named numbers (``"T=5"``).
    layers
        From the input to the output, activations among them: ``"conv2d 8 3 padding=1"``, ``"relu"``, or
        layers with their sizes.
    loss, targets
        A row of the table of losses, by name, or one's own, and what is known of the targets.
    ids
        For an input of integer ids, how many there are.
    mean
        Whether the loss is a mean over the samples, else their sum.
    samples
        The name of the number of samples; None for the loss of one sample without a sample axis.
    """

    input: tuple[Size, ...]
    layers: tuple[str | Activation | Step | Layer, ...]
    loss: str | Loss = "squared_error"
    targets: str | None = None
    ids: Size | None = None
    mean: bool = True
    samples: str | None = "N"


def sequential(name: str, spec: Sequential, *, title: str = "", level: str = "layer") -> Model:
    """Build the model of a network of layers one behind the other.

    Raises
    ------
    DefinitionError, FormulaError, UnknownNameError
        If a layer, an activation or a loss does not exist, or shapes do not fit; with the layer.
    """
    if not spec.layers:
        raise DefinitionError("a network needs at least one layer; layers is empty")
    draft = Draft(name, title, spec.samples)
    x = draft.input("x", *spec.input, ids=spec.ids)
    output = draft.chain(x, spec.layers)
    draft.loss(spec.loss, output, targets=spec.targets, mean=spec.mean)
    return finished(draft, output, level=level)
