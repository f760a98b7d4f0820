import base64
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from symgrad.errors import DefinitionError, UnknownNameError
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import ZOO, zoo
from symgrad.network import Network
from symgrad.show.picture import picture

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
CLASSIFIER = zoo("classifier_3_3_3")
LINK = re.compile(r"(\w+) → (\w+)")


def coloured(svg: str, kind: str) -> set[str]:
    """Return the links that are drawn in one colour, as ``x1 → z1``."""
    groups = ET.fromstring(svg).iter(f"{SVG}g")
    found = (g for g in groups if any(x.get("class") == kind for x in g.iter(f"{SVG}line")))
    return {LINK.match(g.findtext(f"{SVG}title") or "")[0] for g in found}


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_picture_of_the_readme_is_that_of_the_program():
    golden = (ROOT / "examples" / "classifier_3_3_3.svg").read_bytes()
    assert Network(CLASSIFIER, "neuron").picture("w10", "w1").svg.encode() == golden


def test_s1_is_coloured_as_in_the_source():
    svg = picture(CLASSIFIER, ("w10", "w1")).svg
    assert coloured(svg, "first") == {"a1 → q1", "o1 → J"}
    fan = {f"a1 → q{k}" for k in (1, 2, 3)} | {f"o{k} → J" for k in (1, 2, 3)}
    assert coloured(svg, "second") == {"x1 → z1"} | fan
    assert {"w10: 1 path", "w1: 3 paths"} <= set(texts(svg))
    assert texts(svg).count("w10") == texts(svg).count("w1") == 1


def test_colour_is_not_the_only_signal():
    svg = picture(CLASSIFIER, ("w10", "w1")).svg
    assert "line.first{stroke:#e8710a;stroke-width:4}" in svg
    assert "line.second{stroke:#f4b400;stroke-width:4;stroke-dasharray:9 4}" in svg
    assert "prefers-color-scheme:dark" in svg


def test_one_line_for_each_weight_and_no_targets():
    svg = picture(CLASSIFIER).svg
    titles = [title.text or "" for title in ET.fromstring(svg).iter(f"{SVG}title")]
    weights = [name for title in titles for name in re.findall(r", weight (\w+)", title)]
    assert sorted(weights) == sorted(f"w{k}" for k in range(1, 19))
    assert not any(re.match(r"t\d", text) for text in texts(svg))
    neurons = ["z1 | a1", "z2 | a2", "z3 | a3", "q1 | o1", "q2 | o2", "q3 | o3"]
    assert texts(svg) == ["x1", "x2", "x3", *neurons, "J"]


@pytest.mark.parametrize("name", sorted(set(ZOO) - {"skip"}))
def test_every_layered_network_of_the_zoo_is_drawn_inside_its_frame(name: str):
    svg = picture(zoo(name)).svg
    root = ET.fromstring(svg)
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    for circle in root.iter(f"{SVG}circle"):
        x, y, r = (float(circle.get(key) or 0) for key in ("cx", "cy", "r"))
        assert r < x < width - r
        assert r < y < height - r


def test_no_two_circles_overlap():
    circles = ET.fromstring(picture(zoo("digits_64_32_10")).svg).iter(f"{SVG}circle")
    centres = [(float(c.get("cx") or 0), float(c.get("cy") or 0)) for c in circles]
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) > 60 for a in centres for b in centres if a != b)


def test_the_same_text_every_time():
    assert picture(CLASSIFIER, ("w5",)) == picture(zoo("classifier_3_3_3"), ("w5",))
    assert picture(CLASSIFIER, ("w1", "w1")) == picture(CLASSIFIER, ("w1",))


def test_names_are_escaped():
    svg = picture(replace(CLASSIFIER, title='<b> & "quotes"')).svg
    assert ET.fromstring(svg).findtext(f"{SVG}title") == '<b> & "quotes"'
    assert "<b>" not in svg


def test_notebooks_get_an_image():
    drawn = picture(CLASSIFIER, ("w1",))
    found = re.fullmatch(r'<img alt="[^"<>]*" src="data:image/svg\+xml;base64,(.*)">', drawn._repr_html_())
    assert found is not None
    assert base64.b64decode(found[1]).decode() == drawn._repr_svg_() == drawn.svg
    assert "w1: 3 paths" in repr(drawn)


def test_wide_layers_collapse_around_what_is_asked_for():
    model = layered("wide", Layered((64, 5, 6)))
    names = texts(picture(model).svg)
    assert [n for n in names if n.startswith("x")] == ["x1", "x2", "x3", "x64"]
    assert names.count("⋮") == 2
    assert {"a1_4", "a1_5"} <= set(names)
    asked = picture(model, ("w1_5_7",)).svg
    assert [n for n in texts(asked) if n.startswith("x")] == ["x1", "x2", "x3", "x7", "x64"]
    assert "w1_5_7: 6 paths" in texts(asked)
    assert "x7 → z1_5" in coloured(asked, "first")


def test_a_bias_is_a_square_at_every_neuron_that_reads_it():
    root = ET.fromstring(picture(zoo("worked_2_2_2"), ("w1", "b2")).svg)
    squares = [x for x in root.iter(f"{SVG}rect") if x.get("class") == "bias second"]
    assert len(squares) == 2


def test_several_samples_are_drawn_as_one():
    assert "w1_1_1: 1 path per sample" in texts(picture(zoo("xor_2_2_1"), ("w1_1_1",)).svg)


@pytest.mark.parametrize(
    ("model", "wrt", "message"),
    [
        (zoo("skip"), (), "skip is not layered, so there is no picture of it: .* reads .* across a layer"),
        (
            layered("deep", Layered((2,) * 14)),
            (),
            "deep is too large for a picture: 15 columns, more than 12",
        ),
        (
            layered("big", Layered((99, 99, 9))),
            (),
            "big is too large for a picture: 11,125 scalars, more than",
        ),
        (layered("huge", Layered((999, 999, 9))), (), "huge is too large for a picture: .* scalars"),
        (CLASSIFIER, ("w1", "w2", "w3"), "at most two names, not of 3"),
        (CLASSIFIER, ("W1",), "W1 is an array: name one entry of it"),
        (CLASSIFIER, ("t1",), "t1 is not drawn"),
    ],
)
def test_refusals_name_the_reason(model, wrt, message):
    with pytest.raises(DefinitionError, match=message):
        picture(model, wrt)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean w9"):
        picture(CLASSIFIER, ("w99",))
