"""Figures as people print them."""

from decimal import Decimal

import pytest

from symgrad.errors import DataError
from symgrad.verify.classroom.printed import read_printed


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0.3775", "0.3775", "0.0001"),
        ("−0.50", "-0.50", "0.01"),
        ("+7", "7", "1"),
        (".5", "0.5", "0.1"),
        ("1,234.5", "1234.5", "0.1"),
        ("12,345,678", "12345678", "1"),
        ("3.50e-05", "0.0000350", "0.0000001"),
        ("3.5·10⁻⁵", "0.000035", "0.000001"),
        ("3.5 × 10^{-5}", "0.000035", "0.000001"),
    ],
)
def test_reading(text: str, value: str, unit: str) -> None:
    found = read_printed(text, "J")
    assert (found.value, found.unit) == (Decimal(value), Decimal(unit))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty cell"),
        ("0,3775", "write a point, 0.3775"),
        ("1.234,5", "write a point, 1234.5"),
        ("1,234", "write a point, 1.234"),
        ("about 3", "no decimal number"),
        ("0x10", "no decimal number"),
        ("1_000", "no decimal number"),
        ("nan", "no finite number"),
        ("1e9999", "no decimal number"),
        ("1" * 100, "60 are the limit"),
    ],
)
def test_what_is_no_figure(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_printed(text, "z1")
    assert str(caught.value).startswith("z1 is ")


def test_rounded_and_cut_off() -> None:
    figure = read_printed("0.5968", "a2")
    assert figure.is_rounded(Decimal("0.59684"))
    assert not figure.is_rounded(Decimal("0.596884378"))
    assert figure.is_cut_off(Decimal("0.596884378"))
    assert not figure.is_cut_off(Decimal("0.5969"))
    assert not figure.is_cut_off(Decimal("-0.5968"))
    assert figure.like(Decimal("0.123456")) == "0.1235"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("37.75 %", "0.3775"),
        ("37.75%", "0.3775"),
        ("= 0.3775", "0.3775"),
        ("≈0.3775", "0.3775"),
        ("0.3775…", "0.3775"),
        ("0.3775...", "0.3775"),
        ("0.298 371 109", "0.298371109"),
        ("1\u202f234.5", "1234.5"),
        (r"8.77 \cdot 10^{-3}", "0.00877"),
    ],
)
def test_what_people_write_around_a_figure(text: str, value: str) -> None:
    assert read_printed(text, "J").value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"), [("0,3775", "0.3775"), ("1.234,5", "1234.5"), ("3,5e-05", "0.000035"), ("0.5", "0.5")]
)
def test_a_comma_may_stand_for_the_point(text: str, value: str) -> None:
    assert read_printed(text, "J", comma=True).value == Decimal(value)


@pytest.mark.parametrize("text", ["1/3", "0.3 775", "1 2 3", "% 5", "5 % %", "=", "…"])
def test_what_is_still_no_figure(text: str) -> None:
    with pytest.raises(DataError):
        read_printed(text, "J")
