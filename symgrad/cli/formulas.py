"""`derive`, `paths` and `explain`: formulas, and numbers beside them."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping

from symgrad.cli.arguments import MOST, STYLES
from symgrad.cli.networks import names_of, network_of, one_name, values_of
from symgrad.cli.output import Result
from symgrad.errors import RecurrenceError, UsageError
from symgrad.network import Network, ParameterGradient
from symgrad.network.gradient import PathOf
from symgrad.network.second import Derivation
from symgrad.notation.display import Shown

FIRST = ("chain", "local", "delta")
WRITERS: Mapping[str, Callable[[Shown], str]] = {
    "unicode": lambda shown: shown.unicode,
    "latex": lambda shown: shown.latex,
    "mathml": lambda shown: shown.mathml,
    "sympy": lambda shown: shown.srepr or "",
}


def derive(options: Namespace) -> Result:
    """Print gradients in the styles asked for."""
    network = network_of(options)
    if second := list(_second(network, options)):
        return _derivations(second, options)
    names = names_of(options) or list(network.parameters)
    gradients = {name: network.gradient(name, limit=_limit(options)) for name in names}
    found = {name: dict(_styled(gradient, options)) for name, gradient in gradients.items()}
    if options.json:
        data = {n: {style: _notations(shown) for style, shown in g.items()} for n, g in found.items()}
        return Result({"gradients": data}, "")
    write = WRITERS[options.format]
    return Result({}, "\n\n".join("\n".join(map(write, styles.values())) for styles in found.values()))


def _styled(gradient: ParameterGradient, options: Namespace) -> Iterator[tuple[str, Shown]]:
    """Yield a gradient in the styles asked for, or in the usual ones as far as its paths have a number."""
    for style in options.style or (STYLES if options.json else FIRST):
        try:
            yield style, gradient[style]
        except RecurrenceError:
            if options.style:
                raise


def _second(network: Network, options: Namespace) -> Iterable[tuple[str, Derivation]]:
    """Yield what is asked for beside gradients, with the name of the option."""
    if options.hessian:
        yield "hessian", network.hessian(*options.hessian)
    if options.jacobian:
        yield "jacobian", network.jacobian(*options.jacobian)
    if options.hvp:
        yield "hvp", network.hvp(*names_of(options))
    if options.ggn:
        yield "ggn", network.ggn(*names_of(options))


def _derivations(found: Iterable[tuple[str, Derivation]], options: Namespace) -> Result:
    if options.json:
        data = {n: {"index": _notations(d.index), "matrix": _notations(d.matrix)} for n, d in found}
        return Result(data, "")
    style = "matrix" if options.style == ["matrix"] else "index"
    return Result({}, "\n\n".join(WRITERS[options.format](getattr(d, style)) for _, d in found))


def _limit(options: Namespace) -> int:
    if not 1 <= options.limit <= MOST:
        raise UsageError(f"--limit {options.limit}: between 1 and {MOST:,} paths can be listed")
    return options.limit


def _chosen(options: Namespace, name: str) -> int | None:
    number: int | None = getattr(options, name)
    if number is not None and not 1 <= number <= MOST:
        raise UsageError(f"--{name} {number}: between 1 and {MOST:,} paths can be listed")
    return number


def _notations(shown: Shown) -> dict[str, str]:
    return {"unicode": shown.unicode, "latex": shown.latex, "sympy": shown.srepr or ""}


def paths(options: Namespace) -> Result:
    """List the paths to a node, with the values of their products where values are given."""
    network = network_of(options)
    wrt, at = one_name(options), values_of(options)
    count = network.count_paths(wrt)
    chosen = {"first": _chosen(options, "first"), "largest": _chosen(options, "largest")}
    found = network.paths(wrt, at=at, limit=_limit(options), **chosen)
    data: dict[str, object] = {"count": count, "paths": [list(path.nodes) for path in found]}
    if at is not None:
        data["products"] = [path.value for path in found]
    return Result(data, "\n".join(_path_lines(network, wrt, count, found)))


def _path_lines(network: Network, wrt: str, count: int, found: tuple[PathOf, ...]) -> Iterable[str]:
    shown = "" if len(found) == count else f"; {len(found)} of them"
    yield f"{count} path{'s' * (count != 1)} from {network.model.loss} to {wrt}{shown}"
    for path in found:
        value = "" if path.value is None else f"   = {path.value:.9g}"
        share = "" if path.share is None else f"   ({path.share:.1%})"
        yield f"  {' ← '.join(path.nodes)}{value}{share}"


def explain(options: Namespace) -> Result:
    """Show every figure of a gradient beside its formula."""
    network = network_of(options)
    walk = network.explain(one_name(options), at=values_of(options), rate=options.rate)
    return Result(walk.data, walk.text)
