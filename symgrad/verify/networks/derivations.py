"""Files of derivations by hand: several claims about one network, a formula or a list of steps for each node.

::

    network = "classifier_3_3_3"  # or the tables [network] and [define] of a network file
    level = "neuron"  # the network's own without it

    [claims]
    w10 = "(o1 - t1) o1 (1 - o1) a1"
    w1 = ["δz1 x1", "(δq1 w10 + δq2 w11 + δq3 w12) a1 (1 - a1) x1"]
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from symgrad.errors import DefinitionError, SymgradError, unknown
from symgrad.files import read_text, tables_in
from symgrad.model.model import Model
from symgrad.model.netfile import model_of
from symgrad.model.zoo import zoo
from symgrad.verify.networks.chain import Steps, check_steps
from symgrad.verify.networks.check import SECONDS, check
from symgrad.verify.networks.subject import Seen
from symgrad.verify.verdict import Check, Finding

KEYS = ("network", "define", "level", "claims")

Table = Mapping[str, object]


@dataclass(frozen=True)
class Derivations:
    """Claims about one network.

    Attributes
    ----------
    claims
        For every node, the steps from its gradient on; one step for a plain formula.
    model
        The network that the file names or defines, None where it does neither.
    level
        ``neuron`` or ``layer``, empty for the network's own.
    """

    claims: Mapping[str, tuple[str, ...]]
    model: Model | None = None
    level: str = ""


def read_derivations(path: Path) -> Derivations:
    """Read a file of derivations.

    Raises
    ------
    DataError
        If the file cannot be read.
    DefinitionError, UnknownNameError
        If it is no TOML or says something else than derivations; the message names the file and the key.
    """
    text = read_text(path, error=DefinitionError)
    tables = tables_in(path, text, error=DefinitionError)
    try:
        return derivations_of(tables)
    except SymgradError as error:
        raise type(error)(f"{path}: {error}") from None


def derivations_of(tables: Table) -> Derivations:
    """Return the derivations that the tables of a file describe."""
    for key in tables:
        if key not in KEYS:
            raise unknown("key of a file of derivations", key, KEYS)
    claims = tables.get("claims")
    if not isinstance(claims, dict) or not claims:
        raise DefinitionError('the table [claims] is missing; it has lines such as w1 = "δ1 x1"')
    level = tables.get("level", "")
    if not isinstance(level, str):
        raise DefinitionError(f'level is "neuron" or "layer", not {level!r}')
    given = {node: _steps(node, claim) for node, claim in cast("Table", claims).items()}
    return Derivations(given, _model(tables), level)


def _model(tables: Table) -> Model | None:
    network = tables.get("network")
    if isinstance(network, str):
        return zoo(network)
    described = {key: tables[key] for key in ("network", "define") if key in tables}
    return model_of(described) if described else None


def _steps(node: str, claim: object) -> tuple[str, ...]:
    given: list[object] = cast("list[object]", claim) if isinstance(claim, list) else [claim]
    steps = tuple(step for step in given if isinstance(step, str))
    if not given or len(steps) < len(given):
        raise DefinitionError(f"claims.{node} is a formula in quotation marks, or a list of steps")
    return steps


def check_derivations(
    given: Derivations,
    network: Model | Seen | None = None,
    *,
    level: str | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
) -> Iterator[tuple[str, Check | Steps]]:
    """Judge the claims of a file, in their order; one that cannot be read is undecided beside the others.

    Parameters
    ----------
    network
        In place of the one that the file names.
    seconds
        How long each claim may take.

    Raises
    ------
    DefinitionError
        If there is no network.
    SymgradError
        If no claim can be read; the message names the node of the first.
    """
    about = network or given.model
    if about is None:
        raise DefinitionError('the file names no network; add network = "classifier_3_3_3"')
    judge = partial(_judged, about, level=level or given.level or None, seed=seed, seconds=seconds)
    unread = dict[str, SymgradError]()
    anything = False
    for node, steps in given.claims.items():
        try:
            found = judge(node, steps)
        except SymgradError as error:
            unread[node] = error
        else:
            anything = True
            yield from _undecided(given, unread)
            unread.clear()
            yield node, found
    if not anything:
        node, error = next(iter(unread.items()))
        raise type(error)(f"claims.{node}: {error}") from None
    yield from _undecided(given, unread)


def _judged(
    about: Model | Seen, node: str, steps: Sequence[str], *, level: str | None, seed: int, seconds: float
) -> Check | Steps:
    if len(steps) > 1:
        return check_steps(about, node, steps, level=level, seed=seed, seconds=seconds)
    return check(about, node, steps[0], level=level, seed=seed, seconds=seconds)


def _undecided(given: Derivations, unread: Mapping[str, SymgradError]) -> Iterator[tuple[str, Check]]:
    for node, error in unread.items():
        finding = Finding("unknown", "none", f"it cannot be read: {error}")
        yield node, Check(node, finding, " = ".join(given.claims[node]))
