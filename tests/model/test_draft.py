"""Putting a network together: names, sizes, several losses, and what is refused."""

import pytest
import sympy as sp

import symgrad as sg
from symgrad.derive.certificate import certify
from symgrad.errors import DefinitionError, FormulaError, SymgradError, UnknownNameError
from symgrad.model.activations import Activation
from symgrad.model.draft import Draft
from symgrad.model.expressions import size
from symgrad.model.finish import finished
from symgrad.model.layers.catalogue import LAYERS
from symgrad.model.layers.registry import layer, words
from symgrad.model.netfile import model_of
from tests.layer_examples import EXAMPLES
from tests.layer_examples import model_of as example_model

DIGITS = ("conv2d 4 3 padding=same", "relu", "max_pool 2", "flatten", "dense 10", "softmax")


def image_net(**options):
    return sg.sequential((1, 8, 8), DIGITS, loss="cross_entropy", targets="labels", **options)


def defined(model):
    return [node.name for node in model.graph.nodes if not node.is_leaf and not node.auxiliary]


def test_names_carry_the_number_of_the_layer():
    model = image_net().model
    assert defined(model) == ["z1", "a1", "p1", "f1", "z2", "y", "J"]
    assert [node.name for node in model.graph.parameters] == ["W1", "b1", "W2", "b2"]
    assert (model.inputs, model.targets, model.outputs) == (("x",), ("t",), ("y",))
    assert {"y_exp", "y_sum", "t_hot"} <= set(model.graph.by_name)


def test_numbers_are_sizes_with_names():
    model = image_net().model
    assert model.sizes == {"C": 1, "H": 8, "W": 8, "C1": 4, "D2": 10}
    assert model.graph["W1"].shape == (size("C1"), size("C"), 3, 3)
    assert model.graph["p1"].shape[2:] == (sp.floor(size("H") / 2), sp.floor(size("W") / 2))


def test_a_name_of_the_user_stands_in_the_place_of_the_number():
    draft = Draft()
    y = draft.dense(draft.input("x", 3), 2, name="head", activation="tanh")
    draft.loss("squared_error", y)
    model = finished(draft, y)
    assert {"W_head", "b_head", "z_head"} <= set(model.graph.by_name)


def test_the_same_as_the_layered_network():
    mine = sg.sequential(3, ["dense 4", "tanh", "dense 2", "sigmoid"]).model
    theirs = sg.mlp([3, 4, 2], hidden="tanh").model
    assert [n.name for n in mine.graph.parameters] == [n.name for n in theirs.graph.parameters]
    table = {size("D1"): size("H"), size("D2"): size("K")}
    for name in ("z1", "a1", "z2", "y", "J"):
        ours = [(t.write, t.body.xreplace(table)) for t in mine.graph[name].terms]
        assert ours == [(t.write, t.body) for t in theirs.graph[name].terms]


def test_sizes_by_name_by_number_and_as_expressions():
    draft = Draft()
    x = draft.input("x", "2*H", "T=5", "D")
    assert x.shape == (size("N"), 2 * size("H"), size("T"), size("D"))
    assert draft.sizes == {"T": 5}
    assert draft.input("v", "T", samples=False).shape == (size("T"),)


def test_inputs_of_one_size_share_its_name():
    draft = Draft()
    assert draft.input("x", 3).shape == draft.input("v", 3).shape
    assert draft.input("u", 4).shape != draft.input("w", 3).shape


def test_letters_keep_away_from_names():
    draft = Draft()
    h = draft.rnn(draft.input("x", "T=3", 2), 2)
    draft.loss("squared_error", h)
    model = finished(draft, h)
    letters = {axis.letter for node in model.graph.nodes for axis in node.axes}
    assert letters.isdisjoint(model.graph.by_name)
    assert [group.step for group in model.graph.groups if group.along] == [1]


def test_several_losses_and_penalties_are_one_sum():
    draft = Draft()
    h = draft.dense(draft.input("x", 3), 4, activation="tanh")
    one, two = draft.dense(h, 2, activation="softmax"), draft.dense(h, 1)
    draft.loss("cross_entropy", one, targets="labels")
    draft.loss("squared_error", two)
    draft.l2("1/100", draft.nodes["W1"], draft.nodes["W2"])
    draft.l1("1/1000", draft.nodes["W3"])
    draft.total({"J2": "1/2"})
    model = finished(draft, one, two)
    assert (model.outputs, model.targets) == (("y1", "y2"), ("t", "tb"))
    whole = sum(term.body for term in model.graph["J"].terms)
    J1, J2, R1, R2 = (model.graph[name].ref for name in ("J1", "J2", "R1", "R2"))
    assert whole == J1 + J2 / 2 + R1 + R2


