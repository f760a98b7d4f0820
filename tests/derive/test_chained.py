"""Products along paths are the same one by one and together, and what they share is multiplied once."""

import pytest

import symgrad.derive.chained
from symgrad.derive.chained import chained, products_along
from symgrad.derive.paths import paths
from symgrad.errors import LimitError
from symgrad.model.layered import Layered, layered
from symgrad.model.terms import through
from tests.examples import FREE


def neurons(*sizes):
    return layered("net", Layered(sizes, output="softmax", loss="cross_entropy")).neurons()


@pytest.mark.parametrize("whole", [*FREE.values(), neurons(3, 2, 2, 3)], ids=[*FREE, "neurons"])
def test_all_paths_together_give_the_products_of_each(whole):
    for node in whole.nodes:
        if node.name != whole.loss:
            each = [p for path in paths(whole, node.name) for p in products_along(whole, path)]
            assert list(chained(whole, node.name, whole.loss, 10_000)) == each, node.name


def test_the_weights_of_a_neuron_share_all_but_the_last_link(monkeypatch):
    whole = neurons(9, 3, 3)
    steps = []
    monkeypatch.setattr(
        symgrad.derive.chained, "through", lambda term, edge: steps.append(edge) or through(term, edge)
    )
    weights = [edge.parent for edge in whole.in_edges["z1_1"] if edge.parent.startswith("w")]
    assert [len(chained(whole, weight, "J", 10_000)) for weight in weights] == [9] * 9
    assert len(steps) == 9 * (1 + 9)


def test_too_many_are_refused_by_their_number():
    whole = neurons(3, 2, 2, 3)
    assert len(chained(whole, "w1_1_1", "J", 18)) == 18
    with pytest.raises(LimitError, match=r"there are 18 paths from J to w1_1_1, .* limit of 17"):
        chained(whole, "w1_1_1", "J", 17)
