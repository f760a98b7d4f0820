"""The certificate of a network, with the proof of its kernel where it has one."""

from collections.abc import Iterable

from symgrad.derive.certificate import Certificate, certify
from symgrad.derive.views import View
from symgrad.kernels.build import can_compile
from symgrad.kernels.certify import prove_kernel


def proved(view: View, wrt: Iterable[str], *, kernel: bool) -> Certificate:
    """Return the certificate of some nodes of a view, of all parameters without any.

    Raises
    ------
    UnknownNameError
        If there is no such node at this level.
    """
    names = tuple(dict.fromkeys(_owner(view, name) for name in wrt))
    certificate = certify(view.model, names)
    return certificate.plus(prove_kernel(view.model)) if kernel and can_compile(view.model) else certificate


def _owner(view: View, name: str) -> str:
    view.check(name)
    return name if view.level == "layer" else view.places[name][0]