def test_a_definition_of_ones_own_can_be_the_loss():
    draft = Draft()
    x, w = draft.input("x", 3), draft.parameter("w", i="D")
    q = draft.define("q", "mean(n, sum(i, w[i]*x[n,i])^2)", x=x, w=w)
    draft.minimise(q, weight="1/2")
    model = finished(draft)
    assert [term.body for term in model.graph["J"].terms] == [q.ref / 2]


def test_a_layer_of_ones_own_is_like_any_other(monkeypatch):
    monkeypatch.setattr("symgrad.model.layers.registry.LAYERS", LAYERS)

    @layer("scale", "a factor of its own for every feature")
    def scale(draft, x):
        g = draft.parameter("g", start="ones", i=x.shape[-1])
        return draft.define("s", "[...,i] g[i]*x[...,i]", g=g, x=x)

    try:
        net = sg.sequential(("T=1", 1), ["scale", scale(), "tanh"])
        assert net.parameters == ("g1", "g2")
        assert str(net.gradient("g1")["delta"]).endswith("∂J/∂g1[i] = Σ_n,j δs1[n,j,i] · x[n,j,i]")
        assert certify(net.model).verdict == "right"
    finally:
        del LAYERS["scale"]


def test_own_activations_shared_weights_and_residuals():
    square = Activation("squared", "z^2")
    draft = Draft()
    h = draft.dense(draft.input("x", 3), "D", activation=square)
    y = draft.chain(h, [sg.residual(sg.dense(weight=draft.nodes["W1"]), square)])
    draft.loss("squared_error", y)
    model = finished(draft, y)
    assert [node.name for node in model.graph.parameters] == ["W1", "b1", "b2"]
    assert len(model.graph.out_edges["W1"]) == 2


def test_a_mask_of_dropout_is_drawn():
    draft = Draft()
    draft.dropout(draft.input("x", 3), "1/4")
    assert draft.nodes["m"].drawn == sp.Rational(3, 4)


def test_a_parameter_that_does_not_reach_the_loss_has_gradient_zero():
    draft = Draft()
    y = draft.dense(draft.input("x", 3), 2)
    draft.parameter("V", i=3)
    draft.loss("squared_error", y)
    model = finished(draft, y)
    assert str(sg.Network(model, "layer").gradient("V").delta) == "∂J/∂V[i] = 0"
    assert certify(model, ["V"]).verdict == "right"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dense 10", ("dense", (10,), {})),
        ("conv2d 8 3,5 padding=1 bias=false", ("conv2d", (8, (3, 5)), {"padding": 1, "bias": False})),
        ("dense K", ("dense", ("K",), {})),
        ("dropout 1/4", ("dropout", ("1/4",), {})),
    ],
)
def test_layers_as_texts(text, expected):
    assert words(text) == expected


def test_a_network_file_with_layers():
    table = {"name": "digits", "input": [1, 8, 8], "layers": list(DIGITS), "loss": "cross_entropy"}
    model = model_of({"network": {**table, "targets": "labels"}})
    assert model.graph.nodes == image_net().model.graph.nodes
    with pytest.raises(DefinitionError, match="needs input"):
        model_of({"network": {"name": "digits", "layers": ["dense 2"]}})
    with pytest.raises(UnknownNameError, match=r"unknown key of \[network\] beside layers 'sizes'"):
        model_of({"network": {**table, "sizes": [3]}})


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=lambda k: f"{EXAMPLES[k].layer}-{k}")
def test_every_layer_is_certified(number):
    model = example_model(EXAMPLES[number])
    names = [node.name for node in model.graph.parameters] or model.inputs
    assert certify(model, names).verdict == "right"


def sequence(*layers, sizes=3, **options):
    return lambda: sg.sequential(sizes, layers, **options)


def with_inputs(build, **inputs):
    def attempt():
        draft = Draft()
        nodes = {name: draft.input(name, *sizes) for name, sizes in inputs.items()}
        return build(draft, **nodes)

    return attempt


