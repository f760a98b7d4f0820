"""`zoo` and `info`: what there is."""

import platform
from argparse import Namespace
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from symgrad.cli.arguments import own_version
from symgrad.cli.output import Result
from symgrad.model.activations import NAMES
from symgrad.model.layers.catalogue import LAYERS
from symgrad.model.losses import LOSSES
from symgrad.model.optimizers import OPTIMIZERS
from symgrad.model.rates import RATES
from symgrad.model.zoo import ZOO
from symgrad.network import zoo as named
from symgrad.show.registry import tables

PACKAGES = ("sympy", "numpy", "numba", "scipy", "python-flint")


def zoo(_options: Namespace) -> Result:
    """List the named networks."""
    networks = [named(name) for name in ZOO]
    rows = [
        {"name": n.model.name, "title": n.model.title, "level": n.level, "parameters": list(n.parameters)}
        for n in networks
    ]
    width = max(len(name) for name in ZOO)
    lines = [f"{n.model.name:{width}}  {n.level:6}  {n.model.title}" for n in networks]
    return Result({"networks": rows}, "\n".join(lines))


def info(options: Namespace) -> Result:
    """Return versions and the rows of the tables; as Markdown the tables alone, between their markers."""
    versions = {"symgrad": own_version(), "python": platform.python_version()}
    versions |= {name: found for name in PACKAGES if (found := _version(name))}
    data = {
        "versions": versions,
        "layers": list(LAYERS),
        "activations": list(NAMES),
        "losses": list(LOSSES),
        "optimizers": list(OPTIMIZERS),
        "schedules": list(RATES),
    }
    text = [f"{name:12} {found}" for name, found in versions.items()]
    text += [f"{key:12} {', '.join(map(str, data[key]))}" for key in list(data)[1:]]
    return Result(data, _marked(tables()) if options.markdown else "\n".join(text))


def _marked(found: Mapping[str, str]) -> str:
    return "\n\n".join(f"<!-- {name} -->\n{table}\n<!-- /{name} -->" for name, table in found.items())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
