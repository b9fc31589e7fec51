"""Id forms: the same id in the forms that systems mix up."""

import pytest

from operator_push.smpp.message_id import could_be_same_message
from smsc_sim.faults.id_forms import written_as

DECIMAL = "2550010000000000255"
HEXADECIMAL = f"{int(DECIMAL):x}"


@pytest.mark.parametrize(
    ("identifier", "base", "form", "written"),
    [
        (DECIMAL, "decimal", "hex", HEXADECIMAL),
        (DECIMAL, "decimal", "HEX", HEXADECIMAL.upper()),
        (DECIMAL, "decimal", "decimal", DECIMAL),
        (HEXADECIMAL, "hex", "decimal", DECIMAL),
        (HEXADECIMAL, "hex", "upper", HEXADECIMAL.upper()),
        (DECIMAL, "decimal", "zeros", "00000" + DECIMAL),
        ("0042", "decimal", "no_zeros", "42"),
        (DECIMAL, "decimal", "empty", ""),
        ("not a number", "decimal", "hex", "not a number"),
    ],
)
def test_forms(identifier, base, form, written):
    assert written_as(identifier, form, base) == written


@pytest.mark.parametrize("form", ["hex", "HEX", "zeros"])
def test_a_reader_that_knows_the_forms_finds_the_message(form):
    assert could_be_same_message(DECIMAL, written_as(DECIMAL, form, "decimal"))


def test_a_foreign_id_is_nobody_s():
    assert not could_be_same_message(DECIMAL, written_as(DECIMAL, "foreign", "decimal"))
