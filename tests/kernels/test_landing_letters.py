"""A matrix product that lands at a repeated letter, times a factor with a letter that the product has not."""

import re

from symgrad.kernels.build import spec_of
from symgrad.kernels.emit import function
from symgrad.kernels.lower import lower
from symgrad.model.layered import Layered, layered


def test_every_letter_of_what_lands_is_looped_over():
    """∂²J/∂W1[k,l]∂a1[n,i] has a term at k = i: Σ_j W2[j,i] δz2[n,j], times x[n,l]."""
    model = layered("deep", Layered((3, 4, 3, 2), output="identity", bias="none"))
    (hessian,) = lower(spec_of(model, also=("hessian",))).extra
    lines = function(hessian, "x").splitlines()
    landings = [k for k, line in enumerate(lines) if re.search(r"\w+\[.*\] \+= .*_part", line)]
    assert landings
    for landing in landings:
        letters = set(re.findall(r"[\[ ,]([a-z]_?)(?=[\],])", lines[landing]))
        assert letters <= set(loops_around(lines, landing)), lines[landing]


def loops_around(lines, at):
    depth = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        here = len(line) - len(line.lstrip())
        if line.strip() and here < depth:
            depth = here
            if line.lstrip().startswith("for "):
                yield line.split()[1]
