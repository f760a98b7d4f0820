"""The losses: a table, one row each.

A row gives the loss of one entry in ``y`` (the prediction) and ``t`` (the target), or the loss of one row
in ``y[i]`` and ``t[i]``, in the formula grammar; `symgrad.model.objectives` puts them together over
everything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symgrad.errors import DefinitionError, unknown
from symgrad.model.names import check_name

TARGETS = ("free", "labels", "one_hot", "distribution")
OVER = ("sum", "mean", "row")
CLASSES = ("one_hot", "labels", "distribution", "free")


@dataclass(frozen=True)
class Loss:
    """One loss.

    Attributes
    ----------
    name
        An identifier, the word of the command line and of network files.
    formula
        The loss of one entry, in ``y`` and ``t``; with ``over="row"`` that of one row, in ``y[i]``,
        ``t[i]`` and the parts, where ``i`` and ``j`` run over the entries of the row.
    over
        How the entries of a row are put together: ``sum`` or ``mean``; ``row`` if the formula does that.
    task
        ``classification`` or ``regression``.
    targets
        The kinds of targets it can do with, the usual one first.
    parts
        Definitions that the formula of a row uses, ``{"dot": "sum(i, y[i]*t[i])"}``; a part with an entry
        for each ``i`` is written ``"[i] …"``.
    predictions
        The names by which the formula calls the predictions; most losses take one.
    """

    name: str
    formula: str
    over: str = "sum"
    task: str = "regression"
    targets: tuple[str, ...] = TARGETS
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    predictions: tuple[str, ...] = ("y",)


def huber(delta: int | Fraction | str = 1) -> Loss:
    """Return Huber's loss: u²/2 up to |u| = delta and delta (|u| − delta/2) beyond, u = y − t.

    Parameters
    ----------
    delta
        A number > 0; a string is read exactly, ``"0.5"``.

    Raises
    ------
    DefinitionError
        If delta is not positive.
    """
    edge = Fraction(delta)
    if edge <= 0:
        raise DefinitionError(f"the delta of a Huber loss is a number > 0, not {delta}")
    if edge == 1:
        return Loss("huber", "huber(y - t)")
    return Loss("huber", f"({edge})^2*huber((y - t)/({edge}))")


LOSSES: Mapping[str, Loss] = {
    row.name: row
    for row in (
        Loss("squared_error", "(y - t)^2/2"),
        Loss("sum_of_squares", "(y - t)^2"),
        Loss("mean_squared_error", "(y - t)^2", "mean"),
        Loss("absolute_error", "abs(y - t)"),
        Loss(
            "euclidean_error",
            "norm",
            "row",
            parts={"square": "sum(i, (y[i] - t[i])^2)", "norm": "sqrt(square)"},
        ),
        huber(),
        Loss("log_cosh", "log_cosh(y - t)"),
        Loss(
            "cosine",
            "1 - dot/(y_norm*t_norm)",
            "row",
            parts={
                "dot": "sum(i, y[i]*t[i])",
                "y_square": "sum(i, y[i]^2)",
                "t_square": "sum(i, t[i]^2)",
                "y_norm": "sqrt(y_square)",
                "t_norm": "sqrt(t_square)",
            },
        ),
        Loss("poisson_nll", "y - t*log(y)"),
        Loss("poisson_nll_log", "exp(y) - t*y"),
        Loss("gaussian_nll", "(log(v) + (y - t)^2/v)/2", predictions=("y", "v")),
        Loss("binary_cross_entropy", "-(t*log(y) + (1 - t)*log(1 - y))", task="classification"),
        Loss("cross_entropy", "-t*log(y)", task="classification", targets=CLASSES),
        Loss("negative_log_likelihood", "-t*y", task="classification", targets=CLASSES),
        Loss(
            "kl_divergence",
            "xlogx(t) - t*log(y)",
            task="classification",
            targets=("distribution", "one_hot", "labels", "free"),
        ),
        Loss("hinge", "max(0, 1 - t*y)", task="classification", targets=("free",)),
        Loss("squared_hinge", "max(0, 1 - t*y)^2", task="classification", targets=("free",)),
        Loss(
            "multiclass_hinge",
            "sum(i, (1 - t[i])*max(0, 1 + y[i] - right))",
            "row",
            task="classification",
            targets=("one_hot", "labels"),
            parts={"right": "sum(i, t[i]*y[i])"},
        ),
    )
}


def check_loss(loss: object) -> Loss:
    """Return the row of a loss, one's own as it is, or raise the error that names the nearest ones."""
    if isinstance(loss, Loss):
        return _checked(loss)
    if not isinstance(loss, str):
        raise DefinitionError("a loss is a name or a Loss, and stands first, as in loss('squared_error', y)")
    if loss not in LOSSES:
        raise unknown("loss", loss, LOSSES)
    return LOSSES[loss]


def check_kind(kind: str) -> str:
    """Return the kind of targets if there is such a kind."""
    if kind not in TARGETS:
        raise unknown("kind of targets", kind, TARGETS)
    return kind


def check_targets(kind: str, row: Loss) -> str:
    """Return the kind of targets if the loss can do with it."""
    if check_kind(kind) not in row.targets:
        raise DefinitionError(f"{row.name} cannot do with {kind} targets; it takes {', '.join(row.targets)}")
    return kind


def _checked(row: Loss) -> Loss:
    """Refuse a row of one's own that would pass for one of the table, or says something impossible."""
    if LOSSES.get(row.name, row) != row and row.name != "huber":
        raise DefinitionError(f"there is a loss {row.name!r} already; give this one another name")
    if row.over not in OVER:
        raise unknown("way to put entries together", row.over, OVER)
    if row.parts and row.over != "row":
        raise DefinitionError(f'{row.name} has parts; its formula is that of a row: say over="row"')
    check_name(row.name, "loss")
    _check_names(row)
    return row


def _check_names(row: Loss) -> None:
    """Refuse a row without predictions or targets, or with names that are taken."""
    if not row.predictions or not row.targets:
        raise DefinitionError(f"the loss {row.name} needs a name for its prediction and a kind of targets")
    for kind in row.targets:
        check_kind(kind)
    for name in row.predictions:
        if check_name(name, "prediction") == "t":
            raise DefinitionError(f"the loss {row.name} calls its prediction t, which is the target")
