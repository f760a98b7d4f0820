"""The emitted `train`, executed over exact numbers, is its optimizer applied at the gradients.

What trains need not be what `gradients` computes: fast kernels change weights without arrays for their
gradients, others leave out what is held fixed.  So it is carried out itself, batch after batch, and held
against the equations of the optimizer at the deltas as they were derived.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from symgrad.derive.agreement import Finding, Instance, at_sizes
from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.scalars import evaluate
from symgrad.errors import CheckError, LimitError
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.kernels.certify import one_hot, parameters_of, reduced
from symgrad.kernels.described import Described, described
from symgrad.kernels.execute import objects
from symgrad.kernels.judged import Judgement, worst
from symgrad.kernels.module import generate
from symgrad.kernels.plans import ROWS, told
from symgrad.kernels.rehearsal import Training, judged_training
from symgrad.kernels.shrink import fitting, is_large
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.stage import Arrays
from symgrad.model.model import Model

CLAIM, SMALL = "training", "small training"


@dataclass(frozen=True)
class _Derived:
    """The loss and the gradients of a batch by the deltas of a network."""

    model: Model
    backward: Backward
    sizes: Mapping[str, int]
    instances: dict[int, Instance] = field(default_factory=dict[int, Instance])

    def __call__(
        self, algebra: Algebra[Any], leaves: Arrays, parameters: Arrays
    ) -> tuple[Any, Mapping[str, Any]]:
        """Return the loss, and an array for every parameter."""
        instance = self._at(leaves)
        given: dict[str, Any] = {}
        for name, array in {**leaves, **parameters}.items():
            given |= dict(zip(instance.entries[name], array.ravel().tolist(), strict=True))
        given |= one_hot(self.model, instance, leaves, algebra)
        values = evaluate(instance.backward, algebra, given)
        found = {n: [values[instance.delta[e]] for e in instance.entries[n]] for n in parameters}
        return values[instance.loss], {n: objects(v).reshape(parameters[n].shape) for n, v in found.items()}

    def _at(self, leaves: Arrays) -> Instance:
        """Return the network for as many rows as a batch has, instantiated once."""
        graph, samples = self.model.graph, self.model.samples
        names = [n for n in leaves if graph[n].axes and str(graph[n].axes[0].size) == samples]
        rows = len(leaves[names[0]])
        if rows not in self.instances:
            sizes = {name: rows if name == samples else size for name, size in self.sizes.items()}
            self.instances[rows] = at_sizes(graph, self.backward, sizes)
        return self.instances[rows]


def prove_training(model: Model, spec: KernelSpec, text: str) -> dict[str, tuple[Finding, ...]]:
    """Show that the text of a kernel trains as its optimizer says, at the derived gradients.

    Parameters
    ----------
    text
        The kernel of `spec`; never a text from outside: it is executed.

    Notes
    -----
    Where a network is too large for exact arithmetic, this is shown for the kernel of the same choices that
    is made for smaller sizes; the claim says so.
    """
    sizes = fitting(model, ROWS)
    if not is_large(model.graph, sizes):
        return _proved(CLAIM, model, spec, text, sizes)
    small, made, found = reduced(model, spec, sizes)
    return _proved(SMALL, small, made, generate(made), found)


def _proved(
    claim: str, model: Model, spec: KernelSpec, text: str, sizes: Mapping[str, int]
) -> dict[str, tuple[Finding, ...]]:
    started = perf_counter()
    kernel = described(text)
    found = _judged(model, spec, kernel, sizes)
    finding = Finding(
        claim,
        found.verdict,
        found.evidence,
        f"{told(kernel, sizes)}; {found.method}",
        sizes,
        found.bound,
        where=found.where,
        witness=f"{spec.optimizer.name} at the gradients",
    )
    names = parameters_of(model)
    return dict.fromkeys(names, (replace(finding, seconds=(perf_counter() - started) / len(names)),))


def _judged(model: Model, spec: KernelSpec, kernel: Described, sizes: Mapping[str, int]) -> Judgement:
    """Return the worst of what was found of parameters, states and losses on all plans."""
    backward = deltas(model.graph, parameters_of(model), model.loss)
    derived = _Derived(model, backward, sizes)
    training = Training(kernel, spec.optimizer, sizes, derived, maximise=spec.maximise, mean=spec.mean)
    try:
        return worst(judged_training(training))
    except LimitError as error:
        return Judgement("unknown", "none", str(error))
    except ExactError as error:
        return Judgement("unknown", "none", f"exact arithmetic has no answer: {error}")
    except CheckError as error:
        return Judgement("wrong", "counterexample", str(error))
