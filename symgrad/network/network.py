"""One object that derives, proves, explains, compiles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy as sp

from symgrad.derive.certificate import Certificate, certify, certify_symbolically, head_lines
from symgrad.derive.paths import LIST_LIMIT, count
from symgrad.derive.step import training_step
from symgrad.derive.views import View
from symgrad.errors import CheckError, DefinitionError, unknown
from symgrad.kernels.build import can_compile, spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.model.definitions import define_all
from symgrad.model.expressions import size
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.model.scope import Scope
from symgrad.network.gradient import ParameterGradient, PathOf, paths_of
from symgrad.notation.display import Gradient, Shown
from symgrad.notation.layout import Block, Equation
from symgrad.notation.recursion import generic_recursion, nested
from symgrad.notation.stack import Refusal
from symgrad.show.descent import Descent, descent
from symgrad.show.picture import Picture, picture
from symgrad.show.walk import Values, Walk
from symgrad.show.walk import explain as walk


@dataclass(frozen=True)
class Network:
    """A network, seen at one level.

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

    def paths(self, wrt: str, *, at: Values | None = None, limit: int = LIST_LIMIT) -> tuple[PathOf, ...]:
        """Return the paths from the loss to a node, each with its product.

        Parameters
        ----------
        at
            Values at which products are evaluated; an empty mapping takes the example's.

        Raises
        ------
        LimitError
            If there are more than `limit` paths.
        """
        return paths_of(self.view, self.view.check(wrt), at, limit)

    def prove(self, wrt: Iterable[str] = (), *, kernel: bool = True) -> Certificate:
        """Prove that both derivations agree, that they are the gradient, and that the kernel computes it."""
        names = tuple(dict.fromkeys(self._owner(name) for name in wrt))
        certificate = certify(self.model, names)
        return (
            certificate.plus(prove_kernel(self.model)) if kernel and can_compile(self.model) else certificate
        )

    def _owner(self, name: str) -> str:
        self.view.check(name)
        return name if self.level == "layer" else self.view.places[name][0]

    def explain(self, wrt: str, *, at: Values | None = None, rate: object = None) -> Walk:
        """Return every figure of the way to a gradient, beside its formula."""
        return walk(self.model, wrt, at, level=self.level, rate=rate)

    def picture(self, *wrt: str) -> Picture:
        """Draw the neurons, with the paths of at most two weights in colour."""
        return picture(self.model, wrt)

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
        return _shown(nested(self.model.graph))

    def recursion(self) -> Shown:
        """Return the generic line of the δ recursion, after checking that all hidden layers are alike.

        Raises
        ------
        DefinitionError
            If they are not; the message says how they differ.
        """
        return _shown(generic_recursion(self.model.graph))

    def define(self, axes: Mapping[str, int | str] | None = None, **definitions: str) -> "Network":
        """Return the network with further definitions, in the formula grammar.

        Parameters
        ----------
        axes
            Sizes of index letters; a letter that has one size in the whole network is known already.
        definitions
            Formulas by name, ``total="J + sum(p, q, W1[p,q]^2)"``.
        """
        new = {letter: size(extent) for letter, extent in (axes or {}).items()}
        scope = Scope({**_plain_letters(self.model.graph), **new}, {}).plus(self.model.graph.nodes)
        nodes = define_all(definitions, scope, VOCABULARY)
        graph = replace(self.model.graph, nodes=(*self.model.graph.nodes, *nodes))
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

    def step(self, optimizer: str = "sgd", *, trained: Iterable[str] = ()) -> "Network":
        """Return one training step as a network: its loss is the loss after the update, ``J_new``.

        The step size is a node there, so ``net.step().gradient("learning_rate")`` says how the loss after
        the step depends on it.
        """
        return Network(training_step(self.model, optimizer, trained=trained), self.level)

    def kernel_text(
        self,
        optimizer: str = "sgd",
        *,
        trained: tuple[str, ...] | None = None,
        proofs: bool = True,
        command: str = "",
    ) -> str:
        """Return the text of the kernel module.

        Parameters
        ----------
        proofs
            Whether to prove the gradient against its witness and the text by exact execution, and to say
            so in the head (seconds); without, the head states what holds for all sizes (milliseconds).
        command
            How the file is made again, for its head.
        """
        spec = spec_of(self.model, optimizer, trained=trained, command=command)
        if not proofs:
            return generate(replace(spec, statements=head_lines(certify_symbolically(self.model))))
        certificate = certify(self.model).plus(prove_kernel(self.model, generate(spec)))
        if certificate.verdict == "wrong":
            raise CheckError(f"{self.model.name}: a proof failed; see symgrad prove {self.model.name}")
        return generate(replace(spec, statements=head_lines(certificate)))

    def compile(
        self,
        optimizer: str = "sgd",
        *,
        trained: tuple[str, ...] | None = None,
        path: Path | str | None = None,
    ) -> Kernel:
        """Write the kernel to a file and import it; without a path into the user's cache.

        Raises
        ------
        DataError
            If the file cannot be written.
        """
        text = self.kernel_text(optimizer, trained=trained, proofs=False)
        return load_kernel(write(text, None if path is None else Path(path)))

    def _repr_latex_(self) -> str:
        return self.gradients("delta").display


def _plain_letters(graph: Graph) -> dict[str, sp.Expr]:
    """Return the index letters that have one size wherever they are used."""
    sizes: dict[str, set[sp.Expr]] = {}
    for axis in (axis for node in graph.nodes for axis in node.axes):
        sizes.setdefault(axis.letter, set()).add(axis.size)
    return {letter: next(iter(found)) for letter, found in sizes.items() if len(found) == 1}


def _shown(found: Block | Equation | Refusal) -> Shown:
    if isinstance(found, Refusal):
        raise DefinitionError(found.reason)
    return Shown(found if isinstance(found, Block) else Block((found,)))
