"""The functions of a kernel, as statements."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from symgrad.kernels.online import Online
from symgrad.kernels.phases import Phases
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Function, Product, walk
from symgrad.kernels.updates import Updates


@dataclass(frozen=True)
class Program:
    """The functions of a kernel.

    Attributes
    ----------
    step
        Loss and gradients of the trained parameters: over workspaces that the caller owns, or over scalars.
    full
        The same for all parameters.
    extra
        Further functions.
    updates
        What `train` does beside computing gradients.
    columns
        The arrays that `step` and `full` read with samples last; without any, samples stand first.
    reason
        Why the network is written without arrays, when it is.
    blocks
        What the other functions call for blocks of the network that are alike.
    turned
        The parameters of which `step` is given a turned copy.
    once
        What `train` computes before the first batch, if anything.
    online
        What `train` does for batches of one sample, where they have a step of their own.
    phases
        What threads do for a batch, where they share it in two phases, not in blocks.
    """

    spec: KernelSpec
    forward: Function
    loss: Function
    full: Function
    step: Function
    columns: frozenset[str]
    reason: str | None
    extra: tuple[Function, ...] = ()
    updates: Updates = field(default_factory=Updates)
    blocks: tuple[Function, ...] = ()
    turned: tuple[str, ...] = ()
    once: Function | None = None
    online: Online | None = None
    phases: Phases | None = None

    @property
    def products(self) -> Iterator[Product]:
        """The matrix products of all functions."""
        functions = (self.forward, self.loss, self.full, self.step, *self.extra, *self.blocks)
        functions += (self.once,) if self.once else ()
        functions += self.phases.functions if self.phases else ()
        return (s for f in functions for s in walk(f.body) if isinstance(s, Product))
