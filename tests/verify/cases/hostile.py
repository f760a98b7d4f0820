"""A worker that runs whatever it is sent, as code: `python -m tests.verify.cases.hostile`."""

from collections.abc import Iterator

import numpy as np

from symgrad.verify.cases.confined import Answer, Outcome
from symgrad.verify.cases.worker import Bench, Request, serve

PROVED = {
    "verdict": "right", "evidence": "proved", "method": "", "bound": None, "points": None,
    "assumptions": [], "counterexample": None, "seconds": 0.0, "seed": 0,
}  # fmt: skip


def work(request: Request, bench: Bench) -> Outcome:
    """Do in a child what the request says."""
    return bench.foreign(lambda: run(request), request["seconds"])


def run(request: Request) -> Iterator[Answer]:
    """Run the claimed code; say that it is right, and what it left in `answer`."""
    names = {"np": np}
    exec(request["claimed"], names)
    yield {"finding": PROVED, "answer": names.get("answer")}
    exec(request.get("then", ""), names)
    yield {"mistakes": []}


if __name__ == "__main__":
    serve(work)
