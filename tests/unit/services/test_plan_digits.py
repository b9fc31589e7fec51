"""Which digits decide the country where countries share a calling code."""

import random

import phonenumbers
import pytest

from operator_push.services import number_country
from operator_push.services.plan_digits import _ends as ends
from operator_push.services.plan_digits import can_begin, deciding_digits, deciding_digits_of, national_prefix

SHARED = [code for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) > 1]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"[2-9]\d{6}", {(7, 6)}),
        (r"80[08]\d{7}|8001111", {(10, 7), (7, 0)}),
        (r"1(?:2\d{1,2}|34)\d{3}", {(6, 4), (7, 5), (6, 3)}),
        (r"1(?:5\d)?\d", {(2, 1), (4, 2)}),
        (r"\d{3}", {(3, 3)}),
    ],
)
def test_how_many_of_the_last_digits_may_be_any(pattern: str, told: set[tuple[int, int]]) -> None:
    assert ends(pattern) == told


def test_every_digit_decides_where_the_expression_is_not_understood() -> None:
    assert (10, 0) in ends(r"(?=12)\d{10}")


def test_north_american_numbers_are_told_by_area_and_exchange() -> None:
    assert deciding_digits(1, 10) <= 7
    prefix = national_prefix(1)
    assert prefix is not None
    assert prefix.match("12125551234")


@pytest.mark.parametrize("code", SHARED)
def test_the_country_is_the_one_that_the_whole_number_has(code: int) -> None:
    chance = random.Random(code)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    examples = [phonenumbers.example_number_for_type(region, kind) for region in regions for kind in range(4)]
    known = [phonenumbers.national_significant_number(example) for example in examples if example]
    for _ in range(60):
        digits = chance.choice(known)
        kept = chance.randint(0, len(digits))
        national = digits[:kept] + "".join(chance.choices("0123456789", k=len(digits) - kept))
        msisdn = f"{code}{national}"
        assert number_country.country_of(msisdn) == number_country._asked.__wrapped__(msisdn), msisdn


@pytest.mark.parametrize(
    ("pattern", "head", "possible"),
    [
        (r"2(?:0[1-35-9]|1[02-9])[2-9]\d{6}", "212", True),
        (r"2(?:0[1-35-9]|1[02-9])[2-9]\d{6}", "211", False),
        (r"2(?:0[1-35-9]|1[02-9])[2-9]\d{6}", "2121", False),
        (r"2(?:0[1-35-9]|1[02-9])[2-9]\d{6}", "", True),
        (r"(?:00)?7\d{3}", "007", True),
        (r"(?:00)?7\d{3}", "07", False),
        (r"18\d{1,2}", "18123", False),
        (r"18\d{1,2}", "1812", True),
        (r"(?=2)\d{3}", "9", True),  # not understood
    ],
)
def test_what_an_expression_may_begin_with(pattern: str, head: str, possible: bool) -> None:
    assert can_begin(pattern, head) is possible


def test_an_area_of_the_main_country_alone_is_told_by_itself() -> None:
    assert deciding_digits_of(1, "212", 10) == 3
    assert deciding_digits_of(1, "416", 10) == deciding_digits(1, 10)
