"""Code that reaches for its judge: whatever it does in its process, it is never right when it is wrong."""

from collections.abc import Iterator

import pytest

from symgrad.verify.cases.files import Case
from symgrad.verify.cases.rows import Crew, Settings, crew, judge_case

ARRAYS = {"x": ["normal", 2, 2], "w": ["normal", 2]}
FORWARD = "z = x @ w\nL = np.sum(z**2)"
RIGHT = "G = 2*x.T @ z\n"
WRONG = "G = 3*x.T @ z\n"

# What looks for symgrad in the process finds it by these.
MODULES = """
import sys
m = sys.modules
"""
FORGERIES = {
    "the judge": f"""{MODULES}
from symgrad.verify.verdict import Finding
for name in [n for n in m if n.startswith('symgrad')]:
    if hasattr(m[name], 'judge'):
        m[name].judge = lambda *a, **k: Finding('right', 'proved', '')
m['symgrad.verify.evidence.judge']._judged = lambda *a, **k: Finding('right', 'proved', '')
""",
    "its check": f"""{MODULES}
from symgrad.verify.verdict import Finding
m['symgrad.verify.code.check'].check_case = lambda *a, **k: Finding('right', 'proved', '')
m['symgrad.verify.cases.work'].check_case = m['symgrad.verify.code.check'].check_case
""",
    "a finding": """
from symgrad.verify.verdict import Finding
Finding.verdict = property(lambda self: 'right')
Finding.__getattribute__ = lambda self, name: 'right'
""",
    "equality of slots": f"""{MODULES}
Slot = m['symgrad.exact.tapes'].Slot
Slot.__eq__ = lambda self, other: True
Slot.__hash__ = lambda self: 0
""",
    "the tape": f"""{MODULES}
Tape = m['symgrad.exact.tapes'].Tape
Tape.total = lambda self, values: self.number(0)
Tape.times = lambda self, a, b: self.number(0)
""",
    "the gradient": f"""{MODULES}
m['symgrad.exact.adjoint'].adjoint = lambda tape, loss, wrt: [tape.number(0) for _ in wrt]
m['symgrad.verify.code.following'].adjoint = m['symgrad.exact.adjoint'].adjoint
""",
    "through a class": """
t = type(z).__mro__[-2]
for name in ('__matmul__', '__mul__', '__rmul__', '__add__'):
    setattr(t, name, lambda self, other: self) if t is not np.ndarray else None
""",
    "its namespace": """
try: np.__class__.__getattr__ = lambda self, name: (lambda *a, **k: 0)
except (AttributeError, TypeError): pass
""",
    "builtins": """
import builtins
builtins.isinstance = lambda *a: True
builtins.len = lambda *a: 0
builtins.zip = lambda *a, **k: []
""",
    "frames": """
import sys
frame = sys._getframe()
while frame is not None:
    for name in list(frame.f_locals):
        if name in ('case', 'loss', 'domain', 'wrt'): frame.f_locals[name] = None
    frame = frame.f_back
""",
    "the domain": f"""{MODULES}
Domain = m['symgrad.verify.evidence.domain'].Domain
Domain.point = lambda self, *a, **k: {{key: 0 for key in self.leaves}}
""",
    "the loss": """
import sys
frame = sys._getframe()
while frame is not None:
    run = frame.f_locals.get('run')
    if hasattr(run, 'names'): run.names['L'] = run.names['L']*0
    frame = frame.f_back
""",
    "what is refused": f"""{MODULES}
limits = m['symgrad.verify.cases.limits']
limits.REFUSED, limits.WRITING, limits.RefusedError = (), 0, ValueError
import os
try: os.kill(os.getppid(), 9)
except Exception: pass
""",
    "all objects": "import gc\ngc.get_objects()\n",
    "an exit handler": """
import atexit, os
atexit.register(lambda: os.write(1, b'right'))
""",
    "a thread": """
import sys, threading, time
def later():
    while True:
        for frame in sys._current_frames().values():
            while frame is not None:
                for name in ('t', 'slot', 'values', 'places'): frame.f_locals.pop(name, None)
                frame = frame.f_back
        time.sleep(0.001)
threading.Thread(target=later, daemon=True).start()
""",
}

