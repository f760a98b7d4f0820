"""`generated/` is what the zoo generates today, byte for byte; and a planted change is seen."""

from pathlib import Path

import pytest

from symgrad.model.zoo import ZOO
from symgrad.network import zoo

GENERATED = Path(__file__).parents[1] / "generated"


@pytest.mark.parametrize("name", ZOO)
def test_regeneration_gives_the_same_bytes(name: str) -> None:
    committed = (GENERATED / f"{name}.py").read_bytes()
    made = zoo(name).kernel_text(command=f"symgrad generate {name}")
    assert made.encode() == committed, "re-make it: symgrad generate --all"


def test_nothing_else_lies_there() -> None:
    assert {path.stem for path in GENERATED.glob("*.py")} == set(ZOO)
