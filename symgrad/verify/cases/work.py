"""The work on one case, in child processes: first the verdict, then what explains a wrong claim.

``python -m symgrad.verify.cases.work BYTES`` answers requests until its caller closes the pipe.

The verdict is found in a process in which no code of the case runs.  What explains it is found where edits
of that code run: it may say what it likes, the verdict is known by then.
"""

from collections.abc import Iterator
from dataclasses import asdict
from time import perf_counter
from typing import cast

from symgrad.verify.cases.apart import apart
from symgrad.verify.cases.confined import Answer, Outcome
from symgrad.verify.cases.limits import Limits
from symgrad.verify.cases.worker import FORKS, Bench, Request, serve
from symgrad.verify.code.check import check_case
from symgrad.verify.code.following import case_of
from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.explain import explain_code

# The verdict may take this share of the time; what is left, less a reserve, is for the diagnosis.
SHARE = 0.6
RESERVE = 0.1
# For the judge to say that the time of the code is over.
MARGIN = 1.0


def work(request: Request, bench: Bench) -> Outcome:
    """Judge one case, and say what went wrong if something did."""
    begun = perf_counter()
    seconds = request["seconds"]
    judged = bench.own(lambda: _judged(request, bench), seconds + MARGIN)
    if not (request["explain"] and _is_wrong(judged)):
        return judged
    left = seconds - (perf_counter() - begun)
    named = bench.foreign(lambda: _named(request, left - RESERVE * seconds), max(left, RESERVE))
    mistakes = [{"mistakes": answer["mistakes"]} for answer in named.answers if "mistakes" in answer]
    return Outcome((*judged.answers, *mistakes[:1]), named.fault)


def _judged(request: Request, bench: Bench) -> Iterator[Answer]:
    seed, seconds = request["seed"], request["seconds"]
    case = case_of(*(request[key] for key in ("forward", "claimed", "vars", "wrt", "titles")))
    if not FORKS:
        yield {"finding": asdict(check_case(case, seed=seed, seconds=SHARE * seconds))}
        return
    with apart(case, Limits(seconds, bench.memory)) as runs:
        yield {"finding": asdict(check_case(case, seed=seed, seconds=SHARE * seconds, runs=runs))}


def _named(request: Request, seconds: float) -> Iterator[Answer]:
    arrays, wrt = request["vars"], request["wrt"]
    given = [array_of(name, spec) for name, spec in arrays.items()]
    forward, claimed, seed = (request[key] for key in ("forward", "claimed", "seed"))
    found = explain_code(forward, claimed, given, wrt, seed=seed, seconds=seconds)
    yield {"mistakes": [asdict(mistake) for mistake in found]}


def _is_wrong(judged: Outcome) -> bool:
    return any(cast("Answer", answer["finding"])["verdict"] == "wrong" for answer in judged.answers)


if __name__ == "__main__":
    serve(work)
