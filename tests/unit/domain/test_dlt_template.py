"""Content templates: typed variables, and pieces of long messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.dlt_template import Template
from operator_push.kernel.errors import OperatorError


def template(text: str) -> Template:
    return Template("1101", frozenset("P"), text)


@pytest.mark.parametrize(
    ("registered", "text", "fits"),
    [
        ("Dear {#var#}, chai at {#numeric#} rupees", "Dear Asha, chai at 12.50 rupees", True),
        ("Dear {#var#}, chai at {#numeric#} rupees", "Dear Asha, chai at twelve rupees", False),
        ("Dear {#var#}, chai at {#numeric#} rupees", "dear Asha, chai at 12 rupees", False),
        ("Dear {#var#}, chai today", "Dear Asha,  chai\n today ", True),
        ("Dear {#var#}, chai today", "Dear Asha, chai today. Call 1234", False),
        ("Hi {#var#} chai", "Hi " + "x" * 30 + " chai", True),
        ("Hi {#var#} chai", "Hi " + "x" * 31 + " chai", False),
        ("Hi {#var#}{#var#} chai", "Hi " + "x" * 60 + " chai", True),
        ("See {#url#} now", "See https://chai.example/a now", True),
        ("See {#url#} now", "See something now", False),
        ("Mail {#email#} now", "Mail a@chai.example now", True),
        ("Mail {#email#} now", "Mail nobody now", False),
        ("Call {#cbn#} now", "Call +91 98123 45678 now", True),
        ("100% (really) {#var#}?", "100% (really) chai?", True),
        ("100% (really) {#var#}?", "100% really chai?", False),
    ],
)
def test_a_text_is_the_template_with_its_variables_filled_in(registered: str, text: str, fits: bool) -> None:
    assert template(registered).fits(text) is fits


@pytest.mark.parametrize("text", ["{#var#}", "{#var#} {#numeric#}", "Hi {#colour#}", ""])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(OperatorError):
        template(text)


@given(st.text("abc é{", max_size=30), st.integers(0, 80), st.integers(0, 80))
def test_every_cut_of_a_fitting_text_fits_as_pieces(value: str, one: int, other: int) -> None:
    known = template("Dear {#var#}, your chai {#var#} waits at the counter")
    text = f"Dear {value}, your chai no. 7 waits at the counter"
    first, second = sorted((one, other))
    parts = (text[:first], text[first:second], text[second:])
    assert known.fits_piece(parts[0], first=True, last=False)
    assert known.fits_piece(parts[1], first=False, last=False)
    assert known.fits_piece(parts[2], first=False, last=True)


def test_a_piece_of_something_else_does_not_fit() -> None:
    known = template("Dear {#numeric#}, your chai waits at the counter")
    assert not known.fits_piece("Win a car", first=True, last=False)
    assert not known.fits_piece("your chai waits at the bank", first=False, last=False)
    assert not known.fits_piece("your chai waits", first=False, last=True)


def test_neither_template_nor_text_can_make_it_slow() -> None:
    """Ten variables side by side over a text that almost fits: a regular expression would try for years."""
    known = template("{#var#}" * 10 + " end of it")
    assert not known.fits("a" * 200 + " end of")
    assert known.fits("a" * 200 + " end of it")
