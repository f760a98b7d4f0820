"""Kernels of networks with scalars in the middle, several sums in one definition, and powers of sizes."""

import pytest

from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.module import generate
from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model

pytestmark = pytest.mark.uncompiled

LINE, SQUARES, POWER = "[n] w*x[n]", "sum(n, (y[n] - t[n])^2)", "sum(n, y[n]^2)"
SCALARS = {
    "negative": ({"y": LINE, "A": POWER, "J": SQUARES + " + A", "R": "-J*c"}, "R", "A"),
    "parts": ({"y": LINE, "A": SQUARES, "B": "w^2*c + exp(c)", "J": "A + B/10"}, "J", "B"),
    "late": ({"y": LINE, "A": POWER, "B": "A*w", "J": "A + B/10 + c + " + SQUARES}, "J", "A"),
    "own": ({"y": LINE, "J": POWER + " + c^2"}, "J", "J"),
}
THREE = {
    "inside": "[n] 2*sum(i, a[i]*x[n,i]) + 3*sum(i, b[i]*x[n,i]^2) + 5*sum(i, c[i]*x[n,i]^3)",
    "before": "[n] 2*sum(i, a[i]*x[n,i]) + 3*sum(i, a[i]) + 5*sum(i, a[i]^2) + sum(i, b[i]*c[i])",
}


def of_sums(body: str, loss: str = SQUARES, width: int | str = "D") -> Model:
    leaves = {"x": "n i"}, {"t": "n"}, {"a": "i", "b": "i", "c": "i"}
    axes = {"n": "N", "i": width}
    return define_model("sums", Definitions(axes, *leaves, {"y": body, "J": loss}, output="y"))


def is_right(model: Model, schedule: dict[str, str], rule: str = "sgd") -> bool:
    text = generate(spec_of(model, rule, schedule=schedule))
    compile(text, "kernel", "exec")
    return all(finding.right for (finding,) in prove_kernel(model, text).values())


@pytest.mark.parametrize("schedule", [{}, {"*": "arrays"}], ids=["chosen", "arrays"])
@pytest.mark.parametrize("name", SCALARS)
def test_scalars_in_the_middle(name: str, schedule: dict[str, str]) -> None:
    nodes, loss, output = SCALARS[name]
    leaves = {"x": "n"}, {"t": "n"}, {"w": "", "c": ""}
    model = define_model(name, Definitions({"n": "N"}, *leaves, nodes, loss=loss, output=output))
    assert is_right(model, schedule)
    assert is_right(model, schedule, "adam")
    assert f"{output} = np.empty(1, x.dtype)" in generate(spec_of(model, schedule=schedule))


@pytest.mark.parametrize("width", ["D", 2])
@pytest.mark.parametrize("name", THREE)
def test_every_sum_has_its_own_place(name: str, width: int | str) -> None:
    assert is_right(of_sums(THREE[name], width=width), {"*": "arrays"})


def test_powers_of_a_size_are_different_constants() -> None:
    loss = SQUARES + "/D + D*sum(i, a[i]^2) + D^2*sum(i, b[i]^2) + sum(i, c[i]^2)/D^2 + N*D"
    assert is_right(of_sums(THREE["inside"], loss), {})


def test_sizes_that_a_function_does_not_use_are_not_read() -> None:
    text = generate(spec_of(of_sums("[n] sum(i, a[i]*x[n,i])", SQUARES + " + sum(i, b[i]*c[i])")))
    for function in text.split("\ndef ")[1:]:
        for size in "DN":
            lines = [line for line in function.splitlines() if not line.lstrip().startswith("#")]
            if any(line.startswith(f"    {size} = ") for line in lines):
                assert sum(f"{size}" in line.replace("np.", "") for line in lines) > 1, function


def test_an_index_in_a_formula_takes_the_type_of_the_arrays() -> None:
    model = of_sums("[n] sum(i, a[i]*x[n,i]*(i + 1)) + sum(i, b[i]*c[i]*i)")
    assert is_right(model, {"*": "arrays"})
    assert "typed(i, one)" in generate(spec_of(model, schedule={"*": "arrays"}))
    assert is_right(of_sums("[n] sum(i, a[i]*x[n,i]*(i + 1)) + sum(i, b[i]*c[i]*i)", width=2), {})
