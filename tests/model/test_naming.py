"""How entries are numbered and called."""

import pytest

from symgrad.errors import DefinitionError, UnknownNameError
from symgrad.model.layered import Layered, layered
from symgrad.model.naming import Naming
from symgrad.model.zoo import SOURCE, TARGET, zoo


def neurons(sizes, samples=None, **spec):
    return layered("net", Layered(sizes, **spec)).neurons(samples=samples)


def weights(graph, letter="w"):
    """For every weight, the neuron that it leaves and the one that it enters."""
    return {
        weight.name: (source.name, node.name)
        for node in graph.nodes
        for term in node.terms
        if len(term.accesses) == 2
        for weight, source in [sorted(term.accesses, key=lambda r: r.name[0] != letter)]
        if weight.name[0] == letter
    }


def biases(graph):
    return {
        term.body.name: [n.name for n in graph.nodes if term in n.terms]
        for node in graph.nodes
        for term in node.terms
        if term.body.is_Atom and str(term.body)[0] == "b"
    }


def test_the_numbers_of_the_classifier():
    graph = zoo("classifier_3_3_3").neurons()
    hidden = {f"w{3 * j + i}": (f"x{j + 1}", f"z{i}") for j in range(3) for i in (1, 2, 3)}
    output = {f"w{9 + 3 * j + i}": (f"a{j + 1}", f"q{i}") for j in range(3) for i in (1, 2, 3)}
    assert weights(graph) == hidden | output
    assert biases(graph) == {"b1": ["z1"], "b2": ["z2"], "b3": ["z3"], "b4": ["q1", "q2", "q3"]}
    named = [f"{letter}{k}" for letter in "xzaqot" for k in (1, 2, 3)]
    assert {n.name for n in graph.nodes} == {*named, *weights(graph), *biases(graph), "J"}


def test_the_numbers_of_the_worked_example():
    graph = zoo("worked_2_2_2").neurons()
    assert weights(graph) == {
        "w1": ("x1", "z1"),
        "w2": ("x2", "z1"),
        "w3": ("x1", "z2"),
        "w4": ("x2", "z2"),
        "w5": ("a1", "q1"),
        "w6": ("a2", "q1"),
        "w7": ("a1", "q2"),
        "w8": ("a2", "q2"),
    }
    assert biases(graph) == {"b1": ["z1", "z2"], "b2": ["q1", "q2"]}


def test_layered_names():
    graph = neurons((2, 1, 2), samples=1)
    assert weights(graph) == {
        "w1_1_1": ("x1", "z1_1"),
        "w1_1_2": ("x2", "z1_1"),
        "w2_1_1": ("a1_1", "z2_1"),
        "w2_2_1": ("a1_1", "z2_2"),
    }
    assert {n.name for n in graph.nodes if n.name[0] in "ybt"} == {
        "y1",
        "y2",
        "t1",
        "t2",
        "b1_1",
        "b2_1",
        "b2_2",
    }


@pytest.mark.parametrize(("naming", "first"), [(SOURCE, ("x1", "z2")), (TARGET, ("x2", "z1"))])
def test_numbers_run_on_through_deeper_nets(naming, first):
    graph = neurons((3, 4, 4, 2), naming=naming, samples=1)
    found = weights(graph)
    assert list(map(int, (name[1:] for name in sorted(found, key=lambda n: int(n[1:]))))) == list(
        range(1, 37)
    )
    assert found["w2"] == first
    assert found["w13"] == ("a1", "z5")
    assert found["w14"] == (("a1", "z6") if naming is SOURCE else ("a2", "z5"))
    assert found["w29"] == ("a5", "q1")
    assert found["w36"] == ("a8", "q2")
    assert set(biases(graph)) == {f"b{k}" for k in range(1, 11)}
    assert {n.name for n in graph.nodes if n.name[0] == "z"} == {f"z{k}" for k in range(1, 9)}


@pytest.mark.parametrize("naming", [SOURCE, TARGET])
@pytest.mark.parametrize("bias", ["neuron", "layer"])
def test_a_single_neuron(naming, bias):
    graph = neurons((1, 1), naming=naming, bias=bias, samples=1)
    assert [n.name for n in graph.nodes] == ["x1", "w1", "b1", "q1", "o1", "t1", "J"]


def test_without_activation_there_is_no_argument():
    graph = neurons((2, 1), output="identity", bias="none", samples=1)
    assert [n.name for n in graph.nodes] == ["x1", "x2", "w1_1_1", "w1_1_2", "y1", "t1", "J"]


def test_templates():
    naming = Naming(templates={"weight": "w{i}{j}_{l}", "bias": "b{l}_{i}", "activation": "h{k}"})
    graph = neurons((2, 2, 1), naming=naming, samples=1)
    assert weights(graph)["w21_1"] == ("x1", "z1_2")
    assert {"h1", "h2", "b1_1", "b2_1"} <= {n.name for n in graph.nodes}


def test_several_samples_are_numbered_behind():
    graph = neurons((1, 2, 1), samples=2)
    names = [n.name for n in graph.nodes if n.name[0] in "xzayt"]
    assert names == [
        *("x1_1", "x1_2", "z1_1_1", "z1_2_1", "z1_1_2", "z1_2_2", "a1_1_1", "a1_2_1", "a1_1_2", "a1_2_2"),
        *("z2_1_1", "z2_1_2", "y1_1", "y1_2", "t1_1", "t1_2"),
    ]
    assert neurons((1, 2, 1), samples=2, naming=SOURCE)["a2_1"].terms[0].accesses[0].name == "z2_1"
    assert [n.name for n in zoo("line_through_origin").neurons().nodes][:3] == ["x1", "x2", "x3"]


@pytest.mark.parametrize(
    "letters", [{"activation": "z"}, {"pre": "x", "input": "x1"}, {"input": "i"}, {"loss": "D"}]
)
def test_letters_that_collide(letters):
    with pytest.raises(DefinitionError, match="names both a node and"):
        layered("net", Layered((2, 2, 1), naming=Naming(letters=letters)))


def test_templates_that_do_not_tell_apart():
    naming = Naming(templates={"weight": "w{i}{j}"})
    with pytest.raises(DefinitionError, match="would both have an entry named 'w11'"):
        neurons((2, 2, 1), naming=naming)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("w{x}", r"uses \{x\}; known are"),
        ("w{}", r"uses \{\}; known are"),
        ("w{0}", "known are"),
        ("w{k.real}", "known are"),
        ("w{k:>1000000}", "known are"),
        ("w{k!r}", "known are"),
        ("w{k", "cannot be read"),
        ("w}", "cannot be read"),
    ],
)
def test_templates_have_plain_fields_only(template, message):
    with pytest.raises(DefinitionError, match=message):
        Naming(templates={"weight": template})


def test_a_template_must_make_names():
    with pytest.raises(DefinitionError, match="the node name"):
        neurons((2, 1), naming=Naming(templates={"weight": "{k}w"}))


def test_unknown_words():
    with pytest.raises(UnknownNameError, match="did you mean source"):
        Naming("sources")
    with pytest.raises(UnknownNameError, match="did you mean weight"):
        Naming(letters={"weights": "w"})


def test_sizes_keep_apart():
    model = layered("net", Layered(("K", 3, "D", 2), samples="H1"))
    assert model.size_names == ("D", "H1", "H1_", "K", "K_")
    assert model.sizes == {"H1_": 3, "K_": 2}
    with pytest.raises(DefinitionError, match="N is the number of samples"):
        layered("net", Layered(("N", 2)))