REFUSED = [
    (sequence("dens 3"), UnknownNameError, "unknown layer or activation 'dens'; did you mean dense"),
    (sequence("rellu"), UnknownNameError, "did you mean relu"),
    (sequence("dense 2", loss="cros"), UnknownNameError, "unknown loss 'cros'"),
    (sequence(""), DefinitionError, "a layer is a text such as"),
    (sequence(), DefinitionError, "at least one layer"),
    (sequence("dense 2", sizes=0), DefinitionError, "the size 0 is not possible"),
    (sequence("dense -2"), DefinitionError, "dense: the size -2 is not possible"),
    (
        sequence("conv2d 2 5", sizes=(1, 4, 4)),
        DefinitionError,
        r"conv2d: z1 \(N, C1 = 2, H - 4 = 0, W - 4 = 0\) has an axis without entries.* H = 4, W = 4\)",
    ),
    (
        sequence("conv2d 2 5 padding=1 dilation=2", sizes=(1, 4, 4)),
        DefinitionError,
        r"conv2d: z1 .*W - 6 = -2.*u1 \(N, C = 1, H \+ 2 = 6, W \+ 2 = 6\)",
    ),
    (sequence("max_pool 5", sizes=(1, 4, 4)), DefinitionError, "max_pool: p .* has an axis without entries"),
    (sequence("max_pool 0", sizes=(1, 4, 4)), DefinitionError, "max_pool: 0 is not possible here"),
    (sequence("max_pool 2"), DefinitionError, "0 axes behind the channels; one or two are pooled"),
    (sequence("conv2d 2 3", sizes=(4, 4)), DefinitionError, r"x \(N, T = 4, D = 4\) has too few axes"),
    (sequence("conv2d 2 2 padding=same", sizes=(1, 4, 4)), DefinitionError, "'same' with an odd kernel"),
    (sequence("conv2d 2 3 stride=0", sizes=(1, 4, 4)), DefinitionError, "give an integer ≥ 1, or 2 of them"),
    (
        sequence("conv2d 2", sizes=(1, 4, 4)),
        DefinitionError,
        "missing a required argument: 'kernel'; it is called",
    ),
    (sequence("dense 2 bais=false"), DefinitionError, "unexpected keyword argument 'bais'"),
    (
        sequence("multi_head_attention 2", sizes=("T=3", 5)),
        DefinitionError,
        "5 of x is not divisible by 2 heads",
    ),
    (sequence("multi_head_attention 2", sizes=("T=3", "D")), DefinitionError, "give the size of a head"),
    (sequence("dropout 1"), DefinitionError, "the rate 1 is not possible"),
    (sequence("dropout half"), DefinitionError, "'half' is no number"),
    (sequence("embedding 4"), DefinitionError, "embedding: x holds no ids"),
    (sequence("rnn 4"), DefinitionError, "needs an axis of steps and one of features"),
    (sequence("rnn 4 function=tan", sizes=(3, 2)), UnknownNameError, "did you mean tanh"),
    (
        with_inputs(lambda d, x, v: d.add(x, v), x=(3,), v=("E=4",)),
        DefinitionError,
        r"add: the shapes of x \(N, D = 3\) and v \(N, E = 4\) do not fit",
    ),
    (
        with_inputs(lambda d, x, v: d.concat(x, v), x=(3,), v=("T", "E")),
        DefinitionError,
        "concat: the shapes of .* do not fit along the axis 1",
    ),
    (
        with_inputs(lambda d, x, v: d.concat(x, v), x=(1, 4, 4), v=(1, 4, 4)),
        DefinitionError,
        "concat: say along which axis",
    ),
    (
        with_inputs(lambda d, q, M: d.attention(q, q, q, mask=M), q=("T=3", "D=2"), M=("S=4",)),
        DefinitionError,
        r"attention: s \(N, T = 3, T = 3\) and M \(N, S = 4\): the axis u has the size T",
    ),
    (
        with_inputs(lambda d, x, v: d.dense(x, weight=d.dense(v, 2) and d.nodes["W1"]), x=(3,), v=("E=4",)),
        DefinitionError,
        r"dense: W1 \(D1 = 2, E = 4\) should have the shape \(D1 = 2, D = 3\)",
    ),
    (
        with_inputs(lambda d, x, s: d.rnn(x, 2, initial=s), x=(3, 4), s=("E=3",)),
        DefinitionError,
        r"s \(N, E = 3\) is no initial value of h1 \(N, T = 3, D1 = 2\)",
    ),
    (
        with_inputs(lambda d, x: d.define("h", "[...,t] tanh(x[...,t] + x[...,t - 1])", x=x), x=("T",)),
        FormulaError,
        "the subscript t - 1 runs from -1",
    ),
    (
        with_inputs(lambda d, x: d.define("h", "[...,i] foo(x[...,i])", x=x), x=(3,)),
        FormulaError,
        r"h: column 8: unknown name 'foo'.*in \[n, i\] foo",
    ),
    (
        with_inputs(lambda d, x: d.define("h", "[...,i] y[...,i]", x=x), x=(3,)),
        UnknownNameError,
        "unknown name 'y'",
    ),
    (
        with_inputs(lambda d, x: d.define("h", "[...,i] x[...,i + k]", x=x), x=(3,)),
        DefinitionError,
        "nothing says how far the letter i runs",
    ),
    (with_inputs(lambda d, x: d.input("x", 2), x=(3,)), DefinitionError, "the node name 'x' is taken"),
    (sequence("dense N"), DefinitionError, "N is the number of samples; take another name"),
    (with_inputs(lambda d, x: d.input("v", "D=4"), x=(3,)), DefinitionError, "the size D is 3 already"),
    (with_inputs(lambda d, x: d.minimise(x), x=(3,)), DefinitionError, r"the loss x\[n, i\] is not a scalar"),
    (with_inputs(lambda d, x: d.total({"J": 1}), x=(3,)), UnknownNameError, "unknown loss 'J'"),
    (
        with_inputs(lambda d, x: d.conv3d(x), x=(3,)),
        UnknownNameError,
        "unknown layer 'conv3d'; did you mean conv2d",
    ),
    (
        with_inputs(lambda d, x: finished(d, Draft().input("q", 3)), x=(3,)),
        DefinitionError,
        r"q \(N, D = 3\) is no node of this draft",
    ),
    (
        with_inputs(lambda d, x: (d.promise("h", *x.axes), finished(d)), x=(3,)),
        DefinitionError,
        "h is promised and read, but never defined",
    ),
    (lambda: layer("loss", "")(lambda d, x: x), DefinitionError, "a layer or a method 'loss' already"),
    (lambda: layer("dense", "")(lambda d, x: x), DefinitionError, "a layer or a method 'dense' already"),
    (
        lambda: (d := Draft(samples=None)).batch_norm(d.input("x", 3)),
        DefinitionError,
        "needs an axis of samples",
    ),
]