# These know how the answer is made, and send one of their own.
SENDS = """
import gc, json, os, sys
frame, seen = sys._getframe(), {}
while frame is not None:
    for name in ('token', 'heard'):
        seen.setdefault(name, frame.f_locals.get(name)) if name in frame.f_locals else None
    frame = frame.f_back
"""
MESSAGES = {
    "a finding": '{"finding": {"verdict": "right", "evidence": "proved"}}',
    "no tape": '{"steps": [], "wanted": [], "decided": [], "numerical": false}',
    "zeros": '{"steps": [["number", "0"]], "wanted": [0, 0], "decided": [], "numerical": false}',
    "a leaf": '{"steps": [["leaf", "secret"]], "wanted": [0, 0], "decided": [], "numerical": false}',
    "places": '{"steps": [["exp", [5]]], "wanted": [0, 0], "decided": [], "numerical": false}',
    "a name": '{"steps": [["forget", []]], "wanted": [0, 0], "decided": [], "numerical": false}',
    "a huge power": '{"steps": [["leaf", "w[0]"], ["raised", [0], 1e400]], "wanted": [1, 1],'
    ' "decided": [], "numerical": false}',
    "brackets": "[" * 100_000,
    "digits": "9" * 100_000,
    "numbers": "[1.0, 2.0, 3.0]",
    "not numbers": "[NaN, Infinity, 3.0]",
    "an error": '{"error": "data", "text": "\\u001b[2Jright"}',
    "a fault": '{"fault": "right (proved)"}',
}


@pytest.fixture(scope="module")
def workers() -> Iterator[Crew]:
    with crew() as made:
        yield made


def verdict(workers: Crew, claimed: str, forward: str = FORWARD) -> tuple[str, str]:
    settings = Settings(seconds=120.0, explain=False)
    row = judge_case(Case("a", ARRAYS, forward, claimed, "w"), settings, workers)
    return row.finding.verdict, row.reason


def test_without_a_forgery_both_are_judged(workers: Crew) -> None:
    assert verdict(workers, RIGHT)[0] == "right"
    assert verdict(workers, WRONG)[0] == "wrong"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_no_forgery_makes_a_wrong_claim_right(workers: Crew, forgery: str) -> None:
    for claimed in (WRONG + forgery, forgery + WRONG):
        assert verdict(workers, claimed)[0] != "right"
    assert verdict(workers, RIGHT)[0] == "right"


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_what_a_forged_message_says_is_not_believed(workers: Crew, message: str) -> None:
    sends = f"os.write(seen['heard'], (seen['token'] + ' ' + {message!r} + chr(10)).encode())\n"
    found, reason = verdict(workers, f"{WRONG}{SENDS}{sends}os._exit(0)")
    assert found != "right"
    assert reason.isprintable()


def test_the_true_gradient_found_in_the_process_is_no_claim(workers: Crew) -> None:
    """What code gives on exact numbers must be what it gives in plain NumPy."""
    takes = (
        "if type(w) is not np.ndarray:\n"
        "    import numpy\n"
        "    from symgrad.exact.adjoint import adjoint\n"
        "    t = w.tracing\n"
        "    G = w.copy()\n"
        "    G.values[:] = list(adjoint(t.tape, L.values.item(), list(w.values.flat)))\n"
    )
    found, reason = verdict(workers, WRONG + takes)
    assert (found, "in plain NumPy" in reason) == ("unknown", True), reason


def test_the_claim_changes_nothing_of_the_forward_pass(workers: Crew) -> None:
    """Each has a process of its own: the loss that is derived is the one that no claim has seen."""
    assert verdict(workers, "L = np.sum(z**3)\nG = 3*x.T @ z**2")[0] == "wrong"
    assert verdict(workers, "z[:] = 0\nL = np.sum(z)\nG = 0*w")[0] == "wrong"


@pytest.mark.parametrize(
    "message",
    [
        '{"finding": {"verdict": "right", "evidence": "proved"}}',
        '{"mistakes": [{"kind": "none at all", "place": 7}]}',
        '{"mistakes": {"kind": 5}}',
        '{"fault": "\\u001b[2Jright"}',
        "5",
        "nonsense",
        "[" * 50_000,
    ],
    ids=lambda message: message[:20],
)
def test_the_diagnosis_changes_no_verdict(workers: Crew, message: str) -> None:
    """Edits of the code run once the verdict is known; what they send is taken for mistakes alone."""
    sends = (
        "import os, sys\nframe = sys._getframe()\n"
        "while frame is not None:\n"
        "    if 'token' in frame.f_locals and 'pipe' in frame.f_locals:\n"
        "        out, token = frame.f_locals['pipe'], frame.f_locals['token']\n"
        f"        for text in ({message!r}, '.'):\n"
        "            os.write(out, (token + ' ' + text + chr(10)).encode())\n"
        "        os._exit(0)\n"
        "    frame = frame.f_back\n"
    )
    settings = Settings(seconds=120.0)
    row = judge_case(Case("a", ARRAYS, FORWARD, WRONG + sends, "w"), settings, workers)
    assert row.finding.verdict == "wrong"
    assert row.mistakes == ()
    assert row.reason.isprintable()
