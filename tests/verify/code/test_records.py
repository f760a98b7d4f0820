"""Runs as data: read back they are the same, and whatever is no record is refused."""

import json
from typing import Any

import pytest

from symgrad.exact.tapes import Tape
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.code.following import Following, begun, case_of, claim_of, loss_of, witness_of
from symgrad.verify.code.records import RecordError, read, recorded

ARRAYS = {"x": ["normal", 2, 3], "w": ["pos", 3]}
FORWARD = """
z = np.tanh(x @ np.sqrt(w)) + math.pi*np.sin(x[:, 0])
if x[0, 0] > x[1, 0]:
    z = np.log(w[0])*np.maximum(z, 0.1)
L = np.sum(np.exp(-z)*z**3)
"""
CASE = case_of(FORWARD, "G = np.cos(w)/7", ARRAYS, "w")
WAY = Following(sided=True)


def run() -> tuple[Any, Trace]:
    made = begun(CASE, WAY)
    loss = loss_of(CASE, made)
    return json.loads(json.dumps(recorded(made.t, [loss, *claim_of(CASE, made)]))), made.t


def fresh() -> Trace:
    return Trace(Tape(), witness_of(CASE, WAY), {}, sided=True)


def test_a_run_is_read_as_it_was() -> None:
    record, before = run()
    after = fresh()
    found = read(record, after, CASE.domain.leaves)
    assert recorded(after, found) == record
    assert len(after.decided) == len([slot for slot in before.decided if slot.exact is None])
    again = read(record, after, CASE.domain.leaves)
    assert [slot.place for slot in again] == [slot.place for slot in found]


def test_conditions_are_decided_by_whoever_reads() -> None:
    record, before = run()
    after = fresh()
    read({**record, "decided": record["decided"][:1]}, after, CASE.domain.leaves)
    assert set(after.decided.values()) <= {0, 1}
    assert next(iter(after.decided.items()))[1] == next(iter(before.decided.items()))[1]


EMPTY = {"steps": [], "wanted": [], "decided": [], "numerical": False}
X = ["leaf", "x[0,0]"]
STEPS: list[object] = [
    None, [], ["leaf"], ["leaf", "y"], ["leaf", 0], ["leaf", "w[0]", True], ["pi", 1],
    ["number", 1], ["number", "0x1"], ["number", "1/0"], ["number", "1.5"], ["number", " 1"],
    ["exp", [0, 0]], ["exp", []], ["exp", [1]], ["exp", 0], ["times", [0]],
    ["raised", [0]], ["raised", [0], "2"], ["raised", [0], True], ["raised", [0], 1.5],
    ["power", [0], 2], ["power", [0, 0], "1/2"], ["power", [0]],
    ["forget", []], ["_step", [0]], ["check_zero", [0], "no"], ["shift", [0, 0]], ["__class__", [0]],
]  # fmt: skip
BROKEN: list[object] = [
    None, 7, "steps", [], {}, {**EMPTY, "more": 1}, {**EMPTY, "steps": {}},
    {**EMPTY, "wanted": 0}, {**EMPTY, "wanted": [0]}, {**EMPTY, "wanted": [-1], "steps": [X]},
    {**EMPTY, "wanted": [True], "steps": [X, X]}, {**EMPTY, "wanted": [0.0], "steps": [X]},
    {**EMPTY, "decided": [1], "steps": [X]},
    *({**EMPTY, "steps": [X, step]} for step in STEPS),
]  # fmt: skip


@pytest.mark.parametrize("record", BROKEN, ids=repr)
def test_what_is_no_record_is_refused(record: object) -> None:
    with pytest.raises(RecordError):
        read(record, fresh(), CASE.domain.leaves)