@pytest.mark.parametrize(("attempt", "error", "message"), REFUSED)
def test_bad_input_is_refused_by_name(attempt, error, message):
    with pytest.raises(error, match=message) as found:
        attempt()
    assert isinstance(found.value, SymgradError)


def test_a_loss_with_axes_is_refused():
    spec = sg.Definitions(axes={"i": 3}, parameters={"w": "i"}, nodes={"J": "[i] w[i]^2"})
    with pytest.raises(
        DefinitionError, match=r"the loss J\[i\] is not a scalar; take its sum or mean over i"
    ):
        str(sg.define(spec).gradient("w").delta)


def test_a_kernel_read_backwards_stays_inside():
    draft = Draft()
    x, W = draft.input("x", "I"), draft.parameter("W", k="K")
    z = draft.define("z", "[...,i] sum(k, W[k]*x[...,i + K - 1 - k])", W=W, x=x, K=W.shape[0])
    assert str(z.shape[-1]) == "I - K + 1"


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("[...,i] sum(k, W[k]*x[...,i - k])", "i - k runs from 1 - K to I - 1, outside"),
        ("[...,i] W[0]*x[...,4 - i]", "nothing says how far the letter i runs"),
        ("[...,i] W[0]*x[...,2*i] + x[...,i + 3]", "i may run over .* or over I - 3 places"),
    ],
)
def test_what_leaves_its_axis_is_refused(formula, message):
    draft = Draft()
    x, W = draft.input("x", "I"), draft.parameter("W", k="K")
    with pytest.raises(SymgradError, match=message):
        draft.define("z", formula, W=W, x=x)


def test_a_loss_stands_before_what_it_is_of():
    draft = Draft()
    y = draft.dense(draft.input("x", "D"), 1)
    with pytest.raises(DefinitionError, match="stands first"):
        draft.loss(y, "squared_error")


@pytest.mark.parametrize(
    "add", [lambda d: d.input("n", 2), lambda d: d.input("x", "n"), lambda d: d.define("n", "1")]
)
def test_the_letter_of_the_samples_names_nothing_else(add):
    with pytest.raises(DefinitionError, match="n is the index letter of the samples; choose another name"):
        add(Draft())
    add(Draft(samples=None))


@pytest.mark.parametrize("name", ["exp", "sigmoid", "softmax", "step"])
def test_an_activation_of_ones_own_needs_a_name_of_its_own(name):
    draft = Draft("own")
    with pytest.raises(DefinitionError, match=f"there is a function '{name}' already"):
        draft.dense(draft.input("x", 3), 2, activation=Activation(name, "z^2"))
