"""The country of a number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.services.number_country import country_of, country_of_head, deciding_head


@pytest.mark.parametrize(
    ("msisdn", "country"),
    [
        ("917012345678", "IN"),
        ("12125551234", "US"),
        ("14165551234", "CA"),
        ("971501234567", "AE"),
        ("9100000000", "IN"),  # not in India's plan, and still India's calling code
        ("88213000000", None),  # satellite
        ("9990000000", None),
    ],
)
def test_a_number_has_the_country_of_its_plan(msisdn: str, country: str | None) -> None:
    assert country_of(msisdn) == country


@pytest.mark.parametrize(
    ("head", "country"),
    [("919", "IN"), ("337", "FR"), ("121", None), ("447", None), ("999", None), ("880", "BD")],
)
def test_the_head_of_a_number_tells_its_country_where_one_alone_has_the_code(
    head: str, country: str | None
) -> None:
    assert country_of_head(head) == country


@given(
    code=st.sampled_from(("1", "7", "44", "39", "47", "61", "262", "358", "590", "599", "212")),
    national=st.text("0123456789", min_size=6, max_size=11),
    tail=st.text("0123456789", min_size=12, max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_the_deciding_digits_of_a_shared_plan_decide(code: str, national: str, tail: str) -> None:
    msisdn = code + national
    digits = deciding_head(msisdn)
    if digits:
        other = (msisdn[:digits] + tail)[: len(msisdn)]
        assert country_of(other) == country_of(msisdn)


def test_a_national_prefix_and_an_impossible_length_decide_nothing() -> None:
    assert deciding_head("12125551234") > 3
    assert deciding_head("4402071234567") == 0
    assert deciding_head("121") == 0
    assert deciding_head("9990000000") == 0
