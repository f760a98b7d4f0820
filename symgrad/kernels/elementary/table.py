"""All emitted elementary functions, and those that some of them need."""

from collections.abc import Iterable, Mapping

from symgrad.kernels.elementary.accuracy import BOUNDS
from symgrad.kernels.elementary.compiled import COMPILED
from symgrad.kernels.elementary.exponentials import EXPONENTIALS
from symgrad.kernels.elementary.helper import Helper
from symgrad.kernels.elementary.logarithms import LOGARITHMS
from symgrad.kernels.elementary.normal import NORMAL
from symgrad.kernels.elementary.plain import PLAIN
from symgrad.kernels.elementary.powers import ONE_AT_A_TIME

HELPERS: Mapping[str, Helper] = {**COMPILED, **PLAIN, **EXPONENTIALS, **LOGARITHMS, **NORMAL, **ONE_AT_A_TIME}


def closure(names: Iterable[str]) -> tuple[str, ...]:
    """Return the helpers that some helpers need, themselves included, in the order of the table."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _needs(name)
    return tuple(sorted((n for n in HELPERS if n in seen), key=_depth))


def _needs(name: str) -> tuple[str, ...]:
    helper = HELPERS[name]
    return (*helper.needs, *(("in_float32",) if helper.float32 else ("inlined",) if helper.compiled else ()))


def _depth(name: str) -> int:
    """Return how many layers of helpers a helper stands on: what is called stands first."""
    return 1 + max((_depth(n) for n in _needs(name)), default=0)


def helper_text(name: str) -> str:
    """Return the text of one helper with its table, its decorator and its largest error."""
    helper = HELPERS[name]
    stated = helper.text.replace("{within}", str(BOUNDS[name])) if name in BOUNDS else helper.text
    before = f"{helper.numbers or helper.float32}\n\n" if helper.numbers or helper.float32 else ""
    return before + _decorator(name, helper) + stated


def _decorator(name: str, helper: Helper) -> str:
    if helper.float32:
        return f"@in_float32({name}32)"
    return "@inlined" if helper.compiled else ""
