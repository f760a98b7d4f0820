"""A network as claims are held against it: posed at sizes, with its words, for the same network once."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

from symgrad.derive.views import View
from symgrad.model.model import SAMPLE, Model
from symgrad.model.samples import one_sample
from symgrad.verify.formulas.setting import Beyond
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.networks.answers import answer
from symgrad.verify.networks.posing import Posed, Slots, posed
from symgrad.verify.networks.speech import Speech

DELTAS = ("δ", "delta_", "delta", "d")


class Seen(Protocol):
    """A network seen at one level."""

    @property
    def model(self) -> Model: ...

    @property
    def level(self) -> str: ...


@dataclass(frozen=True)
class Subject:
    """A network at one level with what claims about it are held against, computed once.

    Attributes
    ----------
    setting
        In words, what is held fixed: ``for one sample``, ``at the example's data``.
    data
        The leaves that have the values of the example.
    """

    view: View
    setting: str = ""
    data: tuple[str, ...] = ()

    @cached_property
    def posed(self) -> tuple[Posed, ...]:
        """The network at the sizes at which claims are judged."""
        return tuple(posed(self.view, self.data))

    @cached_property
    def benches(self) -> tuple[Bench, ...]:
        """The network as a diagnosis needs it, at the same sizes."""
        return tuple(map(Bench, self.posed))

    @cached_property
    def speech(self) -> Speech:
        """The words that claims may use."""
        return Speech(self.view)

    @cached_property
    def tables(self) -> tuple[Mapping[str, Slots], ...]:
        """The value of every name, at the same sizes."""
        return tuple(self.speech.table(one) for one in self.posed)

    @cached_property
    def beyond(self) -> tuple[Mapping[str, Beyond], ...]:
        """What recurrences start with, at the same sizes."""
        return tuple(self.speech.beyond(one) for one in self.posed)

    @cached_property
    def values(self) -> frozenset[str]:
        """The names of the nodes, and of their entries."""
        return frozenset(name for one in self.posed for name in one.table)

    @contextmanager
    def scratch(self) -> Generator[None]:
        """Keep what claims write on the tapes for a block only."""
        with ExitStack() as stack:
            for one in self.posed if self.tables else ():
                stack.enter_context(one.tape.scratch())
            yield

    @cached_property
    def single(self) -> "Subject | None":
        """The network for one sample, its values vectors; None where there is no sample axis in sight."""
        model = self.view.model
        if self.view.level == "neuron" or model.samples is None:
            return None
        one = replace(model, graph=one_sample(model.graph, SAMPLE), samples=None)
        return Subject(View(one, "layer"), "for one sample, its values as columns")

    @cached_property
    def matrices(self) -> "Subject | None":
        """The layers of a network of neurons, for as many samples; None where layers are spoken of."""
        model = self.view.model
        if self.view.level == "layer":
            return None
        if model.sample_count != 1 or model.samples is None:
            return Subject(View(model, "layer"), "of all samples")
        one = replace(model, graph=one_sample(model.graph, SAMPLE), samples=None)
        return Subject(View(one, "layer"), "for one sample")

    @cached_property
    def situated(self) -> "Subject | None":
        """The network at the data of its example; None where there are none, or no entries in sight."""
        model = self.view.model
        data = (*model.inputs, *model.targets)
        if self.view.level == "layer" or not all(name in model.example for name in data):
            return None
        return Subject(self.view, "at the data of the example", data)

    def node(self, wrt: str) -> str:
        """Return what is derived by: a node, or the node whose delta is named."""
        bare = wrt.removeprefix(f"∂{self.view.graph.loss}/∂")
        stems = (bare, *(bare.removeprefix(sign) for sign in DELTAS))
        return self.view.check(next((stem for stem in stems if stem in self.view.graph), wrt))

    def correct(self, wrt: str) -> str:
        """Return the gradient as text."""
        return answer(self.view, wrt)


def subject(network: Model | Seen, level: str | None = None) -> Subject:
    """Return a network as claims see it; for the same network always the same one."""
    model = network if isinstance(network, Model) else network.model
    return _subject(_Same(model), level or network.level)


class _Same:
    """A model by its identity: its tables have no hash."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


@lru_cache(maxsize=32)
def _subject(same: _Same, level: str) -> Subject:
    return Subject(View(same.model, level))
