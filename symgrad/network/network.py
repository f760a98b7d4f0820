"""One object that derives, proves, explains, compiles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

from symgrad.derive.certificate import Certificate
from symgrad.derive.paths import LIST_LIMIT, count
from symgrad.derive.step import training_step
from symgrad.derive.views import View
from symgrad.errors import unknown
from symgrad.kernels.build import Options
from symgrad.kernels.files import Kernel, load_kernel, with_threads, write
from symgrad.model.extended import extended
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.model.rules import Optimizer
from symgrad.model.unroll import unroll_model
from symgrad.network.gradient import Listing, ParameterGradient, PathOf, paths_of
from symgrad.network.proof import proved
from symgrad.network.second import (
    Derivation,
    gauss_newton_vector_of,
    hessian_of,
    hessian_vector_of,
    jacobian_of,
)
from symgrad.network.text import kernel_text
from symgrad.notation.display import Gradient, Shown, shown_unless_refused
from symgrad.notation.recursion import generic_recursion, nested
from symgrad.show.costs import CostTable, cost_table
from symgrad.show.descent import Descent, descent
from symgrad.show.overview import Overview, overview
from symgrad.show.picture import Picture, picture
from symgrad.show.walk import Values, Walk
from symgrad.show.walk import explain as walk
from symgrad.verify.judgement import Judgement, judged
from symgrad.verify.networks.check import SECONDS
from symgrad.verify.networks.claims import Claim


@dataclass(frozen=True, repr=False)
class Network:
    """A network, seen at one level; it shows itself as its definitions.

    Attributes
    ----------
    model
        Graph, sizes, names and example values.
    level
        ``neuron`` or ``layer``: which names the methods speak.
    """

    model: Model
    level: str

    @cached_property
    def view(self) -> View:
        """The graph at this level with its names."""
        return View(self.model, self.level)

    @property
    def graph(self) -> Graph:
        """The graph at this level."""
        return self.view.graph

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in the order in which people count them."""
        return self.view.parameters

    def at_level(self, level: str) -> "Network":
        """Return the same network seen at another level."""
        return Network(self.model, level)

    def definitions(self, *names: str) -> Overview:
        """Return what is given and what is computed from it, with shapes; only some nodes where named."""
        return overview(self.view, names)

    def gradient(self, wrt: str, *, limit: int = LIST_LIMIT) -> ParameterGradient:
        """Return the gradient with respect to any node, in every style.

        Raises
        ------
        UnknownNameError
            If there is no such node at this level.
        """
        return ParameterGradient(self.view, self.view.check(wrt), limit)

    def gradients(self, style: str = "local", *, limit: int = LIST_LIMIT) -> Gradient:
        """Return the gradients of all parameters in one style, as a mapping that shows itself."""
        return Gradient({name: self.gradient(name, limit=limit)[style] for name in self.parameters})

    def count_paths(self, wrt: str) -> int:
        """Return the number of paths from the loss to a node."""
        return count(self.graph, self.view.check(wrt), self.model.loss)

    def paths(
        self,
        wrt: str,
        *,
        at: Values | None = None,
        limit: int = LIST_LIMIT,
        first: int | None = None,
        largest: int | None = None,
    ) -> tuple[PathOf, ...]:
        """Return the paths from the loss to a node, each with its product.

        Parameters
        ----------
        at
            Values at which products are evaluated; an empty mapping takes the example's.
        first
            Return only so many paths, in the order of the graph, however many there are.
        largest
            Return only so many paths, those whose products at `at` are largest in absolute value.

        Raises
        ------
        LimitError
            If there are more than `limit` paths, and all are asked for.
        DefinitionError
            If a recurrence lies on the way: at the layer view its paths have no number.
        """
        return paths_of(self.view, self.view.check(wrt), at, Listing(limit, first, largest))

    def jacobian(self, of: str, wrt: str) -> Derivation:
        """Return ∂of/∂wrt of any node by any node, the axes of `of` in front."""
        return jacobian_of(self.view, of, wrt)

    def hessian(self, w: str, v: str | None = None) -> Derivation:
        """Return ∂²J/∂w∂v, the axes of w in front; without v by w twice.

        Raises
        ------
        DefinitionError
            If one of the two nodes depends on the other.
        """
        return hessian_of(self.view, w, v)

    def hvp(self, *wrt: str) -> Derivation:
        """Return H v for some nodes together (all parameters without), at the cost of two gradients.

        The directions are leaves ``v_w``, the results nodes ``Hv_w``.
        """
        return hessian_vector_of(self.view, wrt)

    def ggn(self, *wrt: str, at: Iterable[str] = ()) -> Derivation:
        """Return the Gauss–Newton products Jᵀ H_L J v for some nodes together (all parameters without).

        Parameters
        ----------
        at
            Where the network ends and the loss begins; by default the outputs, before their function where
            the loss matches it (softmax with cross-entropy).
        """
        return gauss_newton_vector_of(self.view, wrt, at)

    def prove(self, wrt: Iterable[str] = (), *, kernel: bool = True) -> Certificate:
        """Prove that both derivations agree, that they are the gradient, and that the kernel computes it."""
        return proved(self.view, wrt, kernel=kernel)

    def check(self, wrt: str, claim: Claim, *, seed: int = 0, seconds: float = SECONDS) -> Judgement:
        """Judge a claimed gradient by any node: see `symgrad.verify.judgement.judged`."""
        return judged(self, wrt, claim, seed=seed, seconds=seconds)

    def explain(self, wrt: str, *, at: Values | None = None, rate: object = None) -> Walk:
        """Return every figure of the way to a gradient, beside its formula."""
        return walk(self.model, wrt, at, level=self.level, rate=rate)

    def picture(self, *wrt: str) -> Picture:
        """Draw the neurons, with the paths of at most two weights in colour."""
        return picture(self.model, wrt)

    def cost(self) -> CostTable:
        """Count the operations of loss and gradients: as trees, as one graph, by paths, by deltas."""
        return cost_table(self.view)

    def descend(self, *, at: Values | None = None, rate: Any = None, steps: int = 7) -> Descent:
        """Return gradient descent done exactly: polynomial, stationary point, iterates, closed form, limit.

        Raises
        ------
        DefinitionError
            If the loss is no polynomial in the parameters.
        """
        return descent(self.model, at, rate=rate, steps=steps)

    def nested(self) -> Shown:
        """Return the network as one nested formula, y = σ(W² σ(W¹ x + b¹) + b²).

        Raises
        ------
        DefinitionError
            If it is no chain of dense layers; the message says where.
        """
        return shown_unless_refused(nested(self.model.graph))

    def recursion(self) -> Shown:
        """Return the generic line of the δ recursion, after checking that all hidden layers are alike.

        Raises
        ------
        DefinitionError
            If they are not; the message says how they differ.
        """
        return shown_unless_refused(generic_recursion(self.model.graph))

    def unroll(self, along: str, length: int) -> "Network":
        """Return the network with the recurrences along one axis written out.

        ``net.unroll("t", 5)`` makes ``h_1[n,i]``, …, ``h_5[n,i]`` of ``h[n,t,i]``, and 5 of the size of t.

        Raises
        ------
        DefinitionError
            If there is no recurrence along that axis, or it has another length.
        """
        return Network(unroll_model(self.model, along, length), self.level)

    def define(self, axes: Mapping[str, int | str] | None = None, **definitions: str) -> "Network":
        """Return the network with further definitions, in the formula grammar.

        Parameters
        ----------
        axes
            Sizes of index letters; a letter that has one size in the whole network is known already.
        definitions
            Formulas by name, ``total="J + sum(p, q, W1[p,q]^2)"``.
        """
        graph = extended(self.model.graph, axes or {}, definitions)
        return Network(replace(self.model, graph=graph), self.level)

    def minimise(self, loss: str) -> "Network":
        """Return the network with another node as its loss."""
        return self._with_loss(loss, maximise=False)

    def maximise(self, score: str) -> "Network":
        """Return the network with a score to be increased: training ascends."""
        return self._with_loss(score, maximise=True)

    def _with_loss(self, name: str, *, maximise: bool) -> "Network":
        if name not in self.model.graph:
            raise unknown("node", name, self.model.graph.by_name)
        graph = replace(self.model.graph, loss=name)
        return Network(replace(self.model, graph=graph, maximise=maximise), self.level)

    def step(self, optimizer: str | Optimizer = "sgd", *, trained: Iterable[str] = ()) -> "Network":
        """Return one training step as a network: its loss is the loss after the update, ``J_new``.

        The step size is a node there: ``net.step().gradient("learning_rate")``.
        """
        return Network(training_step(self.model, optimizer, trained=trained), self.level)

    def kernel_text(
        self, optimizer: str | Optimizer = "sgd", *, proofs: bool = True, command: str = "",
        **options: Unpack[Options],
    ) -> str:  # fmt: skip
        """Return the text of the kernel module.

        Parameters
        ----------
        optimizer
            A name, or what `symgrad.optimizer` or `symgrad.Optimizer` returns.
        proofs
            Whether to prove the gradient against its witness and the text by exact execution, and to say
            so in the head (seconds); without, the head states what holds for all sizes (milliseconds).
        command
            How the file is made again, for its head.
        **options
            What else may be asked of a kernel: see `symgrad.kernels.build.Options`.
        """
        return kernel_text(self.model, optimizer, proofs=proofs, command=command, **options)

    def compile(
        self, optimizer: str | Optimizer = "sgd", *, path: Path | str | None = None,
        threads: int | None = None, **options: Unpack[Options],
    ) -> Kernel:  # fmt: skip
        """Write the kernel to a file and import it; without a path into the user's cache.

        So many `threads` train in blocks of rows, with the same bits; all else is as `kernel_text` takes it.

        Raises
        ------
        DataError
            If the file cannot be written, or there is not at least one thread.
        """
        asked: Options = options if threads is None else {**options, "team": True}
        text = self.kernel_text(optimizer, proofs=False, **asked)
        kernel = load_kernel(write(text, None if path is None else Path(path)))
        return kernel if threads is None else with_threads(kernel, threads)

    def __repr__(self) -> str:
        return self.definitions().text

    def _repr_latex_(self) -> str:
        return self.gradients("delta").display
