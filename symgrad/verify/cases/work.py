"""The work on one case, in a child process: first the verdict, then what explains a wrong claim.

``python -m symgrad.verify.cases.work BYTES`` answers requests until its caller closes the pipe.
"""

from collections.abc import Iterator
from dataclasses import asdict
from time import perf_counter

from symgrad.verify.cases.confined import Answer
from symgrad.verify.cases.worker import Request, serve
from symgrad.verify.code.check import check_code
from symgrad.verify.evidence.domain import array_of
from symgrad.verify.mistakes.code.explain import explain_code

# The verdict may take this share of the time; what is left, less a reserve, is for the diagnosis.
SHARE = 0.6
RESERVE = 0.1


def work(request: Request) -> Iterator[Answer]:
    """Judge one case, and say what went wrong if something did."""
    begun = perf_counter()
    forward, claimed, arrays, wrt = (request[key] for key in ("forward", "claimed", "vars", "wrt"))
    seed, seconds = request["seed"], request["seconds"]
    finding = check_code(forward, claimed, arrays, wrt, seed=seed, seconds=SHARE * seconds)
    yield {"finding": asdict(finding)}
    if finding.verdict == "wrong" and request["explain"]:
        left = (1 - RESERVE) * seconds - (perf_counter() - begun)
        given = [array_of(name, spec) for name, spec in arrays.items()]
        mistakes = explain_code(forward, claimed, given, wrt, seed=seed, seconds=left)
        yield {"mistakes": [asdict(mistake) for mistake in mistakes]}


if __name__ == "__main__":
    serve(work)
